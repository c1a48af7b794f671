"""Gathers the blocks of a trace into the columns of a recording."""

from __future__ import annotations

import bisect

import numpy as np
from numpy.typing import NDArray

from whence.explain.simulator.inputs import kernels_digest as digesting
from whence.explain.simulator.inputs import recording as at
from whence.explain.simulator.inputs.recording import Recording, Shapes, Snapshot, Truth
from whence.explain.simulator.inputs.trace_blocks import Block
from whence.golang.size_classes import HEADERS_ABOVE_BYTES, table_of

MOST_BACKWARDS_NS = 10_000_000
"""Where one part of a trace ends and the next begins, threads may overlap by as much as this."""
_REASONS = {
    digesting.UNKNOWN_OBJECT: "an object is freed that was never allocated",
    digesting.UNKNOWN_SPAN: "an object or run of pages lies where no span is known",
    digesting.TAKEN_SLOT: "an object is allocated in a slot that is in use",
    digesting.FAR: "an address lies beyond any heap",
}
_NOTHING = 255
FIRST_WITH_HEADER = 2 * bisect.bisect_right(table_of("1.23").slots, HEADERS_ABOVE_BYTES)
"""Span classes from this on put a header before an object with pointers, in all releases that record allocations."""


class Refused(Exception):
    """A stream that contradicts itself at an event (counted from 0)."""

    def __init__(self, what: str, event: int) -> None:
        super().__init__(what)
        self.event = event


