"""Several profiles a side: a family of shares judged by how they vary from run to run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.diff.tabulating import Column, SideTable
from whence.stats.profile_runs import Runs, common_prior, judge_runs, relabelled
from whence.stats.run_spread import Prior
from whence.stats.share_tests import ShareTests

RELABELLINGS = 100
RESTLESS = 0.25
"""Functions granted at least this spread by their roles vary together, run by run, and say nothing of each other."""


@dataclass(frozen=True, slots=True)
class Priors:
    """What the steady functions together say of one's variance between runs."""

    steady: Prior

    @property
    def spread(self) -> float:
        return self.steady.spread


def runs(column: Column) -> Runs:
    return Runs(column.value, column.variance, column.total, column.total_variance)


def priors(base: SideTable, candidate: SideTable, granted: NDArray[np.float64]) -> Priors:
    """Returns the priors from the flat shares; `granted`: each one's spread by its roles."""
    steady = granted < RESTLESS
    return Priors(common_prior(runs(base.flat), runs(candidate.flat), steady))


def judge(
    base: Column,
    candidate: Column,
    common: Priors,
    granted: NDArray[np.float64],
) -> ShareTests:
    """Returns the tests of one family, flat or cumulative."""
    return judge_runs(runs(base), runs(candidate), prior=common.steady, steady=granted < RESTLESS)


def relabel(
    base: SideTable, candidate: SideTable, granted: NDArray[np.float64], *, alpha: float, seed: int
) -> tuple[int, int]:
    """Returns (tried, with findings) of the flat shares under labels given out at random."""
    first, second = runs(base.flat), runs(candidate.flat)
    return relabelled(first, second, granted < RESTLESS, alpha=alpha, times=RELABELLINGS, seed=seed)
