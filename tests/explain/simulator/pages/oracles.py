"""Where the scripts recorded from the real page allocator lie, and how their names say the releases."""

from __future__ import annotations

import os
import re
from pathlib import Path

from whence.explain.simulator.versions.page_heaps import PageHeapRow, page_heap_row
from whence.golang.versions import parse_version

ROOT = Path(__file__).parents[4]


def folder() -> Path:
    """Returns the folder of recorded truth: WHENCE_ORACLES, that beside the checkout, or the project's own copy."""
    named = os.environ.get("WHENCE_ORACLES")
    if named:
        return Path(named)
    beside = ROOT.parent / "shared" / "oracles"
    return beside if beside.is_dir() else ROOT / "tests" / "oracles"


def rows_of(path: Path) -> list[PageHeapRow]:
    """Returns the page heaps that a file such as `go1.19-1.20.json` or `go1.18.10.json` holds for."""
    match = re.fullmatch(r"go([\d.]+?)(?:-([\d.]+))?(?:[-_][a-z].*)?", path.stem)
    assert match is not None, f"{path.name} does not say for which releases it holds"
    first = parse_version(match[1])
    last = parse_version(match[2]) if match[2] else first
    if first == last:
        return [page_heap_row(first)]
    minors = range(first.minor, last.minor + 1)
    return [page_heap_row(parse_version(f"1.{minor}")) for minor in minors]


def minor_of(row: PageHeapRow) -> int:
    return parse_version(row.since).minor
