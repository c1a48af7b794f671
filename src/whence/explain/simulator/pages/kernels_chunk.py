"""Kernels on the bitmaps of one chunk: 512 pages in eight words, bit i of word w standing for page 64·w + i.

A set bit of the first bitmap is an allocated page, one of the second (WORDS_PER_CHUNK further) a scavenged page. The
meaning is that of runtime/mpallocbits.go, Go 1.14 to 1.27.
"""

# Numba gives the numbers of arrays their types, which pyright takes for arrays.
# pyright: reportArgumentType=false, reportReturnType=false, reportCallIssue=false

from __future__ import annotations

import numpy as np

from whence.explain.simulator.pages import layout as at
from whence.explain.simulator.pages.compiling import kernel
from whence.explain.simulator.pages.machine_words import leading_zeros, ones, trailing_zeros

U64 = np.uint64
ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
NONE = np.uint64(0)
ONE = np.uint64(1)
WORDS = at.WORDS_PER_CHUNK
SUM_BITS = U64(at.SUM_BITS)
SUM_BITS_TWICE = U64(2 * at.SUM_BITS)
SUM_MASK = U64((1 << at.SUM_BITS) - 1)
SUM_FULL = U64(1 << 63)
MAX_PACKED = 1 << at.SUM_BITS


@kernel
def mask_of(first: int, count: int):
    """Returns a word with `count` (1 to 64) bits set from bit `first` on."""
    return (ALL >> U64(64 - count)) << U64(first)


@kernel
def set_range(bits: np.ndarray, base: int, first: int, count: int) -> None:
    """Sets `count` bits from page `first` on in the bitmap whose first word is `bits[base]`."""
    while count > 0:
        bit = first & 63
        step = min(64 - bit, count)
        bits[base + (first >> 6)] |= mask_of(bit, step)
        first += step
        count -= step


@kernel
def clear_range(bits: np.ndarray, base: int, first: int, count: int) -> None:
    """Clears `count` bits from page `first` on."""
    while count > 0:
        bit = first & 63
        step = min(64 - bit, count)
        bits[base + (first >> 6)] &= ~mask_of(bit, step)
        first += step
        count -= step


@kernel
def take_range(bits: np.ndarray, base: int, first: int, count: int) -> int:
    """Allocates `count` pages from `first` on; returns how many of them were scavenged, which they then are not."""
    scavenged = 0
    while count > 0:
        bit = first & 63
        step = min(64 - bit, count)
        mask = mask_of(bit, step)
        word = base + (first >> 6)
        bits[word] |= mask
        scavenged += ones(bits[word + WORDS] & mask)
        bits[word + WORDS] &= ~mask
        first += step
        count -= step
    return scavenged


@kernel
def count_range(bits: np.ndarray, base: int, first: int, count: int) -> int:
    """Returns how many of `count` bits from page `first` on are set."""
    total = 0
    while count > 0:
        bit = first & 63
        step = min(64 - bit, count)
        total += ones(bits[base + (first >> 6)] & mask_of(bit, step))
        first += step
        count -= step
    return total


@kernel
def find_in_word(free, count: int) -> int:
    """Returns the lowest bit at which `count` set bits of `free` stand in a row, or 64."""
    left = count - 1
    step = 1
    while left > 0:
        if left <= step:
            free &= free >> U64(left)
            break
        free &= free >> U64(step)
        if free == NONE:
            return 64
        left -= step
        step *= 2
    return trailing_zeros(free)


@kernel
def find_in_chunk(bits: np.ndarray, base: int, count: int, start: int) -> tuple[int, int]:
    """Returns (first page of `count` free ones in a row, first free page), looking from the word of `start` on.

    -1 stands for none.
    """
    run = 0
    run_from = -1
    first_free = -1
    for word in range(start >> 6, WORDS):
        used = bits[base + word]
        if used == ALL:
            run = 0
            continue
        if first_free < 0:
            first_free = word * 64 + trailing_zeros(~used)
        low = trailing_zeros(used)
        if run + low >= count:
            return (run_from if run > 0 else word * 64), first_free
        if low == 64:
            if run == 0:
                run_from = word * 64
            run += 64
            continue
        if count < 64:
            inside = find_in_word(~used, count)
            if inside < 64:
                return word * 64 + inside, first_free
        run = leading_zeros(used)
        run_from = word * 64 + 64 - run
    return -1, first_free


