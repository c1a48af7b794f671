"""How other tools decide, re-implemented from their published sources for the same simulated numbers.

These are readings of the rules, not the tools: `bench/aa_real.py` runs the real benchstat. All take log values of shape
(repetitions, runs) and return where the tool would call the two sides different.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Decisions = NDArray[np.bool_]


def benchstat_like(base: Floats, candidate: Floats) -> Decisions:
    """Mann–Whitney U on unpaired values, two-sided p < 0.05 (golang/perf `benchmath`)."""
    from scipy.stats import mannwhitneyu

    return np.asarray(mannwhitneyu(base, candidate, axis=1, method="asymptotic").pvalue < 0.05)


def pyperf_like(base: Floats, candidate: Floats) -> Decisions:
    """Student's two-sample t on the values, two-sided 95 % (pyperf `is_significant`)."""
    from scipy.stats import ttest_ind

    return np.asarray(ttest_ind(np.exp(base), np.exp(candidate), axis=1).pvalue < 0.05)


def hyperfine_like(base: Floats, candidate: Floats) -> Decisions:
    """Ratio of means further from 1 than its propagated standard deviation (hyperfine's summary line)."""
    x, y = np.exp(base), np.exp(candidate)
    mean_x, mean_y = x.mean(axis=1), y.mean(axis=1)
    ratio = np.maximum(mean_y / mean_x, mean_x / mean_y)
    relative = np.hypot(x.std(axis=1, ddof=1) / mean_x, y.std(axis=1, ddof=1) / mean_y)
    return ratio - 1 > ratio * relative


def sign_flip_of_mean(log_ratios: Floats, alpha: float, chunk: int = 500) -> Decisions:
    """The sign-flip test with the mean as its statistic, over all 2^n patterns: the alternative to ranks."""
    pairs = log_ratios.shape[1]
    signs = 1.0 - 2.0 * ((np.arange(2 ** (pairs - 1))[:, None] >> np.arange(pairs)) & 1)
    observed = np.abs(log_ratios.sum(axis=1))
    p = np.empty(len(log_ratios))
    for start in range(0, len(log_ratios), chunk):
        part = np.abs(log_ratios[start : start + chunk])
        sums = np.abs(part @ signs.T)
        p[start : start + chunk] = (sums >= observed[start : start + chunk, None] - 1e-12).mean(axis=1)
    return p <= alpha
