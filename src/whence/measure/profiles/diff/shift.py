"""Cost that moved and did not grow: one function's self time fell, another's rose, and what is above both stayed.

Movers are functions whose flat share differs beyond chance. A function P above them (or one of them) explains the move
when at least four fifths of each mover's change happened below P, what rose and what fell below P nearly cancel, and
P's cumulative share changed by little of that. The lowest such P is taken. At the root everything cancels, for shares
add up to 1; so P must not stand above half of the profile unless a tenth of its share moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.diff.tabulating import Floats, distinct_lines, leaves
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.views.nodes import Nodes

_BELOW = 0.8
_CANCEL = 0.3
_STEADY = 0.3
_BROAD, _LARGE_PART = 0.5, 0.1


class Move(NamedTuple):
    """A function whose cost moved: from or to which others, below which one."""

    function: int
    others: tuple[int, ...]
    under: int


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of both sides as far as moves need them; the candidate's already freed from the common factor."""

    flat_change: Floats
    flat_error: Floats
    """Standard error of the change."""
    cum_base: Floats
    cum_candidate: Floats


def below(
    profiles: Sequence[Profile],
    nodes: Sequence[Nodes],
    weights: Sequence[Floats],
    movers: NDArray[np.int64],
) -> Floats:
    """Returns the mean share of each mover's self time below each function, (movers, functions).

    The nodes of all profiles are rows of one list of functions.
    """
    count = len(nodes[0].names)
    order = np.full(count, -1, np.int64)
    order[movers] = np.arange(len(movers))
    total = np.zeros((len(movers), count))
    for profile, node, weight in zip(profiles, nodes, weights, strict=True):
        leaf = np.full(len(profile), -1, np.int64)
        sample, function = leaves(profile, node)
        leaf[sample] = order[function]
        sample, function = distinct_lines(profile.take(leaf >= 0), node)
        values = weight[leaf >= 0][sample]
        key = leaf[leaf >= 0][sample] * count + function
        found = np.bincount(key, values, minlength=total.size).reshape(total.shape)
        total += found / max(float(weight.sum()), 1e-300) / len(profiles)
    return total


def moves(movers: NDArray[np.int64], shares: Shares, base_below: Floats, candidate_below: Floats) -> list[Move]:
    """Returns the moves; a function moves at most once."""
    change = candidate_below - base_below
    whole = shares.flat_change[movers]
    free = np.ones(len(movers), np.bool_)
    found: list[Move] = []
    parents = np.flatnonzero((base_below > 0).any(axis=0) | (candidate_below > 0).any(axis=0))
    size = np.maximum(shares.cum_base, shares.cum_candidate)
    for parent in parents[np.argsort(size[parents], kind="stable")].tolist():
        under = free & (change[:, parent] * np.sign(whole) >= _BELOW * np.abs(whole))
        rose, fell = under & (whole > 0), under & (whole < 0)
        if not (rose.any() and fell.any()):
            continue
        up, down = float(whole[rose].sum()), float(-whole[fell].sum())
        error = float(np.sqrt((shares.flat_error[movers[under]] ** 2).sum()))
        moved = min(up, down)
        steady = abs(shares.cum_candidate[parent] - shares.cum_base[parent]) <= _STEADY * moved + error
        broad = size[parent] > _BROAD and moved < _LARGE_PART * size[parent]
        if abs(up - down) > _CANCEL * max(up, down) + error or not steady or broad:
            continue
        for index in np.flatnonzero(under).tolist():
            others = np.flatnonzero(fell if whole[index] > 0 else rose)
            others = others[np.argsort(-np.abs(whole[others]), kind="stable")]
            found.append(Move(int(movers[index]), tuple(movers[others].tolist()), parent))
        free &= ~under
    return found
