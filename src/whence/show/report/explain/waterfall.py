"""The picture that answers *why*: bars from the base to the candidate, each a share with its interval. Numbers only;
the template draws them."""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec

from whence.evidence.attribution import Attribution, Point
from whence.show.report import names
from whence.show.report.explain import words

Place = Callable[[float], float]


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One bar. Positions in percent of the picture's width; `low`, `high`: the interval of its end."""

    label: str
    kind: str
    share: str
    left: float
    width: float
    end: float
    low: float | None
    high: float | None
    role: str
    """`worse`, `better`, `rest`, `total` or `inside`."""
    title: str


class Waterfall(msgspec.Struct, frozen=True, kw_only=True):
    """Bars from top to bottom, the position of the base, and labelled positions of the axis."""

    bars: tuple[Bar, ...]
    base: float
    ticks: tuple[tuple[float, str], ...]


def waterfall(attribution: Attribution) -> Waterfall | None:
    """Returns the picture; None where there are no shares."""
    own = [p for p in words.parts(attribution) if p.percent is not None]
    ratio = attribution.total.ratio
    if not own or ratio is None:
        return None
    steps: list[tuple[words.Part, float, float]] = []
    at = 0.0
    for part in own:
        steps.append((part, at, at + (part.percent or 0.0)))
        at += part.percent or 0.0
    edges = [0.0, at, *(e for _, a, b in steps for e in (a, b))]
    for part, start, end in steps:
        if part.low is not None and part.high is not None:
            edges += [start + part.low, start + part.high, end]
    low, high = min(edges), max(edges)
    span = max(high - low, 1e-9)
    low, high = low - 0.06 * span, high + 0.06 * span

    def x(value: float) -> float:
        return round(100 * (value - low) / (high - low), 3)

    bars = [_bar(attribution, part, start, end, x) for part, start, end in steps]
    total = Bar(
        label="the whole change",
        kind="",
        share=f"{words.share_text(at, None)} %",
        left=min(x(0), x(at)),
        width=abs(x(at) - x(0)),
        end=x(at),
        low=None if attribution.total.low is None else x(100 * (attribution.total.low - 1)),
        high=None if attribution.total.high is None else x(100 * (attribution.total.high - 1)),
        role="total",
        title=f"candidate ÷ base: {words.ratio_text(ratio, attribution.total.low, attribution.total.high)}",
    )
    return Waterfall(bars=(*bars, total), base=x(0), ticks=_ticks(low, high, x))


def _bar(attribution: Attribution, part: words.Part, start: float, end: float, x: Place) -> Bar:
    up = end >= start
    worse = up == (attribution.better == "lower")
    cause = part.cause
    return Bar(
        label=words.named_cause(cause),
        kind=words.KINDS[cause.kind],
        share=f"{words.share_text(part.percent, part.half)}",
        left=min(x(start), x(end)),
        width=abs(x(end) - x(start)),
        end=x(end),
        low=None if part.low is None else x(start + part.low),
        high=None if part.high is None else x(start + part.high),
        role=("worse" if worse else "better") if cause.blamed else "rest",
        title=names.clean("; ".join(cause.evidence)) or words.KINDS[cause.kind],
    )


def _ticks(low: float, high: float, x: Place) -> tuple[tuple[float, str], ...]:
    step = 10 ** math.floor(math.log10((high - low) / 2))
    while (high - low) / step > 7:
        step *= 2 if str(step)[0] in "15" else 2.5
    first = math.ceil(low / step)
    found: list[tuple[float, str]] = []
    for number in range(first, math.floor(high / step) + 1):
        value = number * step
        text = "base" if abs(value) < 1e-9 else f"{value:+.4g} %".replace("-", words.MINUS)
        found.append((x(value), text))
    return tuple(found)


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """How the change depends on one parameter: points in percent of the picture."""

    parameter: str
    sentence: str
    rows: tuple[tuple[str, str, str], ...]
    """(value, ratio, shares)."""
    points: tuple[tuple[float, float, float | None, float | None], ...]
    """(x, y, y of the upper end, y of the lower end)."""
    same: float
    """y of no change."""
    labels: tuple[tuple[float, str], ...]


def curves(attribution: Attribution) -> tuple[Curve, ...]:
    """Returns a curve a parameter."""
    return tuple(
        Curve(
            parameter=names.clean(d.parameter),
            sentence=words.dependence_text(d),
            rows=tuple(_row(p) for p in d.points),
            points=_positions([p for p in d.points if p.ratio is not None])[0],
            same=_positions([p for p in d.points if p.ratio is not None])[1],
            labels=_labels([p for p in d.points if p.ratio is not None]),
        )
        for d in attribution.depends_on
    )


def _row(point: Point) -> tuple[str, str, str]:
    shares = ", ".join(f"{names.clean(n)} {words.share_text(100 * s[0], None)}" for n, s in point.shares.items())
    return names.clean(point.value), words.ratio_text(point.ratio, point.low, point.high), shares


def _positions(points: list[Point]) -> tuple[tuple[tuple[float, float, float | None, float | None], ...], float]:
    """Returns the points evenly spaced in x, the ratio on a log scale in y (100 at the bottom), and y of ×1."""
    if not points:
        return (), 50.0
    logs = [math.log(v) for p in points for v in (p.ratio, p.low, p.high) if v is not None and v > 0]
    low, high = min([*logs, 0.0]), max([*logs, 0.0])
    span = max(high - low, 1e-6)

    def y(value: float) -> float:
        return round(92 - 84 * (math.log(value) - low) / span, 2)

    placed = [
        (
            round(_x(i, len(points)), 2),
            y(p.ratio or 1.0),
            None if not p.high or p.high <= 0 else y(p.high),
            None if not p.low or p.low <= 0 else y(p.low),
        )
        for i, p in enumerate(points)
    ]
    return tuple(placed), y(1.0)


def _x(index: int, count: int) -> float:
    return 50.0 if count == 1 else 6 + 88 * index / (count - 1)


def _labels(points: list[Point]) -> tuple[tuple[float, str], ...]:
    every = max(1, math.ceil(len(points) / 9))
    return tuple((round(_x(i, len(points)), 2), names.clean(p.value)) for i, p in enumerate(points) if i % every == 0)
