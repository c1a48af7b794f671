"""Kernels of sweeping: by the background sweeper, by allocators in debt, by those in search of pages.

The meaning is that of runtime/mgcsweep.go and of reclaim in runtime/mheap.go, Go 1.15 to 1.27. Which slots are dead is
told beforehand (`kill`) and takes effect when their span is swept.
"""

from __future__ import annotations

import numpy as np

from whence.explain.simulator.allocator import layout as at
from whence.explain.simulator.allocator.kernels_spans import (
    count_bits,
    pop,
    push,
    release_span,
    swept_list,
    unlink,
    unswept_list,
)
from whence.explain.simulator.allocator.state import Allocator
from whence.explain.simulator.pages.compiling import kernel

ALL = np.int64(-1)
NOTHING = -1


@kernel
def kill(allocator: Allocator, slot_bit: int) -> None:
    """Notes that the object in a slot is dead: the next collection's sweep frees it."""
    place = slot_bit >> 6
    allocator.bits[place + 1] |= np.int64(1) << np.int64(slot_bit & 63)
    allocator.state[at.DEAD_BYTES] += allocator.spans[allocator.span_of_bits[place], at.SLOT_BYTES]


@kernel
def kill_all(allocator: Allocator, slot_bits: np.ndarray, count: int) -> None:
    """Notes that the objects in the first `count` of these slots are dead (see `kill`)."""
    bits, spans, span_of_bits = allocator.bits, allocator.spans, allocator.span_of_bits
    total = 0
    for row in range(count):
        slot = np.int64(slot_bits[row])
        place = slot >> 6
        bits[place + 1] |= np.int64(1) << (slot & 63)
        total += spans[span_of_bits[place], at.SLOT_BYTES]
    allocator.state[at.DEAD_BYTES] += total


@kernel
def dead_in(allocator: Allocator, span: int) -> int:
    """Returns how many slots of a span its sweep will free."""
    total = 0
    for place in range(allocator.spans[span, at.BITS] + 1, allocator.spans[span, at.BITS_END], 2):
        total += count_bits(allocator.bits[place])
    return total


@kernel
def _sweep_bits(bits: np.ndarray, first: int, end: int) -> int:
    """Clears the dead slots of a span's bitmaps: returns how many slots, and bits behind the last, are left."""
    used = 0
    for place in range(first, end, 2):
        left = bits[place] & ~bits[place + 1]
        bits[place] = left
        bits[place + 1] = 0
        used += count_bits(left)
    return used


@kernel
def sweep_span(allocator: Allocator, span: int, preserve: bool) -> int:
    """Frees the dead slots of a span: returns how many.

    `preserve`: the caller uses the span; otherwise it goes to its list, or to the page heap when it is empty.
    """
    row, state = allocator.spans[span], allocator.state
    state[at.PAGES_SWEPT] += row[at.PAGES]
    used = _sweep_bits(allocator.bits, row[at.BITS], row[at.BITS_END])
    used -= 32 * (row[at.BITS_END] - row[at.BITS]) - row[at.SLOTS]
    freed = row[at.USED] - used
    row[at.USED] = used
    row[at.SWEEP_GENERATION] = state[at.GENERATION]
    row[at.PAGE_MARKED] = 0
    state[at.LAST_SWEPT] = span
    state[at.FREED_OBJECTS] += freed
    if freed > 0:
        row[at.NEEDS_ZERO] = 1
    if not preserve:
        if used == 0:
            release_span(allocator, span)
        else:
            kind = at.FULL if used == row[at.SLOTS] else at.PARTIAL
            queue = swept_list(state[at.GENERATION], row[at.SPAN_CLASS], kind)
            push(allocator.queues, allocator.spans, queue, span)
    return freed


@kernel
def unswept(allocator: Allocator, span: int) -> bool:
    """Tells whether a span is still to be swept and nobody has begun to."""
    row = allocator.spans[span]
    return row[at.STATE] == at.IN_USE and row[at.SWEEP_GENERATION] == allocator.state[at.GENERATION] - 2


@kernel
def next_to_sweep(queues: np.ndarray, state: np.ndarray) -> int:
    """Returns the list whose first span the sweeper takes next, -1 when there is none."""
    for place in range(state[at.SWEEP_CLASS], at.SWEEP_DONE):
        queue = unswept_list(state[at.GENERATION], place >> 1, at.PARTIAL if place & 1 else at.FULL)
        if queues[queue, 0] >= 0:
            state[at.SWEEP_CLASS] = place
            return queue
    state[at.SWEEP_CLASS] = at.SWEEP_DONE
    return -1


