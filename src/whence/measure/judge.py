"""From runs to a comparison: which numbers are paired with which, and what each pairing says. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec

from whence.evidence.comparison import Effect, GateResult, GeometricMean, Plan
from whence.evidence.errors import BadInput
from whence.evidence.gate import Gate
from whence.evidence.metric import Metric, layout_sensitive
from whence.evidence.run import Run
from whence.evidence.units import to_base
from whence.measure.metrics import Naming, values_by_run
from whence.stats.judge import (
    GateQuestion,
    Judgement,
    Question,
    geometric_mean,
    judge_family,
    judge_gates,
)

LAYOUT_BAND = 0.10
"""Relative effect on a time below which nothing is decided while code layout was not varied (docs/the-lab.md)."""


class Table:
    """The used runs as one column a (variant, metric), aligned by block; NaN where a value is missing."""

    def __init__(self, runs: Sequence[Run], constants: Mapping[str, Mapping[str, float]] | None = None) -> None:
        self.naming = Naming(runs)
        values = values_by_run(runs, self.naming)
        self.blocks = sorted({run.block for run in runs})
        self._row = {block: i for i, block in enumerate(self.blocks)}
        self._columns: dict[tuple[str, str], list[float]] = {}
        self.metrics: dict[str, Metric] = {}
        for run in runs:
            for sample in run.samples:
                self.metrics.setdefault(self.naming.name(sample), self.naming.metric(sample))
            for name, value in values.get(run.id, {}).items():
                column = self._columns.setdefault((run.variant, name), [math.nan] * len(self.blocks))
                column[self._row[run.block]] = value
        for name, by_variant in (constants or {}).items():
            for variant, value in by_variant.items():
                self._columns[variant, name] = [value] * max(1, len(self.blocks))

    def column(self, variant: str, metric: str) -> tuple[float, ...]:
        return tuple(self._columns.get((variant, metric), [math.nan] * len(self.blocks)))


def questions(
    table: Table, metrics: Sequence[Metric], base: str, candidates: Sequence[str], margins: Mapping[str, float]
) -> list[tuple[Metric, Question]]:
    """Returns one question for each metric and candidate, metric by metric."""
    asked: list[tuple[Metric, Question]] = []
    for metric in metrics:
        for candidate in candidates:
            question = Question(
                key=(metric.name, candidate),
                base=table.column(base, metric.name),
                candidate=table.column(candidate, metric.name),
                declared_exact=metric.declared_exact,
                better=metric.better,
                margin=margin_of(metric, margins),
                unit=metric.unit,
            )
            asked.append((metric, question))
    return asked


def margin_of(metric: Metric, margins: Mapping[str, float]) -> float:
    """The user's margin for this metric or its unit, else the default of its family."""
    for name in (metric.name, metric.unit):
        if name in margins:
            return margins[name]
    return metric.margin


def effects(
    asked: Sequence[tuple[Metric, Question]],
    base: str,
    *,
    correction: str = "holm",
    alpha: float = 0.01,
    interim: bool = False,
    layout_fixed: frozenset[str] = frozenset(),
) -> tuple[Effect, ...]:
    """Returns the judged family. `layout_fixed`: candidates whose pairing did not vary layouts on both sides."""
    judged = judge_family([q for _, q in asked], alpha=alpha, correction="bh" if correction == "bh" else "holm")
    family = "listed" if correction == "bh" else "chosen"
    built: list[Effect] = []
    for (metric, _), judgement in zip(asked, judged, strict=True):
        effect = _effect(metric, judgement, base, family)
        if layout_sensitive(metric) and judgement.key[1] in layout_fixed:
            effect = _held_back_by_layout(effect)
        built.append(_interim(effect) if interim else effect)
    return tuple(built)


def _effect(metric: Metric, j: Judgement, base: str, family: str) -> Effect:
    return Effect(
        metric=metric.name,
        unit=metric.unit,
        base=base,
        candidate=j.key[1],
        base_value=j.base_value,
        candidate_value=j.candidate_value,
        ratio=j.ratio,
        low=j.low,
        high=j.high,
        verdict=j.verdict,
        differs=j.differs,
        exact=j.exact,
        pairs=j.pairs,
        benchmark=metric.benchmark,
        detectable=j.detectable,
        p=j.p,
        p_adjusted=j.p_adjusted,
        corrected_low=j.corrected_low,
        corrected_high=j.corrected_high,
        margin=j.margin,
        better=metric.better,
        pairs_needed=j.pairs_needed,
        level=j.level,
        family="listed" if family == "listed" else "chosen",
        where=metric.where,
        warnings=tuple(j.warnings),
    )


