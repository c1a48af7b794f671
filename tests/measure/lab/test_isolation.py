"""Keeping a process apart: memory nodes and CPU lists as the kernel writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from whence.measure.lab.isolation import node_of, parse_cpu_list


@pytest.mark.parametrize(
    ("text", "cpus"), [("0-3,8\n", {0, 1, 2, 3, 8}), ("5", {5}), ("\n", set()), ("0-1,4-5", {0, 1, 4, 5})]
)
def test_cpu_lists_are_read(text: str, cpus: set[int]) -> None:
    assert parse_cpu_list(text) == cpus


def nodes(root: Path, *lists: str) -> Path:
    for number, cpus in enumerate(lists):
        (root / f"node{number}").mkdir()
        (root / f"node{number}" / "cpulist").write_text(cpus)
    (root / "possible").write_text("0-1")
    return root


def test_memory_is_bound_only_where_there_is_a_choice_and_one_node_fits(tmp_path: Path) -> None:
    (tmp_path / "two").mkdir()
    (tmp_path / "one").mkdir()
    two = nodes(tmp_path / "two", "0-3", "4-7")
    assert node_of((5, 6), two) == 1
    assert node_of((3, 4), two) is None
    assert node_of((), two) is None
    assert node_of((0,), nodes(tmp_path / "one", "0-3")) is None
    assert node_of((0,), tmp_path / "none") is None
