"""Places in the picture of a collector's story: time from left to right, amounts from the bottom up, in pixels."""

from __future__ import annotations

import math
from typing import NamedTuple

from whence.evidence.gc_story import GCStory, Point
from whence.show.report import numbers
from whence.show.report.scale import nice_step

WIDTH, LEFT, RIGHT = 960, 92, 116
"""The drawing's width, and what is left for labels at its sides."""


class TimeAxis(NamedTuple):
    """Seconds, or collections where a log has no times."""

    low: float
    high: float

    def x(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(LEFT + (WIDTH - LEFT - RIGHT) * min(1.0, max(0.0, share)), 1)

    def ticks(self) -> list[tuple[float, float]]:
        """Returns (place, value) of round values, about eight."""
        step = nice_step((self.high - self.low) / 8)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [(self.x(index * step), index * step) for index in range(first, last + 1)]


class Panel(NamedTuple):
    """One strip of the picture: `top` and `height` in pixels, values from `low` to `high` (by their logarithm)."""

    top: float
    height: float
    low: float
    high: float
    logarithmic: bool = False

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def y(self, value: float) -> float:
        if self.logarithmic:
            share = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return round(self.bottom - self.height * min(1.0, max(0.0, share)), 1)


def time_axis(story: GCStory) -> TimeAxis:
    """Returns the axis of the whole run."""
    if not story.timed:
        return TimeAxis(0.0, max(1.0, float(sum(point.cycles for point in story.points))))
    return TimeAxis(story.from_s, story.to_s if story.to_s > story.from_s else story.from_s + 1.0)


def heap_panel(story: GCStory, top: float, height: float) -> Panel | None:
    """Returns the panel that holds every heap of the story; None when there is none."""
    limit = story.heap.memory_limit.value if story.heap is not None and story.heap.memory_limit is not None else None
    sizes = [size for point in story.points for size in (point.live, point.heap_start, point.heap_end, point.goal)]
    sizes += [release.retained for release in story.releases]
    known = [size for size in sizes if size is not None]
    if not known:
        return None
    largest = max(known)
    if limit is not None and limit <= 2 * largest:
        largest = max(largest, limit)
    return Panel(top, height, 0.0, 1.08 * largest or 1.0)


def level_ticks(panel: Panel, unit: str, count: int = 4) -> list[tuple[float, str]]:
    """Returns (place, text) of round values of a panel that begins at 0."""
    divisor, shown = _decimal(panel.high, unit)
    step = nice_step(panel.high / divisor / count)
    values = [index * step for index in range(math.floor(panel.high / divisor / step) + 1)]
    return [(panel.y(value * divisor), f"{value:,.6g} {shown}" if value else "0") for value in values]


def _decimal(largest: float, unit: str) -> tuple[float, str]:
    scale = numbers.scale_for((largest,), unit)
    return scale.divisor, scale.unit


def joined(points: tuple[Point, ...], most: int) -> list[Point]:
    """Returns at most `most` points; several in a row become one with their sums and extremes."""
    step = max(1, math.ceil(len(points) / most))
    if step == 1:
        return list(points)
    return [_join(points[first : first + step]) for first in range(0, len(points), step)]


def _join(points: tuple[Point, ...]) -> Point:
    def most(name: str) -> float | None:
        return max((value for point in points if (value := getattr(point, name)) is not None), default=None)

    def total(name: str) -> float | None:
        values = [value for point in points if (value := getattr(point, name)) is not None]
        return sum(values) if values else None

    return Point(
        from_s=points[0].from_s,
        to_s=points[-1].to_s,
        cycles=sum(point.cycles for point in points),
        forced=sum(point.forced for point in points),
        heap_start=most("heap_start"),
        heap_end=most("heap_end"),
        live=most("live"),
        live_low=min((p.live_low for p in points if p.live_low is not None), default=None),
        goal=most("goal"),
        stopped=sum(point.stopped for point in points),
        longest_pause=most("longest_pause"),
        assists=total("assists"),
        background=total("background"),
        idle=total("idle"),
    )
