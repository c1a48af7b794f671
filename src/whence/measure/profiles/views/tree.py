"""The prefix tree of all stacks, which a flame graph draws: one node for each way in which a function was reached.

Built level by level from the root: the stacks that go on at a level are grouped by (node of the level above, name),
so the work is one sort a level and no walk through single stacks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.readers.profile import Int64
from whence.measure.profiles.views.stacks import Stacks

Row = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """Nodes in preorder, siblings by falling total; node 0 is the root. Values have a column a side."""

    names: list[str]
    name: Row
    """Row of names; -1 for the root."""
    parent: Row
    """Row of the parent; -1 for the root."""
    self_values: Int64
    total_values: Int64
    left_out: Int64
    """What nodes below the smallest share held, a number a side."""

    def __len__(self) -> int:
        return len(self.name)


@dataclass(frozen=True, slots=True, eq=False)
class _Level:
    name: Row
    parent: Row
    ends: Int64
    totals: Int64


def tree_of(stacks: Stacks, *, smallest_share: float = 0.0, bottom_up: bool = False) -> Tree:
    """Returns the tree of all stacks; nodes below `smallest_share` of the absolute total are left out with what
    stands beneath them. With `bottom_up` the leaves come first, so that each function shows who called it.
    """
    lengths = np.diff(stacks.starts)
    weight = np.abs(stacks.values).sum(axis=1)
    smallest = smallest_share * float(weight.sum())
    sides = stacks.values.shape[1]
    active = np.arange(len(stacks))
    node = np.zeros(len(stacks), np.int64)
    levels = [_Level(np.array([-1], np.int32), np.array([-1], np.int32), np.zeros((1, sides), np.int64),
                     stacks.values.sum(axis=0, keepdims=True))]  # fmt: skip
    left_out = np.zeros(sides, np.int64)
    count = len(stacks.names)
    depth = 0
    while True:
        ending = lengths[active] == depth
        levels[-1].ends[...] = _sums(node[ending], stacks.values[active[ending]], len(levels[-1].name))
        active, node = active[~ending], node[~ending]
        if not len(active):
            break
        at = stacks.starts[active] + depth if bottom_up else stacks.starts[active + 1] - 1 - depth
        keys, group = np.unique(node * count + stacks.nodes[at], return_inverse=True)
        group = group.reshape(-1)
        if smallest > 0:
            heavy = np.bincount(group, weights=weight[active], minlength=len(keys)) >= smallest
            kept = heavy[group]
            left_out += stacks.values[active[~kept]].sum(axis=0)
            active, group = active[kept], (np.cumsum(heavy) - 1)[group[kept]]
            keys = keys[heavy]
        totals = _sums(group, stacks.values[active], len(keys))
        name, parent = (keys % count).astype(np.int32), (keys // count).astype(np.int32)
        levels.append(_Level(name, parent, np.zeros((len(keys), sides), np.int64), totals))
        node = group
        depth += 1
    return _in_preorder(stacks.names, levels, left_out)


def _sums(group: Int64, values: Int64, count: int) -> Int64:
    """Returns the sums of the rows of each group, exact."""
    order = np.argsort(group, kind="stable")
    before = np.zeros((len(group) + 1, values.shape[1]), np.int64)
    np.cumsum(values[order], axis=0, out=before[1:])
    edges = np.searchsorted(group[order], np.arange(count + 1))
    return before[edges[1:]] - before[edges[:-1]]


def _in_preorder(names: list[str], levels: list[_Level], left_out: Int64) -> Tree:
    """Returns the levels as one tree in preorder, heavier siblings first."""
    sizes = [np.ones(len(level.name), np.int64) for level in levels]
    for depth in range(len(levels) - 1, 0, -1):
        np.add.at(sizes[depth - 1], levels[depth].parent, sizes[depth])
    positions = [np.zeros(1, np.int64)]
    for depth in range(1, len(levels)):
        level, size = levels[depth], sizes[depth]
        order = np.lexsort((level.name, -np.abs(level.totals).sum(axis=1), level.parent))
        parents = level.parent[order]
        before = np.cumsum(size[order]) - size[order]
        first = np.searchsorted(parents, parents)  # parents ascend: the first sibling of each
        position = np.empty(len(order), np.int64)
        position[order] = positions[-1][parents] + 1 + before - before[first]
        positions.append(position)
    where = np.concatenate(positions)
    parent = np.concatenate([levels[0].parent, *(
        positions[depth - 1][levels[depth].parent] for depth in range(1, len(levels))
    )])  # fmt: skip

    def placed(column: NDArray[np.generic]) -> NDArray[np.generic]:
        out = np.empty_like(column)
        out[where] = column
        return out

    return Tree(
        names,
        placed(np.concatenate([level.name for level in levels])).astype(np.int32),
        placed(parent).astype(np.int32),
        placed(np.concatenate([level.ends for level in levels])).astype(np.int64),
        placed(np.concatenate([level.totals for level in levels])).astype(np.int64),
        left_out,
    )
