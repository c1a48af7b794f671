"""Kernels of the page allocator of Go 1.14 to 1.27: growth, first fit by address, and the processors' page caches.

Pages and chunks are numbered from the base of the first arena. The meaning is that of runtime/mpagealloc.go and
runtime/mpagecache.go. What differs by release is how the scavenger learns of free pages: `index` says which of the
INDEX_* ways is kept up to date.
"""

# Numba gives the numbers of arrays their types, which pyright takes for arrays.
# pyright: reportArgumentType=false, reportReturnType=false, reportCallIssue=false

from __future__ import annotations

import numpy as np

from whence.explain.simulator.pages import kernels_chunk as chunk_of
from whence.explain.simulator.pages import layout as at
from whence.explain.simulator.pages.compiling import inlined, kernel
from whence.explain.simulator.pages.kernels_chunk import (
    ALL,
    NONE,
    SUM_BITS,
    SUM_BITS_TWICE,
    SUM_MASK,
    U64,
    WORDS,
    changed_summary,
    end_of,
    find_in_chunk,
    find_in_word,
    longest_of,
    mask_of,
    pack,
    set_range,
    start_of,
    summarize,
    take_range,
)
from whence.explain.simulator.pages.kernels_residency import chunk_became_dense
from whence.explain.simulator.pages.machine_words import leading_zeros, ones, trailing_zeros
from whence.explain.simulator.pages.state import MAX_RANGES, Pages

INDEX_NONE = 0
"""1.14: the scavenger keeps an address only."""
INDEX_RESERVED = 1
"""1.15 to 1.18: the highest freed address and the lowest scavenged one since the generation began."""
INDEX_BITS = 2
"""1.19 and 1.20: a bit for each chunk that has free pages, and a cursor."""
INDEX_DENSITY = 3
"""1.21 to 1.27: pages in use of each chunk now and a generation ago, two cursors."""

FREE_CHUNK = U64(at.CHUNK_PAGES) | (U64(at.CHUNK_PAGES) << SUM_BITS) | (U64(at.CHUNK_PAGES) << SUM_BITS_TWICE)
LEAF = at.LEVELS - 1
BLOCK = 1 << at.LEVEL_SHIFT


@inlined
def leaf_base(pages: Pages) -> int:
    """Returns where the summaries of single chunks begin."""
    return pages.state[at.LEVEL_BASE + LEAF]


@inlined
def _merge_upwards(pages: Pages, first_chunk: int, last_chunk: int) -> None:
    """Renews the summaries above the chunks from `first_chunk` to `last_chunk` until nothing changes any more."""
    summaries, state = pages.summaries, pages.state
    low, high = first_chunk, last_chunk
    covers = U64(at.CHUNK_PAGES)
    for level in range(LEAF - 1, -1, -1):
        low >>= at.LEVEL_SHIFT
        high >>= at.LEVEL_SHIFT
        below = state[at.LEVEL_BASE + level + 1]
        here = state[at.LEVEL_BASE + level]
        changed = False
        for entry in range(low, high + 1):
            child = below + entry * BLOCK
            # No child covers enough pages for the form of a summary that is one bit.
            summary = summaries[child]
            start, longest, end = summary & SUM_MASK, (summary >> SUM_BITS) & SUM_MASK, summary >> SUM_BITS_TWICE
            reach = covers
            for number in range(1, BLOCK):
                summary = summaries[child + number]
                child_start, child_end = summary & SUM_MASK, summary >> SUM_BITS_TWICE
                if start == reach:
                    start += child_start
                reach += covers
                longest = max(longest, end + child_start, (summary >> SUM_BITS) & SUM_MASK)
                end = end + covers if child_end == covers else child_end
            merged = pack(np.int64(start), np.int64(longest), np.int64(end))
            if merged != summaries[here + entry]:
                summaries[here + entry] = merged
                changed = True
        if not changed:
            return
        covers <<= U64(at.LEVEL_SHIFT)


@inlined
def _renew(pages: Pages, first_page: int, last_page: int, whole) -> None:
    """Renews all summaries over a range of pages; `whole` is the summary of every chunk between its two ends."""
    first, last = first_page >> 9, last_page >> 9
    leaves = leaf_base(pages)
    new = summarize(pages.bits, first * at.STRIDE)
    if first == last:
        if pages.summaries[leaves + first] == new:
            return
        pages.summaries[leaves + first] = new
    else:
        pages.summaries[leaves + first] = new
        for chunk in range(first + 1, last):
            pages.summaries[leaves + chunk] = whole
        pages.summaries[leaves + last] = summarize(pages.bits, last * at.STRIDE)
    _merge_upwards(pages, first, last)


