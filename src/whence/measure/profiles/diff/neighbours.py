"""Who calls whom in a profile, weighted by value: what a function is known by when its name has changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.diff.tabulating import distinct
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.views.flat_cum import chunks, lines_of
from whence.measure.profiles.views.nodes import Nodes

_FRAMES_AT_ONCE = 1 << 19


@dataclass(frozen=True, slots=True)
class Side:
    """One side by name: flat and cumulative value summed over its runs, files, and weighted neighbours.

    A neighbour is ("<" caller) or (">" callee) of a function; the values are those of the samples with that call.
    """

    flat: dict[str, float]
    cum: dict[str, float]
    file: dict[str, str]
    line: dict[str, int]
    near: dict[str, dict[str, float]]
    event: float = 0.0
    """The value of one sampled event; 0 where everything was counted."""


def calls(profile: Profile, nodes: Nodes, weight: NDArray[np.float64]) -> dict[tuple[str, str], float]:
    """Returns the value below each call (caller, callee); a call counts once a sample, recursion not at all."""
    count = max(len(nodes.names), 1)
    total: dict[tuple[str, str], float] = {}
    for low, high in chunks(profile.stack_starts, _FRAMES_AT_ONCE):
        node, sample = lines_of(profile, nodes, low, high)
        same = (sample[1:] == sample[:-1]) & (node[1:] != node[:-1])
        edge = node[1:][same].astype(np.int64) * count + node[:-1][same]
        edges = distinct(edge.copy())
        row = np.searchsorted(edges, edge)
        once, row = np.divmod(
            distinct(sample[1:][same].astype(np.int64) * max(len(edges), 1) + row), max(len(edges), 1)
        )
        values = np.bincount(row, weight[low:high][once], minlength=len(edges))
        for one, value in zip(edges.tolist(), values.tolist(), strict=True):
            name = (nodes.names[one // count], nodes.names[one % count])
            total[name] = total.get(name, 0.0) + value
    return total


def places(profile: Profile, names: Sequence[str]) -> tuple[dict[str, str], dict[str, int]]:
    """Returns the file and first line of each function; `names` are those of the profile's function rows."""
    strings = profile.strings
    files = dict(zip(names, (strings[row] for row in profile.functions.filename.tolist()), strict=True))
    lines = dict(zip(names, profile.functions.start_line.tolist(), strict=True))
    return files, lines


def near(edges: dict[tuple[str, str], float]) -> dict[str, dict[str, float]]:
    """Returns the neighbours of every function."""
    result: dict[str, dict[str, float]] = {}
    for (caller, callee), value in edges.items():
        result.setdefault(callee, {})["<" + caller] = value
        result.setdefault(caller, {})[">" + callee] = value
    return result


def likeness(first: dict[str, float], second: dict[str, float]) -> float:
    """Returns how alike two sets of neighbours are: the smaller of the cosines of callers and of callees, 0 to 1.

    A direction that neither has does not count; one that only one of them has makes 0.
    """
    found: list[float] = []
    for sign in "<>":
        one = {k: v for k, v in first.items() if k[0] == sign}
        other = {k: v for k, v in second.items() if k[0] == sign}
        if one or other:
            above = sum(v * other.get(k, 0.0) for k, v in one.items())
            below = sum(v * v for v in one.values()) ** 0.5 * sum(v * v for v in other.values()) ** 0.5
            found.append(above / below if below > 0 else 0.0)
    return min(found, default=0.0)
