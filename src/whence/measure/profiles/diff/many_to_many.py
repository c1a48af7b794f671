"""Several profiles a side: a family of shares judged by how they vary from run to run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.diff.tabulating import Column, SideTable
from whence.stats.profile_runs import Runs, common_prior, judge_runs, relabelled
from whence.stats.run_spread import Prior
from whence.stats.share_tests import ShareTests

RELABELLINGS = 100


def runs(column: Column, total: NDArray[np.float64]) -> Runs:
    return Runs(column.value, column.variance, total)


def prior(base: SideTable, candidate: SideTable) -> Prior:
    """Returns what the flat shares together say of a share's variance between runs."""
    return common_prior(runs(base.flat, base.total), runs(candidate.flat, candidate.total))


def judge(
    base: tuple[Column, NDArray[np.float64]], candidate: tuple[Column, NDArray[np.float64]], common: Prior
) -> ShareTests:
    """Returns the tests of one family, flat or cumulative."""
    return judge_runs(runs(*base), runs(*candidate), prior=common)


def relabel(base: SideTable, candidate: SideTable, *, alpha: float, seed: int) -> tuple[int, int]:
    """Returns (tried, with findings) of the flat shares under labels given out at random."""
    first, second = runs(base.flat, base.total), runs(candidate.flat, candidate.total)
    return relabelled(first, second, alpha=alpha, times=RELABELLINGS, seed=seed)
