"""Flat and cumulative values of every node, exact to the integer.

Flat: the values of the samples whose leaf the node is. Cumulative: the values of the samples in whose stack it stands,
once a sample however often it recurs. Stacks are taken some thousands at a time; within such a chunk the pairs
(sample, node) are sorted to count each once, which is faster than any set.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.readers.profile import Int64, Profile
from whence.measure.profiles.views.nodes import Nodes

_FRAMES_AT_ONCE = 1 << 19


@dataclass(frozen=True, slots=True, eq=False)
class FlatCum:
    """Values of each node; `seen` tells which nodes stand in the stack of a sample that is not zero."""

    flat: Int64
    cum: Int64


def flat_and_cum(profile: Profile, nodes: Nodes, column: int) -> FlatCum:
    """Returns flat and cumulative values of one sample type by node."""
    value = profile.values[:, column]
    count = len(nodes.names)
    flat, cum = np.zeros(count, np.int64), np.zeros(count, np.int64)
    starts = profile.stack_starts
    filled = np.flatnonzero((np.diff(starts) > 0) & (value != 0))
    leaf_line = nodes.starts[:-1]  # the innermost line of each location
    if len(filled):
        leaves = profile.frames[starts[:-1][filled]].astype(np.int64)
        add_exactly(flat, nodes.of_line[leaf_line[leaves]], value[filled])
    bits = max(1, (count - 1).bit_length())
    for low, high in chunks(starts, _FRAMES_AT_ONCE):
        node, sample = lines_of(profile, nodes, low, high)
        wide = np.int64 if (high - low) << bits >= 1 << 31 else np.int32
        key = sample.astype(wide, copy=False)
        key <<= bits
        key |= node
        key.sort()
        first = np.empty(len(key), np.bool_)
        first[:1] = True
        np.not_equal(key[1:], key[:-1], out=first[1:])
        key = key[first]
        # in order of samples: sums into one node after the other would wait for one another
        add_exactly(cum, key & ((1 << bits) - 1), value[low:high][key >> bits])
    return FlatCum(flat, cum)


def chunks(starts: Int64, frames_at_once: int) -> list[tuple[int, int]]:
    """Returns ranges of samples with about that many frames each, at least one sample a range."""
    samples = len(starts) - 1
    edges = [0]
    while edges[-1] < samples:
        wanted = int(np.searchsorted(starts, starts[edges[-1]] + frames_at_once))
        edges.append(min(samples, max(edges[-1] + 1, wanted)))
    return list(pairwise(edges))


def lines_of(profile: Profile, nodes: Nodes, low: int, high: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Returns the node of every line in the stacks of samples low to high, leaf first, and its sample less low."""
    starts = profile.stack_starts[low : high + 1]
    frames = profile.frames[starts[0] : starts[-1]]
    sample = np.repeat(np.arange(high - low, dtype=np.int32), np.diff(starts))
    single = nodes.single
    if single is not None:
        return single[frames], sample
    lines = np.diff(nodes.starts)[frames]
    offset = np.cumsum(lines) - lines
    index = np.repeat(nodes.starts[:-1][frames] - offset, lines)
    index += np.arange(len(index))
    return nodes.of_line[index], np.repeat(sample, lines)


def add_exactly(into: Int64, index: NDArray[np.integer], value: Int64) -> None:
    """Adds value to into at index; exact, by halves that a double holds when the whole would not fit one."""
    if not len(value):
        return
    most = max(abs(int(value.max())), abs(int(value.min())))
    if most * len(value) < 1 << 53:
        into += np.bincount(index, weights=value, minlength=len(into)).astype(np.int64)
        return
    low, high = value & 0xFFFFFFFF, value >> 32
    for low_part, high_part, part in _halves(low, high, index):
        into += np.bincount(part, weights=low_part, minlength=len(into)).astype(np.int64)
        into += np.bincount(part, weights=high_part, minlength=len(into)).astype(np.int64) << 32


def _halves(low: Int64, high: Int64, index: NDArray[np.integer]) -> list[tuple[Int64, Int64, NDArray[np.integer]]]:
    """Cuts into pieces whose sums of 32-bit halves stay below 2^53."""
    step = 1 << 21
    return [(low[i : i + step], high[i : i + step], index[i : i + step]) for i in range(0, len(low), step)]