def _held_back_by_layout(effect: Effect) -> Effect:
    """Below the layout band a time may differ by where its code landed alone, so nothing is decided."""
    if effect.ratio is None or effect.ratio <= 0 or effect.verdict not in {"worse", "better"}:
        return effect
    nearest = min(
        (x for x in (effect.corrected_low, effect.corrected_high) if x), key=lambda x: abs(math.log(x)), default=1.0
    )
    if abs(math.log(nearest)) > math.log1p(LAYOUT_BAND):
        return effect
    warning = f"layout-not-varied: an effect under {LAYOUT_BAND:.0%} may be code layout alone"
    return msgspec.structs.replace(
        effect, verdict="undetermined", differs=False, pairs_needed=None, warnings=(*effect.warnings, warning)
    )


def _interim(effect: Effect) -> Effect:
    return msgspec.structs.replace(effect, verdict="undetermined", differs=False)


def gate_results(
    gates: Sequence[Gate],
    table: Table,
    chosen: Sequence[Metric],
    base: str,
    candidates: Sequence[str],
    *,
    failed: Mapping[str, bool],
    interim: bool = False,
) -> tuple[GateResult, ...]:
    """Returns each gate on each candidate. Raises BadInput for a gate on a metric that was not measured."""
    items: list[GateQuestion] = []
    labels: list[tuple[Gate, str, str]] = []
    known = {m.name: m for m in (*table.metrics.values(), *chosen)}
    for gate in gates:
        for metric in gated_metrics(gate, known):
            limit = gate.limit if gate.kind == "ratio" else to_base(gate.limit, gate.written_unit, metric.unit)
            for _, question in questions(table, [metric], base, candidates, {}):
                candidate = question.key[1]
                items.append(
                    GateQuestion(
                        question=question,
                        operator=gate.operator,
                        kind=gate.kind,
                        limit=limit,
                        failed=failed.get(candidate, False),
                    )
                )
                labels.append((gate, metric.name, candidate))
    results: list[GateResult] = []
    for (gate, name, candidate), item, judged in zip(labels, items, judge_gates(items), strict=True):
        outcome = "undecided" if interim and judged.outcome == "held" else judged.outcome
        results.append(
            GateResult(
                rule=gate.text,
                metric=name,
                candidate=candidate,
                bound=judged.bound,
                outcome=outcome,
                limit=item.limit,
                kind=gate.kind,
                reason=judged.reason,
            )
        )
    return tuple(results)


def gated_metrics(gate: Gate, known: Mapping[str, Metric]) -> list[Metric]:
    """Returns the metrics that a gate names: one, or every benchmark of a unit. Raises BadInput for none."""
    if gate.metric in known:
        return [known[gate.metric]]
    of_unit = [m for m in known.values() if m.unit == gate.metric and m.benchmark is not None]
    if not of_unit:
        raise BadInput(f"gate {gate.text!r}: {gate.metric} was not measured (measured: {', '.join(known)}).")
    return of_unit


def geometric_means(judged: Sequence[Effect]) -> tuple[GeometricMean, ...]:
    """Returns the geometric mean of each printed unit that several benchmarks share, candidate by candidate."""
    groups: dict[tuple[str, str], list[Effect]] = {}
    for effect in judged:
        if effect.benchmark is not None:
            groups.setdefault((effect.unit, effect.candidate), []).append(effect)
    return tuple(
        GeometricMean(
            unit=unit,
            candidate=candidate,
            ratio=geometric_mean([e.ratio for e in group if e.ratio is not None]),
            benchmarks=len(group),
        )
        for (unit, candidate), group in groups.items()
        if len({e.benchmark for e in group}) > 1
    )


def truncated(plan: Plan, blocks: int) -> Plan:
    """Returns the plan up to its next look."""
    return msgspec.structs.replace(plan, pairs=blocks, order=plan.order[:blocks])
