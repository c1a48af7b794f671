"""A collector's run as one picture over time, plain SVG from the noun alone.

From the top: heap (live, goal, end of marking, what was kept from the system), each collection as a tick, pauses on a
logarithmic scale, CPU of collections, and what limited the program when, a lane a kind. Lines differ by stroke as well
as by colour and carry their names; every text can be selected.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from itertools import pairwise

from whence.evidence.gc_story import GCStory, Point, StretchKind
from whence.show.report import numbers
from whence.show.report.profile import gc_words
from whence.show.report.profile.gc_scales import (
    LEFT,
    RIGHT,
    WIDTH,
    Panel,
    TimeAxis,
    heap_panel,
    joined,
    level_ticks,
    time_axis,
)

MOST_POINTS = 500
_HEAP, _TICKS, _PAUSES, _CPU, _LANE, _GAP = 210, 12, 84, 74, 22, 34
_BINS = 150
_LINE = 15
"""Pixels that a line's name takes."""


def picture(story: GCStory) -> str:
    """Returns the `<svg>` element; empty when the story has no points."""
    if not story.points:
        return ""
    axis = time_axis(story)
    points = _numbered(joined(story.points, MOST_POINTS), story.timed)
    parts: list[str] = []
    top = 24.0
    for draw, height in ((_heap, _HEAP), (_cycles, _TICKS), (_pauses, _PAUSES), (_cpu, _CPU), (_lanes, 0)):
        drawn, used = draw(story, points, axis, top, height)
        if drawn:
            parts.append(drawn)
            top += used + _GAP
    bottom = top - _GAP + 6
    parts.append(_time_labels(axis, bottom, story.timed))
    height = bottom + 36
    return (
        f'<svg class="gc-picture" viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-labelledby="gc-picture-title" '
        'xmlns="http://www.w3.org/2000/svg">'
        f'<title id="gc-picture-title">{escape(gc_words.clean(story.sentence))}</title>' + "".join(parts) + "</svg>"
    )


def _numbered(points: list[Point], timed: bool) -> list[Point]:
    """Gives points without times the place of their last collection."""
    if timed:
        return points
    from msgspec.structs import replace

    placed, at = [], 0
    for point in points:
        placed.append(replace(point, from_s=float(at), to_s=float(at + point.cycles)))
        at += point.cycles
    return placed


