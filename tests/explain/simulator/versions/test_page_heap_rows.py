"""Every release from 1.0 to 1.27 has a page heap and a scavenger, and changes where it is known to change."""

from __future__ import annotations

import pytest

from whence.evidence.errors import BadInput
from whence.explain.simulator.pages import layout as at
from whence.explain.simulator.scavenger import rules
from whence.explain.simulator.versions import page_heaps, scavengers
from whence.explain.simulator.versions.page_heaps import page_heap_row
from whence.explain.simulator.versions.scavengers import scavenger_row
from whence.golang.versions import parse_version


def heap(text: str) -> page_heaps.PageHeapRow:
    return page_heap_row(parse_version(text))


def scavenger(text: str) -> scavengers.ScavengerRow:
    return scavenger_row(parse_version(text))


@pytest.mark.parametrize("minor", range(28))
def test_every_line_has_both_rows_and_says_where_they_were_read(minor: int) -> None:
    for row in (heap(f"1.{minor}"), scavenger(f"1.{minor}")):
        assert row.source
        assert parse_version(row.since) <= parse_version(f"1.{minor}.99" if minor >= 1 else "1.0.99")


@pytest.mark.parametrize("rows", [page_heaps.ROWS, scavengers.ROWS])
def test_rows_stand_in_the_order_of_releases(rows: tuple[page_heaps.PageHeapRow, ...]) -> None:
    bounds = [parse_version(row.since) for row in rows]
    assert bounds == sorted(set(bounds))


def test_patch_releases_that_changed_the_heap() -> None:
    rules_of = {text: heap(text).huge_rule for text in ("1.20.14", "1.21.0", "1.21.1", "1.21.3", "1.21.4", "1.27.4")}
    assert rules_of == {
        "1.20.14": at.HUGE_SPLIT,
        "1.21.0": at.HUGE_CHUNKS,
        "1.21.1": at.HUGE_COLLAPSE,
        "1.21.3": at.HUGE_COLLAPSE,
        "1.21.4": at.HUGE_NOTHING,
        "1.27.4": at.HUGE_NOTHING,
    }
    assert not heap("1.13.2").from_arena
    assert heap("1.13.3").from_arena
    assert [heap(text).lazy for text in ("1.11", "1.12", "1.15.15", "1.16")] == [False, True, True, False]


def test_patch_releases_that_changed_the_scavenger() -> None:
    assert scavenger("1.12.4").on_scavenged_use
    assert not scavenger("1.12.5").on_scavenged_use
    assert (scavenger("1.13.2").goal, scavenger("1.13.3").goal) == (rules.NEXT_COLLECTION, rules.IN_USE)
    limits = [scavenger(text).limit for text in ("1.18.10", "1.19.0", "1.21.13", "1.22.0")]
    assert limits == [rules.LIMIT_NEVER, rules.LIMIT_TIMES_95, rules.LIMIT_TIMES_95, rules.LIMIT_95_PERCENT]
    woken = [scavenger(text).wakes_at_mark_end for text in ("1.12", "1.13", "1.14", "1.15")]
    assert woken == [False, True, True, False]
    assert not scavenger("1.20.14").spares_dense
    assert scavenger("1.21.0").spares_dense


@pytest.mark.parametrize("text", ["1.28.0", "2.0.0", "0.9"])
def test_releases_outside_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match=r"1\.0 to 1\.27"):
        heap(text)
    with pytest.raises(BadInput, match=r"1\.0 to 1\.27"):
        scavenger(text)
