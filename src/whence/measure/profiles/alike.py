"""Which rows of ragged integers are alike: exactly, whatever a hash says.

Stacks, label sets, locations and functions of several profiles are all lists of integers once their texts share one
table, so that one way of finding equals serves them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.readers.profile import Int64, take_runs

_ODD = 0x9E3779B97F4A7C15
_MIX = 0xD6E8FEB86659FD93
_WORD = (1 << 64) - 1
_SHIFT = np.uint64(32)
_AT_ONCE = 1 << 17


@dataclass(frozen=True, slots=True, eq=False)
class Alike:
    """Groups of equal rows in order of their first row."""

    first: Int64
    """The first row of each group."""
    group: Int64
    """The group of each row."""


def alike(starts: Int64, content: NDArray[np.integer]) -> Alike:
    """Returns which rows content[starts[i] : starts[i + 1]] equal which, as groups in order of first appearance.

    Rows are sorted by a hash of 64 bits and then compared with the first row of their hash, so that rows of equal
    hashes that differ are told apart: they are hashed again with another multiplier until all groups are true.
    """
    rows = np.arange(len(starts) - 1)
    first_of = rows.copy()
    multiplier = _ODD
    while len(rows):
        hashes = _hashes(starts, content, rows, multiplier)
        _, where, inverse = np.unique(hashes, return_index=True, return_inverse=True)
        candidates = rows[where[inverse.reshape(-1)]]
        same = _equal(starts, content, rows, candidates)
        first_of[rows[same]] = candidates[same]
        rows = rows[~same]
        multiplier = multiplier * (multiplier + 2) & _WORD
    return _numbered(first_of)


def pairs_alike(left: Int64, right: Int64) -> Alike:
    """Returns which rows of two columns of small numbers are equal."""
    together = left * (int(right.max(initial=0)) + 1) + right
    if int(together.max(initial=0)) > 8 * len(together):
        return columns_alike(left, right)
    first = np.empty(int(together.max(initial=0)) + 1, np.int64)
    # Of several assignments to one place the last holds: going backwards, that of the first row.
    first[together[::-1]] = np.arange(len(together) - 1, -1, -1)
    return _numbered(first[together])


def _numbered(first_of: Int64) -> Alike:
    """Returns the groups of rows whose first rows are given."""
    first = np.flatnonzero(first_of == np.arange(len(first_of)))
    number = np.empty(len(first_of), np.int64)
    number[first] = np.arange(len(first))
    return Alike(first, number[first_of])


def columns_alike(*columns: NDArray[np.integer]) -> Alike:
    """Returns which rows of a table are equal in every column."""
    table = np.stack([column.astype(np.int64) for column in columns], axis=1)
    starts = np.arange(len(table) + 1, dtype=np.int64) * table.shape[1]
    return alike(starts, table.ravel())


def _hashes(starts: Int64, content: NDArray[np.integer], rows: Int64, multiplier: int) -> NDArray[np.uint64]:
    """Returns the sum of each row's mixed numbers, each times a power of `multiplier` by its place; modulo 2^64.

    Powers go on through a chunk; times the inverse power of where it begins, a row's sum depends on the row alone.
    """
    hashes = np.zeros(len(rows), np.uint64)
    powers = inverses = np.ones(1, np.uint64)
    table = _mixed(np.arange(1 << 16, dtype=np.uint64)) if content.dtype == np.uint16 else None
    for chosen, index, local in _chunks(starts, rows):
        if len(powers) <= local[-1]:
            count = 1 << int(local[-1]).bit_length()
            powers, inverses = _powers(multiplier, count), _powers(pow(multiplier, -1, 1 << 64), count)
        numbers = content[index]
        mixed = _mixed(numbers.astype(np.uint64)) if table is None else table[numbers]
        mixed *= powers[: len(mixed)]
        filled = np.flatnonzero(np.diff(local))
        if len(filled):
            begin = local[:-1][filled]
            hashes[chosen][filled] = np.add.reduceat(mixed, begin) * inverses[begin]
    return hashes + _mixed((starts[rows + 1] - starts[rows]).astype(np.uint64))


@lru_cache(maxsize=4)
def _powers(multiplier: int, count: int) -> NDArray[np.uint64]:
    return np.cumprod(np.full(count, multiplier, np.uint64), dtype=np.uint64)


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Returns numbers whose bits look random, a different one for each different number."""
    values = (values + np.uint64(1)) * np.uint64(_MIX)
    values ^= values >> _SHIFT
    values *= np.uint64(_ODD)
    values ^= values >> _SHIFT
    return values


def _equal(starts: Int64, content: NDArray[np.integer], rows: Int64, others: Int64) -> NDArray[np.bool_]:
    """Returns whether each row equals its other."""
    same = np.equal(starts[rows + 1] - starts[rows], starts[others + 1] - starts[others])
    asked = np.flatnonzero(same)
    for chosen, index, local in _chunks(starts, rows[asked]):
        _, other = take_runs(starts, others[asked[chosen]])
        differs = np.flatnonzero(content[index] != content[other])
        same[asked[chosen][np.searchsorted(local, differs, "right") - 1]] = False
    return same


def _chunks(starts: Int64, rows: Int64) -> Iterator[tuple[slice, Int64 | slice, Int64]]:
    """Yields which of `rows` come next, where their numbers stand in the content, and their starts among those."""
    ends = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(starts[rows + 1] - starts[rows], out=ends[1:])
    begin = 0
    while begin < len(rows):
        stop = max(int(np.searchsorted(ends, ends[begin] + _AT_ONCE, "right")) - 1, begin + 1)
        part = rows[begin:stop]
        if part[-1] - part[0] == len(part) - 1:
            low, high = starts[part[0]], starts[part[-1] + 1]
            yield slice(begin, stop), slice(low, high), starts[part[0] : part[-1] + 2] - low
        else:
            local, index = take_runs(starts, part)
            yield slice(begin, stop), index, local
        begin = stop
