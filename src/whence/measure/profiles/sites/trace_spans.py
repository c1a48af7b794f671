"""Which size class the heap had at an address when something happened there: spans of a trace, followed over time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.readers.trace_columns import Allocations, kinds_mask

Int64 = NDArray[np.int64]
UNKNOWN = -1
_MOST_PAGES = 16
"""No span of a size class has more pages (runtime/sizeclasses.go: 10); that of a large object begins where it does."""
_BEGIN = kinds_mask(["Span", "SpanAlloc"])


class Spans:
    """The spans that exist; fed with a trace's blocks in order."""

    def __init__(self, page_bytes: int) -> None:
        self._page_bytes = max(page_bytes, 1)
        self._pages = np.zeros(0, np.int64)
        self._classes = np.zeros(0, np.int64)
        self._sizes = np.zeros(0, np.int64)

    def classes_of(self, block: Allocations, rows: Int64) -> tuple[Int64, Int64]:
        """Returns the span class and the span's bytes at these rows' addresses, -1 where none is known.

        Each row sees the spans as they were when it happened. Spans that begin in the block are remembered.
        """
        pages, when, classes, sizes = self._timeline(block)
        wanted = (block.address[rows] // np.uint64(self._page_bytes)).astype(np.int64)
        # One number orders by page, then by time; what was known before the block stands at time 0.
        width = len(block) + 2
        index, place = np.unique(np.concatenate([pages, wanted]), return_inverse=True)
        del index
        keys = place[: len(pages)] * width + when
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        asked = place[len(pages) :] * width + rows + 1
        found = np.searchsorted(keys, asked, side="right") - 1
        usable = found >= 0
        at = order[np.maximum(found, 0)] if len(order) else np.zeros(len(found), np.int64)
        same = usable & (pages[at] == wanted) if len(order) else np.zeros(len(found), np.bool_)
        last = np.flatnonzero(np.append(keys[1:] // width != keys[:-1] // width, True)) if len(keys) else keys
        kept = order[last]
        self._pages, self._classes, self._sizes = pages[kept], classes[kept], sizes[kept]
        if not len(order):
            return np.full(len(rows), UNKNOWN), np.full(len(rows), UNKNOWN)
        return np.where(same, classes[at], UNKNOWN), np.where(same, sizes[at], UNKNOWN)

    def _timeline(self, block: Allocations) -> tuple[Int64, Int64, Int64, Int64]:
        """Returns page, time, class and bytes: what was known, then what the block's spans say about each page."""
        begun = np.flatnonzero(_BEGIN[block.kind])
        classes = block.span_class[begun].astype(np.int64)
        sizes = block.size_bytes[begun].astype(np.int64)
        small = classes >> 1 > 0
        count = np.where(small, np.clip(sizes // self._page_bytes, 1, _MOST_PAGES), 1)
        first = (block.address[begun] // np.uint64(self._page_bytes)).astype(np.int64)
        each = np.repeat(np.arange(len(begun)), count)
        step = np.arange(len(each)) - np.repeat(np.cumsum(count) - count, count)
        return (
            np.concatenate([self._pages, first[each] + step]),
            np.concatenate([np.zeros(len(self._pages), np.int64), begun[each] + 1]),
            np.concatenate([self._classes, classes[each]]),
            np.concatenate([self._sizes, sizes[each]]),
        )
