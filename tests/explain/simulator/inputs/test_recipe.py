"""The recipe for recording: commands that can be pasted, contradictions refused, facts of a process checked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from whence.evidence.errors import BadInput
from whence.explain.simulator.inputs.process_facts import facts_of, read_facts
from whence.explain.simulator.inputs.recipe import COSTS, Recipe, environment, text


@pytest.mark.parametrize("way", ["profile", "trace"])
def test_the_recipe_says_commands_its_cost_and_what_follows(way: str) -> None:
    printed = text(Recipe(way=way, url="http://svc:6060/debug/pprof/"))  # type: ignore[arg-type]
    assert "http://svc:6060/debug/pprof/" in printed
    assert COSTS[way].text in printed  # type: ignore[index]
    assert COSTS[way].command in printed  # type: ignore[index]
    assert "whence simulate run whence-recording/" in printed


def test_other_debug_settings_stay() -> None:
    assert environment("trace", "gctrace=1,traceallocfree=0") == {"GODEBUG": "gctrace=1,traceallocfree=1"}
    assert environment("profile", "gctrace=1") == {}


@pytest.mark.parametrize(
    "recipe",
    [Recipe(url="ftp://x"), Recipe(windows=0), Recipe(way="trace", windows=9, window_seconds=10, seconds=60)],
)
def test_contradictions_are_refused(recipe: Recipe) -> None:
    with pytest.raises(BadInput):
        recipe.checked()


def test_what_the_kernel_counts_of_this_process() -> None:
    facts = facts_of(os.getpid(), 1.0)
    assert facts is not None
    assert facts.cpu_seconds > 0
    assert facts.hwm_bytes > facts.rss_file_bytes > 0
    assert facts_of(2**22 + 1, 1.0) is None


@pytest.mark.parametrize(
    "written", ['{"seconds": 0, "cpu_seconds": 1}', '{"seconds": 1, "cpu_seconds": -1}', "[]", "x"]
)
def test_broken_facts_are_refused(written: str, tmp_path: Path) -> None:
    (tmp_path / "process.json").write_text(written)
    with pytest.raises(BadInput):
        read_facts(tmp_path / "process.json")