class Gathering:
    """What has been read so far."""

    def __init__(self) -> None:
        self.events = 0
        """Events of the trace that were read, the snapshot's among them."""
        self.allocations = 0
        self.last_ns: int | None = None
        self.state = np.zeros(digesting.STATE_SLOTS, np.int64)
        self.class_of_page = np.zeros(digesting.MAX_PAGES, np.int16)
        self.pages_of_page = np.zeros(digesting.MAX_PAGES, np.int32)
        self.keys = np.full(1 << 14, -1, np.int64)
        self.values = np.zeros(1 << 14, np.int64)
        self.free_handles = np.zeros(1 << 13, np.int64)
        self.free_pages = np.zeros(1 << 13, np.int64)
        self.kind: list[NDArray[np.uint8]] = []
        self.since: list[NDArray[np.int64]] = []
        self.processor: list[NDArray[np.uint8]] = []
        self.shapes: dict[tuple[int, int, int], int] = {}
        self.shape: list[NDArray[np.int64]] = []
        self.died: list[NDArray[np.uint32]] = []
        self.taken: list[NDArray[np.uint32]] = []
        self.given: list[NDArray[np.uint32]] = []
        self.waiting: dict[int, tuple[int, bool]] = {}
        """Goroutines that took a slot early: the number of that slot, and whether they are starting a collection."""
        self.early_shape: list[int] = []
        """Shapes of what was put there, -1 while unknown."""
        self.late: list[int] = []
        self.goals: list[int] = []
        self.words: list[NDArray[np.int64]] = []
        self.taken_page: list[NDArray[np.int64]] = []
        self.spans: list[NDArray[np.int64]] = []
        self.initial_spans: list[NDArray[np.int64]] = []
        self.initial_objects: list[NDArray[np.int64]] = []

    def add(self, block: Block) -> None:
        """Adds the next events. Raises Refused."""
        if not len(block.what):
            return
        kind = np.empty(len(block.what), np.uint8)
        result = np.zeros(len(block.what), np.int64)
        pages = np.zeros(len(block.what), np.int64)
        self._digest(block, kind, result, pages)
        self._keep_time(block, kind)
        self._keep(block, kind, result, pages)
        self.events += len(block.what)

    def _digest(
        self, block: Block, kind: NDArray[np.uint8], result: NDArray[np.int64], pages: NDArray[np.int64]
    ) -> None:
        row = 0
        while True:
            why, row = digesting.digest(
                row,
                FIRST_WITH_HEADER,
                block.what,
                block.word,
                block.size,
                block.span_class,
                self.class_of_page,
                self.pages_of_page,
                self.keys,
                self.values,
                self.free_handles,
                self.free_pages,
                self.state,
                kind,
                result,
                pages,
            )
            if why == digesting.DONE:
                return
            if why != digesting.FULL:
                raise Refused(_REASONS[why], self.events + int(row))
            self._grow()

    def _grow(self) -> None:
        keys, values = self.keys, self.values
        self.keys = np.full(2 * len(keys), -1, np.int64)
        self.values = np.zeros(2 * len(keys), np.int64)
        digesting.insert_all(keys, values, self.keys, self.values)
        self.free_handles = np.append(self.free_handles, np.zeros_like(self.free_handles))
        self.free_pages = np.append(self.free_pages, np.zeros_like(self.free_pages))

    def _keep_time(self, block: Block, kind: NDArray[np.uint8]) -> None:
        times = block.time_ns
        if self.last_ns is not None and times[0] < self.last_ns:
            if self.last_ns - times[0] > MOST_BACKWARDS_NS:
                raise Refused(f"time goes back by {self.last_ns - int(times[0])} ns", self.events)
            times = np.maximum(times, self.last_ns)
        back = np.flatnonzero(np.diff(times) < 0)
        if len(back):
            raise Refused("time goes back", self.events + int(back[0]) + 1)
        rows = np.flatnonzero(kind != _NOTHING)
        first = times[0] if self.last_ns is None else self.last_ns
        if len(rows):
            self.since.append(np.diff(times[rows], prepend=first))
            self.last_ns = int(times[rows[-1]])

    def _keep(self, block: Block, kind: NDArray[np.uint8], result: NDArray[np.int64], pages: NDArray[np.int64]) -> None:
        shape = self._number_shapes(block, kind, result, pages)
        self._match_early(block, kind, shape)
        for row in np.flatnonzero((block.what == digesting.END) | (block.what == digesting.GOAL)).tolist():
            if block.what[row] == digesting.END:
                self.goals.append(0)
            elif self.goals:
                self.goals[-1] = int(block.size[row])
        rows = np.flatnonzero(kind != _NOTHING)
        self.kind.append(kind[rows])
        self.processor.append(np.maximum(block.processor[rows], 0).astype(np.uint8))
        self.shape.append(shape[kind <= at.EARLY])
        allocations = np.flatnonzero((kind == at.ALLOCATE) | (kind == at.LATE))
        words = block.word[allocations]
        self.words.append(words)
        self.died.append(result[kind == at.DIE].astype(np.uint32))
        taken = kind == at.TAKE_PAGES
        self.taken.append(result[taken].astype(np.uint32))
        self.taken_page.append(block.word[taken] >> 10)
        self.given.append(result[kind == at.GIVE_PAGES].astype(np.uint32))
        made = np.flatnonzero((block.what == digesting.SPAN_ALLOC) & (block.span_class >= 0))
        before = self.allocations + np.searchsorted(allocations, made)
        columns = [before, block.word[made] >> 10, block.size[made], block.span_class[made]]
        self.spans.append(np.stack(columns, axis=1).astype(np.int64))
        self.allocations += len(allocations)
        there = np.flatnonzero(block.what == digesting.SPAN)
        self.initial_spans.append(
            np.stack([block.word[there] >> 10, block.size[there], block.span_class[there]], axis=1).astype(np.int64)
        )
        self.initial_objects.append(block.word[block.what == digesting.OBJECT])

    def _number_shapes(
        self, block: Block, kind: NDArray[np.uint8], result: NDArray[np.int64], pages: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Returns the number of the shape of each allocation, 0 elsewhere."""
        shaped = np.flatnonzero(kind <= at.JOIN)
        numbers = np.zeros(len(kind), np.int64)
        if len(shaped):
            # One number for the three, to sort plain numbers: classes are below 2^8, types and pages below 2^28.
            packed = (block.type_bytes[shaped] << 36) | (pages[shaped] << 8) | result[shaped]
            _, first, rows = np.unique(packed, return_index=True, return_inverse=True)
            known = [
                self.shapes.setdefault(
                    (int(result[row]), int(pages[row]), int(block.type_bytes[row])), len(self.shapes)
                )
                for row in shaped[first]
            ]
            numbers[shaped] = np.array(known, np.int64)[rows.reshape(-1)]
        return numbers

    def _match_early(self, block: Block, kind: NDArray[np.uint8], shape: NDArray[np.int64]) -> None:
        """Marks what goroutines that took a slot early tell of it: the next allocation that each of them records."""
        looked_for = [(goroutine, *waiting, 0) for goroutine, waiting in self.waiting.items()]
        early = np.flatnonzero(kind == at.EARLY).tolist()
        looked_for += [(int(block.goroutine[row]), -1, False, row) for row in early]
        self.waiting.clear()
        late: list[tuple[int, int]] = []
        told_at: dict[int, int] = {}
        for goroutine, number, within, since in looked_for:
            if since < told_at.get(goroutine, 0):
                kind[since] = _NOTHING  # stopped once more within the same allocation
                continue
            if number < 0:
                number = len(self.early_shape)
                self.early_shape.append(-1)
                shape[since] = -1 - number
            row, within = _told(block, kind, goroutine, within, since)
            told_at[goroutine] = row
            if row == len(kind):
                self.waiting[goroutine] = number, within
            elif kind[row] == at.ALLOCATE:
                kind[row] = at.LATE
                self.early_shape[number] = int(shape[row])
                late.append((row, number))
        self.late += [number for _, number in sorted(late)]

    def _settle_early(self, kind: NDArray[np.uint8], shape: NDArray[np.int64], late: NDArray[np.int64]):
        """Returns kind, shape and late with the shapes of early slots known, and without those that came to nothing."""
        known = np.array([*self.early_shape, -1], np.int64)
        early = np.flatnonzero(shape < 0)
        shape[early] = known[-1 - shape[early]]
        events = np.flatnonzero(kind == at.EARLY)
        kind[events[known[:-1] < 0]] = at.STACK
        number = np.cumsum(known >= 0) - 1
        return kind, shape[shape >= 0], number[late]

    def finish(self, go_version: str) -> tuple[Recording, Truth]:
        """Returns the stream, and where the runtime put things."""
        since = _join(self.since, np.int64)
        long = since >= at.LONG
        processor = _join(self.processor, np.uint8)
        shapes = np.array(list(self.shapes), np.int64).reshape(-1, 3)
        spans = _join(self.initial_spans, np.int64, 3)
        kind, shape, late = self._settle_early(
            _join(self.kind, np.uint8), _join(self.shape, np.int64), np.array(self.late, np.int64)
        )
        recording = Recording(
            go_version=go_version,
            first_page=int(spans[:, 0].min()) if len(spans) else 0,
            kind=kind,
            since=np.where(long, at.LONG, since).astype(np.uint16),
            long_since=since[long],
            processor=processor if processor.any() else processor[:0],
            shape=shape.astype(np.uint16 if len(shapes) <= 1 << 16 else np.uint32),  # pyright: ignore[reportArgumentType]
            died=_join(self.died, np.uint32),
            taken_pages=_join(self.taken, np.uint32),
            given=_join(self.given, np.uint32),
            late=late.astype(np.uint32),
            goal_bytes=np.array(self.goals, np.int64),
            shapes=Shapes(shapes[:, 0].astype(np.int16), shapes[:, 1], shapes[:, 2]),
            snapshot=Snapshot(
                spans[:, 0], spans[:, 1], spans[:, 2].astype(np.int16), _join(self.initial_objects, np.int64)
            ),
            handles=int(self.state[digesting.NEXT_HANDLE]),
            page_handles=int(self.state[digesting.NEXT_PAGES]),
        )
        truth = Truth(_join(self.words, np.int64), _join(self.taken_page, np.int64), _join(self.spans, np.int64, 4))
        return recording, truth


def _join(parts: list[NDArray], kind: type, columns: int = 0) -> NDArray:
    empty = np.zeros((0, columns) if columns else 0, kind)
    return np.concatenate([empty, *parts])


def _told(block: Block, kind: NDArray[np.uint8], goroutine: int, within: bool, since: int) -> tuple[int, bool]:
    """Returns the row at which a goroutine tells of the slot it took, and whether it is starting a collection then.

    The row behind the last stands for none. The first collections make goroutines for their work before they stop the
    world; what that takes is recorded in between and is no part of the allocation that set off the collection.
    """
    theirs = block.goroutine == goroutine
    told = np.flatnonzero((kind <= at.JOIN) & theirs)
    begins = np.flatnonzero((block.what == digesting.BEGIN) & theirs)
    stops = np.flatnonzero(block.what == digesting.STOPPED)
    while True:
        if within:
            stop = int(np.searchsorted(stops, since))
            if stop == len(stops):
                return len(kind), True
            since = int(stops[stop]) + 1
        place, begin = int(np.searchsorted(told, since)), int(np.searchsorted(begins, since))
        row = int(told[place]) if place < len(told) else len(kind)
        if begin == len(begins) or begins[begin] > row:
            return row, False
        since, within = int(begins[begin]), True
