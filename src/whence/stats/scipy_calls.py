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


def normal_quantile(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns the quantile of the standard normal distribution; same shape, infinite at 0 and 1."""
    from scipy.special import ndtri

    return np.asarray(ndtri(probability), dtype=np.float64)


def beta_cdf(a: NDArray[np.float64], b: NDArray[np.float64], x: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Returns the regularised incomplete beta function I_x(a, b), elementwise; a and b above 0."""
    from scipy.special import betainc

    return np.asarray(betainc(a, b, x), dtype=np.float64)


def beta_quantile(a: NDArray[np.float64], b: NDArray[np.float64], probability: float) -> NDArray[np.float64]:
    """Returns the quantile of the beta distribution, elementwise; a and b above 0."""
    from scipy.special import betaincinv

    return np.asarray(betaincinv(a, b, probability), dtype=np.float64)


def student_p_values(t: NDArray[np.float64], degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns the two-sided p of Student's t, elementwise; infinite degrees give the normal distribution."""
    from scipy.special import ndtr, stdtr

    finite = np.where(np.isfinite(degrees), degrees, 1.0)
    below = np.where(np.isfinite(degrees), stdtr(finite, -np.abs(t)), ndtr(-np.abs(t)))
    return np.asarray(2.0 * below, dtype=np.float64)


def student_quantiles(probability: float, degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns the quantile of Student's t, elementwise; infinite degrees give the normal distribution."""
    from scipy.special import ndtri, stdtrit

    finite = np.where(np.isfinite(degrees), degrees, 1.0)
    quantile = np.where(np.isfinite(degrees), stdtrit(finite, probability), ndtri(probability))
    return np.asarray(quantile, dtype=np.float64)


def digamma(x: float) -> float:
    """Returns the logarithmic derivative of the gamma function."""
    from scipy.special import psi

    return float(psi(x))


def trigamma(x: float) -> float:
    """Returns the derivative of the digamma function."""
    from scipy.special import polygamma

    return float(polygamma(1, x))


def chi_square_median(degrees: float) -> float:
    """Returns the median of the chi-square distribution."""
    from scipy.special import chdtri

    return float(chdtri(degrees, 0.5))
