"""Many questions at once: which of them may be answered so that the whole family keeps its error rate.

Holm's step-down rule: sort the m p-values; the j-th smallest is rejected while p <= alpha / (m - j + 1), and the first
one that is not stops everything behind it. The chance of any false answer in the family is at most alpha, however the
metrics depend on each other. Benjamini–Hochberg bounds the expected share of false answers among the answers instead,
for long lists that are read rather than acted on.

Each question also gets a *step*: the alpha whose interval excludes 1 exactly when the rule rejects. For a rejected
question under Holm that is its own alpha / (m - j + 1), for the others the alpha at which Holm stopped. Under
Benjamini–Hochberg with R rejections it is alpha R / m (the level of Benjamini and Yekutieli's intervals for selected
effects) and alpha (R + 1) / m for the rest.

Sources: S. Holm, Scand. J. Statist. 6 (1979); Y. Benjamini and Y. Hochberg, JRSS B 57 (1995); Y. Benjamini and
D. Yekutieli, J. Amer. Statist. Assoc. 100 (2005).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import msgspec

from whence.stats.scipy_calls import benjamini_hochberg

Correction = Literal["holm", "bh"]


class Corrected(msgspec.Struct, frozen=True, kw_only=True):
    """One question inside its family. Rejected exactly when `p_adjusted` <= alpha."""

    p_adjusted: float
    step: float
    rejected: bool


def correct(p_values: Sequence[float], alpha: float, correction: Correction) -> tuple[Corrected, ...]:
    """Returns the correction of each p-value, in the order given."""
    if not p_values:
        return ()
    return _holm(p_values, alpha) if correction == "holm" else _benjamini_hochberg(p_values, alpha)


def _holm(p_values: Sequence[float], alpha: float) -> tuple[Corrected, ...]:
    size = len(p_values)
    order = sorted(range(size), key=lambda i: p_values[i])
    answers: list[Corrected | None] = [None] * size
    adjusted, stopped_at = 0.0, None
    for position, index in enumerate(order):
        adjusted = max(adjusted, min(1.0, p_values[index] * (size - position)))
        if stopped_at is None and adjusted > alpha:
            stopped_at = alpha / (size - position)
        step = alpha / (size - position) if stopped_at is None else stopped_at
        answers[index] = Corrected(p_adjusted=adjusted, step=step, rejected=stopped_at is None)
    return tuple(answer for answer in answers if answer is not None)


def _benjamini_hochberg(p_values: Sequence[float], alpha: float) -> tuple[Corrected, ...]:
    adjusted = benjamini_hochberg(p_values)
    size, rejections = len(adjusted), sum(p <= alpha for p in adjusted)
    return tuple(
        Corrected(p_adjusted=p, step=alpha * min(rejections + (p > alpha), size) / size, rejected=p <= alpha)
        for p in adjusted
    )


def pairs_for_family(size: int, alpha: float = 0.01, *, paired: bool = True) -> int:
    """Returns the fewest pairs with which a family of `size` questions can have any answer at all.

    With n pairs the smallest two-sided p is 2 / 2^n (unpaired: 2 / C(2n, n)); Holm's first step asks for
    alpha / size. Never under 6, the fewest pairs that a noisy metric is judged by.
    """
    needed = 6
    while 2 * max(size, 1) > alpha * (2**needed if paired else math.comb(2 * needed, needed)):
        needed += 1
    return needed