@inlined
def _renew_after(pages: Pages, page: int, count: int, freed: bool) -> None:
    """Renews all summaries over `count` pages from `page` on that have just been freed or allocated."""
    chunk, first = page >> 9, page & 511
    if first + count > at.CHUNK_PAGES:
        _renew(pages, page, page + count - 1, FREE_CHUNK if freed else NONE)
        return
    leaf = leaf_base(pages) + chunk
    old = pages.summaries[leaf]
    new = changed_summary(pages.bits, chunk * at.STRIDE, old, first, count, freed)
    if new != old:
        pages.summaries[leaf] = new
        _merge_upwards(pages, chunk, chunk)


@kernel
def renew_chunk(pages: Pages, chunk: int) -> None:
    """Renews all summaries over one chunk after its allocated bits have changed."""
    _renew(pages, chunk << 9, chunk << 9, NONE)


@inlined
def index_alloc(pages: Pages, chunk: int, count: int) -> None:
    """Notes in the density index that `count` more pages of a chunk are in use."""
    row = chunk * at.CHUNK_FIELDS
    chunks = pages.chunks
    generation = pages.state[at.CURRENT_GENERATION]
    if chunks[row + at.GENERATION] != generation:
        chunks[row + at.LAST_IN_USE] = chunks[row + at.IN_USE]
        chunks[row + at.GENERATION] = generation
    chunks[row + at.IN_USE] += count
    if chunks[row + at.IN_USE] > at.DENSE_PAGES and chunks[row + at.FLAGS] & at.NO_HUGE_PAGE:
        chunk_became_dense(pages, chunk, count)
    if chunks[row + at.IN_USE] == at.CHUNK_PAGES:
        chunks[row + at.FLAGS] &= ~at.HAS_FREE


@inlined
def index_free(pages: Pages, chunk: int, first: int, count: int) -> None:
    """Notes in the density index that `count` pages from page `first` of a chunk on are free again."""
    row = chunk * at.CHUNK_FIELDS
    chunks, state = pages.chunks, pages.state
    generation = state[at.CURRENT_GENERATION]
    if chunks[row + at.GENERATION] != generation:
        chunks[row + at.LAST_IN_USE] = chunks[row + at.IN_USE]
        chunks[row + at.GENERATION] = generation
    chunks[row + at.IN_USE] -= count
    chunks[row + at.FLAGS] |= at.HAS_FREE
    page = (chunk << 9) + first + count - 1
    state[at.FREE_HIGH] = max(state[at.FREE_HIGH], page)
    if abs(state[at.CURSOR_FORCED]) < page + 1:
        state[at.CURSOR_FORCED] = -(page + 1)


@inlined
def note_free(pages: Pages, index: int, page: int, count: int) -> None:
    """Tells the older ways of scavenging that `count` pages from `page` on have become free."""
    state = pages.state
    last = page + count - 1
    if index == INDEX_RESERVED:
        state[at.FREE_HIGH] = max(state[at.FREE_HIGH], (last + 1) * at.PAGE_BYTES - 1)
    elif index == INDEX_BITS:
        for chunk in range(page >> 9, (last >> 9) + 1):
            pages.chunks[chunk * at.CHUNK_FIELDS + at.FLAGS] |= at.HAS_FREE
        if abs(state[at.CURSOR_BACKGROUND]) < last + 1:
            state[at.CURSOR_BACKGROUND] = -(last + 1)


@kernel
def _add_range(pages: Pages, base: int, limit: int) -> None:
    """Adds the chunks from `base` up to `limit` to the address ranges of the heap, joined with their neighbours."""
    ranges, state = pages.ranges, pages.state
    count = state[at.RANGES]
    place = 0
    while place < count and ranges[2 * place] < base:
        place += 1
    down = place > 0 and ranges[2 * place - 1] == base
    up = place < count and ranges[2 * place] == limit
    if down and up:
        ranges[2 * place - 1] = ranges[2 * place + 1]
        for slot in range(2 * place, 2 * count - 2):
            ranges[slot] = ranges[slot + 2]
        state[at.RANGES] = count - 1
    elif down:
        ranges[2 * place - 1] = limit
    elif up:
        ranges[2 * place] = base
    else:
        if count == MAX_RANGES:
            raise MemoryError("The simulated heap lies in more pieces than it has room for.")
        for slot in range(2 * count - 1, 2 * place - 1, -1):
            ranges[slot + 2] = ranges[slot]
        ranges[2 * place] = base
        ranges[2 * place + 1] = limit
        state[at.RANGES] = count + 1
    state[at.TOTAL_CHUNKS] += limit - base


