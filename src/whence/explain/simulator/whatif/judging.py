"""Effects between simulated variants: ratios on common random numbers, with the model's own error on top.

Draw i of whatever is uncertain is the same in every variant, so the spread of the paired log ratios holds only what the
variants react to differently. The model's own error does not show in draws; `engine.simulating` states it for one run
of each metric. Two runs of the same program share most of it: the share that stays between two settings of one release
is SAME_RELEASE, between two releases OTHER_RELEASE. Both parts are independent, so their variances add; intervals are
Student's with draws - 1 degrees on the log scale, and the verdict is that of `stats.judge`: equivalent when the 90 %
interval lies inside the margin, worse or better when Holm's rule at 1 % rejects "no effect".
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whence.evidence.comparison import Effect, Verdict
from whence.evidence.metric import BUILT_IN, MARGIN_BY_FAMILY, family_of
from whence.explain.simulator.engine.process_run import TOTALS, ProcessRun
from whence.explain.simulator.engine.simulating import OTHER_ERROR, OWN_ERRORS
from whence.explain.simulator.engine.uncertainty import STAND_IN, source_factor
from whence.explain.simulator.engine.workload import Source
from whence.stats.multiplicity import Correction, correct
from whence.stats.scipy_calls import student_p, student_quantile

Floats = NDArray[np.float64]
SAME_RELEASE, OTHER_RELEASE = 0.35, 0.7
"""Share of the model's own error of one run (sd) that is left in the ratio of two."""
ALPHA = 0.01
FEWEST_DRAWS = 6
COUNTED = frozenset({"gc-cycles", "overshot-cycles"})


class Log(NamedTuple):
    """ln(candidate ÷ base) of one metric: its value, standard deviation and degrees of freedom."""

    value: float
    sd: float
    degrees: float

    def interval(self, alpha: float) -> tuple[float, float]:
        half = student_quantile(1 - alpha / 2, self.degrees) * self.sd
        return self.value - half, self.value + half

    def p(self) -> float:
        if self.sd == 0:
            return 1.0 if self.value == 0 else 0.0
        return student_p(self.value / self.sd, self.degrees)


def unit_of(metric: str) -> str:
    """Returns the unit of a total as metrics have it."""
    return BUILT_IN[metric].unit if metric in BUILT_IN else TOTALS[metric] or "count"


def own_error(metric: str, source: Source, *, same_release: bool, stands_in: bool) -> float:
    """Returns the sd, in ln, of the model's own error of a ratio of two runs."""
    share = SAME_RELEASE if same_release else OTHER_RELEASE
    wider = STAND_IN if stands_in else 1.0
    return OWN_ERRORS.get(metric, OTHER_ERROR) * math.sqrt(2) * share * wider * source_factor(source)


def log_ratio(base: Floats, candidate: Floats, own: float) -> Log | None:
    """Returns the paired log ratio of two totals' draws, draw 0 its value; None when one of them is not above 0."""
    if min(base.min(), candidate.min()) <= 0:
        return None
    logs = np.log(candidate) - np.log(base)
    spread = float(np.sqrt(np.mean((logs[1:] - logs[0]) ** 2))) if len(logs) > 1 else 0.0
    return Log(float(logs[0]), math.hypot(spread, own), max(len(logs) - 1, 1))


class Pair(NamedTuple):
    """Two runs to compare on one metric."""

    metric: str
    base: str
    candidate: str
    base_run: ProcessRun
    candidate_run: ProcessRun
    own: float


def effects(
    pairs: Sequence[Pair], margins: Mapping[str, float], *, correction: Correction = "holm"
) -> tuple[Effect, ...]:
    """Returns the effect of each pair, all of them one family."""
    logs = [log_ratio(p.base_run.draws[p.metric], p.candidate_run.draws[p.metric], p.own) for p in pairs]
    identical = [p.base_run.config == p.candidate_run.config and p.base_run.workload == p.candidate_run.workload
                 for p in pairs]  # fmt: skip
    tested = [i for i, log in enumerate(logs) if log is not None and not identical[i]]
    steps = dict(zip(tested, correct([_p(logs[i]) for i in tested], ALPHA, correction), strict=True))
    found: list[Effect] = []
    for i, pair in enumerate(pairs):
        family = "chosen" if correction == "holm" else "listed"
        common = _common(pair, margins) | {"family": family}
        log = logs[i]
        if identical[i]:
            found.append(
                Effect(ratio=1.0, low=1.0, high=1.0, verdict="equivalent", differs=False, exact=True, **common)
            )
        elif log is None:
            found.append(_without_ratio(pair, common))
        else:
            step = steps[i]
            low, high = log.interval(0.05)
            corrected = log.interval(step.step)
            verdict = _verdict(log, common["margin"], step.rejected)
            inside = verdict == "equivalent"
            ninety = log.interval(0.10)
            found.append(
                Effect(
                    ratio=math.exp(log.value),
                    low=math.exp(low),
                    high=math.exp(high),
                    corrected_low=math.exp(corrected[0]),
                    corrected_high=math.exp(corrected[1]),
                    verdict=verdict,
                    differs=not (ninety[0] <= 0 <= ninety[1]) if inside else step.rejected,
                    exact=False,
                    p=log.p(),
                    p_adjusted=step.p_adjusted,
                    detectable=2.8 * log.sd,
                    level=0.95,
                    **common,
                )
            )
    return tuple(found)


def _p(log: Log | None) -> float:
    return 1.0 if log is None else log.p()


def _common(pair: Pair, margins: Mapping[str, float]) -> dict:
    unit = unit_of(pair.metric)
    margin = margins.get(pair.metric, MARGIN_BY_FAMILY[family_of(unit, pair.metric)])
    return {
        "metric": pair.metric, "unit": unit, "base": pair.base, "candidate": pair.candidate, "margin": margin,
        "base_value": float(pair.base_run.totals[pair.metric].value),
        "candidate_value": float(pair.candidate_run.totals[pair.metric].value),
        "pairs": len(pair.base_run.draws[pair.metric]) - 1, "where": "simulation",
    }  # fmt: skip


def _without_ratio(pair: Pair, common: dict) -> Effect:
    """Returns the effect where one side is 0: no ratio; equal when both are."""
    base, candidate = common["base_value"], common["candidate_value"]
    same = base == candidate
    verdict: Verdict = "equivalent" if same else "undetermined"
    ratio = 1.0 if same else None
    return Effect(ratio=ratio, low=ratio, high=ratio, verdict=verdict, differs=not same, exact=same, **common)


def _verdict(log: Log, margin: float, rejected: bool) -> Verdict:
    low, high = log.interval(0.10)
    if -math.log1p(margin) <= low and high <= math.log1p(margin):
        return "equivalent"
    if rejected:
        return "worse" if log.value > 0 else "better"
    return "undetermined"
