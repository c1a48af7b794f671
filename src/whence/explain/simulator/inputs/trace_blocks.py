"""The events of a trace that a simulation is fed with, in one vocabulary and with the bytes of their types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whence.explain.simulator.inputs import kernels_digest as digesting
from whence.explain.simulator.inputs import recording as at
from whence.explain.simulator.inputs.trace_stops import NOTHING, STOPS, Stops
from whence.measure.profiles.readers.trace_columns import Generation, kinds_mask
from whence.measure.profiles.readers.trace_v2_events import CODE, EXPERIMENTAL

ARENA_BYTES = 64 << 20
_KINDS = {
    "Span": digesting.SPAN,
    "SpanAlloc": digesting.SPAN_ALLOC,
    "SpanFree": digesting.SPAN_FREE,
    "HeapObject": digesting.OBJECT,
    "HeapObjectAlloc": digesting.OBJECT_ALLOC,
    "HeapObjectFree": digesting.OBJECT_FREE,
    "GoroutineStackAlloc": digesting.STACK,
    "GoroutineStackFree": digesting.STACK_FREE,
    "GCBegin": digesting.BEGIN,
    "GCEnd": digesting.END,
    "HeapGoal": digesting.GOAL,
    "STWBegin": digesting.STOPPED,
}


class Block(NamedTuple):
    """Some events in time order, one column each."""

    what: NDArray[np.uint8]
    """Kinds of `kernels_digest`."""
    word: NDArray[np.int64]
    """Address in words of 8 bytes from the base of the first arena."""
    size: NDArray[np.int64]
    """Pages of a span, bytes of a heap goal."""
    span_class: NDArray[np.int16]
    type_bytes: NDArray[np.int64]
    time_ns: NDArray[np.int64]
    processor: NDArray[np.int32]
    goroutine: NDArray[np.int64]


def blocks_of(generation: Generation, stops: Stops) -> Iterator[Block]:
    """Yields what a part of a trace tells of the heap. Raises DamagedInput where it is broken."""
    translate = np.full(256, digesting.OTHER, np.uint8)
    for name, what in _KINDS.items():
        translate[CODE[name]] = what
    layout = generation.layout
    units = np.full(16, layout.object_alignment, np.int64)
    units[[digesting.SPAN, digesting.SPAN_ALLOC, digesting.SPAN_FREE]] = layout.page_bytes
    offset = layout.lowest_address % ARENA_BYTES
    wanted = kinds_mask((*_KINDS, *STOPS))
    wanted[EXPERIMENTAL:] = True
    types = _TypeBytes(generation)
    for events in generation.read_blocks(wanted):
        what = translate[events.kind]
        spans = what <= digesting.SPAN_ALLOC
        kind_and_class = np.where(spans, events.args[2], 1)
        span_class = np.where(kind_and_class & 1, at.NO_SPAN_CLASS, (kind_and_class >> 1) & 0x7FFF)
        type_bytes = np.zeros(len(what), np.int64)
        experimental = np.flatnonzero(events.kind >= EXPERIMENTAL)
        type_bytes[experimental] = types.next(len(experimental))
        block = Block(
            what,
            (events.args[0] * units[what] + offset) >> 3,
            np.where(spans, events.args[1], np.where(what == digesting.GOAL, events.args[0], 0)),
            span_class.astype(np.int16),
            type_bytes,
            events.time_ns,
            events.proc,
            events.goroutine,
        )
        yield _with_stops(block, *stops.find(generation, events))


def _with_stops(block: Block, rows: NDArray[np.int64], swept: NDArray[np.uint8]) -> Block:
    """Returns the block with an event EARLY before each of the rows, and with what the sweeper has done.

    The stack that a goroutine needs for the test whether a collection is due, or for recording, comes behind its slot.
    """
    block = block._replace(what=np.where(swept == NOTHING, block.what, swept))
    if not len(rows):
        return block
    places = rows.copy()
    own = block.span_class == at.NO_SPAN_CLASS
    stack = (block.what == digesting.STACK) | (block.what == digesting.STACK_FREE)
    stack |= ((block.what == digesting.SPAN_ALLOC) | (block.what == digesting.SPAN_FREE)) & own
    for number, row in enumerate(rows):
        goroutine = block.goroutine[row]
        while (place := places[number]) > 0 and stack[place - 1] and block.goroutine[place - 1] == goroutine:
            places[number] -= 1
    columns = [np.insert(column, places, column[rows]) for column in block]
    columns[0][places + np.arange(len(places))] = digesting.EARLY
    times = columns[5]
    times[places + np.arange(len(places))] = block.time_ns[places]
    return Block(*columns)  # pyright: ignore[reportArgumentType]


class _TypeBytes:
    """Sizes of the types that allocations name, in the order of the events."""

    def __init__(self, generation: Generation) -> None:
        self.blocks = generation.allocation_blocks()
        self.types = generation.types
        self.waiting = np.zeros(0, np.int64)

    def next(self, count: int) -> NDArray[np.int64]:
        """Returns those of the next events of the experiment, 0 where none is named."""
        while len(self.waiting) < count:
            rows = next(self.blocks).type_row
            sizes = np.array([*self.types.size_bytes, 0], np.int64)
            self.waiting = np.append(self.waiting, sizes[np.where(rows < 0, len(sizes) - 1, rows)])
        taken, self.waiting = self.waiting[:count], self.waiting[count:]
        return taken
