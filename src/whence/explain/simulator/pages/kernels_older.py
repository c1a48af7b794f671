"""Kernels of the page heaps of Go 1.0 to 1.13, where free spans are kept in lists and trees.

Every span, free or in use, is known by its first page (`length`, negative in use) and its last one (`back`). What is
placed where depends on `placement`: the lists of 1.0 to 1.8 give the span that was freed last, large spans go by best
fit; the tree of 1.9 to 1.11 is taken to find the best fit too, which it may miss by chance; 1.12 takes the best fit of
scavenged and unscavenged spans, 1.13 the first by address. The meaning is that of runtime/mheap.c and mheap.go.
"""

# Numba gives the numbers of arrays their types, which pyright takes for arrays.
# pyright: reportArgumentType=false, reportReturnType=false, reportCallIssue=false, reportAssignmentType=false

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from whence.explain.simulator.pages import layout as at
from whence.explain.simulator.pages.compiling import kernel

PLACEMENT = 0
LIST_COUNT = 1
END_PAGE = 2
LEAST_GROWTH_PAGES = 3
FROM_ARENA = 4
FRESH_SCAVENGED = 5
CREDIT_BYTES = 6
GROWTH_GIVES_BACK = 7
PAGE_SIZE = 8
TREE_LEVELS = 9
RULE_SLOTS = 16
SMALL = 128
"""TWO_TREAPS: spans below this many pages are looked up by size, larger ones one by one."""
_NO = -1
_FANOUT_SHIFT = 3


class OlderHeap(NamedTuple):
    """A page heap of Go 1.0 to 1.13."""

    length: np.ndarray
    """int32 by first page: pages of a free span, negative for one in use, 0 elsewhere."""
    back: np.ndarray
    """int32 by last page: pages of the span that ends there."""
    released: np.ndarray
    """int32 by first page: pages of a free span that have been given back."""
    since: np.ndarray
    """int64 by first page: when a free span was freed, ns."""
    after: np.ndarray
    before: np.ndarray
    """int32 by first page: neighbours of a free span in its list, -1 at the ends."""
    heads: np.ndarray
    """int32: first span of each list; the last list holds the large ones."""
    tree: np.ndarray
    """int32: longest free span that begins in each group of pages, one level after another (ADDRESS_TREAP)."""
    rules: np.ndarray
    """int64: the slots of this module."""
    heap: np.ndarray
    """int64: the accounts of `layout`."""


