"""Which numbers there are, and which of them are judged: names for samples, and the choice among them."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from whence.evidence.errors import BadInput
from whence.evidence.metric import (
    BUILT_IN,
    DEFAULT_METRICS,
    EXACT_UNITS,
    HIGHER_IS_BETTER_UNITS,
    LOAD_METRICS,
    SERVICE_METRICS,
    Metric,
)
from whence.evidence.run import Run, Sample


class Naming:
    """Names samples: a unit by itself where one benchmark prints it, `NAME:UNIT` where several do."""

    def __init__(self, runs: Iterable[Run]) -> None:
        benchmarks: dict[str, dict[str, None]] = defaultdict(dict)
        self.declarations: dict[str, dict[str, str]] = {}
        for run in runs:
            self.declarations.update(run.declarations)
            for sample in run.samples:
                if sample.benchmark is not None:
                    benchmarks[sample.metric][sample.benchmark] = None
        self._collide = {unit for unit, names in benchmarks.items() if len(names) > 1 or _read_from_outside(unit)}

    def name(self, sample: Sample) -> str:
        if sample.benchmark is not None and sample.metric in self._collide:
            return f"{sample.benchmark}:{sample.metric}"
        return sample.metric

    def metric(self, sample: Sample) -> Metric:
        name = self.name(sample)
        if name in BUILT_IN:
            built_in = BUILT_IN[name]
            if sample.benchmark is not None and name in LOAD_METRICS:
                return msgspec.structs.replace(built_in, where="program")
            if sample.benchmark is None or not _read_from_outside(name):
                return built_in
        printed = sample.benchmark is not None
        unit = sample.metric if printed else sample.unit
        declared = self.declarations.get(unit, {})
        default = "higher" if unit in HIGHER_IS_BETTER_UNITS else "lower"
        return Metric(
            name=name,
            unit=unit,
            benchmark=sample.benchmark,
            better="higher" if declared.get("better", default) == "higher" else "lower",
            declared_exact=declared.get("assume", "exact" if unit in EXACT_UNITS else "") == "exact",
            where="program" if printed else "kernel",
        )


def _read_from_outside(name: str) -> bool:
    return name in BUILT_IN and BUILT_IN[name].where == "kernel" and name not in LOAD_METRICS


def found(runs: Sequence[Run]) -> dict[str, Metric]:
    """Returns every metric that these runs carry, by name, in the order first seen."""
    naming = Naming(runs)
    metrics: dict[str, Metric] = {}
    for run in runs:
        for sample in run.samples:
            metrics.setdefault(naming.name(sample), naming.metric(sample))
    return metrics


def choose(requested: Sequence[str], metrics: Mapping[str, Metric], *, service: bool) -> tuple[Metric, ...]:
    """Returns the metrics to judge, the primary first.

    `requested` names one metric, or a unit that several benchmarks print (all of them). Without a request: the
    defaults and every printed unit. Raises BadInput when a name is nowhere among `metrics`.
    """
    if not requested:
        defaults = [metrics[n] for n in (SERVICE_METRICS if service else DEFAULT_METRICS) if n in metrics]
        printed = [m for m in metrics.values() if m.benchmark is not None or m.where in {"program", "runtime"}]
        return tuple(dict.fromkeys([*defaults, *printed]))
    chosen: dict[str, Metric] = {}
    for name in requested:
        fitting = named(name, metrics)
        if not fitting:
            raise missing_metric(name, metrics)
        chosen.update((m.name, m) for m in fitting)
    return tuple(chosen.values())


def named(name: str, metrics: Mapping[str, Metric]) -> list[Metric]:
    """Returns the metrics that people mean by `name`: a metric, `BENCHMARK:UNIT`, or a unit of every benchmark."""
    if name in metrics:
        return [metrics[name]]
    printed = [m for m in metrics.values() if m.benchmark is not None]
    return [m for m in printed if f"{m.benchmark}:{m.unit}" == name] or [m for m in printed if m.unit == name]


def missing_metric(
    name: str, metrics: Mapping[str, Metric], who: str = "the program", usable: Mapping[str, Metric] | None = None
) -> BadInput:
    """Returns the refusal of a name that is not among `metrics`; what it offers instead is one of `usable`, those that
    every variant gives."""
    offers = metrics if usable is None else usable
    there = list(metrics)
    listed = ", ".join(there[:12]) + (", …" if len(there) > 12 else "")
    printed = [m.name for m in offers.values() if m.benchmark is not None or m.where == "program"]
    best = [*difflib.get_close_matches(name, offers, 1), *printed, *offers, "rss"][0]
    return BadInput(f"{who} printed no {name} (it gave {listed or 'nothing'}). Use --metric {best}.")


def values_by_run(runs: Iterable[Run], naming: Naming) -> dict[str, dict[str, float]]:
    """Returns run id → metric name → value, for runs that ended well; a failed run has no values."""
    return {run.id: {naming.name(s): s.value for s in run.samples} for run in runs if run.ok}