@kernel
def sweep_one(allocator: Allocator) -> int:
    """Sweeps the next span of the sweeper's order: returns how many objects that freed, NOTHING when all is swept."""
    state = allocator.state
    if state[at.DRAINED]:
        return NOTHING
    queue = next_to_sweep(allocator.queues, state)
    if queue < 0:
        state[at.DRAINED] = 1
        return NOTHING
    span = pop(allocator.queues, allocator.spans, queue)
    pages = allocator.spans[span, at.PAGES]
    freed = sweep_span(allocator, span, False)
    if allocator.spans[span, at.STATE] == at.FREE:
        state[at.RECLAIM_CREDIT] += pages
    return freed


@kernel
def finish_sweep(allocator: Allocator) -> int:
    """Sweeps what is left: returns how many objects that freed. A collection begins with this (finishsweep_m)."""
    total = 0
    freed = sweep_one(allocator)
    while freed != NOTHING:
        total += freed
        freed = sweep_one(allocator)
    return total


@kernel
def page_unmarked(allocator: Allocator, span: int) -> bool:
    """Tells whether a search for free pages takes an unswept span for one without live objects."""
    row = allocator.spans[span]
    if row[at.PAGE_MARKED] == at.SEEN_UNMARKED:
        return True
    live = row[at.USED] - dead_in(allocator, span)
    unmarked_up_to = allocator.classes[row[at.SPAN_CLASS], at.CLASS_UNMARKED_UP_TO]
    return live == 0 or (live <= unmarked_up_to and row[at.PAGE_MARKED] != allocator.state[at.GENERATION])


@kernel
def _reclaim_chunk(allocator: Allocator, first: int) -> tuple[int, int]:
    """Sweeps the spans without a marked page that begin in one chunk: returns (pages freed, objects freed)."""
    found, freed = 0, 0
    for page in range(first, first + at.RECLAIM_PAGES):
        span = allocator.span_of_page[page] - 1
        if span >= 0 and unswept(allocator, span) and page_unmarked(allocator, span):
            unlink(allocator.queues, allocator.spans, span)
            pages = allocator.spans[span, at.PAGES]
            freed += sweep_span(allocator, span, False)
            if allocator.spans[span, at.STATE] == at.FREE:
                found += pages
    return found, freed


@kernel
def reclaim(allocator: Allocator, wanted: int) -> int:
    """Frees whole spans of at least `wanted` pages, if any, before pages are allocated: returns objects freed.

    The meaning is that of mheap.reclaim.
    """
    state = allocator.state
    freed = 0
    if state[at.RECLAIM_INDEX] < 0:
        return 0
    while wanted > 0:
        credit = state[at.RECLAIM_CREDIT]
        if credit > 0:
            taken = min(credit, wanted)
            state[at.RECLAIM_CREDIT] -= taken
            wanted -= taken
            continue
        first = state[at.RECLAIM_INDEX]
        state[at.RECLAIM_INDEX] += at.RECLAIM_PAGES
        if first >= state[at.RECLAIM_END]:
            state[at.RECLAIM_INDEX] = -1
            break
        found, objects = _reclaim_chunk(allocator, first)
        freed += objects
        if found > wanted:
            state[at.RECLAIM_CREDIT] += found - wanted
        wanted = max(0, wanted - found)
    return freed


@kernel
def deduct_sweep_credit(allocator: Allocator, span_bytes: int, pages_by_caller: int) -> int:
    """Sweeps as much as the pace asks for before a span of these bytes is allocated: returns objects freed."""
    state, numbers = allocator.state, allocator.numbers
    if numbers[at.SWEEP_PAGES_PER_BYTE] == 0.0:
        return 0
    total = 0
    live = span_bytes + max(0, state[at.HEAP_LIVE] - state[at.SWEEP_LIVE_BASIS])
    target = np.int64(numbers[at.SWEEP_PAGES_PER_BYTE] * np.float64(live)) - pages_by_caller
    while target > state[at.PAGES_SWEPT] - state[at.SWEEP_PAGES_BASIS]:
        freed = sweep_one(allocator)
        if freed == NOTHING:
            numbers[at.SWEEP_PAGES_PER_BYTE] = 0.0
            break
        total += freed
    return total


@kernel
def pace_sweeper(allocator: Allocator, trigger_bytes: int) -> None:
    """Sets how many pages an allocated byte must sweep so that all are swept at the trigger (gcPaceSweeper)."""
    state, numbers = allocator.state, allocator.numbers
    numbers[at.SWEEP_PAGES_PER_BYTE] = 0.0
    if state[at.DRAINED]:
        return
    distance = max(trigger_bytes - state[at.HEAP_LIVE] - (1 << 20), at.PAGE_WORDS * at.WORD_BYTES)
    pages = state[at.PAGES_IN_USE] - state[at.PAGES_SWEPT]
    if pages > 0:
        numbers[at.SWEEP_PAGES_PER_BYTE] = np.float64(pages) / np.float64(distance)
        state[at.SWEEP_LIVE_BASIS] = state[at.HEAP_LIVE]
        state[at.SWEEP_PAGES_BASIS] = state[at.PAGES_SWEPT]