@kernel
def pack(start: int, longest: int, end: int):
    """Returns three run lengths as one word; a summary that is free all through is one bit."""
    if longest == MAX_PACKED:
        return SUM_FULL
    return U64(start) | (U64(longest) << SUM_BITS) | (U64(end) << SUM_BITS_TWICE)


@kernel
def start_of(summary) -> int:
    """Returns how many pages are free at the low end."""
    return np.int64(MAX_PACKED) if summary & SUM_FULL else np.int64(summary & SUM_MASK)


@kernel
def longest_of(summary) -> int:
    """Returns the length of the longest run of free pages."""
    return np.int64(MAX_PACKED) if summary & SUM_FULL else np.int64((summary >> SUM_BITS) & SUM_MASK)


@kernel
def end_of(summary) -> int:
    """Returns how many pages are free at the high end."""
    return np.int64(MAX_PACKED) if summary & SUM_FULL else np.int64((summary >> SUM_BITS_TWICE) & SUM_MASK)


@kernel
def summarize(bits: np.ndarray, base: int):
    """Returns the packed (start, longest, end) runs of free pages of the chunk whose bitmap begins at `bits[base]`."""
    start = -1
    longest = 0
    run = 0
    for word in range(WORDS):
        used = bits[base + word]
        if used == NONE:
            run += 64
            continue
        run += trailing_zeros(used)
        if start < 0:
            start = run
        longest = max(longest, run)
        run = leading_zeros(used)
    if start < 0:
        return pack(WORDS * 64, WORDS * 64, WORDS * 64)
    longest = max(longest, run)
    if longest < 62:
        for word in range(WORDS):
            free = ~bits[base + word]
            if free == NONE:
                continue
            # Whether a run longer than the longest so far lies within this word.
            while True:
                at_bit = find_in_word(free, longest + 1)
                if at_bit == 64:
                    break
                longest += 1
                while at_bit + longest < 64 and (free >> U64(at_bit + longest)) & ONE != NONE:
                    longest += 1
    return pack(start, longest, run)


@kernel
def free_below(bits: np.ndarray, base: int, first: int) -> int:
    """Returns how many pages are free right below page `first` of a chunk."""
    page, total = first - 1, 0
    while page >= 0:
        reach = (page & 63) + 1
        used = bits[base + (page >> 6)] << U64(64 - reach)
        if used != NONE:
            return total + leading_zeros(used)
        total += reach
        page -= reach
    return total


@kernel
def free_from(bits: np.ndarray, base: int, first: int) -> int:
    """Returns how many pages are free from page `first` of a chunk on."""
    page, total = first, 0
    while page < WORDS * 64:
        used = bits[base + (page >> 6)] >> U64(page & 63)
        if used != NONE:
            return total + trailing_zeros(used)
        reach = 64 - (page & 63)
        total += reach
        page += reach
    return total


@kernel
def changed_summary(bits: np.ndarray, base: int, old, first: int, count: int, freed: bool):
    """Returns the summary of a chunk of which `count` pages from `first` on have just been freed or allocated.

    `old` is the summary before. Only the run of free pages around them has changed; the whole chunk is looked through
    where that may have been the longest.
    """
    below, above = free_below(bits, base, first), free_from(bits, base, first + count)
    run = below + count + above
    start, longest, end = start_of(old), longest_of(old), end_of(old)
    at_start, at_end = below == first, first + count + above == WORDS * 64
    if freed:
        return pack(run if at_start else start, max(longest, run), run if at_end else end)
    if run == longest:
        return summarize(bits, base)
    return pack(below if at_start else start, longest, above if at_end else end)


@kernel
def fill_aligned(word, group: int):
    """Returns `word` with each aligned group of `group` bits (a power of two) set where any bit of it is set."""
    if group == 1:
        return word
    if group == 64:
        return ALL if word != NONE else NONE
    low = ALL // ((ONE << U64(group)) - ONE)  # the lowest bit of each group
    step = 1
    while step < group:  # gather each group in its lowest bit
        word |= word >> U64(step)
        step *= 2
    return (word & low) * ((ONE << U64(group)) - ONE)
