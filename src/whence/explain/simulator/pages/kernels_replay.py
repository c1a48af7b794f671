"""A kernel that plays a whole script of page-heap operations, for checking against recorded ones at full speed."""

# Numba gives the numbers of arrays their types, which pyright takes for arrays.
# pyright: reportArgumentType=false, reportReturnType=false, reportCallIssue=false

from __future__ import annotations

import numpy as np

from whence.explain.simulator.pages import kernels_pages as allocator
from whence.explain.simulator.pages import kernels_scavenge as scavenger
from whence.explain.simulator.pages import layout as at
from whence.explain.simulator.pages.compiling import kernel
from whence.explain.simulator.pages.state import Pages

ALLOCATE, FREE, SCAVENGE, SCAVENGE_IN_BACKGROUND, GENERATION, REFILL, CACHED, FLUSH = range(8)


@kernel
def replay(
    pages: Pages, caches: np.ndarray, scavenge_by: int, silent_frees: bool, operations: np.ndarray, results: np.ndarray
) -> None:
    """Plays `operations`, int64 rows [what, pages, page or cache], and writes int64 rows [page, pages] to `results`.

    Results are the first page and the scavenged pages of an allocation, (0, released pages) of scavenging, the first
    page of a refill (-1 where there is none); the bits of a refilled cache are left in `caches`, wrapped into the
    results as (free bits, scavenged bits) of the row behind, which the script leaves free with `what` -1.
    """
    index = scavenger.index_of(scavenge_by)
    free_index = allocator.INDEX_NONE if silent_frees else index
    for row in range(len(operations)):
        what, count, where = operations[row, 0], operations[row, 1], operations[row, 2]
        if what == ALLOCATE:
            results[row, 0], results[row, 1] = allocator.alloc(pages, index, count)
        elif what == FREE:
            allocator.free(pages, free_index, where, count)
        elif what in (SCAVENGE, SCAVENGE_IN_BACKGROUND):
            wanted = count * at.PAGE_BYTES
            results[row, 1] = scavenger.scavenge(pages, scavenge_by, wanted, what == SCAVENGE)
        elif what == GENERATION:
            if scavenge_by == scavenger.BY_ADDRESS:
                scavenger.restart_address(pages)
            elif scavenge_by == scavenger.BY_RESERVATION:
                scavenger.start_generation(pages)
            elif scavenge_by == scavenger.BY_DENSITY:
                scavenger.next_generation(pages)
        elif what == REFILL:
            allocator.fill_cache(pages, index, caches, where)
            results[row, 0] = np.int64(caches[where, 0]) if caches[where, 1] else -1
            results[row + 1, 0] = np.int64(caches[where, 1])
            results[row + 1, 1] = np.int64(caches[where, 2])
        elif what == CACHED:
            results[row, 0], results[row, 1] = allocator.alloc_from_cache(caches, where, count)
        elif what == FLUSH:
            allocator.flush_cache(pages, index, caches, where)
