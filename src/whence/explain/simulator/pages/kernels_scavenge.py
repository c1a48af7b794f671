"""Kernels that choose which free pages go back to the system, for each generation of the bitmap scavenger.

- BY_ADDRESS, 1.14: one address going down through the whole heap, set back to the top at each pace.
- BY_RESERVATION, 1.15 to 1.18: ranges of whole chunks reserved from the top of what a generation may look through.
- BY_BITS_WHOLE, 1.19, and BY_BITS, 1.20: a bit for each chunk with free pages; 1.19 looks through all of a chunk.
- BY_DENSITY, 1.21 to 1.27: chunks that are or were dense are spared unless forced.

The meaning is that of runtime/mgcscavenge.go of those releases. Scavenged pages are marked in the bitmap only; what
the system thereby gets back is for the caller to account for.
"""

# Numba gives the numbers of arrays their types, which pyright takes for arrays.
# pyright: reportArgumentType=false, reportReturnType=false, reportCallIssue=false

from __future__ import annotations

import numpy as np

from whence.explain.simulator.pages import layout as at
from whence.explain.simulator.pages.compiling import kernel
from whence.explain.simulator.pages.kernels_chunk import ALL, NONE, U64, WORDS, fill_aligned, longest_of, set_range
from whence.explain.simulator.pages.kernels_pages import (
    INDEX_BITS,
    INDEX_DENSITY,
    INDEX_NONE,
    INDEX_RESERVED,
    leaf_base,
)
from whence.explain.simulator.pages.kernels_residency import give_back
from whence.explain.simulator.pages.machine_words import leading_zeros
from whence.explain.simulator.pages.state import MAX_RANGES, Pages

BY_ADDRESS, BY_RESERVATION, BY_BITS_WHOLE, BY_BITS, BY_DENSITY = (
    at.BY_ADDRESS,
    at.BY_RESERVATION,
    at.BY_BITS_WHOLE,
    at.BY_BITS,
    at.BY_DENSITY,
)
SHARDS = 64
"""Reservations of 1.15 to 1.18 that make up the heap (scavengeReservationShards)."""
_SECOND = 2 * MAX_RANGES
EVERYTHING = (1 << 62) - 1


@kernel
def index_of(scavenge_by: int) -> int:
    """Returns which of the INDEX_* ways a generation of the scavenger needs."""
    if scavenge_by == BY_ADDRESS:
        return INDEX_NONE
    if scavenge_by == BY_RESERVATION:
        return INDEX_RESERVED
    return INDEX_DENSITY if scavenge_by == BY_DENSITY else INDEX_BITS


