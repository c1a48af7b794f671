"""Resident memory by kind, stacked, against what Go itself counts; and how it grew while the programs ran."""

from __future__ import annotations

import statistics
from typing import NamedTuple

from whence.evidence.comparison import Comparison
from whence.evidence.run import Run
from whence.show.report import evidence, names, numbers
from whence.show.report.scale import Tick, ValueAxis, value_axis

_KINDS = (
    ("anon", "rss-anon", "anonymous"),
    ("lazy", "rss-lazyfree", "lazy-free (the kernel may take it back)"),
    ("file", "rss-file", "file-backed"),
)
_HEADS = {"anon": "anonymous", "lazy": "lazy-free", "file": "file"}
_MOST_LINES = 5
_MOST_POINTS = 60


class Part(NamedTuple):
    """One kind of memory of one variant: its place in the bar, in percent."""

    kind: str
    x: float
    width: float


class Stack(NamedTuple):
    """One variant: its bar, Go's own count as a mark, and the numbers in the unit of the table."""

    label: str
    parts: tuple[Part, ...]
    own_at: float | None
    numbers: tuple[str, ...]
    own: str


class Memory(NamedTuple):
    """The table of stacks. `kinds`: (class, words) of the columns that have numbers."""

    kinds: tuple[tuple[str, str], ...]
    heads: tuple[str, ...]
    unit: str
    stacks: tuple[Stack, ...]
    has_own: bool
    ticks: tuple[Tick, ...]


class Curve(NamedTuple):
    """One run's resident memory as points of a drawing 1000 wide and 300 high."""

    variant: int
    label: str
    points: str
    typical: bool


class Timeline(NamedTuple):
    """Resident memory over the seconds of the run."""

    curves: tuple[Curve, ...]
    unit: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    variants: tuple[tuple[int, str], ...]


def memory(comparison: Comparison, of: evidence.Shown) -> Memory | None:
    """Returns the stacks by variant, or None when no run tells its memory by kind."""
    variants = [name for name in of.variants if name != comparison.aa_variant]
    table: dict[str, dict[str, float]] = {}
    for name in variants:
        found = {metric: _median(comparison, of, metric, name) for _, metric, _ in _KINDS}
        row = {metric: value for metric, value in found.items() if value is not None}
        if "rss-anon" in row:
            # Lazily freed pages are anonymous pages: they are taken out, so that the parts add up.
            row["rss-anon"] = max(0.0, row["rss-anon"] - row.get("rss-lazyfree", 0.0))
            table[name] = row
    if not table:
        return None
    own = {name: _median(comparison, of, "runtime-total", name) for name in table}
    counted = [value for value in own.values() if value is not None]
    most = max([sum(row.values()) for row in table.values()] + counted)
    if most <= 0:
        return None
    axis = ValueAxis(0.0, most * 1.04)
    used = [(key, metric, words) for key, metric, words in _KINDS if any(row.get(metric) for row in table.values())]
    scale = numbers.scale_for([sum(row.values()) for row in table.values()], "B")
    stacks = [_stack(names.label(comparison, name), row, own[name], used, axis, scale) for name, row in table.items()]
    plain = numbers.scale_for(axis.values(), "B")._replace(divisor=scale.divisor)
    ticks = tuple(Tick(100.0 - axis.at(value), numbers.value_text(value, plain)) for value in axis.values())
    kinds = tuple((key, words) for key, _, words in used)
    heads = tuple(_HEADS[key] for key, _ in kinds)
    return Memory(kinds, heads, scale.unit, tuple(stacks), bool(counted), ticks)


def _median(comparison: Comparison, of: evidence.Shown, metric: str, variant: str) -> float | None:
    """Returns the median of a metric: what the comparison says where it does, else that of the shown runs."""
    for effect in (*comparison.effects, *comparison.listed):
        if effect.metric == metric and effect.benchmark is None:
            if effect.candidate == variant and effect.candidate_value is not None:
                return effect.candidate_value
            if effect.base == variant and effect.base_value is not None:
                return effect.base_value
    return of.median(metric, variant)


def _stack(
    label: str,
    row: dict[str, float],
    own: float | None,
    used: list[tuple[str, str, str]],
    axis: ValueAxis,
    scale: numbers.Scale,
) -> Stack:
    parts: list[Part] = []
    start = 0.0
    texts: list[str] = []
    for key, metric, _ in used:
        value = row.get(metric, 0.0)
        width = round(value / axis.high * 100, 2)
        parts.append(Part(key, round(start, 2), width))
        start += width
        texts.append(numbers.value_text(row.get(metric), scale))
    texts.append(numbers.value_text(sum(row.values()), scale))
    own_at = None if own is None else round(own / axis.high * 100, 2)
    return Stack(label, tuple(parts), own_at, tuple(texts), numbers.value_text(own, scale))


def timeline(comparison: Comparison, of: evidence.Shown) -> Timeline | None:
    """Returns resident memory over time: for each variant its most typical run and a few others. None without any."""
    runs = [(run, used) for run, used in zip(of.runs, of.used, strict=True) if len(run.timeline) > 1 and used]
    runs = [(run, used) for run, used in runs if run.variant != comparison.aa_variant]
    if not runs:
        return None
    picked: list[tuple[Run, bool]] = []
    for name in of.variants:
        mine = [run for run, _ in runs if run.variant == name]
        picked += _typical(mine)
    seconds = max(run.timeline[-1][0] for run, _ in picked) or 1.0
    axis = value_axis([value for run, _ in picked for _, value in run.timeline], from_zero=True)
    across = ValueAxis(0.0, seconds)
    curves = tuple(
        Curve(of.variants.index(run.variant), names.label(comparison, run.variant), _points(run, across, axis), typical)
        for run, typical in sorted(picked, key=lambda pair: pair[1])
    )
    scale, second = numbers.scale_for(axis.values(), "B"), numbers.scale_for(across.values(5), "s")
    present = dict.fromkeys(curve.variant for curve in curves)
    return Timeline(
        curves=curves,
        unit=scale.unit,
        x_ticks=tuple(
            Tick(round(100 - across.at(t), 2), f"{numbers.value_text(t, second)} {second.unit}")
            for t in across.values(5)
        ),
        y_ticks=tuple(Tick(axis.at(value), numbers.value_text(value, scale)) for value in axis.values()),
        variants=tuple((index, names.label(comparison, of.variants[index])) for index in sorted(present)),
    )


def _typical(runs: list[Run]) -> list[tuple[Run, bool]]:
    """Returns the run whose last reading is the median, marked, and evenly spaced others."""
    if not runs:
        return []
    middle = statistics.median_low([run.timeline[-1][1] for run in runs])
    chosen = next(run for run in runs if run.timeline[-1][1] == middle)
    step = max(1, len(runs) // (_MOST_LINES - 1))
    others = [run for run in runs[::step] if run is not chosen][: _MOST_LINES - 1]
    return [*((run, False) for run in others), (chosen, True)]


def _points(run: Run, across: ValueAxis, axis: ValueAxis) -> str:
    step = max(1, len(run.timeline) // _MOST_POINTS)
    kept = [*run.timeline[:-1:step], run.timeline[-1]]
    return " ".join(f"{10 * (100 - across.at(t)):.0f},{3 * axis.at(value):.0f}" for t, value in kept)
