"""Shares of two profiles held against each other: the normal score of each difference, from counts of samples.

A function has value x of a total T on each side, and the variance V that sampling gives x. With s = ΣV / Σx, the size
of one *effective event*, k = x / s behaves as a count of Poisson events and T / s as their exposure. Given the sum
k₁ + k₂, the base's k₁ is binomial with chance T₁ / (T₁ + T₂) when the shares are equal. The score is the normal
quantile of the mid-p of that binomial, which is accurate for few events where a difference of logarithms is not.

Three corrections act on the variance of the log ratio. A share is of a total that varies too: the binomial's
v = s/p·(1/T₁ + 1/T₂) becomes v·(1 − p), which matters for what is high in the stacks, and grows where the total rests
on few large events. What varies from run to run adds `extra`. Where
everything was counted (profile rate 1) s is 0, and `extra` alone is the variance.

Intervals are Jeffreys' for the binomial, widened on the log scale by the same factor.

Sources: J. Przyborowski and H. Wilenski, Biometrika 31 (1940), the conditional test of two Poisson counts;
H. O. Lancaster, JASA 56 (1961), mid-p; L. D. Brown, T. T. Cai and A. DasGupta, Statist. Sci. 16 (2001), Jeffreys.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whence.stats.scipy_calls import beta_cdf, beta_quantile, normal_quantile

Floats = NDArray[np.float64]

_LEAST_VARIANCE = 1e-6
"""What stands in nearly every stack has a share near 1 with no variance to speak of; 0.1 % is no difference."""
_LARGE_SCORE = 30.0
"""Above it the tail of the binomial leaves the range of numbers, and the log ratio is accurate enough."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """One side of a diff: a value for each function, its sampling variance (value²), and the total of all samples."""

    value: Floats
    variance: Floats
    total: float
    total_variance: float
    """Of the total of all samples, of which the function's is a part."""

    @property
    def share(self) -> Floats:
        return self.value / self.total if self.total > 0 else np.zeros_like(self.value)


@dataclass(frozen=True, slots=True)
class Scores:
    """Base against candidate, an element a function. `log_ratio` is infinite or NaN where a side has nothing."""

    log_ratio: Floats
    score: Floats
    """The normal score of the difference by sampling alone, positive where the candidate's share is larger."""
    events: Floats
    """Effective events of both sides together; infinite where everything was counted."""
    share: Floats
    """Pooled share."""
    plain_variance: Floats
    """The variance of the log ratio that the score stands on."""
    variance: Floats
    """The variance of the log ratio by sampling, with the correction for large shares."""
    base_events: Floats
    candidate_events: Floats
    exposure_ratio: float
    """Candidate total ÷ base total."""


def scores(base: Weighed, candidate: Weighed) -> Scores:
    """Returns the scores of all functions; both totals must be above 0."""
    value, variance = base.value + candidate.value, base.variance + candidate.variance
    size = np.divide(variance, value, out=np.zeros_like(value), where=value > 0)
    sampled = size > 0
    safe = np.where(sampled, size, 1.0)
    # Everything counted is as good as endless events; nothing there is none.
    first = np.where(sampled, base.value / safe, np.where(base.value > 0, np.inf, 0.0))
    second = np.where(sampled, candidate.value / safe, np.where(candidate.value > 0, np.inf, 0.0))
    share = value / (base.total + candidate.total)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_ratio = np.log(candidate.value / candidate.total) - np.log(base.value / base.total)
        plain = np.where(sampled, size / share * (1.0 / base.total + 1.0 / candidate.total), 0.0)
    score = np.zeros_like(value)
    if sampled.any():
        chance = base.total / (base.total + candidate.total)
        score[sampled] = _binomial_score(first[sampled], second[sampled], chance)
        with np.errstate(invalid="ignore", divide="ignore"):
            approximate = np.where(sampled, log_ratio / np.sqrt(plain), 0.0)
        saturated = sampled & (np.abs(score) > _LARGE_SCORE) & np.isfinite(approximate)
        score[saturated] = approximate[saturated]
    return Scores(
        log_ratio=log_ratio,
        score=score,
        events=first + second,
        share=share,
        plain_variance=plain,
        variance=_share_variance(base, size, share) + _share_variance(candidate, size, share),
        base_events=first,
        candidate_events=second,
        exposure_ratio=candidate.total / base.total,
    )


