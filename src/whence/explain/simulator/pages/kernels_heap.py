"""Kernels of the page heap as a whole, Go 1.14 to 1.27: spans of pages, arenas, accounts, and scavenging by allocators.

The meaning is that of runtime/mheap.go (allocSpan, grow, freeSpanLocked). Arenas of 64 MiB follow each other, as they
do while the system keeps the addresses above the heap free.
"""

# Numba gives the numbers of arrays their types, which pyright takes for arrays.
# pyright: reportArgumentType=false, reportReturnType=false, reportCallIssue=false

from __future__ import annotations

from whence.explain.simulator.pages import kernels_pages as allocator
from whence.explain.simulator.pages import kernels_scavenge as scavenger
from whence.explain.simulator.pages import layout as at
from whence.explain.simulator.pages.compiling import kernel
from whence.explain.simulator.pages.kernels_chunk import NONE
from whence.explain.simulator.pages.kernels_residency import reuse
from whence.explain.simulator.pages.state import Heap


@kernel
def retained_bytes(heap: Heap) -> int:
    """Returns the bytes of spans in use and of free pages that the system has not got back (heapRetained)."""
    return heap.heap[at.IN_USE_BYTES] + heap.heap[at.FREE_BYTES]


@kernel
def mapped_ready_bytes(heap: Heap) -> int:
    """Returns the bytes that count against the memory limit (gcController.mappedReady)."""
    account = heap.heap
    return retained_bytes(heap) + account[at.MANUAL_BYTES] + account[at.OTHER_READY_BYTES]


@kernel
def release(heap: Heap, wanted_bytes: int, forced: bool) -> int:
    """Gives about `wanted_bytes` of free pages back to the system: returns the bytes that went."""
    account = heap.heap
    released = scavenger.scavenge(heap.pages, account[at.SCAVENGE_BY], wanted_bytes, forced) * at.PAGE_BYTES
    account[at.FREE_BYTES] -= released
    account[at.RELEASED_BYTES] += released
    return released


@kernel
def free_os_memory(heap: Heap) -> int:
    """Gives every free page back (debug.FreeOSMemory, after its collection): returns the bytes that went."""
    account = heap.heap
    released = scavenger.scavenge_all(heap.pages, account[at.SCAVENGE_BY]) * at.PAGE_BYTES
    account[at.FREE_BYTES] -= released
    account[at.RELEASED_BYTES] += released
    return released


@kernel
def _scavenge_for_growth(heap: Heap, growth_bytes: int, scavenged_bytes: int) -> int:
    """Gives back what an allocator must: returns the bytes that went."""
    account = heap.heap
    wanted, forced = 0, False
    if account[at.GROWTH_RULE] == at.GROWTH_AND_LIMIT and account[at.LIMITING] == 0:
        beyond = scavenged_bytes + mapped_ready_bytes(heap) - account[at.MEMORY_LIMIT]
        if beyond > 0:
            wanted, forced = beyond, True
    goal = account[at.PERCENT_GOAL]
    if goal != at.NO_GOAL and growth_bytes > 0:
        beyond = retained_bytes(heap) + growth_bytes - goal
        if beyond > 0:
            wanted = max(wanted, min(growth_bytes, beyond))
    if wanted == 0:
        return 0
    released = release(heap, wanted, forced)
    account[at.RELEASED_EAGERLY] += released
    return released


