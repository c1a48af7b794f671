"""The few things SciPy computes for this room, with types; it is imported on first use (0.3 s of CPU)."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """Returns the p-values adjusted for the false discovery rate, in the order given."""
    from scipy.stats import false_discovery_control

    return tuple(float(p) for p in false_discovery_control(np.asarray(p_values, dtype=np.float64), method="bh"))


def asymptotic_mann_whitney_p(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Returns the two-sided Mann–Whitney p by the normal approximation with tie and continuity correction."""
    from scipy.stats import mannwhitneyu

    return float(mannwhitneyu(first, second, method="asymptotic").pvalue)


def student_quantile(probability: float, degrees: float) -> float:
    """Returns the quantile of Student's t; degrees may be fractional."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, probability))


def normal_cdf(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns the standard normal distribution function, accurate in both tails; same shape as `z`."""
    from scipy.special import ndtr

    return np.asarray(ndtr(z), dtype=np.float64)


def student_p(t: float, degrees: float) -> float:
    """Returns the two-sided p of Student's t; degrees may be fractional."""
    from scipy.special import stdtr

    return float(2.0 * stdtr(degrees, -abs(t)))


def f_upper_tail(f: float, degrees: float, error_degrees: float) -> float:
    """Returns P(F > f) of the F distribution; degrees may be fractional."""
    from scipy.special import fdtrc

    return float(fdtrc(degrees, error_degrees, f))
