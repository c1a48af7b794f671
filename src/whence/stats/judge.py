"""The verdict on a family of questions. The rule in plain words is docs/methods/verdict.md; this follows it.

1. exact (declared so, and no spread on either side): the ratio is compared with the margin.
2. `equivalent`: the 90 % interval lies inside the margin.
3. `worse` or `better`: the family's correction rejects "no effect", and the interval at the level of that correction
   excludes 1.
4. otherwise `undetermined`, with the pairs that would probably decide.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from whence.evidence.comparison import Verdict
from whence.stats.gates import judge_gates
from whence.stats.geometric import geometric_mean
from whence.stats.hosts import HostMeans
from whence.stats.multiplicity import Corrected, Correction, correct, pairs_for_family
from whence.stats.power import detectable, pairs_to_decide
from whence.stats.questions import GateJudgement, GateQuestion, Judgement, Question
from whence.stats.reading import FEWEST_PAIRS, Reading, read
from whence.stats.sequential import Look

__all__ = [
    "GateJudgement",
    "GateQuestion",
    "Judgement",
    "Look",
    "Question",
    "geometric_mean",
    "judge_family",
    "judge_gates",
    "pairs_for_family",
]

Interval = tuple[float, float]


def judge_family(
    questions: Sequence[Question],
    *,
    alpha: float = 0.01,
    correction: Correction = "holm",
    spent: float | None = None,
    look: Look | None = None,
) -> tuple[Judgement, ...]:
    """Returns the judgement of each question, in the order given.

    All noisy questions are one family, also those whose numbers turn out too few: what was asked counts, not what
    could be answered. Exact questions make no random error and do not count. `look`: which of several planned looks
    this is: every level (alpha, 95 %, 90 %) then becomes that look's nominal one and the intervals are repeated
    intervals. `spent`: the nominal alpha itself, for a re-planned look (`sequential.extend`). In both cases
    `p_adjusted` is scaled so that it is still compared with `alpha`. Raises ValueError when the sides of a paired
    question have different lengths.
    """
    levels = _levels(alpha, spent, look)
    readings = [read(question) for question in questions]
    noisy = [i for i, reading in enumerate(readings) if reading.scale != "exact"]
    corrected = correct([_p(readings[i]) or 1.0 for i in noisy], levels.nominal, correction)
    by_index = dict(zip(noisy, corrected, strict=True))
    return tuple(
        _judge_exact(question, reading)
        if reading.scale == "exact"
        else _judge_noisy(question, reading, by_index[i], len(noisy), levels)
        for i, (question, reading) in enumerate(zip(questions, readings, strict=True))
    )


class _Levels(msgspec.Struct, frozen=True):
    """Two-sided levels: the family's, the one this look may use of it, and this look's 95 % and 90 % intervals'."""

    alpha: float
    nominal: float
    estimation: float
    equivalence: float


def _levels(alpha: float, spent: float | None, look: Look | None) -> _Levels:
    if look is None:
        return _Levels(alpha, alpha if spent is None else spent, 0.05, 0.10)
    return _Levels(alpha, look.nominal(alpha) if spent is None else spent, look.nominal(0.05), look.nominal(0.10))


def _p(reading: Reading) -> float | None:
    return reading.test.p if reading.test is not None and reading.pairs >= FEWEST_PAIRS else None


def _judge_exact(question: Question, reading: Reading) -> Judgement:
    base, candidate = float(reading.base[0]), float(reading.candidate[0])
    warnings = list(reading.warnings)
    if reading.base.size == 1 or reading.candidate.size == 1:
        warnings.append("one run a side: that it has no spread is taken on trust")
    ratio: float | None = 1.0
    if base != candidate:
        ratio = candidate / base if base > 0 and candidate >= 0 else None
    inside = ratio is not None and ratio > 0 and abs(math.log(ratio)) <= math.log1p(question.margin) + 1e-12
    verdict: Verdict = "equivalent" if inside else _direction(candidate - base, question.better)
    return Judgement(
        key=question.key, verdict=verdict, differs=base != candidate, exact=True, pairs=reading.pairs,
        ratio=ratio, low=ratio, high=ratio, equivalence_low=ratio, equivalence_high=ratio,
        corrected_low=ratio, corrected_high=ratio, level=None if ratio is None else 1.0, detectable=0.0, sd_log=0.0,
        base_value=base, candidate_value=candidate, warnings=tuple(warnings),
    )  # fmt: skip