@kernel
def grow_heap(heap: Heap, count: int) -> int:
    """Makes room for at least `count` pages in whole chunks: returns the bytes by which the heap grew."""
    account, pages = heap.heap, heap.pages
    index = scavenger.index_of(account[at.SCAVENGE_BY])
    ask = (count + at.CHUNK_PAGES - 1) // at.CHUNK_PAGES * at.CHUNK_PAGES
    first_growth = account[at.NEXT_ARENA] == 0
    if account[at.CURRENT_BASE] + ask > account[at.CURRENT_END]:
        size = (ask + at.ARENA_PAGES - 1) // at.ARENA_PAGES * at.ARENA_PAGES
        account[at.NEXT_ARENA] += size
        account[at.CURRENT_END] = account[at.NEXT_ARENA]
        if first_growth:
            account[at.CURRENT_BASE] = account[at.FIRST_CHUNK] * at.CHUNK_PAGES
    base = account[at.CURRENT_BASE]
    account[at.CURRENT_BASE] = base + ask
    account[at.RELEASED_BYTES] += ask * at.PAGE_BYTES
    allocator.grow(pages, base, ask)
    if first_growth and account[at.PADDING_PAGES] > 0:
        allocator.mark_padding(pages, index, base, account[at.PADDING_PAGES])
    if account[at.GROWTH_RULE] == at.GROWTH_BEFORE:
        _scavenge_for_growth(heap, ask * at.PAGE_BYTES, 0)
    return ask * at.PAGE_BYTES


@kernel
def allocate_span(heap: Heap, processor: int, count: int, manual: bool) -> tuple[int, int, int]:
    """Allocates a span of `count` pages: returns (first page, scavenged pages in it, bytes given back on the way).

    `processor` names the row of the page cache, -1 for none at hand. `manual`: stacks and the collector's own spans.
    """
    account, pages = heap.heap, heap.pages
    index = scavenger.index_of(account[at.SCAVENGE_BY])
    page, scavenged, growth, released = -1, 0, 0, 0
    if processor >= 0 and count < at.CACHED_BELOW_PAGES:
        if heap.caches[processor, 1] == NONE:
            allocator.fill_cache(pages, index, heap.caches, processor)
        page, scavenged = allocator.alloc_from_cache(heap.caches, processor, count)
    if page < 0:
        page, scavenged = allocator.alloc(pages, index, count)
        if page < 0:
            growth = grow_heap(heap, count)
            page, scavenged = allocator.alloc(pages, index, count)
    rule = account[at.GROWTH_RULE]
    if (rule == at.GROWTH_AND_LIMIT and processor >= 0) or (rule == at.GROWTH_AFTER and growth > 0):
        released = _scavenge_for_growth(heap, growth, scavenged * at.PAGE_BYTES)
    size, fresh = count * at.PAGE_BYTES, scavenged * at.PAGE_BYTES
    if scavenged > 0:
        account[at.RELEASED_BYTES] -= fresh
        if pages.state[at.HUGE_RULE] == at.HUGE_SPLIT:
            reuse(pages, page, count)
    account[at.FREE_BYTES] -= size - fresh
    account[at.MANUAL_BYTES if manual else at.IN_USE_BYTES] += size
    return page, scavenged, released


@kernel
def free_span(heap: Heap, page: int, count: int, manual: bool) -> None:
    """Frees the span of `count` pages that begins at `page`."""
    account = heap.heap
    size = count * at.PAGE_BYTES
    account[at.FREE_BYTES] += size
    account[at.MANUAL_BYTES if manual else at.IN_USE_BYTES] -= size
    allocator.free(heap.pages, scavenger.index_of(account[at.SCAVENGE_BY]), page, count)


@kernel
def flush_processor(heap: Heap, processor: int) -> None:
    """Gives the page cache of a processor that goes away back to the heap."""
    allocator.flush_cache(heap.pages, scavenger.index_of(heap.heap[at.SCAVENGE_BY]), heap.caches, processor)


@kernel
def sweep_finished(heap: Heap) -> None:
    """Lets the reserving scavenger of 1.15 to 1.18 begin a generation, as the end of sweeping does."""
    if heap.heap[at.SCAVENGE_BY] == scavenger.BY_RESERVATION:
        scavenger.start_generation(heap.pages)


@kernel
def mark_finished(heap: Heap) -> None:
    """Lets the density index of 1.21 and later begin a generation, as the end of marking does."""
    if heap.heap[at.SCAVENGE_BY] == scavenger.BY_DENSITY:
        scavenger.next_generation(heap.pages)
