"""The arrays that hold an allocator, and their making for a release."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from whence.explain.simulator.allocator import layout as at
from whence.explain.simulator.pages.state import Heap


class Allocator(NamedTuple):
    """Spans, caches and central lists over a page heap. Rows that are never touched cost no memory."""

    heap: Heap
    spans: np.ndarray
    """int64 [spans, SPAN_FIELDS]."""
    bits: np.ndarray
    """int64: bitmaps of allocated and dead slots, word by word in turn."""
    span_of_bits: np.ndarray
    """int32: the span that a bitmap word belongs to."""
    span_of_page: np.ndarray
    """int32: 1 + the span that begins at a page, 0 for none."""
    caches: np.ndarray
    """int64 [processors × SPAN_CLASSES, CACHE_FIELDS]."""
    queues: np.ndarray
    """int64 [SPAN_CLASSES × LISTS, 2]: first and last span of a list, -1 for none."""
    classes: np.ndarray
    """int64 [SPAN_CLASSES, CLASS_FIELDS]."""
    state: np.ndarray
    """int64: the slots of `layout`."""
    numbers: np.ndarray
    """float64."""


def new_allocator(heap: Heap, classes: np.ndarray, *, processors: int = 1, capacity_bytes: int = 8 << 30) -> Allocator:
    """Returns an empty allocator over a page heap. `classes`: see `versions.allocators.span_classes`.

    `capacity_bytes` bounds the pages that spans may be made of; only what is used takes memory.
    """
    pages = capacity_bytes // (at.PAGE_WORDS * at.WORD_BYTES)
    state = np.zeros(at.STATE_SLOTS, np.int64)
    state[at.GENERATION] = 2
    state[at.DRAINED] = 1
    state[at.FREE_SPANS] = -1
    state[at.NEXT_BITS] = 2
    state[at.PROCESSORS] = processors
    state[at.LAST_SWEPT] = -1
    caches = np.zeros((processors * at.SPAN_CLASSES, at.CACHE_FIELDS), np.int64)
    caches[:, at.CACHED_SPAN] = -1
    return Allocator(
        heap=heap,
        spans=np.zeros((pages, at.SPAN_FIELDS), np.int64),
        bits=np.zeros(pages * 32, np.int64),
        span_of_bits=np.zeros(pages * 32, np.int32),
        span_of_page=np.zeros(pages, np.int32),
        caches=caches,
        queues=np.full((at.SPAN_CLASSES * at.LISTS, 2), -1, np.int64),
        classes=classes,
        state=state,
        numbers=np.zeros(at.NUMBER_SLOTS, np.float64),
    )