@kernel
def grow(pages: Pages, page: int, count: int) -> None:
    """Makes `count` pages from `page` on usable, in whole chunks, free and scavenged as fresh memory is."""
    state = pages.state
    base, limit = page >> 9, (page + count + at.CHUNK_PAGES - 1) >> 9
    if base < 0 or limit > state[at.CAPACITY_CHUNKS]:
        raise MemoryError("The simulated heap has grown beyond its capacity.")
    if state[at.START] < 0 or base < state[at.START]:
        state[at.START] = base
    state[at.END] = max(state[at.END], limit)
    _add_range(pages, base, limit)
    state[at.SEARCH] = min(state[at.SEARCH], base << 9)
    leaves = leaf_base(pages)
    for chunk in range(base, limit):
        first = chunk * at.STRIDE
        pages.bits[first : first + WORDS] = NONE
        pages.bits[first + WORDS : first + at.STRIDE] = ALL
        pages.chunks[chunk * at.CHUNK_FIELDS + at.FLAGS] |= at.MAPPED
        pages.summaries[leaves + chunk] = FREE_CHUNK
        if state[at.HUGE_RULE] == at.HUGE_CHUNKS:
            pages.advice[2 * chunk : 2 * chunk + 2] = at.WANTED
    _merge_upwards(pages, base, limit - 1)


@inlined
def take(pages: Pages, index: int, page: int, count: int) -> int:
    """Allocates `count` pages from `page` on; returns how many of them were scavenged (pageAlloc.allocRange)."""
    scavenged = 0
    here, left = page, count
    while left > 0:
        chunk, first = here >> 9, here & 511
        step = min(left, at.CHUNK_PAGES - first)
        scavenged += take_range(pages.bits, chunk * at.STRIDE, first, step)
        if index == INDEX_DENSITY:
            index_alloc(pages, chunk, step)
        here += step
        left -= step
    _renew_after(pages, page, count, False)
    return scavenged


@inlined
def free(pages: Pages, index: int, page: int, count: int) -> None:
    """Makes `count` pages from `page` on free (pageAlloc.free)."""
    state = pages.state
    state[at.SEARCH] = min(state[at.SEARCH], page)
    if index in (INDEX_RESERVED, INDEX_BITS):
        note_free(pages, index, page, count)
    here, left = page, count
    while left > 0:
        chunk, first = here >> 9, here & 511
        step = min(left, at.CHUNK_PAGES - first)
        chunk_of.clear_range(pages.bits, chunk * at.STRIDE, first, step)
        if index == INDEX_DENSITY:
            index_free(pages, chunk, first, step)
        here += step
        left -= step
    _renew_after(pages, page, count, True)


@kernel
def _mapped_from(pages: Pages, page: int) -> int:
    """Returns the first page of the heap at or above `page`, NOWHERE when there is none (findMappedAddr)."""
    for place in range(pages.state[at.RANGES]):
        if page < pages.ranges[2 * place + 1] << 9:
            return max(page, pages.ranges[2 * place] << 9)
    return at.NOWHERE


@kernel
def find(pages: Pages, count: int) -> tuple[int, int]:
    """Returns (lowest page from which `count` are free, page below which nothing is free), -1 and NOWHERE for none.

    Goes down the summaries from the top, as pageAlloc.find does.
    """
    state, summaries = pages.state, pages.summaries
    free_base, free_bound = -1, at.NOWHERE
    entry = 0
    covers = at.CHUNK_PAGES << (at.LEVEL_SHIFT * LEAF)
    search = state[at.SEARCH]
    for level in range(at.LEVELS):
        base = state[at.LEVEL_BASE + level]
        entries = BLOCK if level > 0 else state[at.CAPACITY_CHUNKS] // at.TOP_COVERS_CHUNKS
        entry = entry * BLOCK if level > 0 else 0
        shift = search // covers
        first = shift - entry if entry <= shift < entry + entries else 0
        run_from, run = 0, 0
        descended = False
        for number in range(first, entries):
            summary = summaries[base + entry + number]
            if summary == NONE:
                run = 0
                continue
            low = (entry + number) * covers
            if free_base <= low and low + covers - 1 <= free_bound:
                free_base, free_bound = low, low + covers - 1
            start = start_of(summary)
            if run + start >= count:
                if run == 0:
                    run_from = number * covers
                run += start
                break
            if longest_of(summary) >= count:
                entry += number
                descended = True
                break
            if run == 0 or start < covers:
                run = end_of(summary)
                run_from = (number + 1) * covers - run
                continue
            run += covers
        if not descended:
            if run >= count:
                return entry * covers + run_from, _mapped_from(pages, free_base)
            if level > 0:
                raise AssertionError("The summaries of the simulated heap contradict each other.")
            return -1, at.NOWHERE
        if level < LEAF:
            covers >>= at.LEVEL_SHIFT
    page, first_free = find_in_chunk(pages.bits, entry * at.STRIDE, count, 0)
    low = (entry << 9) + first_free
    bound = ((entry + 1) << 9) - 1
    if free_base <= low and bound <= free_bound:
        free_base = low
    return (entry << 9) + page, _mapped_from(pages, free_base)


