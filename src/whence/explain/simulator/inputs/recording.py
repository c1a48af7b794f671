"""A stream of allocations and deaths as columns: what happened in which order, of which shape, nothing of addresses.

An object is named by a handle as long as it lives: an allocation takes the handle that was given back last, or the
next new one. So allocations need not name their object, and deaths do with four bytes. Runs of pages outside the
objects' heap (stacks, the collector's own memory) are named likewise, in a numbering of their own.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# Kinds of events.
ALLOCATE = 0
"""An object got a slot: its shape is the next of `shape`."""
JOIN = 1
"""A tiny object found room in a block that was open already: its shape is the next of `shape`."""
EARLY = 2
"""An object got a slot as with ALLOCATE, but the program was stopped before the runtime told of it."""
DIE = 3
"""A sweep freed a slot: the object is the next of `died`."""
COLLECTION_BEGIN = 4
COLLECTION_END = 5
"""Marking is over; what is freed from here on was found dead by it."""
TAKE_PAGES = 6
"""A run of pages that holds no objects: its length is the next of `taken_pages`."""
GIVE_PAGES = 7
"""Such a run was freed: the next of `given`."""
STACK = 8
"""A goroutine got a stack."""
STACK_FREE = 9
LATE = 10
"""An object whose slot was taken EARLY: the next of `late` says by which of those, counted from 0."""
SWEPT_BATCH = 11
"""The background sweeper let others run, which it does behind every ten spans."""
SWEPT_ALL = 12
"""The background sweeper found nothing more to sweep."""
KINDS = 13

NO_SPAN_CLASS = -1


class Shapes(NamedTuple):
    """The distinct shapes of allocations, one row each."""

    span_class: NDArray[np.int16]
    """Size class × 2 + (1 when free of pointers) in the release that was recorded; below 2: pages of its own."""
    pages: NDArray[np.int64]
    """Pages of an object with pages of its own, else 0."""
    type_bytes: NDArray[np.int64]
    """Size of the type, that of one element for a slice; 0 where the allocation names no type."""


class Snapshot(NamedTuple):
    """The heap when recording began. Pages count from the base of the first arena, words of 8 bytes likewise."""

    page: NDArray[np.int64]
    pages: NDArray[np.int64]
    span_class: NDArray[np.int16]
    """NO_SPAN_CLASS: no objects in it; these have the handles 0, 1, … of such runs, in order."""
    object_word: NDArray[np.int64]
    """Addresses of the objects, whose handles are 0, 1, … in order."""


class Recording(NamedTuple):
    """A whole stream. Columns of events have one length, the others one entry for each event of their kinds."""

    go_version: str
    first_page: int
    """Where the heap began in its first arena (random from 1.26 on)."""
    kind: NDArray[np.uint8]
    since: NDArray[np.uint16]
    """Nanoseconds since the event before; LONG where `long_since` has the next."""
    long_since: NDArray[np.int64]
    processor: NDArray[np.uint8]
    """Empty when there is only one."""
    shape: NDArray[np.uint16]
    died: NDArray[np.uint32]
    taken_pages: NDArray[np.uint32]
    given: NDArray[np.uint32]
    late: NDArray[np.uint32]
    goal_bytes: NDArray[np.int64]
    """Heap goal that the collector set at each end of a collection, 0 where the trace tells none."""
    shapes: Shapes
    snapshot: Snapshot
    handles: int
    """Most objects alive at once, so that handles are below it."""
    page_handles: int

    def time_ns(self) -> NDArray[np.int64]:
        """Returns the time of each event since the first."""
        since = self.since.astype(np.int64)
        since[self.since == LONG] = self.long_since
        return np.cumsum(since)


LONG = 65535


class Truth(NamedTuple):
    """Where the real runtime put things; kept apart from the recording, for comparison only."""

    object_word: NDArray[np.int64]
    """Address of each ALLOCATE and LATE in words of 8 bytes from the base of the first arena."""
    taken_page: NDArray[np.int64]
    """First page of each TAKE_PAGES."""
    spans: NDArray[np.int64]
    """int64 [spans, 4]: ALLOCATE and LATE events before it, page, pages, span class of each span made for objects."""
