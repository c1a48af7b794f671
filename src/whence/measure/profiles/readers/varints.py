"""Decodes many varints (base 128, low bits first) at once.

Eight bytes are taken from each varint's start as one word; the bytes behind the varint's end are masked off and the
seven-bit groups pushed together in three steps, pairs first, so that the cost does not depend on the lengths.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Int64 = NDArray[np.int64]
Words = NDArray[np.uint64]

MOST_BYTES = 10
_SEVENS = np.uint64(0x7F7F7F7F7F7F7F7F)
_TOPS = np.uint64(0x8080808080808080)
_ONE = np.uint64(1)
_STEPS = tuple(
    (np.uint64(low), np.uint64(high), np.uint64(shift))
    for low, high, shift in (
        (0x007F007F007F007F, 0x7F007F007F007F00, 1),
        (0x00003FFF00003FFF, 0x3FFF00003FFF0000, 2),
        (0x000000000FFFFFFF, 0x0FFFFFFF00000000, 4),
    )
)


def words_at_every_byte(data: bytes) -> Words:
    """Returns, for each byte, the eight bytes from it on as a little-endian word (zeros behind the end)."""
    padded = data + bytes(2 * MOST_BYTES)
    overlapping = np.ndarray((len(data) + MOST_BYTES,), "<u8", buffer=padded, strides=(1,))
    return np.ascontiguousarray(overlapping)


def varint_values(words: Words, starts: NDArray[np.integer]) -> Int64:
    """Returns the number that begins at each start, as an int64; bits beyond 64 are lost."""
    values = words[starts]
    ends = ~values
    ends &= _TOPS
    masks = ends - _ONE
    masks ^= ends
    values &= masks
    values &= _SEVENS
    for low, high, shift in _STEPS:
        upper = values & high
        upper >>= shift
        values &= low
        values |= upper
    long = np.flatnonzero(ends == 0)
    if len(long):
        behind = words[starts[long].astype(np.int64) + 8]
        ninth, tenth = behind & np.uint64(0xFF), (behind >> np.uint64(8)) & np.uint64(0x01)
        values[long] |= (ninth & np.uint64(0x7F)) << np.uint64(56)
        values[long] |= np.where(ninth >= 0x80, tenth, 0).astype(np.uint64) << np.uint64(63)
    return values.view(np.int64)