def new_older_heap(
    *,
    placement: int,
    list_count: int = SMALL,
    page_bytes: int = at.PAGE_BYTES,
    grows_by_bytes: int = 1 << 20,
    from_arena: bool = False,
    fresh_is_scavenged: bool = False,
    growth_gives_back: bool = False,
    capacity_bytes: int = 4 << 30,
) -> OlderHeap:
    """Returns an empty heap with the rules of a release (see `versions.page_heaps`)."""
    pages = max(512, -(-capacity_bytes // page_bytes))
    count = list_count or SMALL
    levels, size = 0, pages
    while size > 1:
        size = (size + 7) >> _FANOUT_SHIFT
        levels += 1
    rules = np.zeros(RULE_SLOTS, np.int64)
    rules[PLACEMENT] = placement
    rules[LIST_COUNT] = count
    rules[LEAST_GROWTH_PAGES] = grows_by_bytes // page_bytes
    rules[FROM_ARENA] = from_arena
    rules[FRESH_SCAVENGED] = fresh_is_scavenged
    rules[GROWTH_GIVES_BACK] = growth_gives_back
    rules[PAGE_SIZE] = page_bytes
    rules[TREE_LEVELS] = levels
    heap = np.zeros(at.HEAP_SLOTS, np.int64)
    heap[at.LIMIT_GOAL] = heap[at.MEMORY_LIMIT] = at.NO_GOAL
    # 1.13 begins with a goal of 0: until it is paced, growth gives back whatever is free.
    heap[at.PERCENT_GOAL] = 0 if placement == at.ADDRESS_TREAP else at.NO_GOAL
    return OlderHeap(
        length=np.zeros(pages + 1, np.int32),
        back=np.zeros(pages + 1, np.int32),
        released=np.zeros(pages + 1, np.int32),
        since=np.zeros(pages + 1, np.int64),
        after=np.zeros(pages + 1, np.int32),
        before=np.zeros(pages + 1, np.int32),
        heads=np.full(count + 1, _NO, np.int32),
        tree=np.zeros(pages // 7 + levels + 8 if placement == at.ADDRESS_TREAP else 1, np.int32),
        rules=rules,
        heap=heap,
    )


@kernel
def _set_in_tree(heap: OlderHeap, page: int) -> None:
    """Renews the tree above a page whose span has begun, ended or changed its length."""
    size, base, place = len(heap.length) - 1, 0, page
    for level in range(heap.rules[TREE_LEVELS]):
        group = place >> _FANOUT_SHIFT
        best = np.int32(0)
        for child in range(group << _FANOUT_SHIFT, min((group + 1) << _FANOUT_SHIFT, size)):
            value = heap.length[child] if level == 0 else heap.tree[base - size + child]
            best = max(best, value)
        heap.tree[base + group] = best
        size = (size + 7) >> _FANOUT_SHIFT
        base += size
        place = group


@kernel
def _first_fit(heap: OlderHeap, count: int) -> int:
    """Returns the lowest free span of at least `count` pages, -1 for none."""
    levels = heap.rules[TREE_LEVELS]
    pages = len(heap.length) - 1
    place = 0
    for level in range(levels - 1, -1, -1):
        size, base = pages, 0
        for _ in range(level):
            size = (size + 7) >> _FANOUT_SHIFT
            base += size
        # `place` names a group at this level; its children are one level below.
        if level == levels - 1 and heap.tree[base] < count:
            return _NO
        child = place << _FANOUT_SHIFT
        while (heap.length[child] if level == 0 else heap.tree[base - size + child]) < count:
            child += 1
        place = child
    return place


@kernel
def _list_of(heap: OlderHeap, count: int) -> int:
    return min(count, heap.rules[LIST_COUNT])


@kernel
def _insert(heap: OlderHeap, page: int, count: int) -> None:
    """Makes [page, page + count) a free span."""
    heap.length[page] = count
    heap.back[page + count - 1] = count
    if heap.rules[PLACEMENT] == at.ADDRESS_TREAP:
        _set_in_tree(heap, page)
        return
    place = _list_of(heap, count)
    first = heap.heads[place]
    heap.after[page], heap.before[page] = first, _NO
    if first >= 0:
        heap.before[first] = page
    heap.heads[place] = page


@kernel
def _remove(heap: OlderHeap, page: int) -> None:
    """Takes the free span at `page` out of its list or tree."""
    count = heap.length[page]
    heap.length[page] = 0
    if heap.rules[PLACEMENT] == at.ADDRESS_TREAP:
        _set_in_tree(heap, page)
        return
    before, after = heap.before[page], heap.after[page]
    if before >= 0:
        heap.after[before] = after
    else:
        heap.heads[_list_of(heap, count)] = after
    if after >= 0:
        heap.before[after] = before


@kernel
def _best_in(heap: OlderHeap, place: int, count: int) -> int:
    """Returns the smallest span of a list with at least `count` pages: unscavenged, then lowest, on ties."""
    best = _NO
    split = heap.rules[PLACEMENT] == at.TWO_TREAPS
    page = heap.heads[place]
    while page >= 0:
        size = heap.length[page]
        if size >= count:
            better = best < 0 or size < heap.length[best]
            if not better and size == heap.length[best]:
                mine, its = heap.released[page] > 0, heap.released[best] > 0
                better = page < best if not split or mine == its else its
            if better:
                best = page
        page = heap.after[page]
    return best


@kernel
def find_span(heap: OlderHeap, count: int) -> int:
    """Returns the first page of the free span that an allocation of `count` pages takes, -1 when it must grow."""
    placement = heap.rules[PLACEMENT]
    if placement == at.ADDRESS_TREAP:
        return _first_fit(heap, count)
    large = heap.rules[LIST_COUNT]
    for place in range(count, large):
        if heap.heads[place] >= 0:
            return _best_in(heap, place, count) if placement == at.TWO_TREAPS else heap.heads[place]
    return _best_in(heap, large, count)


@kernel
def _splits(heap: OlderHeap) -> bool:
    """Tells whether scavenged and unscavenged spans are kept apart (1.12 and 1.13)."""
    return heap.rules[PLACEMENT] >= at.TWO_TREAPS


@kernel
def _add_free(heap: OlderHeap, page: int, count: int, released: int, since: int) -> None:
    """Adds a free span, joined with free neighbours where the release joins such."""
    apart = _splits(heap)
    if page > 0:
        size = heap.back[page - 1]
        first = page - size
        if size > 0 and heap.length[first] > 0 and (not apart or (heap.released[first] > 0) == (released > 0)):
            released += heap.released[first]
            _remove(heap, first)
            page, count = first, count + size
    behind = page + count
    size = heap.length[behind]
    if size > 0 and (not apart or (heap.released[behind] > 0) == (released > 0)):
        released += heap.released[behind]
        _remove(heap, behind)
        count += size
    heap.released[page] = released
    heap.since[page] = since
    _insert(heap, page, count)


@kernel
def grow_older(heap: OlderHeap, count: int, now_ns: int) -> int:
    """Makes room for a span of `count` pages: returns the bytes by which the heap grew."""
    rules, account = heap.rules, heap.heap
    size_of_page = rules[PAGE_SIZE]
    least = rules[LEAST_GROWTH_PAGES]
    arena = (64 << 20) // size_of_page
    if rules[FROM_ARENA]:
        ask = count
        if account[at.CURRENT_BASE] + ask > account[at.CURRENT_END]:
            # The rest of the last arena and the new one lie side by side.
            account[at.CURRENT_END] += (ask + arena - 1) // arena * arena
        base = account[at.CURRENT_BASE]
        account[at.CURRENT_BASE] = base + ask
    else:
        rounded = (count + (65536 // size_of_page) - 1) // (65536 // size_of_page) * (65536 // size_of_page)
        ask = max(rounded, least) if least < arena else (count + arena - 1) // arena * arena
        base = rules[END_PAGE]
    if base + ask >= len(heap.length):
        raise MemoryError("The simulated heap has grown beyond its capacity.")
    size = ask * size_of_page
    if rules[GROWTH_GIVES_BACK]:
        if rules[PLACEMENT] == at.TWO_TREAPS:
            scavenge_largest(heap, size)
        elif account[at.PERCENT_GOAL] != at.NO_GOAL:
            beyond = account[at.IN_USE_BYTES] + account[at.FREE_BYTES] + size - account[at.PERCENT_GOAL]
            if beyond > 0:
                account[at.RELEASED_EAGERLY] += scavenge_by_address(heap, min(size, beyond))
    fresh = rules[FRESH_SCAVENGED] != 0
    account[at.RELEASED_BYTES if fresh else at.FREE_BYTES] += size
    rules[END_PAGE] = base + ask
    _add_free(heap, base, ask, ask if fresh else 0, now_ns)
    return size


@kernel
def allocate_older(heap: OlderHeap, count: int, manual: bool, now_ns: int) -> tuple[int, int]:
    """Allocates a span of `count` pages: returns (first page, pages of it that had been given back)."""
    account = heap.heap
    page = find_span(heap, count)
    if page < 0:
        grow_older(heap, count, now_ns)
        page = find_span(heap, count)
    size, released, since = heap.length[page], heap.released[page], heap.since[page]
    _remove(heap, page)
    heap.released[page] = 0
    size_of_page = heap.rules[PAGE_SIZE]
    apart = _splits(heap)
    came_back = released
    heap.length[page] = -count
    heap.back[page + count - 1] = count
    if size > count:
        left = size - count if apart and released > 0 else 0
        came_back = released - left
        _add_free(heap, page + count, size - count, left, since)
    account[at.RELEASED_BYTES] -= came_back * size_of_page
    account[at.FREE_BYTES] += (came_back - count) * size_of_page
    account[at.MANUAL_BYTES if manual else at.IN_USE_BYTES] += count * size_of_page
    return page, min(came_back, count)


@kernel
def free_older(heap: OlderHeap, page: int, manual: bool, now_ns: int) -> int:
    """Frees the span that begins at `page`: returns its pages."""
    account = heap.heap
    count = -heap.length[page]
    size = count * heap.rules[PAGE_SIZE]
    account[at.MANUAL_BYTES if manual else at.IN_USE_BYTES] -= size
    account[at.FREE_BYTES] += size
    heap.length[page] = 0
    _add_free(heap, page, count, 0, now_ns)
    return count


@kernel
def _give_back(heap: OlderHeap, page: int) -> int:
    """Gives a free span back whole: returns the bytes that went."""
    count, released, since = heap.length[page], heap.released[page], heap.since[page]
    went = (count - released) * heap.rules[PAGE_SIZE]
    heap.heap[at.FREE_BYTES] -= went
    heap.heap[at.RELEASED_BYTES] += went
    if _splits(heap):
        _remove(heap, page)
        _add_free(heap, page, count, count, since)
    else:
        heap.released[page] = count
    return went


@kernel
def scavenge_idle(heap: OlderHeap, now_ns: int, idle_ns: int) -> int:
    """Gives back every span that has been free for more than `idle_ns`: returns the bytes that went (1.1 to 1.12).

    FreeOSMemory is the same with `idle_ns` below 0.
    """
    went, page = 0, 0
    while page < heap.rules[END_PAGE]:
        size = heap.length[page]
        if size > 0 and heap.released[page] < size and now_ns - heap.since[page] > idle_ns:
            went += _give_back(heap, page)
        page += abs(size)
        # A span that was joined with the one before it has left no length of its own.
        while page < heap.rules[END_PAGE] and heap.length[page] == 0:
            page += 1
    return went


@kernel
def _largest_unscavenged(heap: OlderHeap) -> int:
    best = _NO
    for place in range(heap.rules[LIST_COUNT], 0, -1):
        page = heap.heads[place]
        while page >= 0:
            if heap.released[page] == 0 and (
                best < 0
                or heap.length[page] > heap.length[best]
                or (heap.length[page] == heap.length[best] and page > best)
            ):
                best = page
            page = heap.after[page]
        if best >= 0:
            return best
    return best


@kernel
def scavenge_largest(heap: OlderHeap, wanted_bytes: int) -> int:
    """Gives back the largest free spans up to `wanted_bytes`, less what was given too much before (1.12)."""
    rules = heap.rules
    used = min(wanted_bytes, rules[CREDIT_BYTES])
    rules[CREDIT_BYTES] -= used
    wanted_bytes -= used
    went = 0
    while went < wanted_bytes:
        page = _largest_unscavenged(heap)
        if page < 0:
            break
        went += _give_back(heap, page)
    if went > wanted_bytes:
        rules[CREDIT_BYTES] += went - wanted_bytes
    return went


@kernel
def _huge_pages(page: int, count: int) -> int:
    """Returns how many huge pages lie wholly within a span."""
    first = (page + at.HUGE_PAGE_PAGES - 1) // at.HUGE_PAGE_PAGES
    return max(0, (page + count) // at.HUGE_PAGE_PAGES - first)


@kernel
def huge_pages_unscavenged(heap: OlderHeap) -> int:
    """Returns how many huge pages lie within free unscavenged spans."""
    total, page = 0, 0
    while page < heap.rules[END_PAGE]:
        size = heap.length[page]
        if size > 0 and heap.released[page] == 0:
            total += _huge_pages(page, size)
        page += max(abs(size), 1)
    return total


@kernel
def scavenge_by_address(heap: OlderHeap, wanted_bytes: int) -> int:
    """Gives back spans from the top of the heap, those with huge pages first: returns the bytes that went (1.13).

    The last one is split so that no more goes than wanted, unless that would break a huge page.
    """
    went = 0
    size_of_page = heap.rules[PAGE_SIZE]
    for huge in (True, False):
        end = heap.rules[END_PAGE]
        while end > 0 and went < wanted_bytes:
            count = heap.back[end - 1]
            page = end - count
            end = page
            if heap.length[page] <= 0 or heap.released[page] > 0 or (_huge_pages(page, count) > 0) != huge:
                continue
            wanted_pages = (wanted_bytes - went + size_of_page - 1) // size_of_page
            split = page + count - wanted_pages
            if split > page:
                aligned = split // at.HUGE_PAGE_PAGES * at.HUGE_PAGE_PAGES
                split = aligned if aligned >= page else split
            if split > page:
                since = heap.since[page]
                _remove(heap, page)
                _insert(heap, page, split - page)
                heap.released[page] = 0
                heap.since[page] = since
                heap.released[split] = 0
                heap.since[split] = since
                _insert(heap, split, page + count - split)
                page = split
            went += _give_back(heap, page)
    return went
