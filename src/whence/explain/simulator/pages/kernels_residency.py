"""Kernels that follow which pages of the heap hold memory of the system, and what that knows about huge pages.

A page begins to hold memory when it is first written (`touch`), and no longer does when it is given back, except where
the runtime gives back lazily: then it stays until the system runs short. The advice is that of runtime/mem_linux.go and
mgcscavenge.go of the release (HUGE_* of `layout`).
"""

# Numba gives the numbers of arrays their types, which pyright takes for arrays.
# pyright: reportArgumentType=false, reportReturnType=false, reportCallIssue=false

from __future__ import annotations

from whence.explain.simulator.pages import layout as at
from whence.explain.simulator.pages.compiling import kernel
from whence.explain.simulator.pages.kernels_chunk import ALL, NONE, WORDS, clear_range, count_range, set_range
from whence.explain.simulator.pages.machine_words import ones
from whence.explain.simulator.pages.state import Pages

HUGE_PAGE_WORDS = at.HUGE_PAGE_PAGES // 64


@kernel
def _fill(pages: Pages, block: int) -> None:
    """Makes the 2 MiB numbered `block` hold memory all through."""
    first = block * HUGE_PAGE_WORDS
    for word in range(first, first + HUGE_PAGE_WORDS):
        pages.state[at.TOUCHED_PAGES] += 64 - ones(pages.touched[word])
        pages.touched[word] = ALL


@kernel
def touch(pages: Pages, page: int, count: int) -> int:
    """Writes to `count` pages from `page` on: returns by how many pages more memory the heap now holds.

    The first write into 2 MiB that may be a huge page and hold nothing yet brings all of them.
    """
    state = pages.state
    before = state[at.TOUCHED_PAGES]
    system = state[at.SYSTEM_HUGE_PAGES]
    while count > 0:
        block = page // at.HUGE_PAGE_PAGES
        first = page % at.HUGE_PAGE_PAGES
        step = min(count, at.HUGE_PAGE_PAGES - first)
        word = block * HUGE_PAGE_WORDS
        advice = pages.advice[block]
        huge = system == at.HUGE_ALWAYS and advice != at.UNWANTED
        if huge or (system == at.HUGE_WHERE_ADVISED and advice == at.WANTED):
            for other in range(word, word + HUGE_PAGE_WORDS):
                if pages.touched[other] != NONE:
                    huge = False
                    break
            else:
                huge = True
        if huge:
            _fill(pages, block)
        else:
            state[at.TOUCHED_PAGES] += step - count_range(pages.touched, word, first, step)
            set_range(pages.touched, word, first, step)
        page += step
        count -= step
    return state[at.TOUCHED_PAGES] - before


@kernel
def give_back(pages: Pages, chunk: int, first: int, count: int) -> None:
    """Gives `count` pages from page `first` of a chunk on back to the system, and passes its advice on."""
    state = pages.state
    if state[at.LAZY] == 0:
        state[at.TOUCHED_PAGES] -= count_range(pages.touched, chunk * WORDS, first, count)
        clear_range(pages.touched, chunk * WORDS, first, count)
    rule = state[at.HUGE_RULE]
    if rule == at.HUGE_SPLIT:
        if first % at.HUGE_PAGE_PAGES:
            pages.advice[2 * chunk + first // at.HUGE_PAGE_PAGES] = at.UNWANTED
        if (first + count) % at.HUGE_PAGE_PAGES:
            pages.advice[2 * chunk + (first + count - 1) // at.HUGE_PAGE_PAGES] = at.UNWANTED
    elif rule >= at.HUGE_CHUNKS and pages.chunks[chunk * at.CHUNK_FIELDS + at.FLAGS] & at.NO_HUGE_PAGE == 0:
        pages.chunks[chunk * at.CHUNK_FIELDS + at.FLAGS] |= at.NO_HUGE_PAGE
        if rule == at.HUGE_CHUNKS:
            pages.advice[2 * chunk : 2 * chunk + 2] = at.UNWANTED


@kernel
def reuse(pages: Pages, page: int, count: int) -> None:
    """Passes on what releases up to 1.20 say about pages that come back into use (sysUsed)."""
    first = (page + at.HUGE_PAGE_PAGES - 1) // at.HUGE_PAGE_PAGES
    for block in range(first, (page + count) // at.HUGE_PAGE_PAGES):
        pages.advice[block] = at.WANTED


@kernel
def chunk_became_dense(pages: Pages, chunk: int, count: int) -> None:
    """Passes on what 1.21.0 to 1.21.3 do with a chunk that `count` newly allocated pages have made dense."""
    pages.chunks[chunk * at.CHUNK_FIELDS + at.FLAGS] &= ~at.NO_HUGE_PAGE
    if pages.state[at.HUGE_RULE] == at.HUGE_CHUNKS:
        pages.advice[2 * chunk : 2 * chunk + 2] = at.WANTED
    elif count < at.CHUNK_PAGES and pages.state[at.SYSTEM_HUGE_PAGES] != at.HUGE_NEVER:
        _fill(pages, 2 * chunk)
        _fill(pages, 2 * chunk + 1)
        pages.state[at.COLLAPSES] += 1


@kernel
def lazily_held(pages: Pages) -> int:
    """Returns how many pages have been given back lazily and still hold memory (LazyFree of the process)."""
    total = 0
    for chunk in range(max(pages.state[at.START], 0), pages.state[at.END]):
        for word in range(WORDS):
            released = pages.bits[chunk * at.STRIDE + WORDS + word]
            total += ones(released & pages.touched[chunk * WORDS + word])
    return total


@kernel
def reclaim_lazily_held(pages: Pages, most_pages: int) -> int:
    """Takes up to about `most_pages` lazily freed pages away, as a system short of memory does: returns how many."""
    taken = 0
    for chunk in range(max(pages.state[at.START], 0), pages.state[at.END]):
        for word in range(WORDS):
            if taken >= most_pages:
                break
            held = pages.bits[chunk * at.STRIDE + WORDS + word] & pages.touched[chunk * WORDS + word]
            pages.touched[chunk * WORDS + word] &= ~held
            taken += ones(held)
    pages.state[at.TOUCHED_PAGES] -= taken
    return taken