@kernel
def find_candidate(
    bits: np.ndarray, base: int, search: int, least_pages: int, most_pages: int, huge_page_pages: int
) -> tuple[int, int]:
    """Returns (first page, pages) of the highest run of free unscavenged pages at or below the word of `search`.

    Runs are made of aligned groups of `least_pages` (a power of two up to 64). The run is cut to its top `most_pages`,
    then lengthened downwards where that spares a huge page from being broken in two. (0, 0) when the chunk has none
    (pallocData.findScavengeCandidate).
    """
    most_pages = max((most_pages + least_pages - 1) // least_pages * least_pages, least_pages)
    word = search >> 6
    while word >= 0 and fill_aligned(bits[base + word] | bits[base + word + WORDS], least_pages) == ALL:
        word -= 1
    if word < 0:
        return 0, 0
    kept = fill_aligned(bits[base + word] | bits[base + word + WORDS], least_pages)
    top = leading_zeros(~kept)
    end = word * 64 + 64 - top
    below = kept << U64(top)
    run = 64 - top
    if below != NONE:
        run = leading_zeros(below)
    else:
        for lower in range(word - 1, -1, -1):
            kept = fill_aligned(bits[base + lower] | bits[base + lower + WORDS], least_pages)
            run += leading_zeros(kept)
            if kept != NONE:
                break
    size = min(run, most_pages)
    start = end - size
    if huge_page_pages > 1:
        above = (start + huge_page_pages - 1) // huge_page_pages * huge_page_pages
        if above <= end:
            lower = start // huge_page_pages * huge_page_pages
            if lower >= end - run:
                size += start - lower
                start = lower
    return start, size


@kernel
def _release(pages: Pages, chunk: int, search: int, most_bytes: int) -> tuple[int, int]:
    """Scavenges one run of a chunk: returns (first page of the heap, pages), pages 0 when there is none."""
    if longest_of(pages.summaries[leaf_base(pages) + chunk]) < 1:
        return 0, 0
    most_pages = (most_bytes + at.PAGE_BYTES - 1) // at.PAGE_BYTES
    base = chunk * at.STRIDE
    first, count = find_candidate(pages.bits, base, search, 1, most_pages, pages.state[at.HUGE_PAGE])
    if count > 0:
        set_range(pages.bits, base + WORDS, first, count)
        give_back(pages, chunk, first, count)
    return (chunk << 9) + first, count


@kernel
def restart_address(pages: Pages) -> None:
    """Sends the 1.14 scavenger back to the top of the heap (resetScavengeAddr)."""
    pages.state[at.SCAVENGE_ADDRESS] = pages.state[at.END] * at.CHUNK_BYTES - 1


@kernel
def _scavenge_by_address(pages: Pages, most_bytes: int) -> int:
    """One step of 1.14: returns the pages released (scavengeOne)."""
    state, ranges = pages.state, pages.ranges
    chunk = state[at.SCAVENGE_ADDRESS] // at.CHUNK_BYTES
    if chunk < state[at.START]:
        return 0
    place = state[at.RANGES] - 1
    while place >= 0 and ranges[2 * place] > chunk:
        place -= 1
    if place >= 0 and chunk < ranges[2 * place + 1]:
        search = state[at.SCAVENGE_ADDRESS] % at.CHUNK_BYTES // at.PAGE_BYTES
        page, count = _release(pages, chunk, search, most_bytes)
        if count > 0:
            state[at.SCAVENGE_ADDRESS] = page * at.PAGE_BYTES - 1
            return count
    while place >= 0:
        top = min(chunk, ranges[2 * place + 1] - 1)
        for lower in range(top, ranges[2 * place] - 1, -1):
            page, count = _release(pages, lower, at.CHUNK_PAGES - 1, most_bytes)
            if count > 0:
                state[at.SCAVENGE_ADDRESS] = page * at.PAGE_BYTES - 1
                return count
        place -= 1
    state[at.SCAVENGE_ADDRESS] = -1
    return 0


@kernel
def _cut_reserved(pages: Pages, limit: int) -> None:
    """Takes everything from byte `limit` on out of the ranges still to be looked through (removeGreaterEqual)."""
    state, ranges = pages.state, pages.ranges
    count = state[at.RESERVED]
    while count > 0 and ranges[_SECOND + 2 * count - 2] >= limit:
        count -= 1
    if count > 0:
        last = _SECOND + 2 * count - 1
        ranges[last] = min(ranges[last], limit)
    state[at.RESERVED] = count


@kernel
def start_generation(pages: Pages) -> None:
    """Begins a generation of the reserving scavenger of 1.15 to 1.18 (scavengeStartGen)."""
    state, ranges = pages.state, pages.ranges
    count = state[at.RANGES]
    for slot in range(2 * count):
        ranges[_SECOND + slot] = ranges[slot] * at.CHUNK_BYTES
    state[at.RESERVED] = count
    _cut_reserved(pages, max(state[at.FREE_HIGH], state[at.SCAVENGED_LOW]))
    state[at.RESERVATION_BYTES] = state[at.TOTAL_CHUNKS] * at.CHUNK_BYTES // SHARDS
    state[at.CURRENT_GENERATION] += 1
    state[at.FREE_HIGH] = -1
    state[at.SCAVENGED_LOW] = at.NOWHERE


@kernel
def _reserve(pages: Pages) -> tuple[int, int]:
    """Returns bytes (base, limit) taken off the top of what is left, the base at a chunk; (0, 0) for nothing."""
    state, ranges = pages.state, pages.ranges
    count = state[at.RESERVED]
    if count == 0:
        return 0, 0
    base, limit = ranges[_SECOND + 2 * count - 2], ranges[_SECOND + 2 * count - 1]
    wanted = state[at.RESERVATION_BYTES]
    if limit - base > wanted:
        base = limit - wanted
        ranges[_SECOND + 2 * count - 1] = base
    else:
        state[at.RESERVED] = count - 1
    if base == limit:
        return 0, 0
    base = base // at.CHUNK_BYTES * at.CHUNK_BYTES
    _cut_reserved(pages, base)
    return base, limit


@kernel
def _unreserve(pages: Pages, base: int, limit: int) -> None:
    """Puts what is left of a reservation back on top."""
    state, ranges = pages.state, pages.ranges
    if limit <= base:
        return
    count = state[at.RESERVED]
    if count > 0 and ranges[_SECOND + 2 * count - 1] == base:
        ranges[_SECOND + 2 * count - 1] = limit
        return
    ranges[_SECOND + 2 * count] = base
    ranges[_SECOND + 2 * count + 1] = limit
    state[at.RESERVED] = count + 1


@kernel
def _scavenge_reserved(pages: Pages, wanted_bytes: int) -> int:
    """Releases at least `wanted_bytes` where there are as many: returns the pages released (1.15 to 1.18)."""
    state = pages.state
    released, base, limit = 0, 0, 0
    while released * at.PAGE_BYTES < wanted_bytes:
        if limit <= base:
            base, limit = _reserve(pages)
            if limit <= base:
                break
        top = (limit - 1) // at.CHUNK_BYTES
        search = (limit - 1) % at.CHUNK_BYTES // at.PAGE_BYTES
        left = wanted_bytes - released * at.PAGE_BYTES
        page, count = _release(pages, top, search, left)
        if count == 0:
            top -= 1
            while top >= base // at.CHUNK_BYTES:
                page, count = _release(pages, top, at.CHUNK_PAGES - 1, left)
                if count > 0:
                    break
                top -= 1
        if count == 0:
            limit = base
            continue
        limit = page * at.PAGE_BYTES
        state[at.SCAVENGED_LOW] = min(state[at.SCAVENGED_LOW], limit)
        released += count
    _unreserve(pages, base, limit)
    return released


@kernel
def should_scavenge(pages: Pages, chunk: int, forced: bool) -> bool:
    """Tells whether the density index lets the scavenger at a chunk (scavChunkData.shouldScavenge)."""
    row = chunk * at.CHUNK_FIELDS
    chunks = pages.chunks
    if chunks[row + at.FLAGS] & at.HAS_FREE == 0:
        return False
    if forced:
        return True
    if chunks[row + at.IN_USE] >= at.DENSE_PAGES:
        return False
    this_cycle = chunks[row + at.GENERATION] == pages.state[at.CURRENT_GENERATION]
    return not this_cycle or chunks[row + at.LAST_IN_USE] < at.DENSE_PAGES


@kernel
def find_indexed(pages: Pages, scavenge_by: int, forced: bool) -> tuple[int, int]:
    """Returns (chunk, page in it to look downwards from), chunk -1 for none, and moves the cursor there."""
    state = pages.state
    by_density = scavenge_by == BY_DENSITY
    slot = at.CURSOR_FORCED if by_density and forced else at.CURSOR_BACKGROUND
    cursor = state[slot]
    if cursor == 0:
        return -1, 0
    page = abs(cursor) - 1
    start = page >> 9
    # A cursor can be marked while the heap shrinks to nothing above it, never beyond the capacity.
    for chunk in range(start, max(state[at.START], 0) - 1, -1):
        if by_density:
            if not should_scavenge(pages, chunk, forced):
                continue
        elif pages.chunks[chunk * at.CHUNK_FIELDS + at.FLAGS] & at.HAS_FREE == 0:
            continue
        if chunk == start:
            return chunk, page & 511
        top = ((chunk + 1) << 9) - 1
        if cursor < 0 or cursor >= top + 1:
            state[slot] = top + 1
        return chunk, at.CHUNK_PAGES - 1
    if cursor >= 0:
        state[slot] = 0
    return -1, 0


@kernel
def _scavenge_indexed(pages: Pages, scavenge_by: int, wanted_bytes: int, forced: bool) -> int:
    """Releases up to about `wanted_bytes`: returns the pages released (1.19 to 1.27)."""
    released = 0
    while released * at.PAGE_BYTES < wanted_bytes:
        chunk, search = find_indexed(pages, scavenge_by, forced)
        if chunk < 0:
            break
        if scavenge_by == BY_BITS_WHOLE:
            search = at.CHUNK_PAGES - 1
        count = _release(pages, chunk, search, wanted_bytes - released * at.PAGE_BYTES)[1]
        if count == 0:
            pages.chunks[chunk * at.CHUNK_FIELDS + at.FLAGS] &= ~at.HAS_FREE
        released += count
    return released


@kernel
def next_generation(pages: Pages) -> None:
    """Begins a collection cycle of the density index (scavengeIndex.nextGen, 1.21 to 1.27)."""
    state = pages.state
    state[at.CURRENT_GENERATION] += 1
    if abs(state[at.CURSOR_BACKGROUND]) < state[at.FREE_HIGH] + 1:
        state[at.CURSOR_BACKGROUND] = -(state[at.FREE_HIGH] + 1)
    state[at.FREE_HIGH] = -1


@kernel
def scavenge(pages: Pages, scavenge_by: int, wanted_bytes: int, forced: bool) -> int:
    """Marks free pages of about `wanted_bytes` as scavenged, from the top of the heap: returns their number.

    `forced` matters from 1.21 on: it does not spare dense chunks and has a cursor of its own.
    """
    if scavenge_by == BY_ADDRESS:
        released = 0
        while released * at.PAGE_BYTES < wanted_bytes:
            count = _scavenge_by_address(pages, wanted_bytes - released * at.PAGE_BYTES)
            if count == 0:
                break
            released += count
        return released
    if scavenge_by == BY_RESERVATION:
        return _scavenge_reserved(pages, wanted_bytes)
    return _scavenge_indexed(pages, scavenge_by, wanted_bytes, forced)


@kernel
def scavenge_all(pages: Pages, scavenge_by: int) -> int:
    """Marks every free page as scavenged, as debug.FreeOSMemory does: returns how many newly are."""
    if scavenge_by == BY_ADDRESS:
        restart_address(pages)
    elif scavenge_by == BY_RESERVATION:
        start_generation(pages)
    return scavenge(pages, scavenge_by, EVERYTHING, True)
