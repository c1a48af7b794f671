"""Wilcoxon's signed-rank test of paired data, its interval and the Hodges–Lehmann estimate, all from one statistic.

Given n numbers d (log ratios of n blocks), T is the sum of the ranks of |d| over the positive d. Under "no effect"
the sign of every d is a fair coin, because the order inside each block was drawn at random; so T is a sum of ranks
each taken with probability 1/2, whatever the noise looks like. That is the sign-flip permutation test with ranks as
scores, and its distribution is exact.

T also equals the number of Walsh averages (d_i + d_j)/2, i <= j, above zero. Shifting d by an effect and asking which
effects the test does not reject gives the interval [W(k), W(M+1-k)] of the M = n(n+1)/2 sorted Walsh averages, where
k is the largest number with 2 P(T <= k-1) <= alpha; their median is the Hodges–Lehmann estimate. Levels are discrete:
the attained one is 1 - 2 P(T <= k-1).

Sources: F. Wilcoxon, Biometrics Bulletin 1 (1945); J. L. Hodges and E. L. Lehmann, Ann. Math. Statist. 34 (1963);
J. W. Pratt, J. Amer. Statist. Assoc. 54 (1959) for zeros, which are ranked and then carry no sign.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EXACT_UP_TO = 100
"""Up to this many numbers the null distribution is exact; above, its normal approximation (error under 1e-4)."""
DIRECT_UP_TO = 1000
"""Up to this many numbers all Walsh averages are held in memory (4 MB); above, single ones are found by bisection."""
_SMALLEST = 1e-300
_ROUNDING = 1e-12


class SignedRank:
    """The signed-rank test of `values`: n >= 1 finite numbers that are symmetric around the effect."""

    def __init__(self, values: Floats) -> None:
        self.values = np.sort(np.asarray(values, dtype=np.float64))
        self.size = int(self.values.size)

    @functools.cached_property
    def _walsh(self) -> Floats:
        rows, columns = np.triu_indices(self.size)
        return np.sort((self.values[rows] + self.values[columns]) / 2)

    def _walsh_at(self, rank: int) -> float:
        """Returns the `rank`-th smallest Walsh average, counted from 1."""
        if self.size <= DIRECT_UP_TO:
            return float(self._walsh[rank - 1])
        low, high = float(self.values[0]), float(self.values[-1])
        while True:
            middle = (low + high) / 2
            if not low < middle < high:
                return high if self._walsh_up_to(low) < rank else low
            if self._walsh_up_to(middle) >= rank:
                high = middle
            else:
                low = middle

    def _walsh_up_to(self, bound: float) -> int:
        ordered = np.searchsorted(self.values, 2 * bound - self.values, side="right").sum()
        single = np.searchsorted(self.values, bound, side="right")
        return int(ordered + single) // 2

    @functools.cached_property
    def estimate(self) -> float:
        """The Hodges–Lehmann estimate: the median of the Walsh averages."""
        count = self.size * (self.size + 1) // 2
        return (self._walsh_at((count + 1) // 2) + self._walsh_at(count // 2 + 1)) / 2

    @functools.cached_property
    def spread(self) -> float | None:
        """The standard deviation of one value, None for a single one."""
        return float(np.std(self.values, ddof=1)) if self.size > 1 else None

    def interval(self, alpha: float) -> tuple[float, float] | None:
        """Returns the two-sided interval at level 1 - alpha, or None when n is too small for that level."""
        rank = critical_rank(self.size, alpha)
        if rank == 0:
            return None
        return self._walsh_at(rank), self._walsh_at(self.size * (self.size + 1) // 2 + 1 - rank)

    def attained(self, alpha: float) -> float | None:
        """Returns the coverage that `interval(alpha)` really has, at least 1 - alpha."""
        rank = critical_rank(self.size, alpha)
        return None if rank == 0 else 1.0 - 2.0 * lower_tail(self.size, rank - 1)

    @functools.cached_property
    def p(self) -> float:
        """The two-sided p-value, exact given the ties; at least 2/2^n, never 0."""
        return sign_flip_p(signed_ranks(self.values))

    @property
    def smallest_p(self) -> float:
        return max(2.0 ** (1 - self.size), _SMALLEST)


def location(values: Sequence[float]) -> tuple[float, tuple[float, float] | None]:
    """Returns the Hodges–Lehmann estimate and its 95 % interval, None when there are too few values for one.

    Values that are all the same are their own interval.
    """
    test = SignedRank(np.asarray(values, dtype=np.float64))
    alike = len(set(values)) == 1
    return test.estimate, (test.estimate, test.estimate) if alike else test.interval(0.05)


def signed_ranks(values: Floats) -> Floats:
    """Returns rank times sign for each value: mid-ranks of the magnitudes, zeros ranked first and given 0 (Pratt).

    Magnitudes that differ by less than 1e-12 of the largest count as tied: logarithms carry that much rounding.
    """
    magnitude = np.abs(values)
    largest = float(magnitude.max(initial=0.0))
    if largest == 0.0:
        return np.zeros_like(magnitude)
    steps = np.rint(magnitude / (largest * _ROUNDING))
    _, inverse, counts = np.unique(steps, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    middle = last - (counts - 1) / 2
    return np.where(steps == 0, 0.0, np.sign(values) * middle[inverse])


def sign_flip_p(scores: Floats) -> float:
    """Returns the two-sided p of the sum of `scores` when each sign is a fair coin.

    Scores are multiples of 1/2 (ranks), so the distribution is computed exactly on integers by adding one score at a
    time. Above `EXACT_UP_TO` scores: normal approximation with the exact variance and a continuity correction.
    """
    doubled = np.rint(2 * np.abs(scores[scores != 0])).astype(np.int64)
    count = int(doubled.size)
    if count == 0:
        return 1.0
    total = int(doubled.sum())
    positive = int(np.rint(2 * scores[scores > 0].sum()))
    extreme = max(positive, total - positive)
    if count > EXACT_UP_TO:
        deviation = math.sqrt(float((doubled.astype(np.float64) ** 2).sum())) / 2
        z = max(extreme - total / 2 - 1, 0.0) / deviation
        return min(1.0, max(math.erfc(z / math.sqrt(2)), 2.0 ** max(1 - count, -900), _SMALLEST))
    chances = np.zeros(total + 1)
    chances[0] = 1.0
    reached = 0
    for score in np.sort(doubled).tolist():
        reached += score
        taken = chances[: reached - score + 1].copy()
        chances[: reached + 1] /= 2
        chances[score : reached + 1] += taken / 2
    return min(1.0, max(2.0 * float(chances[extreme:].sum()), 2.0 ** (1 - count)))


@functools.lru_cache(maxsize=256)
def _cumulative(size: int) -> Floats:
    """Returns P(T <= t) for t = 0 … n(n+1)/2, without ties."""
    chances = np.zeros(size * (size + 1) // 2 + 1)
    chances[0] = 1.0
    for rank in range(1, size + 1):
        shifted = np.zeros_like(chances)
        shifted[rank:] = chances[:-rank]
        chances = (chances + shifted) / 2
    return np.cumsum(chances)


def _moments(size: int) -> tuple[float, float]:
    return size * (size + 1) / 4, math.sqrt(size * (size + 1) * (2 * size + 1) / 24)


def lower_tail(size: int, statistic: int) -> float:
    """Returns P(T <= statistic) for n = `size` numbers without ties."""
    if statistic < 0:
        return 0.0
    if size > EXACT_UP_TO:
        mean, deviation = _moments(size)
        return NormalDist().cdf((statistic + 0.5 - mean) / deviation)
    table = _cumulative(size)
    return float(table[min(statistic, table.size - 1)])


@functools.lru_cache(maxsize=4096)
def critical_rank(size: int, alpha: float) -> int:
    """Returns the largest k with 2 P(T <= k-1) <= alpha: which Walsh average bounds the interval. 0: none does."""
    if size < 1 or alpha <= 0:
        return 0
    if size > EXACT_UP_TO:
        mean, deviation = _moments(size)
        return max(0, math.floor(mean + 0.5 + NormalDist().inv_cdf(alpha / 2) * deviation))
    return int(np.searchsorted(_cumulative(size), alpha / 2 * (1 + _ROUNDING), side="right"))