def _heap(story: GCStory, points: list[Point], axis: TimeAxis, top: float, height: float) -> tuple[str, float]:
    panel = heap_panel(story, top, height)
    if panel is None:
        return "", 0
    lines: list[tuple[str, str, list[tuple[float, float]]]] = [
        ("goal", "goal", [(axis.x(p.to_s), p.goal) for p in points if p.goal is not None]),
        ("peak", "end of marking", [(axis.x(p.to_s), p.heap_end) for p in points if p.heap_end is not None]),
        ("kept", "kept mapped", [(axis.x(r.at_s), r.retained) for r in story.releases if r.retained is not None]),
        ("given", "given back", [(axis.x(r.at_s), r.released) for r in story.releases if r.released is not None]),
        ("live", "live", [(axis.x(p.to_s), p.live) for p in points if p.live is not None]),
    ]  # fmt: skip
    if not lines[1][2] and not lines[4][2]:
        lines[1] = ("peak", "in use", [(axis.x(p.to_s), p.heap_start) for p in points if p.heap_start is not None])
    # More given back than the whole panel would push the heap to the ground.
    lines = [line for line in lines if line[2] and (line[0] != "given" or max(v for _, v in line[2]) <= panel.high)]
    parts = [_frame(panel, "heap", level_ticks(panel, "B"))]
    limit = story.heap.memory_limit if story.heap is not None else None
    names: list[tuple[float, str, str]] = []
    if limit is not None and limit.value <= panel.high:
        y = panel.y(limit.value)
        parts.append(f'<line class="gc-limit" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
        names.append((y, "limit", "limit"))
    for kind, name, places in lines:
        parts.append(f'<path class="gc-line gc-{kind}" d="{_path(places, panel)}"/>')
        names.append((panel.y(places[-1][1]), kind, name))
    return "".join(parts) + _names(names, panel), height


def _path(places: list[tuple[float, float]], panel: Panel) -> str:
    """Returns the path through (x, value); a single place becomes a short dash."""
    if len(places) == 1:
        x, y = places[0][0], panel.y(places[0][1])
        return f"M{x - 3} {y}h6"
    return "M" + "L".join(f"{x} {panel.y(value)}" for x, value in places)


def _names(names: list[tuple[float, str, str]], panel: Panel) -> str:
    """Returns the lines' names at the right, moved apart so that none covers another."""
    placed: list[tuple[float, str, str]] = []
    at = panel.top - _LINE
    for y, kind, name in sorted(names):
        at = max(y, at + _LINE)
        placed.append((at, kind, name))
    over = placed[-1][0] - panel.bottom if placed else 0.0
    if over > 0:
        placed = [
            (y - over * index / max(1, len(placed) - 1), kind, name) for index, (y, kind, name) in enumerate(placed)
        ]
    x = WIDTH - RIGHT + 6
    return "".join(
        f'<line class="gc-line gc-{kind}" x1="{x}" x2="{x + 14}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text x="{x + 18}" y="{y + 4:.1f}">{name}</text>'
        for y, kind, name in placed
    )


def _frame(panel: Panel, title: str, ticks: list[tuple[float, str]]) -> str:
    parts = [f'<text class="gc-head" x="0" y="{panel.top - 12}">{title}</text>']
    for y, text in ticks:
        parts.append(f'<line class="gc-grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text class="gc-tick" x="{LEFT - 8}" y="{y + 4}">{text}</text>')
    return "".join(parts)


def _cycles(story: GCStory, points: list[Point], axis: TimeAxis, top: float, height: float) -> tuple[str, float]:
    marks = "".join(f"M{axis.x(point.from_s)} {top}v{height}" for point in points if point.cycles)
    forced = "".join(f"M{axis.x(point.from_s) - 4} {top + height + 7}l4 -7l4 7z" for point in points if point.forced)
    asked = f'<path class="gc-forced" d="{forced}"><title>asked for by the program</title></path>' if forced else ""
    name = f'<text x="{WIDTH - RIGHT + 6}" y="{top + height}">▲ forced</text>' if forced else ""
    head = f'<text class="gc-head" x="0" y="{top + height - 1}">collections</text>'
    return f'{head}<path class="gc-cycle" d="{marks}"/>{asked}{name}', height


def _pauses(story: GCStory, points: list[Point], axis: TimeAxis, top: float, height: float) -> tuple[str, float]:
    lengths = [(axis.x(p.from_s), p.longest_pause if p.longest_pause is not None else p.stopped) for p in points]
    lengths = [(x, length) for x, length in lengths if length > 0]
    if not lengths:
        return "", 0
    low, high = 1e-6, 1e-3
    while low * 10 <= min(length for _, length in lengths):
        low *= 10
    while high < max(length for _, length in lengths) or high <= low:
        high *= 10
    panel = Panel(top, height, low, high, logarithmic=True)
    ticks, value = [], low
    while value <= high * 1.001:
        ticks.append((panel.y(value), numbers.amount_text(value, "s")))
        value *= 10
    ticks = ticks if len(ticks) <= 5 else ticks[::2]
    stems = "".join(f"M{x} {panel.bottom}V{panel.y(length)}" for x, length in lengths)
    single = all(point.longest_pause is not None for point in points)
    title = "pauses" if single else "stopped"
    return f'{_frame(panel, title, ticks)}<path class="gc-pause" d="{stems}"/>', height


def _cpu(story: GCStory, points: list[Point], axis: TimeAxis, top: float, height: float) -> tuple[str, float]:
    """Returns the share of the CPU in each of many equal times: assists on top of marking in the background."""
    if not story.timed or not story.processors or all(p.background is None for p in points):
        return "", 0
    width = (axis.high - axis.low) / _BINS
    capacity = width * story.processors

    def shares(amount: Callable[[Point], float]) -> list[float]:
        bins = [0.0] * _BINS
        for point in points:
            first = min(_BINS - 1, max(0, int((point.from_s - axis.low) / width)))
            last = min(_BINS - 1, max(first, int((point.to_s - axis.low) / width)))
            length = point.to_s - point.from_s
            for index in range(first, last + 1):
                begin, end = axis.low + index * width, axis.low + (index + 1) * width
                inside = min(end, point.to_s) - max(begin, point.from_s)
                bins[index] += amount(point) * (
                    inside / length if length > 0 and first != last else 1.0 / (last - first + 1)
                )
        return [min(1.0, value / capacity) for value in bins]

    background = shares(lambda p: (p.background or 0.0) + p.stopped * (story.processors or 1))
    whole = [min(1.0, a + b) for a, b in zip(background, shares(lambda p: p.assists or 0.0), strict=True)]
    panel = Panel(top, height, 0.0, 1.0)
    ticks = [(panel.y(value), text) for value, text in ((0.0, "0"), (0.25, "25 %"), (0.5, "50 %"), (1.0, "100 %"))]
    x = [axis.x(axis.low + index * width) for index in range(_BINS + 1)]
    names = ""
    for row, (kind, text) in enumerate((("assists", "assists"), ("marking", "background"))):
        y = top + 10 + row * 18
        names += f'<rect class="gc-{kind}" x="{WIDTH - RIGHT + 6}" y="{y - 9}" width="12" height="12"/>'
        names += f'<text x="{WIDTH - RIGHT + 23}" y="{y + 1}">{text}</text>'
    areas = f'<path class="gc-assists" d="{_area(x, whole, panel)}"/>'
    areas += f'<path class="gc-cover" d="{_area(x, background, panel)}"/>'
    areas += f'<path class="gc-marking" d="{_area(x, background, panel)}"/>'
    return _hatch() + _frame(panel, "CPU", ticks) + areas + names, height


def _area(x: list[float], values: list[float], panel: Panel) -> str:
    steps = "".join(f"V{panel.y(value)}H{right}" for (_, right), value in zip(pairwise(x), values, strict=True))
    return f"M{x[0]} {panel.bottom}{steps}V{panel.bottom}z"


def _hatch() -> str:
    return (
        '<defs><pattern id="gc-hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect width="5" height="5" class="gc-hatch-ground"/><line x1="0" y1="0" x2="0" y2="5" class="gc-hatch-line"/>'
        "</pattern></defs>"
    )


def _lanes(story: GCStory, points: list[Point], axis: TimeAxis, top: float, height: float) -> tuple[str, float]:
    kinds: list[StretchKind] = [kind for kind in gc_words.ORDER if any(s.kind == kind for s in story.stretches)]
    if not kinds:
        return "", 0
    parts = [f'<text class="gc-head" x="0" y="{top + 4}">what limited when</text>']
    y = top + 10
    for kind in kinds:
        parts.append(f'<text x="{LEFT - 8}" y="{y + 14}" class="gc-tick">{gc_words.SHORT[kind]}</text>')
        parts.append(f'<line class="gc-grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y + 10}" y2="{y + 10}"/>')
        for stretch in (s for s in story.stretches if s.kind == kind):
            left, right = axis.x(stretch.from_s), axis.x(stretch.to_s)
            told = escape(gc_words.clean(gc_words.stretch_text(stretch)))
            parts.append(
                f'<rect class="gc-stretch gc-{kind}" x="{left}" y="{y + 3}" width="{max(2.0, right - left):.1f}"'
                f' height="{_LANE - 7}" rx="2"><title>{told}</title></rect>'
            )
        y += _LANE
    return "".join(parts), y - top


def _time_labels(axis: TimeAxis, y: float, timed: bool) -> str:
    ticks = axis.ticks()
    parts = [f'<line class="gc-axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>']
    for x, value in ticks:
        parts.append(f'<line class="gc-axis" x1="{x}" x2="{x}" y1="{y}" y2="{y + 5}"/>')
        text = f"{value:,.6g} s" if timed else f"{value:,.0f}"
        parts.append(f'<text class="gc-time" x="{x}" y="{y + 19}">{text}</text>')
    if not timed:
        parts.append(f'<text class="gc-time" x="{(LEFT + WIDTH - RIGHT) / 2}" y="{y + 33}">collection</text>')
    return "".join(parts)
