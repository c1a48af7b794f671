"""How much a function's share varies from run to run, beyond what sampling explains.

τ is the standard deviation of a share between runs of the same program, relative to the share (log scale).

From one profile a side only the two sides themselves can tell: if most functions are the same, their differences spread
as wide as sampling and twice τ² allow. τ is what brings the median of r² / (v + 2τ²) to the median of chi-square with
one degree of freedom, r being the log ratio less its median. Half of the functions may have changed without moving it.

From several runs a side every function has its own variance s², with few degrees of freedom. The variances are drawn
together as in the moderated t-test: prior s₀² = φ·(v + τ²), with sampling variance v known, and prior degrees d₀ from
how far the s² scatter around it. The posterior variance (d₀ s₀² + d s²) / (d₀ + d) has d₀ + d degrees.

Source: G. K. Smyth, Statist. Appl. Genet. Molec. Biol. 3 (2004), section 6.2 for d₀ and φ.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whence.stats.scipy_calls import chi_square_median, digamma, trigamma

Floats = NDArray[np.float64]

FEWEST = 10
"""Functions needed for an estimate of the spread."""
_DOUBT = 1.4
_WIDEST = 1.0
_MOST_PRIOR_DEGREES = 200.0


def pair_spread(log_ratio: Floats, variance: Floats) -> float | None:
    """Returns τ from one pair of profiles (0 when sampling explains all), or None with too few functions.

    `log_ratio` and `variance` (by sampling) are those of functions with enough events, flat, so that no sample is in
    two of them.
    """
    if log_ratio.size < FEWEST:
        return None
    squared = (log_ratio - np.median(log_ratio)) ** 2
    return math.sqrt(_robust_extra(squared, variance, 1.0) / 2.0)


@dataclass(frozen=True, slots=True)
class Prior:
    """What the functions together say of one function's variance: φ·(v + τ²) with so many degrees."""

    spread: float
    scale: float
    degrees: float


def fit_prior(relative: Floats, sampling: Floats, degrees: float) -> Prior:
    """Returns the prior from each function's variance of shares between runs, relative to the squared share.

    `sampling`: the same variance as sampling alone would make it; `degrees`: those of each `relative` variance.
    """
    usable = (relative > 0) & np.isfinite(relative) & np.isfinite(sampling)
    if int(usable.sum()) < FEWEST:
        return Prior(spread=0.0, scale=1.0, degrees=0.0)
    relative, sampling = relative[usable], sampling[usable]
    spread = math.sqrt(_robust_extra(relative, sampling, degrees))
    logs = np.log(relative / np.maximum(sampling + spread**2, 1e-300))
    beyond = float(logs.var(ddof=1)) - trigamma(degrees / 2.0)
    prior = min(2.0 * _inverse_trigamma(beyond), _MOST_PRIOR_DEGREES) if beyond > 0 else _MOST_PRIOR_DEGREES
    centre = float(logs.mean()) - digamma(degrees / 2.0) + math.log(degrees / 2.0)
    scale = math.exp(centre + digamma(prior / 2.0) - math.log(prior / 2.0))
    return Prior(spread=spread, scale=max(scale, 0.5), degrees=prior)


def moderated(prior: Prior, relative: Floats, sampling: Floats, degrees: float, room: Floats) -> Floats:
    """Returns the posterior variance of each function's share in one run, relative to the squared share.

    `room`: one less the share; what takes nearly all of a profile cannot vary by τ.
    """
    expected = prior.scale * (sampling + (prior.spread * room) ** 2)
    total = prior.degrees + degrees
    return (prior.degrees * expected + degrees * relative) / total if total > 0 else relative


def _robust_extra(squared: Floats, variance: Floats, degrees: float) -> float:
    """Returns the extra variance e >= 0 at which the median of squared / (variance + e) is that of chi-square / d."""
    target = chi_square_median(degrees) / degrees

    def median(extra: float) -> float:
        return float(np.median(squared / np.maximum(variance + extra, 1e-300)))

    # A spread is seen only where the median is above what chance makes of it: its standard error is about 1.06 / √n.
    if median(0.0) <= target + _DOUBT / math.sqrt(squared.size * degrees):
        return 0.0
    low, high = 0.0, _WIDEST
    for _ in range(60):
        middle = (low + high) / 2.0
        low, high = (middle, high) if median(middle) > target else (low, middle)
    return high


def _inverse_trigamma(value: float) -> float:
    """Returns x with trigamma(x) = value, by bisection on the logarithm."""
    low, high = math.log(1e-3), math.log(1e4)
    for _ in range(80):
        middle = (low + high) / 2.0
        low, high = (middle, high) if trigamma(math.exp(middle)) > value else (low, middle)
    return math.exp((low + high) / 2.0)
