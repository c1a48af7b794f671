"""A trace's objects by type: slots from spans, tiny blocks, lifetimes; the same however the trace is cut."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whence.measure.profiles.readers.trace_columns import Generation
from whence.measure.profiles.sites.trace_types import TracedTypes, traced_types
from whence.measure.profiles.sites.type_totals import type_totals

Make = Callable[..., Generation]
NODE, INT = 1, 2
TYPES = [("main.node", 40, 8), ("int64", 8, 0)]
NODES, TINY = ("SpanAlloc", 0x10000, -1, 2 * 5, 8192), ("SpanAlloc", 0x20000, -1, 5, 8192)


def made(address: int, kind: int) -> tuple[str, int, int, int, int]:
    return ("HeapObjectAlloc", address, kind, -1, 0)


def freed(address: int) -> tuple[str, int, int, int, int]:
    return ("HeapObjectFree", address, -1, -1, 0)


def rows(found: TracedTypes) -> dict[str, tuple[int, ...]]:
    return {
        row.name: (row.objects, row.blocks, row.freed, row.alive, row.peak, row.span_class, int(row.lifetimes.sum()))
        for row in found.rows
    }


def test_a_slot_is_that_of_the_span_at_the_time(made_generation: Make) -> None:
    moved = ("SpanAlloc", 0x10000, -1, 2 * 2 + 1, 8192)
    events = [NODES, made(0x10000, NODE), freed(0x10000), ("SpanFree", 0x10000, -1, -1, 0), moved, made(0x10010, INT)]
    found = traced_types([made_generation(events, TYPES)])
    assert {row.name: row.span_class for row in found.rows} == {"main.node": 10, "int64": 5}


def test_objects_that_share_a_block_are_counted_and_the_block_once(made_generation: Make) -> None:
    events = [TINY, made(0x20000, INT), made(0x20008, INT), made(0x20010, INT), made(0x20018, INT), freed(0x20000)]
    found = traced_types([made_generation(events, TYPES)])
    (row,) = found.rows
    assert (row.objects, row.blocks, row.certainly_tiny, found.coalesced) == (4, 2, 4, 2)
    # The free of a block ends all who shared it.
    assert (row.freed, row.alive, row.peak) == (2, 2, 4)
    (total,) = type_totals(found, "1.26.0")
    assert total.tiny
    assert (total.slot_total_bytes, total.requested_bytes.value, total.waste_bytes.value) == (32, 32, 0)


def test_lifetimes_run_from_allocation_to_free(made_generation: Make) -> None:
    events = [NODES, *(made(0x10000 + 48 * i, NODE) for i in range(10)), *(freed(0x10000 + 48 * i) for i in range(10))]
    (total,) = type_totals(traced_types([made_generation(events, TYPES)]), "1.26.0")
    life = total.lifetime
    assert life is not None and life.median_ns == pytest.approx(10_000, rel=0.05)
    assert (life.freed, life.alive, life.peak_objects) == (10, 0, 10)


def test_more_than_half_alive_has_no_median(made_generation: Make) -> None:
    events = [NODES, *(made(0x10000 + 48 * i, NODE) for i in range(10)), freed(0x10000)]
    (total,) = type_totals(traced_types([made_generation(events, TYPES)]), "1.26.0")
    assert total.lifetime is not None and total.lifetime.median_ns is None and total.lifetime.alive == 9


def test_large_objects_have_the_bytes_of_their_span(made_generation: Make) -> None:
    events = [("SpanAlloc", 0x40000, -1, 1, 106496), made(0x40000, INT)]
    (total,) = type_totals(traced_types([made_generation(events, TYPES)]), "1.26.0")
    assert (total.slot_bytes, total.size_class, total.noscan) == (106496, 0, True)


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(st.tuples(st.integers(0, 7), st.booleans(), st.booleans()), max_size=60), block=st.integers(1, 20)
)
def test_where_a_trace_is_cut_changes_nothing(
    made_generation: Make, steps: list[tuple[int, bool, bool]], block: int
) -> None:
    # A random but lawful history of eight slots: what is free is made, what exists is freed, blocks are shared.
    events: list[tuple[str, int, int, int, int]] = [NODES, TINY]
    used: set[int] = set()
    for slot, tiny, again in steps:
        address = (0x20000 + 16 * slot) if tiny else (0x10000 + 48 * slot)
        if address in used and tiny and again:
            events.append(made(address + 8, INT))
        elif address in used:
            events.append(freed(address))
            used.discard(address)
        else:
            events.append(made(address, INT if tiny else NODE))
            used.add(address)
    whole = traced_types([made_generation(events, TYPES)], "1.26.0")
    cut = traced_types([made_generation(events, TYPES, block)], "1.26.0")
    assert rows(cut) == rows(whole)
    assert cut.coalesced == whole.coalesced
