"""The picture that answers *why*: bars from the base to the candidate, each a share with its interval. Numbers only;
the template draws them."""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec

from whence.evidence.attribution import Attribution
from whence.show.report import names
from whence.show.report.explain import sentence, shares, words
from whence.show.report.explain.shares import Part

Place = Callable[[float], float]
_APART = 13.0
"""Least distance of two labels of the axis, in percent."""


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One bar. Positions in percent of the picture's width; `low`, `high`: the interval of its end."""

    label: str
    kind: str
    share: str
    start: float
    left: float
    width: float
    end: float
    low: float | None
    high: float | None
    role: str
    """`worse`, `better`, `rest` or `total`."""
    inside: bool
    """A closer look at the bar above, drawn within it."""
    title: str


class Waterfall(msgspec.Struct, frozen=True, kw_only=True):
    """Bars from top to bottom, the position of the base, and labelled positions of the axis."""

    bars: tuple[Bar, ...]
    base: float
    ticks: tuple[tuple[float, str], ...]


def waterfall(attribution: Attribution) -> Waterfall | None:
    """Returns the picture, its last bar the measured total; None where there are no shares."""
    ratio = attribution.total.ratio
    steps = _steps(attribution)
    if not steps or ratio is None:
        return None
    total = attribution.total
    end = 100 * (ratio - 1)
    low_total, high_total = (None if v is None else 100 * (v - 1) for v in (total.low, total.high))
    edges = [0.0, end, *(v for v in (low_total, high_total) if v is not None)]
    for part, start in steps:
        edges += [start, *(start + v for v in (part.percent, part.low, part.high) if v is not None)]
    low, high = min(edges), max(edges)
    span = max(high - low, 1e-9)
    low, high = low - 0.04 * span, high + 0.04 * span

    def x(value: float) -> float:
        return round(100 * (value - low) / (high - low), 3)

    whole = Bar(
        label="the whole change",
        kind="as measured",
        share=sentence.total_text(attribution),
        start=x(0),
        left=min(x(0), x(end)),
        width=round(abs(x(end) - x(0)), 3),
        end=x(end),
        low=None if low_total is None else x(low_total),
        high=None if high_total is None else x(high_total),
        role="total",
        inside=False,
        title=f"candidate ÷ base: {words.ratio_text(ratio, total.low, total.high)}",
    )
    bars = [_bar(attribution, part, start, x) for part, start in steps]
    return Waterfall(bars=(*bars, whole), base=x(0), ticks=_ticks(low, high, x))


def _steps(attribution: Attribution) -> list[tuple[Part, float]]:
    """Returns each part with where its bar begins. Closer looks stand one behind another in the part they look at."""
    found: list[tuple[Part, float]] = []
    ends = [0.0]
    """Where the next bar of each depth begins."""
    for part in shares.tree(attribution):
        lost = part.depth >= len(ends) or (part.depth == 0 and part.cause.part_of is not None)
        ends = ends[: part.depth + 1]
        if part.percent is None or lost:
            continue
        start = ends[part.depth]
        found.append((part, start))
        ends[part.depth] = start + part.percent
        ends.append(start)
    return found


def _bar(attribution: Attribution, part: Part, start: float, x: Place) -> Bar:
    percent = part.percent or 0.0
    end = start + percent
    worse = (percent >= 0) == (attribution.better == "lower")
    cause = part.cause
    return Bar(
        label=words.named_cause(cause),
        kind=words.kind_text(part),
        share=part.text,
        start=x(start),
        left=min(x(start), x(end)),
        width=round(abs(x(end) - x(start)), 3),
        end=x(end),
        low=None if part.low is None else x(start + part.low),
        high=None if part.high is None else x(start + part.high),
        role=("worse" if worse else "better") if cause.blamed else "rest",
        inside=part.depth > 0,
        title=names.clean("; ".join(cause.evidence)) or words.KINDS[cause.kind],
    )


def _ticks(low: float, high: float, x: Place) -> tuple[tuple[float, str], ...]:
    """Returns round values with room between them; the base always."""
    raw = (high - low) * _APART / 100
    size = 10 ** math.floor(math.log10(raw))
    step = next(size * m for m in (1, 2, 5, 10) if size * m >= raw * (1 - 1e-9))
    found: list[tuple[float, str]] = []
    for number in range(math.ceil(low / step), math.floor(high / step) + 1):
        value = number * step
        decimals = max(0, -math.floor(math.log10(step)))
        found.append((x(value), "base" if number == 0 else f"{shares.signed(value, decimals)} %"))
    return tuple(found)
