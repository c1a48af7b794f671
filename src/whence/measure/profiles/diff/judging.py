"""A family of shares with its correction: which of them differ, by the rule for one run a side or for several."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.diff import many_to_many, one_to_one
from whence.measure.profiles.diff.tabulating import Column, SideTable
from whence.stats.share_tests import ShareTests
from whence.stats.weighted_discovery import adjusted, share_weights

ALPHA = 0.05
Floats = NDArray[np.float64]
Sides = tuple[Column, Column]


@dataclass(frozen=True, slots=True)
class Family:
    """The tests of one family, their adjusted p (NaN for what was not judged), and which are findings."""

    tests: ShareTests
    p_adjusted: Floats
    found: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Judge:
    """How shares are judged: `spread` is the run-to-run spread seen beyond sampling."""

    several: bool
    spread: float
    test: Callable[[Sides, Floats], ShareTests]

    def family(self, sides: Sides, granted: Floats) -> Family:
        """Returns the family of these columns; `granted`: the spread that each one's roles have from run to run."""
        tests = self.test(sides, granted)
        p = np.full(tests.p.shape, np.nan)
        p[tests.enough] = adjusted(tests.p[tests.enough], share_weights(tests.share[tests.enough]))
        return Family(tests, p, np.nan_to_num(p, nan=1.0) <= ALPHA)


def judge_of(base: SideTable, candidate: SideTable, granted: Floats) -> Judge:
    """Returns the judge for these tables: by runs when each side has two or more, else by one profile a side.

    `granted`: the spread of each function's flat share by its roles.
    """
    if min(len(base.total), len(candidate.total)) >= 2:
        common = many_to_many.priors(base, candidate, granted)

        def by_runs(sides: Sides, granted: Floats) -> ShareTests:
            return many_to_many.judge(sides[0], sides[1], common, granted)

        return Judge(True, common.spread, by_runs)
    spread = one_to_one.seen_spread(base, candidate)

    def by_pair(sides: Sides, granted: Floats) -> ShareTests:
        return one_to_one.judge(sides[0], sides[1], granted, spread)

    return Judge(False, spread, by_pair)
