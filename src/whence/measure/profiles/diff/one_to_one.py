"""One profile a side: a family of shares judged by sampling and the spread of the pair."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.diff.tabulating import Column, SideTable
from whence.stats.share_counts import Weighed, scores
from whence.stats.share_tests import ShareTests
from whence.stats.two_profiles import judge_pair, spread_of_pair

FLOOR = 0.02
"""Run-to-run spread of a share granted to every function; the runtime's roles have their own (roles.json)."""


def weighed(column: Column) -> Weighed:
    """Returns all runs of a side as one profile."""
    return Weighed(
        column.value.sum(axis=0),
        column.variance.sum(axis=0),
        float(column.total.sum()),
        float(column.total_variance.sum()),
    )


def seen_spread(base: SideTable, candidate: SideTable) -> float:
    """Returns the spread that the flat shares of the pair show beyond sampling, 0 with too few functions."""
    found = scores(weighed(base.flat), weighed(candidate.flat))
    return spread_of_pair(found) or 0.0


def judge(
    base: Column,
    candidate: Column,
    granted: NDArray[np.float64],
    spread: float,
) -> ShareTests:
    """Returns the tests of one family, flat or cumulative; `granted`: each one's spread by the roles in it."""
    return judge_pair(weighed(base), weighed(candidate), floor=np.maximum(granted, FLOOR), spread=spread)
