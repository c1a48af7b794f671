"""Self time of the runtime by role, as a column that is judged like functions are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.diff.roles import UNMAPPED, role_names, role_spreads
from whence.measure.profiles.diff.tabulating import Column, empty_column, leaves
from whence.measure.profiles.diff.weighing import RecordWeights
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.views.nodes import Nodes


@dataclass(frozen=True, slots=True)
class RoleSide:
    """One side: values by run and role, the totals of its runs, and each function's self time by role."""

    column: Column
    total: NDArray[np.float64]
    by_function: NDArray[np.float64]
    """(functions, roles), summed over the runs."""


def role_columns(
    profiles: Sequence[Profile],
    nodes: Sequence[Nodes],
    weights: Sequence[RecordWeights],
    sample_roles: Sequence[NDArray[np.int64]],
) -> RoleSide:
    """Returns the roles of one side; `nodes` are rows of one list of functions."""
    count, roles = len(nodes[0].names), len(role_names())
    column = empty_column(weights, roles)
    table = np.zeros(count * roles)
    for run, (profile, node, weight, role) in enumerate(zip(profiles, nodes, weights, sample_roles, strict=True)):
        own = role >= 0
        column.value[run] = np.bincount(role[own], weight.value[own], minlength=roles)
        column.variance[run] = np.bincount(role[own], weight.variance[own], minlength=roles)
        sample, function = leaves(profile, node)
        kept = role[sample] >= 0
        key = function[kept] * roles + role[sample][kept]
        table += np.bincount(key, weight.value[sample][kept], minlength=count * roles)
    return RoleSide(column, column.total, table.reshape(count, roles))


def runtime_shares(side: RoleSide) -> tuple[float, float]:
    """Returns the runtime's self time as a share of all, and the unmapped part as a share of the runtime's."""
    own = side.column.value.sum(axis=0)
    runtime = float(own.sum())
    return runtime / float(side.total.sum()), float(own[role_names().index(UNMAPPED)]) / runtime if runtime else 0.0


def steady_share(side: RoleSide, restless_from: float) -> float:
    """Returns the share of all time that is not in roles granted `restless_from` or more from run to run."""
    restless = role_spreads() >= restless_from
    return 1.0 - float(side.column.value[:, restless].sum()) / float(side.total.sum())
