"""What the alloc/free experiment recorded, taken from the events: addresses, types, spans and goroutine stacks.

Source: src/runtime/traceallocfree.go (the same in Go 1.23–1.27). An id is an address less the heap's lowest one,
divided by the page size (spans), the least alignment of objects, or the size of the smallest stack.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from .trace_columns import Allocations, Events, HeapLayout, Int64
from .trace_v2_events import CODE, EXPERIMENTAL

_ALL = np.arange(256) >= EXPERIMENTAL
_DIRECT_TYPES = 1 << 16


def allocations_of(
    blocks: Callable[[NDArray[np.bool_] | None], Iterator[Events]], layout: HeapLayout, type_rows: Mapping[int, int]
) -> Iterator[Allocations]:
    """Yields the experiment's events of a generation, block by block."""
    rows_of_types = _lookup(type_rows)
    units = _units(layout)
    for events in blocks(_ALL):
        yield _convert(events, layout, units, rows_of_types)


def _units(layout: HeapLayout) -> Int64:
    units = np.full(256, layout.object_alignment, np.int64)
    units[CODE["Span"] : CODE["SpanFree"] + 1] = layout.page_bytes
    units[CODE["GoroutineStack"] : CODE["GoroutineStackFree"] + 1] = layout.stack_alignment
    return units


def _lookup(type_rows: Mapping[int, int]) -> Callable[[Int64], NDArray[np.int32]]:
    """Returns a function from type ids to rows; ids are dense in real traces, a damaged one may hold any."""
    ids = np.array([0, *type_rows], np.int64)
    rows = np.array([0, *type_rows.values()], np.int32)
    if ids.min() >= 0 and ids.max() < max(_DIRECT_TYPES, 16 * len(ids)):
        table = np.full(int(ids.max()) + 2, -1, np.int32)
        table[ids] = rows
        last = len(table) - 1
        return lambda wanted: table[np.where((wanted < 0) | (wanted > last), last, wanted)]
    order = np.argsort(ids)
    ids, rows = ids[order], rows[order]

    def find(wanted: Int64) -> NDArray[np.int32]:
        at = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
        return np.where(ids[at] == wanted, rows[at], -1).astype(np.int32)

    return find


def _convert(
    events: Events, layout: HeapLayout, units: Int64, rows_of_types: Callable[[Int64], NDArray[np.int32]]
) -> Allocations:
    kind = events.kind
    address = events.args[0] * units[kind]
    address += np.int64(layout.lowest_address)
    type_row = np.full(len(kind), -1, np.int32)
    objects = np.flatnonzero((kind == CODE["HeapObjectAlloc"]) | (kind == CODE["HeapObject"]))
    type_row[objects] = rows_of_types(events.args[1, objects])
    span_class = np.full(len(kind), -1, np.int16)
    size = np.zeros(len(kind), np.int64)
    spans = np.flatnonzero((kind == CODE["Span"]) | (kind == CODE["SpanAlloc"]))
    size[spans] = events.args[1, spans] * layout.page_bytes
    kind_and_class = events.args[2, spans]
    span_class[spans] = np.where(kind_and_class & 1, -1, (kind_and_class >> 1) & 0x7FFF)
    stacks = np.flatnonzero((kind == CODE["GoroutineStack"]) | (kind == CODE["GoroutineStackAlloc"]))
    size[stacks] = np.int64(1) << np.clip(events.args[1, stacks] - 1, 0, 62)
    return Allocations(kind, events.time_ns, address.view(np.uint64), type_row, span_class, size, events.goroutine)