def _share_variance(side: Weighed, size: Floats, share: Floats) -> Floats:
    """Returns one side's variance of the log of a share, when its share is `share`."""
    return relative_variance(size, share, side.total, np.maximum(side.total_variance - side.variance, 0.0))


def relative_variance(size: Floats, share: Floats, total: float, rest: Floats) -> Floats:
    """Returns ((1 − p)² V + p² R) / (p T)² for a function of share p with events of `size`, R the others' variance.

    Where all events are of one size it is s (1 − p) / (p T). Where few large ones make the total, every share varies
    with them.
    """
    own = np.divide(size * (1.0 - share) ** 2, share * total, out=np.zeros_like(share), where=share > 0)
    return own + rest / total**2


def _binomial_score(first: Floats, second: Floats, chance: float) -> Floats:
    """Returns the normal score of the mid-p: positive where `first` is small for `chance`. Counts may be fractional."""
    tiny = 1e-300
    few = 0.5 * (_at_most(first, second, chance) + _at_most(first - 1.0, second + 1.0, chance))
    many = 0.5 * (_at_most(second, first, 1 - chance) + _at_most(second - 1.0, first + 1.0, 1 - chance))
    tail = np.minimum(few, many)
    distance = -normal_quantile(np.clip(tail, tiny, 0.5))
    return np.where(few <= many, distance, -distance)


def _at_most(count: Floats, rest: Floats, chance: float) -> Floats:
    """Returns P(K <= count) of a binomial with count + rest trials, continuous in both; 0 at count = -1."""
    body = beta_cdf(np.maximum(rest, 1e-9), np.maximum(count + 1.0, 1e-9), 1.0 - chance)
    return np.where(rest <= 0, 1.0, np.where(count <= -1.0, 0.0, body))


def widened(found: Scores, extra: Floats) -> Floats:
    """Returns the scores with `extra` variance of the log ratio (run to run) added to that of sampling."""
    total = np.maximum(found.variance + extra, _LEAST_VARIANCE)
    with np.errstate(divide="ignore", invalid="ignore"):
        counted = found.log_ratio / np.sqrt(total)
        sampled = found.score * np.sqrt(found.plain_variance / total)
    score = np.where(found.plain_variance > 0, sampled, counted)
    return np.nan_to_num(score, nan=0.0, posinf=38.0, neginf=-38.0)


def ratio_intervals(found: Scores, extra: Floats, quantile: Floats, level: float = 0.95) -> tuple[Floats, Floats]:
    """Returns low and high of candidate share ÷ base share; 0 and infinity where a side has nothing.

    `quantile` is what the level's normal quantile is replaced by (Student's, where the variance is estimated).
    """
    tail = (1.0 - level) / 2.0
    normal = float(-normal_quantile(np.array([tail]))[0])
    sampled = found.plain_variance > 0
    first = np.where(sampled, found.base_events, 1.0) + 0.5
    second = np.where(sampled, found.candidate_events, 1.0) + 0.5
    ends = [np.log(_odds(beta_quantile(second, first, p)) / found.exposure_ratio) for p in (tail, 0.5, 1.0 - tail)]
    centre = np.where(np.isfinite(found.log_ratio), found.log_ratio, ends[1])
    total = found.variance + extra
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(sampled, np.sqrt(total / found.plain_variance), 0.0) * quantile / normal
    plain = quantile * np.sqrt(total)
    low = np.where(sampled, centre - np.maximum(centre - ends[0], 0.0) * factor, centre - plain)
    high = np.where(sampled, centre + np.maximum(ends[2] - centre, 0.0) * factor, centre + plain)
    with np.errstate(over="ignore"):
        low_ratio, high_ratio = np.exp(low), np.exp(high)
    return (
        np.where(found.candidate_events > 0, low_ratio, 0.0),
        np.where(found.base_events > 0, high_ratio, np.inf),
    )


def _odds(chance: Floats) -> Floats:
    return np.clip(chance, 1e-12, 1.0) / np.clip(1.0 - chance, 1e-12, 1.0)
