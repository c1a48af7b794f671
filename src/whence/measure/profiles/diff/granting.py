"""How much each function's share must be expected to differ from run to run, by the runtime's roles in its time.

A function takes the mean of its samples' roles: `mallocgc` that is half assist varies half as the assists do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.diff.roles import role_spreads, sample_roles
from whence.measure.profiles.diff.tabulating import Floats, distinct_lines, leaves
from whence.measure.profiles.diff.weighing import RecordWeights
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.views.nodes import Nodes, by_function


@dataclass(frozen=True, slots=True)
class Granted:
    """Spreads of each function's flat and cumulative share, relative to it."""

    flat: Floats
    cum: Floats


def sample_role_rows(profiles: Sequence[Profile]) -> list[NDArray[np.int64]]:
    """Returns the role of every sample of every profile, -1 for the program's own time."""
    return [sample_roles(profile, by_function(profile)).role for profile in profiles]


def granted(
    profiles: Sequence[Profile],
    nodes: Sequence[Nodes],
    weights: Sequence[RecordWeights],
    roles: Sequence[NDArray[np.int64]],
) -> Granted:
    """Returns the spreads by the roles in all samples of all profiles of both sides."""
    count = len(nodes[0].names)
    spread = np.append(role_spreads(), 0.0)  # the program's own time is the last: role -1
    sums = np.zeros((2, 2, count))
    for profile, node, weight, role in zip(profiles, nodes, weights, roles, strict=True):
        one = spread[role] if weight.restless is None else np.maximum(spread[role], weight.restless)
        for kind, (sample, function) in enumerate((leaves(profile, node), distinct_lines(profile, node))):
            value = np.abs(weight.value[sample])
            sums[kind, 0] += np.bincount(function, value * one[sample], minlength=count)
            sums[kind, 1] += np.bincount(function, value, minlength=count)
    flat, cum = np.divide(sums[:, 0], sums[:, 1], out=np.zeros((2, count)), where=sums[:, 1] > 0)
    return Granted(flat, cum)
