"""The arrays that hold a page heap of Go 1.14 and later."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from whence.explain.simulator.pages import layout as at

MAX_RANGES = 1024
DEFAULT_CAPACITY_BYTES = 64 << 30


class Pages(NamedTuple):
    """A page heap. About 144 bytes a chunk of 4 MiB; rows that are never touched cost no memory."""

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
    )
