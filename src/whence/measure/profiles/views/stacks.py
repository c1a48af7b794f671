"""The stacks of one or several profiles as runs of nodes over one list of names, each with a row of values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.readers.profile import Int64, Profile
from whence.measure.profiles.views.flat_cum import lines_of
from whence.measure.profiles.views.nodes import Nodes


@dataclass(frozen=True, slots=True, eq=False)
class Stacks:
    """Stack i is nodes[starts[i]:starts[i + 1]], leaf first; values has a row a stack and a column a side."""

    names: list[str]
    starts: Int64
    nodes: NDArray[np.int32]
    values: Int64

    def __len__(self) -> int:
        return len(self.values)


def stacks_of(profile: Profile, nodes: Nodes, column: int) -> Stacks:
    """Returns the stacks of one sample type whose value is not zero, with one column of values."""
    profile = profile.take(profile.values[:, column] != 0)
    lines, sample = lines_of(profile, nodes, 0, len(profile))
    starts = np.zeros(len(profile) + 1, np.int64)
    np.cumsum(np.bincount(sample, minlength=len(profile)), out=starts[1:])
    return Stacks(nodes.names, starts, lines, profile.values[:, column : column + 1])


def side_by_side(sides: Sequence[Sequence[Stacks]]) -> Stacks:
    """Returns all stacks over one list of names, with one column of values a side."""
    index: dict[str, int] = {}
    parts: list[Stacks] = []
    for side, group in enumerate(sides):
        for stacks in group:
            rows = np.array([index.setdefault(name, len(index)) for name in stacks.names] or [0], np.int32)
            values = np.zeros((len(stacks), len(sides)), np.int64)
            values[:, side] = stacks.values[:, 0]
            parts.append(Stacks([], stacks.starts, rows[stacks.nodes], values))
    if not parts:
        return Stacks([], np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros((0, len(sides)), np.int64))
    offsets = np.cumsum([0] + [len(part.nodes) for part in parts])
    starts = [part.starts[:-1] + offset for part, offset in zip(parts, offsets[:-1], strict=True)]
    return Stacks(
        list(index),
        np.concatenate([*starts, offsets[-1:]]),
        np.concatenate([part.nodes for part in parts]),
        np.concatenate([part.values for part in parts]),
    )
