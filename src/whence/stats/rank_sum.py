"""Two samples without pairs: the Mann–Whitney test, its interval and the Hodges–Lehmann shift.

For results measured elsewhere nothing ties a run of the base to a run of the candidate. U counts the pairs (i, j) with
candidate_j > base_i. The shift estimate is the median of all differences candidate_j - base_i, the interval
[D(k), D(nm+1-k)] with k the largest number for which 2 P(U <= k-1) <= alpha.

The p-value is exact *given the ties*: the distribution of the mid-rank sum over all ways of choosing which values are
the base's. SciPy's `mannwhitneyu(method="exact")` ignores ties, so the two differ when there are some. Above
`EXACT_UP_TO` values in all, SciPy's asymptotic p with tie correction is used.

It assumes that all runs are independent. Runs measured one side after the other on a drifting machine are not, and no
test can tell; that is why the lab measures in blocks.

Sources: H. B. Mann and D. R. Whitney, Ann. Math. Statist. 18 (1947); J. L. Hodges and E. L. Lehmann (1963).
"""

from __future__ import annotations

import functools
import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from whence.stats.scipy_calls import asymptotic_mann_whitney_p

Floats = NDArray[np.float64]

EXACT_UP_TO = 60
DIRECT_UP_TO = 1_000_000
"""Up to this many differences all are held in memory; above, single ones are found by bisection."""
_ROUNDING = 1e-12


class RankSum:
    """The Mann–Whitney test of a shift between two samples of finite numbers, each with at least one."""

    def __init__(self, base: Floats, candidate: Floats) -> None:
        self.base = np.sort(np.asarray(base, dtype=np.float64))
        self.candidate = np.sort(np.asarray(candidate, dtype=np.float64))
        self.size = int(min(self.base.size, self.candidate.size))

    @property
    def _count(self) -> int:
        return int(self.base.size) * int(self.candidate.size)

    @functools.cached_property
    def _differences(self) -> Floats:
        return np.sort((self.candidate[:, None] - self.base[None, :]).ravel())

    def _difference_at(self, rank: int) -> float:
        """Returns the `rank`-th smallest difference, counted from 1."""
        if self._count <= DIRECT_UP_TO:
            return float(self._differences[rank - 1])
        low = float(self.candidate[0] - self.base[-1])
        high = float(self.candidate[-1] - self.base[0])
        while True:
            middle = (low + high) / 2
            if not low < middle < high:
                return high if self._differences_up_to(low) < rank else low
            if self._differences_up_to(middle) >= rank:
                high = middle
            else:
                low = middle

    def _differences_up_to(self, bound: float) -> int:
        return int(np.searchsorted(self.candidate, self.base + bound, side="right").sum())

    @functools.cached_property
    def estimate(self) -> float:
        """The Hodges–Lehmann shift: the median of all differences candidate - base."""
        return (self._difference_at((self._count + 1) // 2) + self._difference_at(self._count // 2 + 1)) / 2

    @functools.cached_property
    def spread(self) -> float | None:
        """The standard deviation that a pair of one base and one candidate run would have."""
        if self.size < 2:
            return None
        variances = float(np.var(self.base, ddof=1)) / self.base.size
        variances += float(np.var(self.candidate, ddof=1)) / self.candidate.size
        return math.sqrt(variances * self.size)

    def interval(self, alpha: float) -> tuple[float, float] | None:
        """Returns the two-sided interval at level 1 - alpha, or None when the samples are too small for it."""
        rank = critical_rank(int(self.base.size), int(self.candidate.size), alpha)
        if rank == 0:
            return None
        return self._difference_at(rank), self._difference_at(self._count + 1 - rank)

    def attained(self, alpha: float) -> float | None:
        """Returns the coverage that `interval(alpha)` really has, at least 1 - alpha (without ties)."""
        base, candidate = int(self.base.size), int(self.candidate.size)
        rank = critical_rank(base, candidate, alpha)
        return None if rank == 0 else 1.0 - 2.0 * lower_tail(base, candidate, rank - 1)

    @functools.cached_property
    def p(self) -> float:
        """The two-sided p-value, exact given the ties for up to `EXACT_UP_TO` values."""
        values = np.concatenate([self.base, self.candidate])
        largest = float(np.abs(values).max(initial=0.0))
        steps = values if largest == 0.0 else np.rint(values / (largest * _ROUNDING))
        if steps.min() == steps.max():
            return 1.0
        if values.size > EXACT_UP_TO:
            p = asymptotic_mann_whitney_p(steps[: self.base.size], steps[self.base.size :])
            return max(p, self.smallest_p)
        _, inverse, counts = np.unique(steps, return_inverse=True, return_counts=True)
        doubled = (2 * np.cumsum(counts) - counts + 1)[inverse].astype(np.int64)
        return _exact_p(doubled, int(self.base.size))

    @property
    def smallest_p(self) -> float:
        n, m = int(self.base.size), int(self.candidate.size)
        log_ways = math.lgamma(n + m + 1) - math.lgamma(n + 1) - math.lgamma(m + 1)  # the number itself overflows
        return math.exp(max(math.log(2.0) - log_ways, math.log(1e-300)))


def _ways(ranks: list[int], chosen: int) -> Floats:
    """Returns, for each sum s, in how many ways `chosen` of the `ranks` add up to s."""
    total = sum(ranks)
    ways = np.zeros((chosen + 1, total + 1))
    ways[0, 0] = 1.0
    for rank in ranks:
        ways[1:, rank:] += ways[:-1, : total + 1 - rank].copy()
    return ways[chosen]


def _exact_p(doubled_ranks: NDArray[np.int64], first: int) -> float:
    """Returns the two-sided p of the rank sum of the first `first` values, over all choices of `first` values."""
    ways = _ways(doubled_ranks.tolist(), first)
    observed = int(doubled_ranks[:first].sum())
    fewer = min(float(ways[: observed + 1].sum()), float(ways[observed:].sum()))
    return min(1.0, 2.0 * fewer / float(ways.sum()))


@functools.lru_cache(maxsize=256)
def _cumulative(base: int, candidate: int) -> Floats:
    """Returns P(U <= u) for u = 0 … nm, without ties."""
    ways = _ways(list(range(1, base + candidate + 1)), base)
    lowest = base * (base + 1) // 2
    return np.cumsum(ways[lowest : lowest + base * candidate + 1]) / float(ways.sum())


def _moments(base: int, candidate: int) -> tuple[float, float]:
    return base * candidate / 2, math.sqrt(base * candidate * (base + candidate + 1) / 12)


def lower_tail(base: int, candidate: int, statistic: int) -> float:
    """Returns P(U <= statistic) without ties."""
    if statistic < 0:
        return 0.0
    if base + candidate > EXACT_UP_TO:
        mean, deviation = _moments(base, candidate)
        return NormalDist().cdf((statistic + 0.5 - mean) / deviation)
    table = _cumulative(base, candidate)
    return float(table[min(statistic, table.size - 1)])


@functools.lru_cache(maxsize=4096)
def critical_rank(base: int, candidate: int, alpha: float) -> int:
    """Returns the largest k with 2 P(U <= k-1) <= alpha, 0 when there is none."""
    if min(base, candidate) < 1 or alpha <= 0:
        return 0
    if base + candidate > EXACT_UP_TO:
        mean, deviation = _moments(base, candidate)
        return max(0, math.floor(mean + 0.5 + NormalDist().inv_cdf(alpha / 2) * deviation))
    return int(np.searchsorted(_cumulative(base, candidate), alpha / 2 * (1 + _ROUNDING), side="right"))
