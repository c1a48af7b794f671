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
Sides = tuple[Column, Column]


@dataclass(frozen=True, slots=True)
class Family:
    """The tests of one family, their adjusted p (NaN for what was not judged), and which are findings."""

    tests: ShareTests
    p_adjusted: NDArray[np.float64]
    found: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Judge:
    """How shares are judged: `spread` is the run-to-run spread seen beyond sampling."""

    several: bool
    spread: float
    test: Callable[[Sides, NDArray[np.bool_]], ShareTests]

    def family(self, sides: Sides, runtime: NDArray[np.bool_]) -> Family:
        """Returns the family of these columns; `runtime` tells which are the runtime's."""
        tests = self.test(sides, runtime)
        p = np.full(tests.p.shape, np.nan)
        p[tests.enough] = adjusted(tests.p[tests.enough], share_weights(tests.share[tests.enough]), ALPHA)
        return Family(tests, p, np.nan_to_num(p, nan=1.0) <= ALPHA)


def judge_of(base: SideTable, candidate: SideTable) -> Judge:
    """Returns the judge for these tables: by runs when each side has two or more, else by one profile a side."""
    totals = base.total, candidate.total
    if min(len(base.total), len(candidate.total)) >= 2:
        common = many_to_many.prior(base, candidate)

        def by_runs(sides: Sides, runtime: NDArray[np.bool_]) -> ShareTests:
            return many_to_many.judge((sides[0], totals[0]), (sides[1], totals[1]), common)

        return Judge(True, common.spread, by_runs)
    spread = one_to_one.seen_spread(base, candidate)

    def by_pair(sides: Sides, runtime: NDArray[np.bool_]) -> ShareTests:
        return one_to_one.judge((sides[0], totals[0]), (sides[1], totals[1]), runtime, spread)

    return Judge(False, spread, by_pair)
