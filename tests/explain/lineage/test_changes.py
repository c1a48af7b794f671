"""Known changes are where their rows say they are."""

from __future__ import annotations

import pytest

from whence.explain.lineage.changes import CHANGES
from whence.golang import toolchains
from whence.golang.versions import parse_version

NEEDLES = {
    "SSA": "", "registers": "RegabiArgs", "headers": "AllocHeaders", "by size": "SizeSpecializedMalloc",
    "sweep": "sweep is concurrent", "concurrent": "concurrently with mutator", "hybrid barrier": "hybrid barrier",
    "termination": "func gcMarkDone", "lazily": "_MADV_FREE", "paced": "background scavenger is paced",
    "at once": "madvdontneed = 1", "told": "GCCPUFraction", "pacer": "PacerRedesign", "Green Tea": "GreenTeaGC",
}  # fmt: skip


def test_rows_stand_by_panel_in_the_order_of_releases_and_name_a_release_of_their_line() -> None:
    for panel in ("allocation", "pauses", "memory", "collector"):
        since = [parse_version(change.since) for change in CHANGES if change.panel == panel]
        assert since == sorted(since)
    for change in CHANGES:
        assert change.source.startswith(f"go{change.since}.")


@pytest.mark.real
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: f"{change.since} {change.short}")
def test_the_source_says_it_at_that_line(change: object) -> None:
    from whence.evidence.lineage import KnownChange

    assert isinstance(change, KnownChange)
    release, _, place = change.source.partition(" ")
    found = toolchains.find(release.removeprefix("go"))
    if found is None:
        pytest.skip(f"{release} is not here")
    name, _, line = place.rpartition(":")
    lines = (found.goroot / name).read_text(encoding="utf-8").splitlines()
    assert NEEDLES[change.short] in lines[int(line) - 1]
