"""Every run as a dot, stage by stage, and the stages as a short table of what they cost."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from statistics import median

import msgspec

from whence.evidence.attribution import Attribution
from whence.evidence.run import JournalLine, Run
from whence.show.report import names, numbers

MOST_DOTS = 3000
MOST_ROWS = 10_000
"""Rows of the CSV inside the report; all runs are in `runs.parquet`."""
_FAMILIES = {"release": "releases along the way", "hunks": "sets of source changes", "over": "values of a parameter"}


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """The runs of one stage: (x, y, arm's number, title) in percent, y by the metric's log. `medians`: (arm, median,
    runs)."""

    name: str
    arms: tuple[str, ...]
    dots: tuple[tuple[float, float, int, str], ...]
    runs: int
    medians: tuple[tuple[str, str, int], ...]
    every: int = 1
    """Each so many-th run is drawn."""


def stages(attribution: Attribution, lines: Mapping[str, Sequence[JournalLine]]) -> tuple[Stage, ...]:
    """Returns the stages that have runs with a value; of more than MOST_DOTS runs evenly spaced ones are drawn."""
    found: list[tuple[str, list[tuple[Run, float]]]] = []
    for name, own in lines.items():
        good = [(run, v) for run, v in values(own, attribution.metric) if v > 0]
        if good:
            found.append((names.clean(name), good))
    keep = max(1, math.ceil(sum(len(good) for _, good in found) / MOST_DOTS))
    return tuple(_stage(attribution, name, good, keep) for name, good in found)


def values(lines: Sequence[JournalLine], metric: str) -> list[tuple[Run, float]]:
    """Returns the runs that gave the metric, with its value: the median where a run printed it for several
    benchmarks. `metric` may name a benchmark, as `Decode/any:ns/op`."""
    benchmark, _, unit = metric.rpartition(":")
    found: list[tuple[Run, float]] = []
    for line in lines:
        if isinstance(line, Run) and line.ok:
            own = [s.value for s in line.samples if s.metric == unit and benchmark in ("", s.benchmark or "")]
            own = [v for v in own if math.isfinite(v)]
            if own:
                found.append((line, median(own)))
    return found


def _stage(attribution: Attribution, name: str, good: Sequence[tuple[Run, float]], keep: int) -> Stage:
    seen_arms = dict.fromkeys(_arm(run) for run, _ in good)
    arms = tuple(sorted(seen_arms, key=lambda arm: arm != "base"))  # the base has the same colour everywhere
    logs = [math.log(v) for _, v in good]
    low, span = min(logs), max(max(logs) - min(logs), 1e-6)
    dots: list[tuple[float, float, int, str]] = []
    for number, (run, value) in enumerate(good):
        if number % keep:
            continue
        arm = arms.index(_arm(run))
        x = round(1 + 98 * number / max(1, len(good) - 1), 2)
        y = round(94 - 88 * (math.log(value) - low) / span, 2)
        seen = f"{numbers.amount_text(value, attribution.unit)}, {run.seconds:.3g} s"
        dots.append((x, y, arm, names.clean(f"{run.id} {arms[arm]}: {seen}")))
    medians: list[tuple[str, str, int]] = []
    for arm_name in arms:
        own = [v for run, v in good if _arm(run) == arm_name]
        medians.append((names.clean(arm_name), numbers.amount_text(median(own), attribution.unit), len(own)))
    return Stage(name=name, arms=arms, dots=tuple(dots), runs=len(good), medians=tuple(medians), every=keep)


def _arm(run: Run) -> str:
    """Returns the variant without the number of its layout."""
    return run.variant.split("#")[0]


def costs(attribution: Attribution) -> list[tuple[str, int, str]]:
    """Returns (stage, runs, time in them) in the order they were done; stages of one family are one row."""
    rows: dict[str, tuple[int, int, float]] = {}
    for name, runs, seconds in attribution.plan.stages:
        family = name.partition("-")[0]
        key = family if family in _FAMILIES else name
        number, before, spent = rows.get(key, (0, 0, 0.0))
        rows[key] = (number + 1, before + runs, spent + seconds)
    told: list[tuple[str, int, str]] = []
    for key, (number, runs, seconds) in rows.items():
        name = f"{_FAMILIES[key]} ({number})" if key in _FAMILIES else names.clean(key)
        told.append((name, runs, numbers.seconds_text(seconds)))
    return told


def runs_csv(attribution: Attribution, lines: Mapping[str, Sequence[JournalLine]]) -> str:
    """Returns the metric of every run as CSV, stage by stage; of more than MOST_ROWS evenly spaced ones."""
    runs = [(stage, run, value) for stage, own in lines.items() for run, value in values(own, attribution.metric)]
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(("stage", "run", "kind", "variant", "block", "started_at", "seconds", attribution.metric))
    for stage, run, value in runs[:: max(1, math.ceil(len(runs) / MOST_ROWS))]:
        writer.writerow((stage, run.id, run.kind, run.variant, run.block, run.started_at, run.seconds, value))
    return buffer.getvalue()
