"""Where things stand in a panel of the picture: releases from left to right, values upwards."""

from __future__ import annotations

import math
from collections.abc import Iterable
from html import escape
from typing import NamedTuple

from whence.evidence.lineage import KnownChange, Lineage
from whence.show.report.lineage.lineage_words import short
from whence.show.report.scale import nice_step

WIDTH, HEIGHT = 560, 320
LEFT, RIGHT, TOP, BOTTOM = 52, 10, 62, 40
_LABEL_LINE = 13


class Frame(NamedTuple):
    """A panel's scales. `names`: the releases; values from `low` to `high`, upwards, in decades when `logarithmic`."""

    names: tuple[str, ...]
    lines: tuple[str, ...]
    low: float
    high: float
    logarithmic: bool = False

    @property
    def step(self) -> float:
        return (WIDTH - LEFT - RIGHT) / max(len(self.names), 1)

    def x(self, index: float) -> float:
        return round(LEFT + self.step * (index + 0.5), 1)

    def y(self, value: float) -> float:
        if self.logarithmic:
            low, high = math.log(self.low), math.log(self.high)
            share = (math.log(max(value, self.low)) - low) / (high - low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - min(1.0, max(0.0, share))), 1)

    def ticks(self) -> tuple[float, ...]:
        if self.logarithmic:
            first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
            return tuple(10.0**power for power in range(first, last + 1))
        step = nice_step((self.high - self.low) / 4)
        return tuple(index * step for index in range(math.floor(self.high / step + 1e-9) + 1))


def frame(lineage: Lineage, values: Iterable[float | None], *, logarithmic: bool = False) -> Frame:
    """Returns the scales that hold all values: from zero, or whole decades."""
    names = tuple(release.version for release in lineage.releases)
    lines = tuple(release.line for release in lineage.releases)
    present = [value for value in values if value is not None and math.isfinite(value)]
    if logarithmic:
        above = [value for value in present if value > 0] or [1.0]
        low = 10.0 ** math.floor(math.log10(min(above)))
        high = 10.0 ** math.ceil(math.log10(max(above)))
        return Frame(names, lines, low, high if high > low else low * 10, logarithmic=True)
    return Frame(names, lines, 0.0, 1.08 * max(present, default=1.0) or 1.0)


def furniture(frame: Frame, title: str, unit: str) -> str:
    """Returns the head of a panel, its grid with ticks, and the releases below."""
    parts = [f'<text class="ln-head" x="0" y="13">{escape(title)}</text>']
    for value in frame.ticks():
        y = frame.y(value)
        parts.append(f'<line class="ln-grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text class="ln-tick" x="{LEFT - 6}" y="{y + 3.5:.1f}">{_tick(value)}</text>')
    parts.append(f'<text class="ln-tick" x="{LEFT - 6}" y="{TOP - 9}">{escape(unit)}</text>')
    for index, line in enumerate(frame.lines):
        x, y = frame.x(index) + 3.5, HEIGHT - BOTTOM + 8
        parts.append(f'<text class="ln-release" transform="translate({x:.1f} {y}) rotate(-90)">{escape(line)}</text>')
    return "".join(parts)


def _tick(value: float) -> str:
    return "0" if value == 0 else f"{value:,.6g}" if value >= 0.001 else short(value)


def change_marks(frame: Frame, changes: Iterable[KnownChange]) -> str:
    """Returns an upright line before the first release that has each change, with a word on top and all of it to hover
    over. Words that would touch stand below one another."""
    parts: list[str] = []
    ends = [-math.inf, -math.inf, -math.inf]
    for change in changes:
        index = _first_since(frame.lines, change.since)
        if index is None:
            continue
        x = frame.x(index - 0.5)
        width = 6.2 * len(change.short) + 8
        anchored_left = x + width > WIDTH
        begin = x - width if anchored_left else x
        row = next((number for number, end in enumerate(ends) if begin >= end), 0)
        ends[row] = begin + width
        y = 26 + _LABEL_LINE * row
        anchor, text_x = ("end", x - 3) if anchored_left else ("start", x + 3)
        parts.append(
            f'<g class="ln-change"><title>{escape(f"Go {change.since}: {change.words} ({change.source})")}</title>'
            f'<line x1="{x}" x2="{x}" y1="{y - 8}" y2="{HEIGHT - BOTTOM}"/>'
            f'<text x="{text_x:.1f}" y="{y}" text-anchor="{anchor}">{escape(change.short)}</text></g>'
        )
    return "".join(parts)


def _first_since(lines: tuple[str, ...], since: str) -> int | None:
    wanted = _order(since)
    return next((index for index, line in enumerate(lines) if _order(line) >= wanted and index > 0), None)


def _order(line: str) -> tuple[int, ...]:
    return tuple(int(part) for part in line.split(".") if part.isdigit())
