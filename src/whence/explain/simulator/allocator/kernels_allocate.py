"""Kernels of allocation: slots from a processor's cache, refills from the central lists, large objects, collections.

The meaning is that of runtime/malloc.go (nextFree), runtime/mcache.go, runtime/mcentral.go (cacheSpan) and gcSweep of
runtime/mgc.go, Go 1.15 to 1.27.
"""

from __future__ import annotations

# pyright: reportArgumentType=false, reportCallIssue=false, reportPossiblyUnboundVariable=false, reportReturnType=false
# compiled: Numba knows the types of elements and intrinsics, which pyright takes for arrays and missing arguments
import numpy as np

from whence.explain.simulator.allocator import layout as at
from whence.explain.simulator.allocator.kernels_spans import (
    ALL,
    count_bits,
    make_span,
    pop,
    push,
    swept_list,
    unswept_list,
)
from whence.explain.simulator.allocator.kernels_sweep import (
    deduct_sweep_credit,
    finish_sweep,
    reclaim,
    sweep_span,
)
from whence.explain.simulator.allocator.state import Allocator
from whence.explain.simulator.pages.compiling import kernel
from whence.explain.simulator.pages.layout import NEXT_ARENA
from whence.explain.simulator.pages.machine_words import trailing_zeros


@kernel
def next_word(bits: np.ndarray, cache: np.ndarray) -> bool:
    """Turns a cache whose current word is used up to the next one with a free slot: returns whether there is one."""
    if cache[at.CACHED_SPAN] < 0:
        return False
    while True:
        place = cache[at.PLACE]
        bits[place] = ALL
        if place + 2 >= cache[at.PLACE_END]:
            return False
        cache[at.PLACE] = place + 2
        cache[at.BASE] += 64 * cache[at.SLOT_WORDS]
        cache[at.FREE_BITS] = ~bits[place + 2]
        if cache[at.FREE_BITS]:
            return True


@kernel
def load_cache(allocator: Allocator, cache: np.ndarray, span: int) -> None:
    """Makes a span the one that a cache allocates from."""
    row, bits = allocator.spans[span], allocator.bits
    cache[at.CACHED_SPAN] = span
    cache[at.USED_BEFORE] = cache[at.USED_AT_MARKING] = row[at.USED]
    cache[at.SLOT_WORDS] = row[at.SLOT_BYTES] // at.WORD_BYTES
    cache[at.PLACE] = row[at.BITS]
    cache[at.PLACE_END] = row[at.BITS_END]
    cache[at.BASE] = row[at.PAGE] * at.PAGE_WORDS
    cache[at.FREE_BITS] = ~bits[row[at.BITS]]
    row[at.SWEEP_GENERATION] = allocator.state[at.GENERATION] + 3
    if not cache[at.FREE_BITS]:
        next_word(allocator.bits, cache)


@kernel
def _central_span(allocator: Allocator, processor: int, span_class: int) -> tuple[int, bool]:
    """Returns (a span with a free slot, whether it is fresh) (mcentral.cacheSpan)."""
    queues, spans, generation = allocator.queues, allocator.spans, allocator.state[at.GENERATION]
    span = pop(queues, spans, swept_list(generation, span_class, at.PARTIAL))
    if span >= 0:
        return span, False
    if not allocator.state[at.DRAINED]:
        span = pop(queues, spans, unswept_list(generation, span_class, at.PARTIAL))
        if span >= 0:
            sweep_span(allocator, span, True)
            return span, False
        budget = at.SPAN_BUDGET
        queue = unswept_list(generation, span_class, at.FULL)
        while budget >= 0:
            span = pop(queues, spans, queue)
            if span < 0:
                break
            sweep_span(allocator, span, True)
            if spans[span, at.USED] < spans[span, at.SLOTS]:
                return span, False
            push(queues, spans, swept_list(generation, span_class, at.FULL), span)
            budget -= 1
    pages = allocator.classes[span_class, at.CLASS_PAGES]
    if not allocator.state[at.DRAINED]:
        reclaim(allocator, pages)
    return make_span(allocator, processor, pages, span_class), True