def _judge_noisy(question: Question, reading: Reading, corrected: Corrected, family: int, levels: _Levels) -> Judgement:
    test, pairs = reading.test, reading.pairs
    minimum = pairs_for_family(family, levels.alpha, paired=question.paired)
    if test is None:
        return Judgement(
            key=question.key, verdict="undetermined", pairs=0, pairs_needed=minimum, warnings=reading.warnings
        )
    enough, on_log = pairs >= FEWEST_PAIRS, reading.scale == "log"
    ninety = test.interval(levels.equivalence) if enough else None
    at_step = test.interval(corrected.step) if enough else None
    band, log_margin = math.log1p(question.band), math.log1p(question.margin)
    if on_log:
        inside = ninety is not None and -log_margin <= ninety[0] - band and ninety[1] + band <= log_margin
    else:
        inside = ninety == (0.0, 0.0)
    shown = corrected.rejected and _excludes_zero(at_step, band if on_log else 0.0)
    verdict: Verdict = "undetermined"
    if inside:
        verdict = "equivalent"
    elif shown:
        verdict = _direction(test.estimate, question.better)
    spread = test.spread if on_log else None
    step = corrected.step * levels.alpha / levels.nominal
    ninety_five = test.interval(levels.estimation) if enough and on_log else None
    ratios = _ratios(ninety_five), _ratios(ninety if on_log else None), _ratios(at_step if on_log else None)
    return Judgement(
        key=question.key,
        verdict=verdict,
        differs=_excludes_zero(ninety, 0.0) if verdict == "equivalent" else shown,
        pairs=pairs,
        ratio=_exp(test.estimate) if on_log else None,
        low=ratios[0][0],
        high=ratios[0][1],
        level=test.attained(levels.estimation) if ninety_five else None,
        equivalence_low=ratios[1][0],
        equivalence_high=ratios[1][1],
        corrected_low=ratios[2][0],
        corrected_high=ratios[2][1],
        p=_p(reading),
        p_adjusted=min(1.0, corrected.p_adjusted * levels.alpha / levels.nominal) if enough else None,
        detectable=None if spread is None else detectable(spread, pairs),
        sd_log=spread,
        pairs_needed=_pairs_needed(question, reading, step, minimum) if verdict == "undetermined" else None,
        base_value=_median(reading.base),
        candidate_value=_median(reading.candidate),
        warnings=reading.warnings,
    )


def _excludes_zero(interval: Interval | None, band: float) -> bool:
    return interval is not None and (interval[0] > band or interval[1] < -band)


def _direction(difference: float, better: Literal["lower", "higher"]) -> Verdict:
    return "worse" if (difference > 0) == (better == "lower") else "better"


def _exp(log_ratio: float) -> float | None:
    return math.exp(log_ratio) if abs(log_ratio) < 700 else None


def _median(values: NDArray[np.float64]) -> float:
    ordered = np.sort(values)
    return float(ordered[(ordered.size - 1) // 2] / 2 + ordered[ordered.size // 2] / 2)


def _ratios(interval: Interval | None) -> tuple[float | None, float | None]:
    return (None, None) if interval is None else (_exp(interval[0]), _exp(interval[1]))


def _pairs_needed(question: Question, reading: Reading, step: float, minimum: int) -> int | None:
    """Returns the pairs, all in all, that would probably decide; more than there are, None when no number would."""
    test = reading.test
    if test is None or test.spread is None:
        return minimum
    if isinstance(test, HostMeans):
        return None  # more hosts would tell, more pairs on these do not
    band = math.log1p(question.band) if reading.scale == "log" else 0.0
    log_margin = math.log1p(question.margin) - band if reading.scale == "log" else 0.0
    effect = max(abs(test.estimate) - band, 0.0)
    needed = pairs_to_decide(effect=effect, sd_log=test.spread, log_margin=log_margin, alpha=step)
    return None if needed is None else max(needed, reading.pairs + 1, minimum)
