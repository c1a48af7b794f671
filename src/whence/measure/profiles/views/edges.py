"""Who calls whom: the value that flows along each pair of caller and callee, counted once a sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.readers.profile import Int64
from whence.measure.profiles.views.flat_cum import chunks
from whence.measure.profiles.views.stacks import Stacks
from whence.measure.profiles.views.tree import Row

_FRAMES_AT_ONCE = 1 << 19


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """Pairs of nodes with the value of the samples in which the caller stands directly above the callee."""

    caller: Row
    callee: Row
    value: Int64


def edges_of(stacks: Stacks) -> Edges:
    """Returns all edges of one column of values; a function calling itself has none, as in pprof."""
    count = len(stacks.names)
    keys: list[Int64] = []
    sums: list[Int64] = []
    for low, high in chunks(stacks.starts, _FRAMES_AT_ONCE):
        starts = stacks.starts[low : high + 1]
        nodes = stacks.nodes[starts[0] : starts[-1]].astype(np.int64)
        sample = np.repeat(np.arange(high - low), np.diff(starts))
        within = (sample[1:] == sample[:-1]) & (nodes[1:] != nodes[:-1])
        pair = nodes[1:][within] * count + nodes[:-1][within]  # the frame behind is the caller
        key = pair * (high - low) + sample[1:][within]
        key.sort()
        key = key[_first_of_runs(key)]
        pair, owner = np.divmod(key, high - low)
        runs = np.flatnonzero(_first_of_runs(pair))
        if len(runs):
            keys.append(pair[runs])
            sums.append(np.add.reduceat(stacks.values[low:high, 0][owner], runs))
    if not keys:
        none = np.zeros(0, np.int32)
        return Edges(none, none, np.zeros(0, np.int64))
    pair, value = np.concatenate(keys), np.concatenate(sums)
    order = np.argsort(pair, kind="stable")
    runs = np.flatnonzero(_first_of_runs(pair[order]))
    kinds = pair[order][runs]
    total = np.add.reduceat(value[order], runs)
    return Edges((kinds // count).astype(np.int32), (kinds % count).astype(np.int32), total)


def _first_of_runs(ascending: Int64) -> NDArray[np.bool_]:
    first = np.ones(len(ascending), np.bool_)
    np.not_equal(ascending[1:], ascending[:-1], out=first[1:])
    return first
