"""Gates: is a limit kept, broken, or can the data not say?

For each gate two one-sided bounds are computed at level 1 - alpha/m, m being the number of gates that data have to
decide. `held`: the bound on the limit's side is inside the limit. `broken`: the opposite bound is outside. Of "within
the limit" and "beyond it" exactly one is true for each gate, so over all gates at most m statements can be false and
dividing by m keeps the chance of any false outcome, in either direction, at alpha. Holm's steps would gain nothing
here: refuting one statement of a gate leaves the other standing.

A ratio gate is judged on the log ratios, both bounds moved outwards by the question's band (layout not varied); a
value gate on the candidate's own values (their pseudo-median). Where values are zero no ratio exists, so
`candidate - limit * base` is held against zero instead. At one of several planned looks alpha is that look's nominal.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from whence.evidence.comparison import GateOutcome
from whence.stats.hosts import HostMeans, fitting_test
from whence.stats.questions import GateJudgement, GateQuestion
from whence.stats.rank_sum import RankSum
from whence.stats.reading import FEWEST_PAIRS, Reading, read
from whence.stats.sequential import Look
from whence.stats.signed_rank import SignedRank


class _Bounded:
    """One noisy gate: a test, and where its limit lies on the test's axis."""

    def __init__(
        self, test: SignedRank | HostMeans | RankSum, limit: float, *, on_log: bool, reportable: bool, band: float = 0.0
    ) -> None:
        self.test, self.limit, self.on_log, self.reportable, self.band = test, limit, on_log, reportable, band

    def outcome(self, operator: str, alpha: float) -> GateJudgement:
        bounds = self.test.interval(2 * alpha)
        if bounds is None:
            return GateJudgement(
                bound=None, outcome="undecided", reason=f"{self.test.size} runs are too few for this many gates"
            )
        lowest, highest = bounds[0] - self.band, bounds[1] + self.band
        facing, opposite = (highest, lowest) if operator == "<=" else (lowest, highest)
        if _within(facing, self.limit, operator):
            return GateJudgement(bound=self._shown(facing), outcome="held")
        if not _within(opposite, self.limit, operator):
            return GateJudgement(bound=self._shown(opposite), outcome="broken")
        return GateJudgement(
            bound=self._shown(facing), outcome="undecided", reason="the data allow both sides of the limit"
        )

    def _shown(self, bound: float) -> float | None:
        if not self.reportable or (self.on_log and bound > 700):
            return None
        return float(f"{math.exp(bound):.14g}") if self.on_log else bound


def judge_gates(
    items: Sequence[GateQuestion], *, alpha: float = 0.05, look: Look | None = None
) -> tuple[GateJudgement, ...]:
    """Returns the judgement of each gate, in the order given. `alpha` is shared by all gates and candidates."""
    if look is not None:
        alpha = look.nominal(2 * alpha) / 2
    prepared = [_prepare(item) for item in items]
    size = max(1, sum(isinstance(p, _Bounded) for p in prepared))
    return tuple(
        p.outcome(item.operator, alpha / size) if isinstance(p, _Bounded) else p
        for item, p in zip(items, prepared, strict=True)
    )


def _prepare(item: GateQuestion) -> GateJudgement | _Bounded:
    """Returns the judgement where no test is needed, else the test."""
    if item.failed:
        return GateJudgement(bound=None, outcome="broken", reason="a run of this candidate failed")
    reading = read(item.question)
    return _prepare_value(item, reading) if item.kind == "value" else _prepare_ratio(item, reading)


def _prepare_value(item: GateQuestion, reading: Reading) -> GateJudgement | _Bounded:
    values = np.asarray(item.question.candidate, dtype=np.float64)
    finite = np.isfinite(values)
    hosts = tuple(host for host, used in zip(item.question.hosts, finite, strict=False) if used)
    values = values[finite]
    if not values.size:
        return GateJudgement(bound=None, outcome="undecided", reason="the candidate has no value")
    if item.question.declared_exact and values.min() == values.max():
        return _compare(float(values[0]), item)
    if values.size < FEWEST_PAIRS:
        return _too_few(int(values.size), "run")
    if values.min() > 0 and item.limit > 0:
        return _Bounded(fitting_test(np.log(values), hosts), math.log(item.limit), on_log=True, reportable=True)
    return _Bounded(fitting_test(values, hosts), item.limit, on_log=False, reportable=True)


def _prepare_ratio(item: GateQuestion, reading: Reading) -> GateJudgement | _Bounded:
    if reading.test is None and reading.scale == "none":
        return GateJudgement(bound=None, outcome="undecided", reason=reading.warnings[-1])
    if min(float(reading.base.min()), float(reading.candidate.min())) < 0:
        return GateJudgement(bound=None, outcome="undecided", reason="a percentage of negative values has no meaning")
    if reading.scale == "exact":
        base, candidate = float(reading.base[0]), float(reading.candidate[0])
        if base > 0:
            return _compare(candidate / base, item)
        inside = _within(candidate, 0.0, item.operator)
        return GateJudgement(bound=None, outcome="held" if inside else "broken", reason="the base is zero")
    if reading.pairs < FEWEST_PAIRS:
        return _too_few(reading.pairs, "pair")
    band = math.log1p(item.question.band)
    if reading.scale == "log" and reading.test is not None:
        return _Bounded(reading.test, math.log(item.limit), on_log=True, reportable=True, band=band)
    scale = max(float(reading.base.max()), float(reading.candidate.max()))
    allowed, candidate = item.limit * (reading.base / scale), reading.candidate / scale
    test = SignedRank(candidate - allowed) if item.question.paired else RankSum(allowed, candidate)
    return _Bounded(test, 0.0, on_log=False, reportable=False)


def _compare(value: float, item: GateQuestion) -> GateJudgement:
    outcome: GateOutcome = "held" if _within(value, item.limit, item.operator) else "broken"
    return GateJudgement(bound=value, outcome=outcome)


def _within(value: float, limit: float, operator: str) -> bool:
    """Compares with a tolerance of 1e-12: 105/100 keeps a limit of +5 %."""
    tolerance = 1e-12 * max(abs(value), abs(limit))
    return value <= limit + tolerance if operator == "<=" else value >= limit - tolerance


def _too_few(count: int, noun: str) -> GateJudgement:
    reason = f"{count} {noun}{'s' if count != 1 else ''}; a noisy metric needs at least {FEWEST_PAIRS}"
    return GateJudgement(bound=None, outcome="undecided", reason=reason)
