"""How other tools decide, as we read their published sources. These are our readings of the rules, not the tools.

Each takes the values of two sides and returns whether the tool would call them different. Where the real package can
be imported, `rules` uses that instead, and the tests hold the two against each other.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from statistics import fmean, stdev, variance

import numpy as np
from numpy.typing import NDArray

Values = Sequence[float]
OTAVA_P = 0.001
OTAVA_WINDOW = 50


def pyperf(base: Values, candidate: Values) -> bool:
    """Student's two-sample t with pooled variance, two-sided at 95 % (pyperf 2.10, `compare_to`).

    Read from `pyperf/_utils.py: is_significant` and `_compare.py`: where the test cannot be computed, because there is
    no spread or the sides have different sizes, the difference counts as significant.
    """
    from scipy.stats import t

    if len(base) != len(candidate) or len(base) < 2:
        return True
    pooled = (variance(base) + variance(candidate)) / 2
    if pooled == 0:
        return True
    score = (fmean(base) - fmean(candidate)) / math.sqrt(2 * pooled / len(base))
    return abs(score) >= float(t.ppf(0.975, 2 * len(base) - 2))


def hyperfine(base: Values, candidate: Values) -> bool:
    """The summary line "N ± S times faster" with N - 1 above S (hyperfine 1.15).

    N is the ratio of the means, the slower above; S its standard deviation by error propagation without covariance.
    hyperfine prints the line for any N: that a reader believes it from N - 1 > S on is our reading.
    """
    slow, fast = sorted((base, candidate), key=fmean, reverse=True)
    ratio = fmean(slow) / fmean(fast)
    relative = math.hypot(stdev(slow) / fmean(slow), stdev(fast) / fmean(fast))
    return ratio - 1 > ratio * relative


def otava(base: Values, candidate: Values) -> bool:
    """Any change point in the base's values followed by the candidate's (Apache Otava 0.8, default p 0.001)."""
    return bool(change_points([*base, *candidate]))


def change_points(series: Values, *, max_p: float = OTAVA_P, window: int = OTAVA_WINDOW) -> list[int]:
    """Returns the change points of a series as Otava finds them (`otava/analysis.py`, `change_point_divisive/`).

    Split: in windows of `window` values that overlap by half, the split with the largest E-divisive distance is taken
    if a t-test on its two sides gives p <= 10 · max_p; then the pieces likewise. Merge: the weakest point is dropped
    until all have p < max_p. Source: Fleming et al., ICPE 2023.
    """
    values = np.asarray(series, dtype=np.float64)
    found: set[int] = set()
    start = 0
    while start < len(values):
        points = _split(values[start : start + window], 10 * max_p)
        found |= {start + point for point in points}
        start = max(max(points, default=0) + start if points else 0, start + window // 2)
    return _merge(values, sorted(found), max_p)


def _merge(values: NDArray[np.float64], points: list[int], max_p: float) -> list[int]:
    def p_of(index: int) -> float:
        left, point, right = [0, *points, len(values)][index : index + 3]
        return _p(values[left:point], values[point:right])

    kept_p = [p_of(index) for index in range(len(points))]
    while points and max(kept_p) >= max_p:
        weakest = kept_p.index(max(kept_p))
        del points[weakest], kept_p[weakest]
        # As in Otava: the two points to the right get a new p, the one to the left keeps its old one.
        for index in range(weakest, min(weakest + 2, len(points))):
            kept_p[index] = p_of(index)
    return points


def _split(values: NDArray[np.float64], max_p: float) -> list[int]:
    points: list[int] = []
    while True:
        edges = [0, *points, len(values)]
        pieces = [(left, right) for left, right in itertools.pairwise(edges) if right - left > 1]
        candidates = [(*_best(values[left:right]), left, right) for left, right in pieces]
        if not candidates:
            return points
        _, offset, left, right = max(candidates, key=lambda candidate: candidate[0])
        point = left + offset
        if _p(values[left:point], values[point:right]) > max_p:
            return points
        points = sorted([*points, point])


def _best(values: NDArray[np.float64]) -> tuple[float, int]:
    """Returns the largest distance between X = [0, t) and Y = [t, k) over all t < k, and its t.

    With n = t, m = k - t: 2/(m+n) · between(X, Y) - 2m/((m+n)(n-1)) · within(X) - 2n/((m+n)(m-1)) · within(Y), where
    between and within are sums over pairs of |difference|.
    """
    size = len(values)
    sums = np.zeros((size + 1, size + 1))
    sums[1:, 1:] = np.abs(values[:, None] - values[None, :]).cumsum(axis=0).cumsum(axis=1)
    t = np.arange(1, size)[:, None]
    k = np.arange(2, size + 1)[None, :]
    n, m = t, k - t
    diagonal = np.diag(sums)
    within_x = diagonal[t] / 2
    within_y = (diagonal[k] - sums[t, k] - sums[k, t] + diagonal[t]) / 2
    between = sums[t, k] - diagonal[t]
    distance = 2 / (m + n) * between
    distance -= np.where(n > 1, 2 * m / ((m + n) * np.maximum(n - 1, 1)) * within_x, 0)
    distance -= np.where(m > 1, 2 * n / ((m + n) * np.maximum(m - 1, 1)) * within_y, 0)
    distance[k - t < 1] = -np.inf
    row, column = np.unravel_index(np.argmax(distance), distance.shape)
    return float(distance[row, column]), int(row) + 1


def _p(left: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    """Student's two-sample t; the standard deviations divide by n, as Otava's do."""
    from scipy.stats import ttest_ind_from_stats

    if len(left) + len(right) <= 2:
        return 1.0
    deviations = [float(np.std(side)) if len(side) > 1 else 0.0 for side in (left, right)]
    with np.errstate(all="ignore"):
        p = ttest_ind_from_stats(left.mean(), deviations[0], len(left), right.mean(), deviations[1], len(right)).pvalue
    return float(p) if p == p else 1.0
