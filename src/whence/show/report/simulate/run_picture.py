"""A simulated run over time as plain SVG: resident memory, heap and its goal; collections; memory given back.

Lines differ by stroke as well as by colour and carry their names; every text can be selected.
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Sequence
from html import escape

from whence.evidence.simulation import RunColumns, SimulationRun
from whence.show.report import numbers
from whence.show.report.scale import nice_step
from whence.show.report.simulate.node_picture import LEFT, RIGHT, WIDTH, Strip

_MEMORY, _STRIP, _GAP, _LINE, _TOP = 230, 44, 30, 15, 18
_MOST_TICKS = 150
_BARS = 120
LINES = (("rss", "resident"), ("goal", "heap goal"), ("inuse", "heap in use"), ("live", "heap"))


def most_memory(run: SimulationRun) -> float:
    """Returns the top of the memory scale that this run needs."""
    columns = run.columns
    limit = float(run.settings.get("memory", 0) or 0)
    highest = max((*columns.rss, *columns.heap_live, *_shown_goals(columns), 1))
    return 1.06 * max(highest, limit if limit < 4 * highest else 0)


def over_time(run: SimulationRun, *, high: float | None = None, number: int = 0) -> str:
    """Returns the `<svg>` of one variant. high: the top of the memory scale, to make several alike."""
    columns = run.columns
    if len(columns.seconds) < 2:
        return ""
    end = max(columns.seconds[-1], 1e-9)
    strip = Strip(_TOP, _MEMORY, high or most_memory(run), end)
    values = {
        "rss": columns.rss, "goal": _shown_goals(columns), "inuse": columns.heap_inuse, "live": columns.heap_live,
    }  # fmt: skip
    parts = [_frame(strip, "memory", "B")]
    parts += [
        f'<path class="sr-line sr-{kind}" d="{_path(strip, columns.seconds, values[kind])}"/>' for kind, _ in LINES
    ]
    parts += [_level(strip, run, key, word) for key, word in (("GOMEMLIMIT", "GOMEMLIMIT"), ("memory", "container"))]
    parts.append(_names(strip, [(strip.y(values[kind][-1]), kind, name) for kind, name in LINES]))
    if run.oom_seconds is not None:
        parts.append(_mark(strip, run.oom_seconds, "memory exceeded"))
    y = _TOP + _MEMORY + _GAP
    parts.append(_cycles(Strip(y, _STRIP, 1.0, end), columns))
    y += _STRIP + _GAP
    if max(columns.scavenged[-1], max(columns.released)) > 0:
        given = Strip(y, _STRIP, 1.05 * max(*columns.scavenged, *columns.released, 1), end)
        parts.append(_frame(given, "given back", "B", marks=2))
        for kind, column in (("scavenged", columns.scavenged), ("released", columns.released)):
            parts.append(f'<path class="sr-line sr-{kind}" d="{_path(given, columns.seconds, column)}"/>')
        ends = [
            (given.y(columns.scavenged[-1]), "scavenged", "in all"),
            (given.y(columns.released[-1]), "released", "now"),
        ]
        parts.append(_names(given, ends))
        y += _STRIP + _GAP
    parts.append(_time_axis(y - _GAP + 8, end))
    return _svg(parts, y + 22, f"{run.name}: the simulated run over time", f"sr-{number}")


def _shown_goals(columns: RunColumns) -> tuple[int, ...]:
    """Returns the goals with those that mean "never" (GOGC=off) drawn as the heap itself."""
    top = 8 * max(1, *columns.rss, *columns.heap_live)
    return tuple(goal if goal < top else heap for goal, heap in zip(columns.heap_goal, columns.heap_live, strict=True))


def _level(strip: Strip, run: SimulationRun, key: str, word: str) -> str:
    value = float(run.settings.get(key, 0) or 0)
    if not 0 < value <= strip.high:
        return ""
    y = strip.y(value)
    return (
        f'<line class="sr-level" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>'
        f'<text class="sr-note" x="{LEFT + 6}" y="{y - 4}">{word}</text>'
    )


def _mark(strip: Strip, at: float, word: str) -> str:
    x = strip.x(at)
    return (
        f'<line class="sr-oom" x1="{x}" x2="{x}" y1="{strip.top}" y2="{strip.top + strip.height}"/>'
        f'<text class="sr-note" x="{x + 4}" y="{strip.top + 12}">{word} at {numbers.seconds_text(at)}</text>'
    )


def _cycles(strip: Strip, columns: RunColumns) -> str:
    """Returns ticks, one a collection, or bars of their rate where ticks would touch."""
    total = columns.cycles[-1]
    bottom = strip.top + strip.height
    head = f"collections ({numbers.plural(total, 'cycle')})"
    parts = [f'<line class="sr-grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{bottom}" y2="{bottom}"/>']
    if total <= _MOST_TICKS:
        pairs = zip(columns.seconds[1:], columns.cycles[1:], columns.cycles[:-1], strict=True)
        path = "".join(
            f"M{strip.x(at)} {bottom}v-{0.6 * strip.height:.0f}" for at, now, before in pairs if now > before
        )
        parts.append(f'<path class="sr-tick-mark" d="{path}"/>')
    else:
        rates = _rates(columns, strip.end)
        most = max(rates) or 1.0
        width = (WIDTH - LEFT - RIGHT) / len(rates)
        path = "".join(
            f"M{LEFT + index * width:.1f} {bottom}v-{strip.height * rate / most:.1f}h{width - 0.5:.1f}V{bottom}z"
            for index, rate in enumerate(rates)
            if rate
        )
        parts.append(f'<path class="sr-bar" d="{path}"/>')
        parts.append(f'<text class="sr-tick" x="{LEFT - 8}" y="{strip.top + 8}">{most:.3g}/s</text>')
    return f'<text class="sr-head" x="0" y="{strip.top - 4}">{head}</text>' + "".join(parts)


def _rates(columns: RunColumns, end: float) -> list[float]:
    """Returns collections a second in each of `_BARS` stretches of the run; between rows they happen evenly."""
    width = end / _BARS
    at = [_between(columns, index * width) for index in range(_BARS + 1)]
    return [(after - before) / width for before, after in itertools.pairwise(at)]


def _between(columns: RunColumns, seconds: float) -> float:
    index = bisect.bisect_right(columns.seconds, seconds)
    if index == 0:
        return 0.0
    if index == len(columns.seconds):
        return float(columns.cycles[-1])
    before, after = columns.seconds[index - 1], columns.seconds[index]
    share = (seconds - before) / (after - before) if after > before else 0.0
    return columns.cycles[index - 1] + share * (columns.cycles[index] - columns.cycles[index - 1])


def _frame(strip: Strip, title: str, unit: str, *, marks: int = 4) -> str:
    parts = [f'<text class="sr-head" x="0" y="{strip.top - 4}">{escape(title)}</text>']
    scale = numbers.scale_for((strip.high,), unit)
    step = nice_step(strip.high / scale.divisor / marks)
    for index in range(math.floor(strip.high / scale.divisor / step) + 1):
        y = strip.y(index * step * scale.divisor)
        text = f"{index * step:,.6g} {scale.unit}" if index else "0"
        parts.append(f'<line class="sr-grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
        if y > strip.top + 4 or not index:
            parts.append(f'<text class="sr-tick" x="{LEFT - 8}" y="{y + 4}">{text}</text>')
    return "".join(parts)


def _path(strip: Strip, seconds: Sequence[float], values: Sequence[float]) -> str:
    return "M" + "L".join(f"{strip.x(at)} {strip.y(value)}" for at, value in zip(seconds, values, strict=True))


def _names(strip: Strip, ends: list[tuple[float, str, str]]) -> str:
    """Returns the lines' names at the right, moved apart so that none covers another."""
    placed: list[tuple[float, str, str]] = []
    at = strip.top - _LINE
    for y, kind, name in sorted(ends):
        at = max(y, at + _LINE)
        placed.append((at, kind, name))
    over = max(0.0, placed[-1][0] - strip.top - strip.height) if placed else 0.0
    last, x = max(1, len(placed) - 1), WIDTH - RIGHT + 6
    return "".join(
        f'<line class="sr-line sr-{kind}" x1="{x}" x2="{x + 14}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text x="{x + 19}" y="{y + 4:.1f}">{escape(name)}</text>'
        for y, kind, name in ((y - over * index / last, kind, name) for index, (y, kind, name) in enumerate(placed))
    )


def _time_axis(y: float, end: float) -> str:
    strip = Strip(y, 0, 1.0, end)
    divisor, unit = (3600.0, "h") if end >= 7200 else (60.0, "min") if end >= 300 else (1.0, "s")
    step = nice_step(end / divisor / 8)
    parts = [f'<line class="sr-axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>']
    for index in range(math.floor(end / divisor / step + 1e-9) + 1):
        x = strip.x(index * step * divisor)
        parts.append(f'<line class="sr-axis" x1="{x}" x2="{x}" y1="{y}" y2="{y + 5}"/>')
        parts.append(f'<text class="sr-time" x="{x}" y="{y + 19}">{index * step:,.4g} {unit}</text>')
    return "".join(parts)


def _svg(parts: list[str], height: float, title: str, name: str) -> str:
    return (
        f'<svg class="sr-picture" viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-labelledby="{name}" '
        f'xmlns="http://www.w3.org/2000/svg"><title id="{name}">{escape(title)}</title>' + "".join(parts) + "</svg>"
    )
