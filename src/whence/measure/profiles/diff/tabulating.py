"""Profiles as one table: a row a run, a column a function, flat and cumulative values with their variances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.diff.weighing import RecordWeights
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.views.flat_cum import chunks, lines_of
from whence.measure.profiles.views.nodes import Nodes

Floats = NDArray[np.float64]
_FRAMES_AT_ONCE = 1 << 19


@dataclass(frozen=True, slots=True)
class Column:
    """One quantity of all runs of a side: values and sampling variances, (runs, functions).

    `total` and `total_variance`: those of all samples of each run.
    """

    value: Floats
    variance: Floats
    total: Floats
    total_variance: Floats


@dataclass(frozen=True, slots=True)
class SideTable:
    """All runs of a side."""

    flat: Column
    cum: Column

    @property
    def total(self) -> Floats:
        """The sum over all samples of each run."""
        return self.flat.total


def empty_column(weights: Sequence[RecordWeights], count: int) -> Column:
    """Returns a column of zeros for `count` things, with the totals of the runs."""
    shape = (len(weights), count)
    total = np.array([float(weight.value.sum()) for weight in weights])
    variance = np.array([float(weight.variance.sum()) for weight in weights])
    return Column(np.zeros(shape), np.zeros(shape), total, variance)


def distinct(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns the different keys in order; sorts `keys` in place."""
    keys.sort()
    first = np.ones(len(keys), np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=first[1:])
    return keys[first]


def distinct_lines(profile: Profile, nodes: Nodes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Returns (sample, node) of everything in the stacks, each pair once."""
    count = max(len(nodes.names), 1)
    samples: list[NDArray[np.int64]] = []
    found: list[NDArray[np.int64]] = []
    for low, high in chunks(profile.stack_starts, _FRAMES_AT_ONCE):
        node, sample = lines_of(profile, nodes, low, high)
        sample, node = np.divmod(distinct(sample.astype(np.int64) * count + node), count)
        samples.append(sample + low)
        found.append(node)
    empty = np.zeros(0, np.int64)
    return (np.concatenate(samples), np.concatenate(found)) if samples else (empty, empty)


def leaves(profile: Profile, nodes: Nodes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Returns (sample, node) of the leaf of each sample that has a stack."""
    starts = profile.stack_starts
    filled = np.flatnonzero(np.diff(starts) > 0)
    places = profile.frames[starts[:-1][filled]].astype(np.int64)
    return filled, nodes.of_line[nodes.starts[:-1][places]].astype(np.int64)


def tabulate(profiles: Sequence[Profile], nodes: Sequence[Nodes], weights: Sequence[RecordWeights]) -> SideTable:
    """Returns the table of one side; the nodes of all its profiles are rows of one list of functions."""
    count = len(nodes[0].names)
    flat, cum = empty_column(weights, count), empty_column(weights, count)
    for run, (profile, node, weight) in enumerate(zip(profiles, nodes, weights, strict=True)):
        for column, where in ((flat, leaves(profile, node)), (cum, distinct_lines(profile, node))):
            sample, function = where
            column.value[run] = np.bincount(function, weight.value[sample], minlength=count)
            column.variance[run] = np.bincount(function, weight.variance[sample], minlength=count)
    return SideTable(flat, cum)
