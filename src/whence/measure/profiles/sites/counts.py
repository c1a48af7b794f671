"""How many objects there were when the profiler recorded k of them, with an interval.

An object of `size` bytes is recorded with probability p = 1 - exp(-size / rate), independently of all others: the
profiler's next sample is exponentially far away, and that distribution has no memory (runtime/malloc.go, nextSample).
So k is binomial in the true number N, and N has the exact interval of all numbers under which k is not surprising
(Clopper and Pearson's construction, turned round to N). Sums over several p have the gamma limits of Fay and Feuer
(Statistics in Medicine 16, 1997) for weighted Poisson counts, with the binomial's smaller variance. Where whole
estimates are added or set against each other, each side's distances add up in squares (Zou and Donner, Statistics in
Medicine 27, 2008).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
_STEPS = 60


class Estimates(NamedTuple):
    """Estimates with limits, elementwise: `low` ≤ `value` ≤ `high`."""

    value: Float64
    low: Float64
    high: Float64


def recording_probability(size_bytes: Float64, rate: Float64 | float) -> Float64:
    """Returns the probability that an object is recorded; 1 for rates of 1 and below (1: everything; 0: not said)."""
    rates = np.broadcast_to(np.asarray(rate, np.float64), np.shape(size_bytes))
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        # Not expm1: runtime/pprof subtracts from 1 as well, and its values are divided by exactly this.
        return np.where(rates <= 1, 1.0, 1 - np.exp(-size_bytes / np.maximum(rates, 1.0)))


def recorded(scaled: NDArray[np.int64], probability: Float64) -> NDArray[np.int64]:
    """Returns k for values that were written as floor(k ÷ probability) (runtime/pprof, scaleHeapSample)."""
    # A value v stands for v·p <= k < (v + 1)·p; the small amount forgives the rounding of the product itself.
    return np.ceil(scaled * probability * (1 - 1e-14) - 1e-9).astype(np.int64)


def objects(k: NDArray[np.int64], probability: Float64, level: float) -> Estimates:
    """Returns k ÷ p and the exact interval for the number of objects, elementwise."""
    from scipy import special

    seen = np.asarray(k, np.float64)
    p = np.broadcast_to(np.asarray(probability, np.float64), seen.shape)
    tail = (1 - level) / 2
    value = np.divide(seen, p, out=np.zeros_like(seen), where=p > 0)
    low, high = seen.copy(), np.maximum(value, seen)
    sampled = p < 1
    if not sampled.any():
        return Estimates(value, low, high)
    ks, ps, middle = seen[sampled], p[sampled], value[sampled]
    # The Poisson limits are wider than the binomial ones: they bracket the search.
    widest = special.gammaincinv(ks + 1, 1 - tail) / ps + ks + 1
    with np.errstate(all="ignore"):
        # P(X >= k) = I_p(k, n - k + 1), and P(X <= k) = 1 - I_p(k + 1, n - k).
        low[sampled] = _search(lambda n: special.betainc(np.maximum(ks, 1e-300), n - ks + 1, ps) > tail, ks, middle)
        high[sampled] = _search(
            lambda n: special.betaincc(ks + 1, np.maximum(n - ks, 1e-300), ps) < tail, middle, widest
        )
    low[seen == 0] = 0.0
    return Estimates(value, np.minimum(low, value), np.maximum(high, value))


def _search(beyond: Callable[[Float64], NDArray[np.bool_]], low: Float64, high: Float64) -> Float64:
    """Returns where a test that is false at `low` and true at `high` turns, elementwise."""
    low, high = low.astype(np.float64), high.astype(np.float64)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        over = beyond(middle)
        high, low = np.where(over, middle, high), np.where(over, low, middle)
    return (low + high) / 2


def added(parts: Estimates, group: NDArray[np.integer], groups: int) -> Estimates:
    """Returns the sum of the independent parts of every group, each of which has limits on both sides."""
    value = np.bincount(group, parts.value, groups).astype(np.float64)
    down = np.bincount(group, (parts.value - parts.low) ** 2, groups)
    up = np.bincount(group, (parts.high - parts.value) ** 2, groups)
    return Estimates(value, np.maximum(value - np.sqrt(down), 0), value + np.sqrt(up))


def summed(
    k: NDArray[np.int64],
    probability: Float64,
    factor: Float64,
    group: NDArray[np.integer],
    groups: int,
    level: float,
) -> Estimates:
    """Returns, by group, the sum of factor × objects over counts with probabilities of their own.

    A single count has its exact interval. For several, those of few objects reach down to zero and would make the
    sum look surer than it is; their weighted sum has Fay and Feuer's limits instead.
    """
    from scipy import special

    exact = scaled(objects(k, probability, level), factor)
    alone = np.bincount(group, minlength=groups)[group] == 1
    single = added(Estimates(*(np.where(alone, column, 0.0) for column in exact)), group, groups)
    weight = factor / probability
    sampled = ~alone & (probability < 1)
    sure = np.bincount(group, np.where(alone | sampled, 0.0, weight * k), groups)
    value = np.bincount(group, np.where(sampled, weight * k, 0.0), groups)
    variance = np.bincount(group, np.where(sampled, weight**2 * k * (1 - probability), 0.0), groups)
    largest = np.zeros(groups)
    np.maximum.at(largest, group[sampled], weight[sampled])
    tail = (1 - level) / 2
    with np.errstate(all="ignore"):
        low = variance / value * special.gammaincinv(value**2 / variance, tail)
        top_value, top_variance = value + largest, variance + largest**2
        high = top_variance / top_value * special.gammaincinv(top_value**2 / top_variance, 1 - tail)
    low = np.where(variance > 0, np.minimum(np.nan_to_num(low), value), value)
    high = np.where(largest > 0, np.maximum(np.nan_to_num(high), value), value)
    return Estimates(*(a + sure + b for a, b in zip((value, low, high), single, strict=True)))


def scaled(parts: Estimates, factor: Float64 | NDArray[np.int64]) -> Estimates:
    """Returns the estimates times known numbers."""
    return Estimates(parts.value * factor, parts.low * factor, parts.high * factor)


def shares(parts: Estimates) -> Estimates:
    """Returns each part's share of the sum of all; the others are known only as well as they were sampled."""
    total = parts.value.sum()
    down, up = (parts.value - parts.low) ** 2, (parts.high - parts.value) ** 2
    others = np.maximum(total - parts.value, 0)
    others_low = np.maximum(others - np.sqrt(np.maximum(down.sum() - down, 0)), 0)
    others_high = others + np.sqrt(np.maximum(up.sum() - up, 0))
    value = _of(parts.value, others)
    return Estimates(
        value,
        _against(value, _of(parts.low, others), _of(parts.value, others_high), -1),
        _against(value, _of(parts.high, others), _of(parts.value, others_low), 1),
    )


def _of(part: Float64, others: Float64) -> Float64:
    whole = part + others
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)


def _against(value: Float64, own: Float64, theirs: Float64, side: int) -> Float64:
    """Returns the limit of a share from how far its own limit and the others' move it, added in squares."""
    return np.clip(value + side * np.sqrt((own - value) ** 2 + (theirs - value) ** 2), 0, 1)


def complement(parts: Estimates, row: int, total: Estimates) -> Estimates:
    """Returns one part and, as a second row, what remains of the total of which it is a part."""
    value, down, up = parts.value[row], parts.value[row] - parts.low[row], parts.high[row] - parts.value[row]
    rest = max(float(total.value[0] - value), 0.0)
    rest_down = np.sqrt(max(float((total.value[0] - total.low[0]) ** 2 - down**2), 0.0))
    rest_up = np.sqrt(max(float((total.high[0] - total.value[0]) ** 2 - up**2), 0.0))
    return Estimates(
        np.array([value, rest]),
        np.array([parts.low[row], max(rest - rest_down, 0.0)]),
        np.array([parts.high[row], rest + rest_up]),
    )
