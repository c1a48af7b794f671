"""Which hunks belong to one change."""

from __future__ import annotations

from pathlib import Path

import pytest

from whence.golang.source_diff import hunks_between, related

PROC = """package runtime

import (
	"internal/abi"
)

func schedule() {
	one()
}

func park(reason int) {
	two()
}

func wake() {
	three()
}
"""
TYPES = """package runtime

type m struct {
	id int64
}

func spare() {
	four()
}
"""


def groups(folder: Path, changes: list[tuple[str, str, str]], *, by_file: bool = False) -> list[set[str]]:
    """Applies (file, before, after) to two made-up files and returns the places of each group, without lines."""
    files = {"proc.go": PROC, "types.go": TYPES}
    changed = dict(files)
    for file, before, after in changes:
        assert before in changed[file]
        changed[file] = changed[file].replace(before, after)
    for name, texts in (("a", files), ("b", changed)):
        (folder / name / "src" / "runtime").mkdir(parents=True)
        for file, text in texts.items():
            (folder / name / "src" / "runtime" / file).write_text(text)
    hunks = hunks_between(folder / "a", folder / "b")
    found = related(hunks, folder / "a", folder / "b", by_file=by_file)
    assert [h for group in found for h in group] and sum(map(len, found)) == len(hunks)
    return [{h.place.rpartition(":")[0].removeprefix("runtime/") for h in group} for group in found]


FIELD = ("types.go", "\tid int64\n", "\tid int64\n\tsnapshot []*m\n")


@pytest.mark.parametrize(
    ("changes", "together"),
    [
        ([FIELD, ("proc.go", "two()", "use(mp.snapshot)")], {"types.go:m", "proc.go:park"}),
        (
            [("types.go", "four()", "four(freshly)"), ("proc.go", "two()", "freshly()")],
            {"types.go:spare", "proc.go:park"},
        ),
        (
            [("proc.go", "park(reason int)", "park(reason, skip int)"), ("types.go", "four()", "park(1, 2)")],
            {"proc.go:park", "types.go:spare"},
        ),
        (
            [("proc.go", 'internal/abi"', 'internal/goos"'), ("proc.go", "two()", "two(goos.IsLinux)")],
            {"proc.go:", "proc.go:park"},
        ),
        (
            [("types.go", "func spare()", "func spared()"), ("proc.go", "two()", "spared()")],
            {"types.go:spare", "proc.go:park"},
        ),
    ],
)
def test_parts_of_one_change_are_together_and_another_is_not(
    tmp_path: Path, changes: list[tuple[str, str, str]], together: set[str]
):
    found = groups(tmp_path, [*changes, ("proc.go", "three()", "three(1)")])
    named = [{place.replace("top of file", "") for place in group} for group in found]
    assert together in named and {"proc.go:wake"} in named


def test_a_name_that_both_trees_know_joins_nothing(tmp_path: Path):
    assert len(groups(tmp_path, [("proc.go", "two()", "one()"), ("types.go", "four()", "one()")])) == 2


def test_hunks_of_one_file_are_together_when_asked_for(tmp_path: Path):
    changes = [("proc.go", "two()", "two(1)"), ("proc.go", "three()", "three(1)"), ("types.go", "four()", "four(1)")]
    assert len(groups(tmp_path / "x", changes)) == 3
    assert len(groups(tmp_path / "y", changes, by_file=True)) == 2
