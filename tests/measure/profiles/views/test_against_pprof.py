"""Views of profiles recorded from a real program say what `go tool pprof` says, to the integer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from whence.measure.profiles.readers import read
from whence.measure.profiles.views.filters import Filters
from whence.measure.profiles.views.top import top

from .. import recording

_ROW = re.compile(r"\s*(-?\d+)\D*?\s+\S+%\s+\S+%\s+(-?\d+)\D*?\s+\S+%\s+(.*?)(?: \((?:partial-)?inline\))?$")
WORDS = ["-top", "-trim=false", "-nodecount=0", "-nodefraction=0"]


def of_pprof(path: Path, sample_type: str, unit: str, *more: str) -> dict[str, list[tuple[int, int]]]:
    words = [*WORDS, f"-unit={unit}", f"-sample_index={sample_type}", *more, str(path)]
    text = recording.pprof(*words)
    found: dict[str, list[tuple[int, int]]] = {}
    for match in filter(None, map(_ROW.match, text.splitlines())):
        found.setdefault(match[3], []).append((int(match[1]), int(match[2])))
    return {name: sorted(rows) for name, rows in found.items()}


def of_ours(path: Path, sample_type: str, **how: object) -> dict[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = {}
    for row in top(read(path), sample_type=sample_type, **how).functions:  # type: ignore[arg-type]
        found.setdefault(row.name, []).append((row.flat, row.cum))
    return {name: sorted(rows) for name, rows in found.items()}


@pytest.mark.real
@pytest.mark.parametrize("kind", recording.KINDS)
def test_every_function_of_every_sample_type(kind: str) -> None:
    path = recording.recorded()[1] / "a" / f"{kind}.pb.gz"
    for name, unit in read(path).sample_types:
        theirs = of_pprof(path, name, unit)
        assert of_ours(path, name) == theirs
        assert theirs or kind in ("mutex", "block", "cpu")


@pytest.fixture(scope="module")
def compiler_profile() -> Path:
    return recording.default_pgo("local")


@pytest.mark.real
@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"focus": "malloc"},
        {"ignore": "runtime"},
        {"focus": "ssa", "ignore": "gc"},
        {"hide": r"runtime\."},
        {"show": "ssa|main"},
        {"show_from": "ssa|http"},
        {"focus": "compile", "hide": "inline", "show_from": "gc"},
    ],
)
def test_filters(filters: dict[str, str], compiler_profile: Path) -> None:
    theirs = of_pprof(compiler_profile, "cpu", "nanoseconds", *(f"-{k}={v}" for k, v in filters.items()))
    assert theirs
    assert of_ours(compiler_profile, "cpu", filters=Filters(**filters)) == theirs


@pytest.mark.real
def test_lines(compiler_profile: Path) -> None:
    theirs = of_pprof(compiler_profile, "samples", "count", "-lines")
    assert of_ours(compiler_profile, "samples", by="line") == theirs
