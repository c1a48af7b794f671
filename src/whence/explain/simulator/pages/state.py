"""The arrays that hold a page heap of Go 1.14 and later."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from whence.explain.simulator.pages import layout as at

MAX_RANGES = 1024
DEFAULT_CAPACITY_BYTES = 64 << 30


class Pages(NamedTuple):
    """A page heap. About 240 bytes a chunk of 4 MiB; rows that are never touched cost no memory."""

    bits: np.ndarray
    """uint64: allocated and scavenged bitmaps, STRIDE words a chunk."""
    summaries: np.ndarray
    """uint64: five levels of packed (start, longest, end) runs of free pages, level 0 first."""
    chunks: np.ndarray
    """int64: CHUNK_FIELDS numbers a chunk for the scavenge index."""
    ranges: np.ndarray
    """int64: address ranges, [first chunk, chunk behind] pairs, then the reserved byte ranges of 1.15 to 1.18."""
    state: np.ndarray
    """int64: the slots of `layout`."""
    touched: np.ndarray
    """uint64: pages that hold memory of the system, WORDS_PER_CHUNK words a chunk."""
    advice: np.ndarray
    """uint8: what the system has been told about huge pages, 2 MiB each."""


class Heap(NamedTuple):
    """The page heap, its accounts and the page caches of the processors."""

    pages: Pages
    heap: np.ndarray
    """int64: the slots of `layout` from CURRENT_BASE on."""
    caches: np.ndarray
    """uint64 [processors, 3]: first page, free bits, scavenged bits."""


def new_pages(capacity_bytes: int = DEFAULT_CAPACITY_BYTES, *, huge_page_pages: int = at.HUGE_PAGE_PAGES) -> Pages:
    """Returns an empty page heap that can reach `capacity_bytes` beyond the base of its first arena."""
    covers = at.TOP_COVERS_CHUNKS
    capacity = max(1, -(-capacity_bytes // (at.CHUNK_BYTES * covers))) * covers
    sizes = [capacity >> (at.LEVEL_SHIFT * (at.LEVELS - 1 - level)) for level in range(at.LEVELS)]
    state = np.zeros(at.STATE_SLOTS, np.int64)
    state[at.LEVEL_BASE : at.LEVEL_BASE + at.LEVELS] = np.cumsum([0, *sizes[:-1]])
    state[at.CAPACITY_CHUNKS] = capacity
    state[at.SEARCH] = at.NOWHERE
    state[at.START] = -1
    state[at.FREE_HIGH] = -1
    state[at.SCAVENGED_LOW] = at.NOWHERE
    state[at.SCAVENGE_ADDRESS] = -1
    state[at.HUGE_PAGE] = huge_page_pages
    return Pages(
        bits=np.zeros(capacity * at.STRIDE, np.uint64),
        summaries=np.zeros(sum(sizes), np.uint64),
        chunks=np.zeros(capacity * at.CHUNK_FIELDS, np.int64),
        ranges=np.zeros(4 * MAX_RANGES, np.int64),
        state=state,
        touched=np.zeros(capacity * at.WORDS_PER_CHUNK, np.uint64),
        advice=np.zeros(2 * capacity, np.uint8),
    )


def new_heap(
    *,
    scavenge_by: int,
    growth_rule: int,
    huge_rule: int = at.HUGE_NOTHING,
    lazy: bool = False,
    processors: int = 1,
    capacity_bytes: int = DEFAULT_CAPACITY_BYTES,
    memory_limit: int = at.NO_GOAL,
    system_huge_pages: int = at.HUGE_WHERE_ADVISED,
    first_chunk: int = 0,
    padding_pages: int = 0,
) -> Heap:
    """Returns an empty heap of Go 1.14 or later with the rules of a release (see `versions.page_heaps`)."""
    pages = new_pages(capacity_bytes)
    pages.state[at.HUGE_RULE] = huge_rule
    pages.state[at.LAZY] = lazy
    pages.state[at.SYSTEM_HUGE_PAGES] = system_huge_pages
    heap = np.zeros(at.HEAP_SLOTS, np.int64)
    heap[at.PERCENT_GOAL] = heap[at.LIMIT_GOAL] = at.NO_GOAL
    heap[at.MEMORY_LIMIT] = memory_limit
    heap[at.SCAVENGE_BY] = scavenge_by
    heap[at.GROWTH_RULE] = growth_rule
    heap[at.FIRST_CHUNK] = first_chunk
    heap[at.PADDING_PAGES] = padding_pages
    return Heap(pages, heap, np.zeros((processors, 3), np.uint64))