@kernel
def _used_in(spans: np.ndarray, bits: np.ndarray, cache: np.ndarray) -> int:
    """Returns how many slots of the cached span are allocated."""
    free = count_bits(cache[at.FREE_BITS])
    for place in range(cache[at.PLACE] + 2, cache[at.PLACE_END], 2):
        free += count_bits(~bits[place])
    return spans[cache[at.CACHED_SPAN], at.SLOTS] - free


@kernel
def put_away(allocator: Allocator, cache: np.ndarray) -> None:
    """Takes the span of a cache out of it, to the list it belongs to (mcentral.uncacheSpan)."""
    span = cache[at.CACHED_SPAN]
    row, bits, state = allocator.spans[span], allocator.bits, allocator.state
    bits[cache[at.PLACE]] = ~cache[at.FREE_BITS]
    row[at.USED] = _used_in(allocator.spans, allocator.bits, cache)
    free = row[at.SLOTS] - row[at.USED]
    state[at.ALLOCATED_BYTES] += (row[at.USED] - cache[at.USED_BEFORE]) * row[at.SLOT_BYTES]
    if state[at.MARKING] and row[at.USED] > cache[at.USED_AT_MARKING]:
        row[at.PAGE_MARKED] = state[at.GENERATION] + 2
    cache[at.CACHED_SPAN] = -1
    cache[at.FREE_BITS] = 0
    generation = state[at.GENERATION]
    if row[at.SWEEP_GENERATION] == generation + 1:
        row[at.SWEEP_GENERATION] = generation - 1
        sweep_span(allocator, span, False)
        return
    state[at.HEAP_LIVE] -= free * row[at.SLOT_BYTES]
    row[at.SWEEP_GENERATION] = generation
    queue = swept_list(generation, row[at.SPAN_CLASS], at.PARTIAL if free else at.FULL)
    push(allocator.queues, allocator.spans, queue, span)


@kernel
def refill(allocator: Allocator, processor: int, span_class: int) -> int:
    """Gives a cache without a free slot another span: returns REFILLED, with GREW where it is fresh (mcache.refill)."""
    cache, state = allocator.caches[processor * at.SPAN_CLASSES + span_class], allocator.state
    if cache[at.CACHED_SPAN] >= 0:
        put_away(allocator, cache)
    deduct_sweep_credit(allocator, allocator.classes[span_class, at.CLASS_PAGES] * at.PAGE_WORDS * at.WORD_BYTES, 0)
    span, fresh = _central_span(allocator, processor, span_class)
    row = allocator.spans[span]
    state[at.HEAP_LIVE] += row[at.PAGES] * at.PAGE_WORDS * at.WORD_BYTES - row[at.USED] * row[at.SLOT_BYTES]
    state[at.REFILLS] += 1
    load_cache(allocator, cache, span)
    return at.REFILLED | at.GREW if fresh else at.REFILLED


@kernel
def take_slot(caches: np.ndarray, row: int) -> tuple[int, int]:
    """Takes the next slot of a cache that has one: returns (address in words of 8 bytes, bit index of the slot)."""
    free = caches[row, at.FREE_BITS]
    bit = trailing_zeros(np.uint64(free))
    caches[row, at.FREE_BITS] = free & (free - 1)
    return caches[row, at.BASE] + bit * caches[row, at.SLOT_WORDS], caches[row, at.PLACE] * 64 + bit


@kernel
def make_room(allocator: Allocator, processor: int, span_class: int) -> int:
    """Sees to a free slot in a cache whose current word has none: returns flags, 0 when its span had one left."""
    cache = allocator.caches[processor * at.SPAN_CLASSES + span_class]
    if next_word(allocator.bits, cache):
        return 0
    return refill(allocator, processor, span_class)


@kernel
def allocate(allocator: Allocator, processor: int, span_class: int) -> tuple[int, int, int]:
    """Allocates a slot of a class: returns (address in words of 8 bytes, bit index of the slot, flags).

    Addresses count from the base of the first arena. The bit index names the object to `kill` as long as it lives.
    Loops over many allocations are faster with `take_slot`, and `make_room` before it when FREE_BITS of the row are 0.
    """
    row = processor * at.SPAN_CLASSES + span_class
    flags = 0
    if not allocator.caches[row, at.FREE_BITS]:
        flags = make_room(allocator, processor, span_class)
    word, slot = take_slot(allocator.caches, row)
    return word, slot, flags


