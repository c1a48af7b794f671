"""How the change depends on a parameter: the ratio at each value, with its interval, and where it changes its sign."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import msgspec

from whence.evidence.attribution import Attribution, Dependence, Point
from whence.show.report import names, numbers
from whence.show.report.explain import words

_PER_CHARACTER = 2.4
"""Percent of the axis that a character of a label takes on a narrow screen."""
_LONGEST = 10
"""Characters of a label; the table has the whole value."""


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter. Positions in percent of the picture, y downwards."""

    parameter: str
    sentence: str
    rows: tuple[tuple[str, str, str, str], ...]
    """(value, ratio, difference, shares)."""
    points: tuple[tuple[float, float, float | None, float | None, str], ...]
    """(x, y, y of the upper end, y of the lower end, title)."""
    same: float
    """y of no change."""
    labels: tuple[tuple[float, str], ...]
    levels: tuple[tuple[float, str], ...]
    """(y, ratio) of the axis at the left."""
    shared: bool
    """Some point has shares of single causes."""
    crossover: float | None
    """x at which the change has another sign."""


def curves(attribution: Attribution) -> tuple[Curve, ...]:
    """Returns a curve for each parameter."""
    return tuple(_curve(attribution, d) for d in attribution.depends_on)


def _curve(attribution: Attribution, dependence: Dependence) -> Curve:
    told = [p for p in dependence.points if p.ratio is not None and p.ratio > 0]
    place = _places([p.value for p in told])
    xs = [place(i) for i in range(len(told))]
    logs = [math.log(v) for p in told for v in (p.ratio, p.low, p.high) if v is not None and v > 0]
    low, high = min([*logs, 0.0]), max([*logs, 0.0])
    span = max(high - low, 1e-6)

    def y(value: float | None) -> float | None:
        if value is None or value <= 0:
            return None
        return round(94 - 88 * (math.log(value) - low) / span, 2)

    points = [
        (x, y(p.ratio) or 0.0, y(p.high), y(p.low), f"{names.clean(p.value)}: {_ratio(p)}")
        for x, p in zip(xs, told, strict=True)
    ]
    return Curve(
        parameter=names.clean(dependence.parameter),
        sentence=words.dependence_text(dependence),
        rows=tuple(_row(attribution, p) for p in dependence.points),
        points=tuple(points),
        same=y(1.0) or 0.0,
        labels=_labels([(x, names.clean(p.value)) for x, p in zip(xs, told, strict=True)]),
        levels=_levels(low, high, y(1.0) or 0.0, span),
        shared=any(p.shares for p in dependence.points),
        crossover=_crossing(dependence.crossover, told, xs),
    )


def _row(attribution: Attribution, point: Point) -> tuple[str, str, str, str]:
    told = ", ".join(f"{name} {text}" for name, text in words.point_shares(point))
    ratio = "no value" if point.ratio is None else _ratio(point)
    return names.clean(point.value), ratio, words.delta_text(point.delta, attribution.unit), told


def _ratio(point: Point) -> str:
    return words.ratio_text(point.ratio, point.low, point.high)


def _places(values: Sequence[str]) -> Callable[[int], float]:
    """Returns the function from a value's number to its x: on a log scale where all values are positive numbers that
    span more than a factor of ten, on a plain one where they are numbers, else evenly spaced."""
    scaled = _scaled(values)
    low, high = (min(scaled), max(scaled)) if scaled else (0.0, 0.0)
    if high - low <= 0:
        return lambda index: 50.0 if len(values) == 1 else round(4 + 92 * index / max(1, len(values) - 1), 2)
    return lambda index: round(4 + 92 * (scaled[index] - low) / (high - low), 2)


def _scaled(values: Sequence[str]) -> list[float]:
    try:
        found = [float(v) for v in values]
    except ValueError:
        return []
    if not all(math.isfinite(v) for v in found):
        return []
    if found and min(found) > 0 and max(found) > 10 * min(found):
        return [math.log(v) for v in found]
    return found


def _crossing(crossover: float | None, told: Sequence[Point], xs: Sequence[float]) -> float | None:
    """Returns the x of the crossover, between the values that hold it."""
    if crossover is None or not _scaled([p.value for p in told]):
        return None
    ordered = sorted((float(p.value), x) for p, x in zip(told, xs, strict=True))
    for (a, left), (b, right) in itertools.pairwise(ordered):
        if a <= crossover <= b:
            return round(left + (right - left) * (0.0 if a == b else (crossover - a) / (b - a)), 2)
    return None


def _labels(values: Sequence[tuple[float, str]]) -> tuple[tuple[float, str], ...]:
    """Returns as many labels as stand apart on a narrow screen: first and last always, the others from the left."""
    short = [(x, text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…") for x, text in values]
    if len(short) < 3:
        return tuple(short)
    kept, last = [short[0]], short[-1]
    for label in short[1:-1]:
        if _apart(kept[-1], label) and _apart(label, last):
            kept.append(label)
    return (*kept, last)


def _apart(left: tuple[float, str], right: tuple[float, str]) -> bool:
    return right[0] - left[0] >= _PER_CHARACTER * (len(left[1]) + len(right[1]) + 2) / 2


def _levels(low: float, high: float, same: float, span: float) -> tuple[tuple[float, str], ...]:
    """Returns the ends of the axis and ×1, without those that would stand on another."""
    found = [(same, "×1")]
    for value in (high, low):
        y = round(94 - 88 * (value - low) / span, 2)
        if all(abs(y - other) >= 9 for other, _ in found):
            found.append((y, f"×{numbers.ratio_text(math.exp(value), 2 if abs(value) < 2.3 else 1)}"))
    return tuple(found)
