"""Every run as a dot in time order, with the calibration spins beneath: drawn on the server, brought to life by script.

All places are percent of the drawing, so that it fits any width while text and dots keep their size.
"""

from __future__ import annotations

import re
import statistics
from typing import NamedTuple

from whence.evidence.comparison import Comparison
from whence.show.report import evidence, names, numbers
from whence.show.report.scale import Tick, ValueAxis, value_axis

SHAPES = 6
"""Markers m0 … m5: the shape tells variants apart where the colour does not."""
_MOST_DOTS = 9000
_FAILED_AT = 96.5
_MOST_SEPARATORS = 60


class Dot(NamedTuple):
    """One run: its number in the embedded data, and its place in percent."""

    run: int
    x: float
    y: float


class Series(NamedTuple):
    """The dots of one variant in one state: `used`, `spare` (kept, not used) or `failed`."""

    variant: int
    state: str
    dots: tuple[Dot, ...]


class Panel(NamedTuple):
    """One metric over all runs."""

    id: str
    name: str
    title: str
    unit: str
    metric: int
    series: tuple[Series, ...]
    ticks: tuple[Tick, ...]
    thinned: bool


class Spin(NamedTuple):
    """Calibration around one run: the slower of the two spins, as a bar from the bottom."""

    x: float
    y: float
    slow: bool


class Dots(NamedTuple):
    """The whole section."""

    panels: tuple[Panel, ...]
    spins: tuple[Spin, ...]
    spin_ticks: tuple[Tick, ...]
    threshold: float | None
    separators: tuple[float, ...]
    labels: tuple[Tick, ...]
    variants: tuple[tuple[int, str], ...]
    any_spare: bool
    any_failed: bool


def dots(comparison: Comparison, of: evidence.Shown) -> Dots:
    """Returns the drawing of all shown runs."""
    count = len(of.runs)
    places = [round(100.0 * (index + 0.5) / count, 2) for index in range(count)]
    each = max(60, _MOST_DOTS // max(1, len(of.metrics)))
    panels = tuple(_panel(of, index, places, each) for index in range(len(of.metrics)))
    spins, spin_ticks, threshold = _spins(comparison, of, places)
    separators, labels = _blocks(of)
    return Dots(
        panels=_with_ids(panels),
        spins=spins,
        spin_ticks=spin_ticks,
        threshold=threshold,
        separators=separators,
        labels=labels,
        variants=tuple((index, names.label(comparison, name)) for index, name in enumerate(of.variants)),
        any_spare=not all(of.used),
        any_failed=any(not run.ok for run in of.runs),
    )


def slug(text: str) -> str:
    """Returns a URL fragment for a name: what is no letter, digit, dot or dash becomes a dash."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", text).strip("-") or "x"


def _with_ids(panels: tuple[Panel, ...]) -> tuple[Panel, ...]:
    taken: set[str] = set()
    result: list[Panel] = []
    for panel in panels:
        identity, number = f"runs-{slug(panel.name)}", 2
        while identity in taken:
            identity, number = f"runs-{slug(panel.name)}-{number}", number + 1
        taken.add(identity)
        result.append(panel._replace(id=identity))
    return tuple(result)


def _panel(of: evidence.Shown, metric: int, places: list[float], most: int) -> Panel:
    key, unit = of.metrics[metric], of.units[metric]
    values = of.values(key)
    step = -(-len(values) // most)
    present = [value for value in values if value is not None]
    axis = value_axis(present)
    failed_lane = any(value is None and not run.ok for value, run in zip(values, of.runs, strict=True))
    series: dict[tuple[int, str], list[Dot]] = {}
    for index, (run, value) in enumerate(zip(of.runs, values, strict=True)):
        variant = of.variants.index(run.variant)
        if not run.ok and value is None:
            series.setdefault((variant, "failed"), []).append(Dot(index, places[index], _FAILED_AT))
        elif value is not None and index % step == 0:
            state = "failed" if not run.ok else "used" if of.used[index] else "spare"
            series.setdefault((variant, state), []).append(Dot(index, places[index], _y(axis, value, failed_lane)))
    scale = numbers.scale_for(axis.values(), unit)
    ticks = tuple(Tick(_y(axis, value, failed_lane), numbers.value_text(value, scale)) for value in axis.values())
    name = f"{key[1]}:{key[0]}" if key[1] else key[0]
    return Panel(
        id="",
        name=names.clean(name),
        title=names.capital(names.metric_words(*key).text),
        unit=names.clean(scale.unit),
        metric=metric,
        series=tuple(Series(v, state, tuple(found)) for (v, state), found in sorted(series.items())),
        ticks=ticks,
        thinned=step > 1,
    )


def _y(axis: ValueAxis, value: float, failed_lane: bool) -> float:
    """Returns the place of a value; failed runs without a number have a lane of their own below."""
    place = axis.at(value)
    return round(2.0 + place * 0.88, 2) if failed_lane else round(2.0 + place * 0.96, 2)


def _spins(
    comparison: Comparison, of: evidence.Shown, places: list[float]
) -> tuple[tuple[Spin, ...], tuple[Tick, ...], float | None]:
    slower = [
        max((s for s in (run.calibration_before_s, run.calibration_after_s) if s is not None), default=None)
        for run in of.runs
    ]
    present = [spin for spin in slower if spin is not None and spin > 0]
    if not present:
        return (), (), None
    usual = statistics.median(present)
    limit = comparison.plan.repeat_threshold if comparison.plan is not None else None
    top = max(1.1 * (limit or 1.0), min(max(present) / usual, 3.0)) * 1.04
    axis = ValueAxis(0.9, top)
    spins = tuple(
        Spin(place, axis.at(spin / usual), limit is not None and spin / usual >= limit)
        for place, spin in zip(places, slower, strict=True)
        if spin is not None and spin > 0
    )
    ticks = [Tick(axis.at(1.0), "×1")]
    if limit is not None:
        ticks.append(Tick(axis.at(limit), f"×{limit:g}"))
    return spins, tuple(ticks), None if limit is None else axis.at(limit)


def _blocks(of: evidence.Shown) -> tuple[tuple[float, ...], tuple[Tick, ...]]:
    """Returns where attempts at blocks meet, and the numbers of some blocks (from 1) at their middle."""
    count = len(of.runs)
    keys = [(run.kind, run.block, run.attempt) for run in of.runs]
    starts = [index for index in range(count) if index == 0 or keys[index] != keys[index - 1]]
    ends = [*starts[1:], count]
    separators = tuple(round(100.0 * start / count, 2) for start in starts[1:])
    labels: list[Tick] = []
    for start, end in zip(starts, ends, strict=True):
        place = round(100.0 * (start + end) / 2 / count, 2)
        run = of.runs[start]
        if run.kind == "counted":
            text = str(run.block + 1) + ("′" * run.attempt if run.attempt < 4 else f"·{run.attempt}")
        else:
            text = "warm-up" if run.kind == "warmup" else "pilot"
        room = 9.0 if not text[0].isdigit() else 4.5
        if not labels or place - labels[-1].at >= room:
            labels.append(Tick(place, text))
    return (separators if len(separators) <= _MOST_SEPARATORS else ()), tuple(labels)
