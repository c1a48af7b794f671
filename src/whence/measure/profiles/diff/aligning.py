"""All profiles of both sides brought to one list of functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from whence.measure.profiles.diff.matching import Matched, match
from whence.measure.profiles.diff.names import without_type_parameters
from whence.measure.profiles.diff.neighbours import Side, calls, near, places
from whence.measure.profiles.diff.tabulating import distinct_lines, leaves
from whence.measure.profiles.diff.weighing import RecordWeights
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.views.nodes import Nodes, grouped

_LOOKED_AT = 3
"""Runs a side that are looked at for callers and callees; more say the same."""


@dataclass(frozen=True, slots=True)
class Aligned:
    """`names`: the candidate's where it has the function, else the base's; nodes of all profiles are rows of it."""

    names: list[str]
    base_names: dict[str, str]
    """What the base calls a function of another name."""
    base: tuple[Nodes, ...]
    candidate: tuple[Nodes, ...]
    matches: tuple[Matched, ...]
    merged: int
    """Names that were added to others as instances of one generic function."""


def align(
    base: Sequence[Profile],
    candidate: Sequence[Profile],
    weights: tuple[Sequence[RecordWeights], Sequence[RecordWeights]],
) -> Aligned:
    """Returns the profiles' nodes on one list of functions, matched by the rules of `matching`."""
    nodes = [[_by_plain_name(p) for p in side] for side in (base, candidate)]
    merged = len(_merged_names([*base, *candidate]))
    sides = [_side(p, n, w) for p, n, w in zip((base, candidate), nodes, weights, strict=True)]
    found = match(sides[0], sides[1])
    called = {one.base: one.candidate for one in found}
    # A base closure may bear the name that another function has on the candidate side; its own partner goes first.
    index: dict[str, int] = {}
    for name in sides[1].cum:
        index.setdefault(name, len(index))
    taken = set(called.values())
    renamed: dict[str, str] = {}
    for name in sides[0].cum:
        target = called.get(name, name)
        if name not in called and name in taken:
            target = f"{name} (base)"
        renamed[name] = target
        index.setdefault(target, len(index))
    names = list(index)
    first = tuple(_on(names, index, n, renamed) for n in nodes[0])
    second = tuple(_on(names, index, n, {}) for n in nodes[1])
    back = {one.candidate: one.base for one in found}
    return Aligned(names, back, first, second, found, merged)


def _by_plain_name(profile: Profile) -> Nodes:
    return grouped(profile, [without_type_parameters(name) for name in profile.function_names()])


def _merged_names(profiles: Sequence[Profile]) -> set[str]:
    """Returns the names, beyond the first of each, that are the same without type parameters."""
    full = {name for profile in profiles for name in profile.function_names()}
    kept: dict[str, str] = {}
    return {name for name in sorted(full) if kept.setdefault(without_type_parameters(name), name) != name}


def _on(names: list[str], index: dict[str, int], nodes: Nodes, renamed: dict[str, str]) -> Nodes:
    rows = np.array([index.get(renamed.get(name, name), 0) for name in nodes.names] or [0], np.int32)
    return Nodes(names, nodes.starts, rows[nodes.of_line])


def _side(profiles: Sequence[Profile], nodes: Sequence[Nodes], weights: Sequence[RecordWeights]) -> Side:
    flat: dict[str, float] = {}
    cum: dict[str, float] = {}
    file: dict[str, str] = {}
    line: dict[str, int] = {}
    edges: dict[tuple[str, str], float] = {}
    variance = sum(float(one.variance.sum()) for one in weights)
    total = sum(float(one.value.sum()) for one in weights)
    for run, (profile, node, weighed) in enumerate(zip(profiles, nodes, weights, strict=True)):
        weight = weighed.value
        for into, (sample, function) in ((flat, leaves(profile, node)), (cum, distinct_lines(profile, node))):
            values = np.bincount(function, weight[sample], minlength=len(node.names))
            seen = np.bincount(function, minlength=len(node.names)) > 0
            for row in np.flatnonzero(seen).tolist():
                into[node.names[row]] = into.get(node.names[row], 0.0) + float(values[row])
        if run < _LOOKED_AT:
            plain = [without_type_parameters(name) for name in profile.function_names()]
            files, lines = places(profile, plain)
            file.update(files)
            line.update(lines)
            for call, value in calls(profile, node, weight).items():
                edges[call] = edges.get(call, 0.0) + value
    return Side(flat, cum, file, line, near(edges), event=variance / total if total > 0 else 0.0)
