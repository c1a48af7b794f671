"""Kernels of spans: made of pages, kept in lists, freed, and the bitmaps of their slots.

The meaning is that of runtime/mheap.go (allocSpan, initSpan, freeSpan) and runtime/mspanset.go, Go 1.15 to 1.27: a
list gives its spans in the order in which they came.
"""

from __future__ import annotations

# pyright: reportArgumentType=false, reportCallIssue=false, reportPossiblyUnboundVariable=false, reportReturnType=false
# compiled: Numba knows the types of elements and intrinsics, which pyright takes for arrays and missing arguments
import numpy as np

from whence.explain.simulator.allocator import layout as at
from whence.explain.simulator.allocator.state import Allocator
from whence.explain.simulator.pages.compiling import kernel
from whence.explain.simulator.pages.kernels_heap import allocate_span, free_span
from whence.explain.simulator.pages.machine_words import ones

ALL = np.int64(-1)


@kernel
def count_bits(word: int) -> int:
    """Returns how many bits of an int64 are set."""
    return ones(np.uint64(word))


# Kernels that are called often take the few arrays they need: handing over all of an allocator costs more than they do.


@kernel
def push(queues: np.ndarray, spans: np.ndarray, queue: int, span: int) -> None:
    """Puts a span at the end of a list."""
    last = queues[queue, 1]
    spans[span, at.NEXT] = -1
    spans[span, at.PREVIOUS] = last
    spans[span, at.QUEUE] = queue
    if last < 0:
        queues[queue, 0] = span
    else:
        spans[last, at.NEXT] = span
    queues[queue, 1] = span


@kernel
def unlink(queues: np.ndarray, spans: np.ndarray, span: int) -> None:
    """Takes a span off the list it is in."""
    following, previous, queue = spans[span, at.NEXT], spans[span, at.PREVIOUS], spans[span, at.QUEUE]
    if previous < 0:
        queues[queue, 0] = following
    else:
        spans[previous, at.NEXT] = following
    if following < 0:
        queues[queue, 1] = previous
    else:
        spans[following, at.PREVIOUS] = previous
    spans[span, at.QUEUE] = -1


@kernel
def pop(queues: np.ndarray, spans: np.ndarray, queue: int) -> int:
    """Returns the first span of a list and takes it off, -1 for none."""
    first = queues[queue, 0]
    if first >= 0:
        unlink(queues, spans, first)
    return first


@kernel
def swept_list(generation: int, span_class: int, kind: int) -> int:
    """Returns the number of the list of swept spans of a class; kind is PARTIAL or FULL."""
    return span_class * at.LISTS + kind + ((generation >> 1) & 1)


@kernel
def unswept_list(generation: int, span_class: int, kind: int) -> int:
    """Returns the number of the list of spans that are still to be swept."""
    return span_class * at.LISTS + kind + 1 - ((generation >> 1) & 1)


@kernel
def _take_bits(allocator: Allocator, words: int) -> int:
    """Returns the place of bitmaps for `words` words of slots, all clear."""
    state, bits = allocator.state, allocator.bits
    place = state[at.FREE_BLOCKS + words - 1]
    if place:
        state[at.FREE_BLOCKS + words - 1] = bits[place]
        bits[place : place + 2 * words] = 0
        return place
    place = state[at.NEXT_BITS]
    if place + 2 * words > len(bits):
        raise MemoryError("The simulated heap has grown beyond its capacity.")
    state[at.NEXT_BITS] = place + 2 * words
    return place


@kernel
def _take_number(allocator: Allocator) -> int:
    state = allocator.state
    span = state[at.FREE_SPANS]
    if span >= 0:
        state[at.FREE_SPANS] = allocator.spans[span, at.NEXT]
        return span
    span = state[at.NEXT_SPAN]
    if span >= len(allocator.spans):
        raise MemoryError("The simulated heap has grown beyond its capacity.")
    state[at.NEXT_SPAN] = span + 1
    return span


@kernel
def place_span(allocator: Allocator, page: int, pages: int, span_class: int) -> int:
    """Makes a span of pages that are already allocated: returns its number (mheap.initSpan)."""
    span = _take_number(allocator)
    row, classes, state = allocator.spans[span], allocator.classes, allocator.state
    slots, slot_bytes = classes[span_class, at.CLASS_SLOTS], classes[span_class, at.CLASS_SLOT_BYTES]
    words = classes[span_class, at.CLASS_WORDS]
    if span_class < 2:
        slots, slot_bytes, words = 1, pages * at.PAGE_WORDS * at.WORD_BYTES, 1
    place = _take_bits(allocator, words)
    row[at.PAGE] = page
    row[at.PAGES] = pages
    row[at.SPAN_CLASS] = span_class
    row[at.SLOT_BYTES] = slot_bytes
    row[at.SLOTS] = slots
    row[at.BITS] = place
    row[at.BITS_END] = place + 2 * words
    row[at.USED] = 0
    row[at.SWEEP_GENERATION] = state[at.GENERATION]
    row[at.STATE] = at.IN_USE
    row[at.QUEUE] = -1
    row[at.NEEDS_ZERO] = 0
    row[at.PAGE_MARKED] = 0
    allocator.span_of_bits[place : place + 2 * words : 2] = span
    if slots & 63:
        # Bits behind the last slot count as allocated for ever.
        allocator.bits[place + 2 * words - 2] = ALL << np.int64(slots & 63)
    allocator.span_of_page[page] = span + 1
    state[at.PAGES_IN_USE] += pages
    state[at.SPANS_IN_USE] += 1
    return span


@kernel
def release_span(allocator: Allocator, span: int) -> None:
    """Gives an empty span back to the page heap (mheap.freeSpan)."""
    row, state = allocator.spans[span], allocator.state
    words = (row[at.BITS_END] - row[at.BITS]) >> 1
    allocator.bits[row[at.BITS]] = state[at.FREE_BLOCKS + words - 1]
    state[at.FREE_BLOCKS + words - 1] = row[at.BITS]
    allocator.span_of_page[row[at.PAGE]] = 0
    state[at.PAGES_IN_USE] -= row[at.PAGES]
    state[at.SPANS_IN_USE] -= 1
    row[at.STATE] = at.FREE
    row[at.NEXT] = state[at.FREE_SPANS]
    state[at.FREE_SPANS] = span
    free_span(allocator.heap, row[at.PAGE], row[at.PAGES], False)


@kernel
def make_span(allocator: Allocator, processor: int, pages: int, span_class: int) -> int:
    """Makes a span of fresh pages: returns its number."""
    page = allocate_span(allocator.heap, processor, pages, False)[0]
    return place_span(allocator, page, pages, span_class)
