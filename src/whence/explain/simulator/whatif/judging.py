"""Effects between simulated variants: ratios on common random numbers, with the model's own error on top.

Draw i of whatever is uncertain is the same in every variant, so the spread of the paired log ratios holds only what the
variants react to differently. The model's own error does not show in draws; `engine.simulating` states it for one run
of each metric. How much of it is left in a ratio of two was measured against real runs (bench.simulator_ratios): it
grows with what differs. Parts are independent, so their variances add; intervals are Student's with draws - 1 degrees
on the log scale, and the verdict is that of `stats.judge`: equivalent when the 90 % interval lies inside the margin,
worse or better when Holm's rule at 1 % rejects "no effect".
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from whence.evidence.comparison import Effect, Verdict
from whence.evidence.metric import BUILT_IN, MARGIN_BY_FAMILY, family_of
from whence.explain.simulator.engine.config import Config
from whence.explain.simulator.engine.process_run import TOTALS, ProcessRun
from whence.explain.simulator.engine.simulating import OTHER_ERROR, OWN_ERRORS
from whence.explain.simulator.engine.uncertainty import STAND_IN
from whence.explain.simulator.whatif.surviving import FEWEST, survived
from whence.golang.versions import parse_version
from whence.stats.multiplicity import Corrected, Correction, correct
from whence.stats.scipy_calls import student_p, student_quantile

Floats = NDArray[np.float64]
RELEASE, DOUBLING, SETTING = 0.7, 0.75, 0.8
"""Of √2 × the model's own error of one run (sd) this is left in the ratio of two that differ in the release, for each
doubling of GOGC, and for any other setting."""
DOUBLINGS_TO_OFF = 2.0
ALPHA = 0.01


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


def own_error(metric: str, apart: float, *, stands_in: bool) -> float:
    """Returns the sd, in ln, of the model's own error of a ratio of two runs that lie `apart` (see `distance`).

    How poorly a program is known does not widen it: both runs are of the same program, and the draws hold the rest.
    """
    wider = STAND_IN if stands_in else 1.0
    return OWN_ERRORS.get(metric, OTHER_ERROR) * math.sqrt(2) * apart * wider


def distance(base: Config, candidate: Config, arguments: int = 0) -> float:
    """Returns how far apart two settings lie, in units of √2 × the error of one run.

    arguments: how many parameters of the program differ.
    """
    squares = float(arguments) * SETTING**2
    if parse_version(base.go).line != parse_version(candidate.go).line:
        squares += RELEASE**2
    squares += (DOUBLING * _doublings(base.gogc, candidate.gogc)) ** 2
    others = ("memory_limit", "processors", "cpus", "container_memory")
    squares += SETTING**2 * sum(getattr(base, name) != getattr(candidate, name) for name in others)
    return math.sqrt(squares)


def _doublings(one: int, other: int) -> float:
    if (one < 0) != (other < 0):
        return DOUBLINGS_TO_OFF
    return abs(math.log2(one / other)) if one > 0 else 0.0


def log_ratio(base: Floats, candidate: Floats, own: float, use: NDArray[np.bool_] | None = None) -> Log | None:
    """Returns the paired log ratio of two totals' draws.

    Its value is that of draw 0, the median where draw 0 is not to be used. None when a draw is not above 0, or when
    fewer than `surviving.FEWEST` are left.
    """
    use = np.ones(len(base), dtype=np.bool_) if use is None else use
    if np.count_nonzero(use) < FEWEST or min(base[use].min(), candidate[use].min()) <= 0:
        return None
    logs = np.log(candidate[use]) - np.log(base[use])
    centre = float(logs[0] if use[0] else np.median(logs))
    others = logs[1:] if use[0] else logs
    spread = float(np.sqrt(np.mean((others - centre) ** 2)))
    return Log(centre, math.hypot(spread, own), max(len(others) - 1, 1))


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
    logs = [_log_of(pair) for pair in pairs]
    tested = {i: log for i, log in enumerate(logs) if log is not None and not _identical(pairs[i])}
    corrected = correct([log.p() for log in tested.values()], ALPHA, correction)
    steps = dict(zip(tested, corrected, strict=True))
    found: list[Effect] = []
    for i, pair in enumerate(pairs):
        blank = _blank(pair, margins, "chosen" if correction == "holm" else "listed")
        found.append(_judged(blank, tested[i], steps[i]) if i in tested else _settled(blank, _identical(pair)))
    return tuple(found)


def _both(pair: Pair) -> NDArray[np.bool_]:
    return survived(pair.base_run) & survived(pair.candidate_run)


def _log_of(pair: Pair) -> Log | None:
    return log_ratio(pair.base_run.draws[pair.metric], pair.candidate_run.draws[pair.metric], pair.own, _both(pair))


def _identical(pair: Pair) -> bool:
    return pair.base_run.config == pair.candidate_run.config and pair.base_run.workload == pair.candidate_run.workload


def _blank(pair: Pair, margins: Mapping[str, float], family: Literal["chosen", "listed"]) -> Effect:
    """Returns the effect with its values, not judged yet."""
    unit = unit_of(pair.metric)
    return Effect(
        metric=pair.metric,
        unit=unit,
        base=pair.base,
        candidate=pair.candidate,
        base_value=_value(pair.base_run, pair.metric),
        candidate_value=_value(pair.candidate_run, pair.metric),
        ratio=None,
        low=None,
        high=None,
        verdict="undetermined",
        differs=False,
        exact=False,
        pairs=int(np.count_nonzero(_both(pair)[1:])),
        margin=margins.get(pair.metric, MARGIN_BY_FAMILY[family_of(unit, pair.metric)]),
        family=family,
        where="simulation",
    )


def _value(run: ProcessRun, metric: str) -> float:
    alive = survived(run)
    values = run.draws[metric]
    return float(values[0] if alive[0] or not alive.any() else np.median(values[alive]))


def _settled(blank: Effect, identical: bool) -> Effect:
    """Returns the effect of the same settings on both sides, or where a side is 0: equal, or without a ratio."""
    if not identical and blank.base_value != blank.candidate_value:
        return msgspec.structs.replace(blank, differs=True)
    return msgspec.structs.replace(blank, ratio=1.0, low=1.0, high=1.0, verdict="equivalent", exact=True)


def _judged(blank: Effect, log: Log, corrected: Corrected) -> Effect:
    low, high = log.interval(0.05)
    ninety = log.interval(0.10)
    at_step = log.interval(corrected.step)
    margin = math.log1p(blank.margin)
    inside = -margin <= ninety[0] and ninety[1] <= margin
    verdict: Verdict = "undetermined"
    if inside:
        verdict = "equivalent"
    elif corrected.rejected:
        verdict = "worse" if log.value > 0 else "better"
    return msgspec.structs.replace(
        blank,
        ratio=math.exp(log.value),
        low=math.exp(low),
        high=math.exp(high),
        corrected_low=math.exp(at_step[0]),
        corrected_high=math.exp(at_step[1]),
        verdict=verdict,
        differs=not ninety[0] <= 0 <= ninety[1] if inside else corrected.rejected,
        p=log.p(),
        p_adjusted=corrected.p_adjusted,
        detectable=2.8 * log.sd,
        level=0.95,
    )