@kernel
def allocate_large(allocator: Allocator, processor: int, pages: int, noscan: bool) -> tuple[int, int, int]:
    """Allocates an object with pages of its own: returns what `allocate` does (mcache.allocLarge)."""
    state = allocator.state
    size = pages * at.PAGE_WORDS * at.WORD_BYTES
    deduct_sweep_credit(allocator, size, pages)
    if not state[at.DRAINED]:
        reclaim(allocator, pages)
    span = make_span(allocator, processor, pages, 1 if noscan else 0)
    row = allocator.spans[span]
    row[at.USED] = 1
    allocator.bits[row[at.BITS]] = ALL
    state[at.ALLOCATED_BYTES] += size
    state[at.HEAP_LIVE] += size
    state[at.LARGE_OBJECTS] += 1
    queue = swept_list(state[at.GENERATION], row[at.SPAN_CLASS], at.FULL)
    push(allocator.queues, allocator.spans, queue, span)
    return row[at.PAGE] * at.PAGE_WORDS, row[at.BITS] * 64, at.REFILLED | at.GREW | at.LARGE


@kernel
def flush_processor(allocator: Allocator, processor: int) -> int:
    """Empties the caches of a processor into the central lists: returns objects freed (mcache.releaseAll)."""
    before = allocator.state[at.FREED_OBJECTS]
    for row in range(processor * at.SPAN_CLASSES, (processor + 1) * at.SPAN_CLASSES):
        if allocator.caches[row, at.CACHED_SPAN] >= 0:
            put_away(allocator, allocator.caches[row])
    return allocator.state[at.FREED_OBJECTS] - before


@kernel
def begin_collection(allocator: Allocator) -> int:
    """Does what a collection does before marking: sweeps what the last one left. Returns objects freed."""
    freed = finish_sweep(allocator)
    allocator.state[at.MARKING] = 1
    for row in range(len(allocator.caches)):
        cache = allocator.caches[row]
        if cache[at.CACHED_SPAN] >= 0:
            cache[at.USED_AT_MARKING] = _used_in(allocator.spans, allocator.bits, cache)
    return freed


@kernel
def start_sweep(allocator: Allocator) -> None:
    """Ends marking: all spans are unswept, `kill`ed slots are freed as they are swept (gcSweep).

    The caches keep stale spans until `flush_processor`, which must come before anything else of a processor.
    """
    state = allocator.state
    cached_bytes = 0
    for row in range(len(allocator.caches)):
        cache = allocator.caches[row]
        span = cache[at.CACHED_SPAN]
        if span >= 0:
            used = _used_in(allocator.spans, allocator.bits, cache)
            cached_bytes += (used - cache[at.USED_BEFORE]) * allocator.spans[span, at.SLOT_BYTES]
            if used > cache[at.USED_AT_MARKING]:
                allocator.spans[span, at.PAGE_MARKED] = state[at.GENERATION] + 2
    state[at.MARKING] = 0
    state[at.MARKED_BYTES] = state[at.ALLOCATED_BYTES] + cached_bytes - state[at.DEAD_BYTES]
    state[at.MARKED_BYTES] += state[at.MARKED_TWICE_BYTES]
    state[at.HEAP_LIVE] = state[at.MARKED_BYTES]
    state[at.GENERATION] += 2
    state[at.COLLECTIONS] += 1
    state[at.SWEEP_CLASS] = 0
    state[at.DRAINED] = 0
    state[at.PAGES_SWEPT] = 0
    state[at.RECLAIM_INDEX] = 0
    state[at.RECLAIM_CREDIT] = 0
    state[at.RECLAIM_END] = allocator.heap.heap[NEXT_ARENA]
    allocator.numbers[at.SWEEP_PAGES_PER_BYTE] = 0.0
