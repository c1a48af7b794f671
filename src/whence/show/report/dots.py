"""Every run as a dot in time order, with the calibration spins beneath: drawn on the server, brought to life by script.

All places are percent of the drawing, so that it fits any width while text and dots keep their size.
"""

from __future__ import annotations

import bisect
import math
import re
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
    spare: str
    """What the hollow marks are, in words; empty when there are none."""
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
        spare=names.join([words for reason, words in evidence.UNUSED.items() if reason in of.reasons]),
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
    usual = _usual(of)
    ratios = [None if spin is None or not base else spin / base for spin, base in zip(slower, usual, strict=True)]
    present = [ratio for ratio in ratios if ratio is not None]
    if not present:
        return (), (), None
    limit = comparison.plan.repeat_threshold if comparison.plan is not None else None
    top = max(1.1 * (limit or 1.0), min(max(present), 4.0)) * 1.04
    axis = ValueAxis(min(0.9, max(0.3, min(present) - 0.1)), top)
    spins = tuple(
        Spin(place, axis.at(ratio), limit is not None and ratio >= limit)
        for place, ratio in zip(places, ratios, strict=True)
        if ratio is not None
    )
    ticks = [Tick(axis.at(1.0), "×1")]
    if limit is not None:
        ticks.append(Tick(axis.at(limit), f"×{limit:.3g}"))
    return spins, tuple(ticks), None if limit is None else axis.at(limit)


def _usual(of: evidence.Shown) -> list[float]:
    """Returns for each run what a spin took until then in its session: the median that the rule for repeats looks at.

    The spins of the baseline stand in with their median; 0 where nothing is known yet.
    """
    found: list[float] = []
    spins: list[float] = []
    waiting = sorted(of.sessions, key=lambda session: session.started_at)
    for run in of.runs:
        while waiting and waiting[0].started_at <= run.started_at:
            start = waiting.pop(0).calibration
            spins = [start.get("median_s", 0.0)] * min(99, int(start.get("spins", 0)))
        for spin in (run.calibration_before_s, run.calibration_after_s):
            if spin is not None and math.isfinite(spin) and spin > 0:
                bisect.insort(spins, spin)
        found.append(spins[len(spins) // 2] if spins else 0.0)
    return found


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