@kernel
def alloc(pages: Pages, index: int, count: int) -> tuple[int, int]:
    """Allocates the lowest `count` free pages in a row: returns (first page, scavenged pages), page -1 for none."""
    state = pages.state
    search = state[at.SEARCH]
    chunk = search >> 9
    if chunk >= state[at.END]:
        return -1, 0
    page, next_search = -1, np.int64(-1)
    first = search & 511
    if at.CHUNK_PAGES - first >= count and longest_of(pages.summaries[leaf_base(pages) + chunk]) >= count:
        page, found = find_in_chunk(pages.bits, chunk * at.STRIDE, count, first)
        page += chunk << 9
        next_search = np.int64((chunk << 9) + found)
    else:
        page, next_search = find(pages, count)
        if page < 0:
            if count == 1:
                state[at.SEARCH] = at.NOWHERE
            return -1, 0
    scavenged = take(pages, index, page, count)
    state[at.SEARCH] = max(state[at.SEARCH], next_search)
    return page, scavenged


@kernel
def fill_cache(pages: Pages, index: int, caches: np.ndarray, cache: int) -> None:
    """Fills row `cache` of `caches` with the free pages of the lowest block of 64 that has any (allocToCache).

    A row is uint64 [first page, free bits, scavenged bits]; an empty heap leaves it empty.
    """
    state = pages.state
    caches[cache, :] = NONE
    chunk = state[at.SEARCH] >> 9
    if chunk >= state[at.END]:
        return
    if pages.summaries[leaf_base(pages) + chunk] != NONE:
        page = find_in_chunk(pages.bits, chunk * at.STRIDE, 1, state[at.SEARCH] & 511)[0]
    else:
        page = find(pages, 1)[0]
        if page < 0:
            state[at.SEARCH] = at.NOWHERE
            return
        chunk = page >> 9
    word = chunk * at.STRIDE + ((page & 511) >> 6)
    available = ~pages.bits[word]
    base = (chunk << 9) + (page & 448)
    caches[cache, 0] = U64(base)
    caches[cache, 1] = available
    caches[cache, 2] = pages.bits[word + WORDS]
    pages.bits[word] = ALL
    pages.bits[word + WORDS] &= ~available
    renew_chunk(pages, chunk)
    if index == INDEX_DENSITY:
        index_alloc(pages, chunk, ones(available))
    state[at.SEARCH] = base + at.CACHE_PAGES - 1


@inlined
def alloc_from_cache(caches: np.ndarray, cache: int, count: int) -> tuple[int, int]:
    """Allocates `count` pages in a row from a cache: returns (first page, scavenged pages), page -1 for none."""
    available = caches[cache, 1]
    if available == NONE:
        return -1, 0
    bit = trailing_zeros(available) if count == 1 else find_in_word(available, count)
    if bit >= 64:
        return -1, 0
    mask = mask_of(bit, count)
    scavenged = ones(caches[cache, 2] & mask)
    caches[cache, 1] &= ~mask
    caches[cache, 2] &= ~mask
    return np.int64(caches[cache, 0]) + bit, scavenged


@kernel
def flush_cache(pages: Pages, index: int, caches: np.ndarray, cache: int) -> None:
    """Gives what a cache holds back to the heap (pageCache.flush)."""
    available, scavenged = caches[cache, 1], caches[cache, 2]
    if available == NONE:
        return
    base = np.int64(caches[cache, 0])
    chunk, first = base >> 9, base & 511
    word = chunk * at.STRIDE + (first >> 6)
    pages.bits[word] &= ~available
    pages.bits[word + WORDS] |= scavenged
    if index == INDEX_DENSITY:
        # As if they were a run that ends at the highest of them: only that one moves the cursors.
        count = ones(available)
        index_free(pages, chunk, first + 64 - leading_zeros(available) - count, count)
    pages.state[at.SEARCH] = min(pages.state[at.SEARCH], base)
    renew_chunk(pages, chunk)
    caches[cache, :] = NONE


@kernel
def mark_padding(pages: Pages, index: int, page: int, count: int) -> None:
    """Takes `count` pages from `page` on out of use for ever, as scavenged: the random padding of 1.26 and later."""
    take(pages, index, page, count)
    here, left = page, count
    while left > 0:
        first = here & 511
        step = min(left, at.CHUNK_PAGES - first)
        set_range(pages.bits, (here >> 9) * at.STRIDE + WORDS, first, step)
        here += step
        left -= step
