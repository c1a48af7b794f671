"""From runs to effects: which numbers are paired with which, and what each pairing says. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec

from whence.evidence.comparison import Effect, GateResult, GeometricMean
from whence.evidence.errors import BadInput
from whence.evidence.gate import Gate
from whence.evidence.metric import Metric, layout_sensitive
from whence.evidence.run import Run
from whence.evidence.units import to_base
from whence.measure.metrics import Naming, named, values_by_run
from whence.stats.judge import (
    GateQuestion,
    Judgement,
    Look,
    Question,
    geometric_mean,
    judge_family,
    judge_gates,
)
from whence.stats.layouts import collapse_question
from whence.stats.multiplicity import Correction

LAYOUT_BAND = 0.10
"""Relative effect on a time below which nothing is decided while code layout was not varied (docs/the-lab.md)."""


class Table:
    """The used runs as one column a (variant, metric), aligned by block; NaN where a value is missing."""

    hosts: tuple[str, ...] = ()
    """Where each block was measured: a block is whole on one host."""

    def __init__(self, runs: Sequence[Run], constants: Mapping[str, Mapping[str, float]] | None = None) -> None:
        naming = Naming(runs)
        values = values_by_run(runs, naming)
        self.blocks = sorted({run.block for run in runs})
        host_of = {run.block: run.host_name for run in runs}
        self.hosts = tuple(host_of[block] for block in self.blocks)
        row = {block: i for i, block in enumerate(self.blocks)}
        self._columns: dict[tuple[str, str], list[float]] = {}
        self.metrics: dict[str, Metric] = {}
        for run in runs:
            for sample in run.samples:
                name = naming.name(sample)
                if name not in self.metrics:
                    self.metrics[name] = naming.metric(sample)
            for name, value in values.get(run.id, {}).items():
                column = self._columns.setdefault((run.variant, name), [math.nan] * len(self.blocks))
                column[row[run.block]] = value
        for name, by_variant in (constants or {}).items():
            for variant, value in by_variant.items():
                self._columns[variant, name] = [value] * max(1, len(self.blocks))

    def column(self, variant: str, metric: str) -> tuple[float, ...]:
        return tuple(self._columns.get((variant, metric), [math.nan] * len(self.blocks)))


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """How the questions of one comparison are asked: against which base, with which margins, at which look."""

    table: Table
    base: str
    margins: Mapping[str, float]
    layout_fixed: frozenset[str] = frozenset()
    """Candidates whose times may differ from the base's by code layout alone."""
    shared_layouts: int | None = None
    """Set when several blocks share a layout: then layouts, not blocks, are the independent units of times."""
    look: Look | None = None
    interim: bool = False
    """The plan is not carried out: nothing is decided."""

    def question(self, metric: Metric, candidate: str) -> Question:
        fixed = candidate in self.layout_fixed and layout_sensitive(metric)
        question = Question(
            key=(metric.name, candidate),
            base=self.table.column(self.base, metric.name),
            candidate=self.table.column(candidate, metric.name),
            declared_exact=metric.declared_exact,
            better=metric.better,
            margin=margin_of(metric, self.margins),
            unit=metric.unit,
            band=LAYOUT_BAND if fixed else 0.0,
            hosts=self.table.hosts if len(set(self.table.hosts)) > 1 else (),
        )
        if self.shared_layouts is None or fixed or not layout_sensitive(metric):
            return question
        return collapse_question(question, [block % self.shared_layouts for block in self.table.blocks])

    def effects(
        self, metrics: Sequence[Metric], candidates: Sequence[str], *, correction: Correction = "holm"
    ) -> tuple[Effect, ...]:
        """Returns the effects of one family, metric by metric; `bh` for a list that is only to be read."""
        asked = [(metric, candidate) for metric in metrics for candidate in candidates]
        judged = judge_family([self.question(*pair) for pair in asked], correction=correction, look=self.look)
        return tuple(self._effect(m, j, correction) for (m, _), j in zip(asked, judged, strict=True))

    def _effect(self, metric: Metric, j: Judgement, correction: Correction) -> Effect:
        return Effect(
            metric=metric.name,
            unit=metric.unit,
            base=self.base,
            candidate=j.key[1],
            base_value=j.base_value,
            candidate_value=j.candidate_value,
            ratio=j.ratio,
            low=j.low,
            high=j.high,
            verdict="undetermined" if self.interim else j.verdict,
            differs=j.differs and not self.interim,
            exact=j.exact,
            pairs=j.pairs,
            benchmark=metric.benchmark,
            detectable=j.detectable,
            p=j.p,
            p_adjusted=j.p_adjusted,
            corrected_low=j.corrected_low,
            corrected_high=j.corrected_high,
            margin=margin_of(metric, self.margins),
            better=metric.better,
            pairs_needed=j.pairs_needed if j.pairs else None,  # more runs of what never ran tell nothing
            level=j.level,
            family="listed" if correction == "bh" else "chosen",
            where=metric.where,
            warnings=j.warnings,
        )

    def gates(
        self, gates: Sequence[Gate], chosen: Sequence[Metric], candidates: Sequence[str], *, failed: Mapping[str, bool]
    ) -> tuple[GateResult, ...]:
        """Returns each gate on each candidate. Raises BadInput for a gate on a metric that was not measured."""
        known = {m.name: m for m in (*self.table.metrics.values(), *chosen)}
        labels: list[tuple[Gate, str]] = []
        items: list[GateQuestion] = []
        for gate in gates:
            for metric in gated_metrics(gate, known):
                for candidate in candidates:
                    labels.append((gate, metric.name))
                    items.append(
                        GateQuestion(
                            question=self.question(metric, candidate),
                            operator=gate.operator,
                            kind=gate.kind,
                            limit=limit_of(gate, metric),
                            failed=failed.get(candidate, False),
                        )
                    )
        return tuple(
            GateResult(
                rule=gate.text,
                metric=name,
                candidate=item.question.key[1],
                bound=judged.bound,
                outcome="undecided" if self.interim and judged.outcome == "held" else judged.outcome,
                limit=item.limit,
                kind=gate.kind,
                reason=judged.reason,
            )
            for (gate, name), item, judged in zip(labels, items, judge_gates(items, look=self.look), strict=True)
        )


def limit_of(gate: Gate, metric: Metric) -> float:
    """Returns the limit as a ratio, or in the metric's unit. Raises BadInput when the unit does not fit."""
    try:
        return gate.limit if gate.kind == "ratio" else to_base(gate.limit, gate.written_unit, metric.unit)
    except BadInput as error:
        raise BadInput(f"gate {gate.text!r}: {error}") from error


def margin_of(metric: Metric, margins: Mapping[str, float]) -> float:
    """The user's margin for this metric or its unit, else the default of its family."""
    for name in (metric.name, f"{metric.benchmark}:{metric.unit}", metric.unit):
        if name in margins:
            return margins[name]
    return metric.margin


def gated_metrics(gate: Gate, known: Mapping[str, Metric]) -> list[Metric]:
    """Returns the metrics that a gate names: one, or every benchmark of a unit. Raises BadInput for none."""
    fitting = named(gate.metric, known)
    if not fitting:
        raise BadInput(
            f"gate {gate.text!r}: {gate.metric} was not measured (measured: {', '.join(known) or 'nothing'}). "
            "Gate one of these, or choose it with --metric."
        )
    return fitting


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
