"""Plays a stream through the simulated allocator with collections of its own: the loop that is timed."""

from __future__ import annotations

import numpy as np

from whence.explain.simulator.allocator import layout as at
from whence.explain.simulator.allocator.kernels_allocate import (
    allocate_large,
    begin_collection,
    flush_processor,
    make_room,
    start_sweep,
    take_slot,
)
from whence.explain.simulator.allocator.kernels_sweep import kill_all, pace_sweeper
from whence.explain.simulator.allocator.state import Allocator
from whence.explain.simulator.pages.compiling import kernel

MINIMUM_HEAP = 4 << 20
DEATH = 255
LARGE_PAGES = 6
SWEEP_MARGIN = 1 << 20


@kernel
def churn(
    allocator: Allocator,
    kind: np.ndarray,
    died: np.ndarray,
    objects: np.ndarray,
    free_handles: np.ndarray,
    pending: np.ndarray,
    result: np.ndarray,
) -> None:
    """Plays the stream; a collection is over at once, and sweeping goes in proportion to allocation.

    `objects`: slots by handle; `pending`: slots that died since the last collection. `result`: collections, a number
    made of every address.
    """
    deaths, free, fresh, waiting, digest = 0, 0, 0, 0, np.int64(0)
    trigger = np.int64(MINIMUM_HEAP)
    state, caches = allocator.state, allocator.caches
    for event in range(len(kind)):
        span_class = np.int64(kind[event])
        if span_class == DEATH:
            handle = died[deaths]
            deaths += 1
            pending[waiting] = objects[handle]
            waiting += 1
            free_handles[free] = handle
            free += 1
            continue
        if span_class > 1:
            flags = 0
            if not caches[span_class, at.FREE_BITS]:
                flags = make_room(allocator, 0, span_class)
            word, slot = take_slot(caches, span_class)
        else:
            word, slot, flags = allocate_large(allocator, 0, LARGE_PAGES, span_class == 1)
        digest = digest * 31 + word
        if free > 0:
            free -= 1
            objects[free_handles[free]] = slot
        else:
            objects[fresh] = slot
            fresh += 1
        if flags and state[at.HEAP_LIVE] >= trigger:
            begin_collection(allocator)
            kill_all(allocator, pending, waiting)
            waiting = 0
            start_sweep(allocator)
            trigger = max(2 * state[at.MARKED_BYTES], MINIMUM_HEAP, state[at.MARKED_BYTES] + 2 * SWEEP_MARGIN)
            pace_sweeper(allocator, trigger)
            flush_processor(allocator, 0)
    result[0] = state[at.COLLECTIONS]
    result[1] = digest
