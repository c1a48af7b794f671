"""The signed-rank test of thousands of comparisons at once, made of the product's own critical ranks and tails.

`agrees_with_product` compares it with `whence.stats.judge` number by number and is part of every calibration.
"""

from __future__ import annotations

import functools
import math

import numpy as np
from numpy.typing import NDArray

from whence.stats.judge import Question, judge_family
from whence.stats.signed_rank import critical_rank, lower_tail

Floats = NDArray[np.float64]


class Tests:
    """The tests of `log_ratios`, shape (repetitions, pairs), continuous noise (no ties)."""

    def __init__(self, log_ratios: Floats) -> None:
        self.pairs = log_ratios.shape[1]
        rows, columns = np.triu_indices(self.pairs)
        self.walsh = np.sort((log_ratios[:, rows] + log_ratios[:, columns]) / 2, axis=1)

    @functools.cached_property
    def estimate(self) -> Floats:
        return np.median(self.walsh, axis=1)

    @functools.cached_property
    def p(self) -> Floats:
        count = self.walsh.shape[1]
        table = np.asarray([min(1.0, 2 * lower_tail(self.pairs, t)) for t in range(count + 1)])
        positive = (self.walsh > 0).sum(axis=1)
        return table[np.minimum(positive, count - positive)]

    def interval(self, alpha: float) -> tuple[Floats, Floats]:
        """Returns the ends at level 1 - alpha; infinite where the pairs are too few."""
        rank = critical_rank(self.pairs, alpha)
        if rank == 0:
            far = np.full(len(self.walsh), np.inf)
            return -far, far
        return self.walsh[:, rank - 1], self.walsh[:, -rank]

    def excludes(self, truth: float, alpha: float = 0.05) -> NDArray[np.bool_]:
        low, high = self.interval(alpha)
        return (low > truth) | (high < truth)

    def equivalent(self, margin: float) -> NDArray[np.bool_]:
        low, high = self.interval(0.10)
        return (low >= -math.log1p(margin)) & (high <= math.log1p(margin))


def attained(pairs: int, alpha: float = 0.05) -> float:
    return 1 - 2 * lower_tail(pairs, critical_rank(pairs, alpha) - 1)


def holm_rejects_any(p: Floats, alpha: float) -> NDArray[np.bool_]:
    """Returns where a family rejects anything: p has shape (repetitions, questions)."""
    return p.min(axis=1) <= alpha / p.shape[1]


def agrees_with_product(seed: int, comparisons: int = 100) -> tuple[int, int]:
    """Returns (agreeing, all): estimate, p, 95 % interval and equivalence as `judge_family` gives them."""
    rng = np.random.default_rng(seed)
    agreeing = 0
    for pairs in (6, 8, 10, 15, 20):
        base = rng.normal(0, 0.02, (comparisons // 5, pairs))
        candidate = base + rng.normal(0.005, 0.02, base.shape)
        tests = Tests(candidate - base)
        low, high = tests.interval(0.05)
        equivalent = tests.equivalent(0.02)
        for i in range(len(base)):
            question = Question(
                key=("x",), base=tuple(np.exp(base[i])), candidate=tuple(np.exp(candidate[i])), margin=0.02
            )
            answer = judge_family([question])[0]
            assert answer.ratio is not None and answer.low is not None and answer.high is not None
            got = (math.log(answer.ratio), math.log(answer.low), math.log(answer.high), answer.p)
            expected = (tests.estimate[i], low[i], high[i], tests.p[i])
            same = np.allclose(np.asarray(got, dtype=float), np.asarray(expected), atol=1e-12)
            agreeing += bool(same and (answer.verdict == "equivalent") == bool(equivalent[i]))
    return agreeing, comparisons
