"""A simulated node over time as plain SVG: memory held, alive and seen; losses; sleep above memory.high; one pod.

Lines differ by stroke as well as by colour and carry their names; every text can be selected.
"""

from __future__ import annotations

import math
from html import escape
from typing import NamedTuple

from whence.evidence.node_simulation import Moment, NodeSimulation, NodeVariant, Step
from whence.show.report import numbers
from whence.show.report.scale import nice_step

WIDTH, LEFT, RIGHT = 960, 92, 130
_MEMORY, _STRIP, _GAP, _LINE = 220, 46, 30, 15


class Strip(NamedTuple):
    """A part of the picture: values from 0 to `high` between two heights, times from 0 to `end`."""

    top: float
    height: float
    high: float
    end: float

    def x(self, value: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * min(1.0, max(0.0, value / self.end)), 1)

    def y(self, value: float) -> float:
        return round(self.top + self.height * (1 - min(1.0, max(0.0, value / self.high))), 1)


def over_time(simulation: NodeSimulation, variant: NodeVariant, *, high: float | None = None) -> str:
    """Returns the `<svg>` of one variant. high: the top of the memory scale, to make several alike."""
    moments, end = variant.moments, simulation.simulated_s
    if not moments:
        return ""
    top = high or 1.05 * max(moment.most for moment in moments) or 1.0
    strip = Strip(18, _MEMORY, top, end)
    lines = [
        ("most", "most", [(m.from_s, m.most) for m in moments]),
        ("held", "held", [(m.from_s, m.resident) for m in moments]),
        ("seen", "seen by scans", [(m.from_s, m.scanned) for m in moments if m.scanned is not None]),
        ("live", "alive", [(m.from_s, m.live) for m in moments]),
    ]
    parts = [_frame(strip, "memory of pods", "B")]
    parts += [f'<path class="sn-line sn-{kind}" d="{_path(strip, places)}"/>' for kind, _, places in lines if places]
    parts.append(_names(strip, [(strip.y(places[-1][1]), kind, name) for kind, name, places in lines if places]))
    y = 18 + _MEMORY + _GAP
    for kind, name, values in _strips(moments):
        part = Strip(y, _STRIP, max(values) or 1.0, end)
        parts.append(_bars(part, kind, name, moments, values))
        y += _STRIP + _GAP
    parts.append(_time_axis(Strip(y - _GAP + 8, 0, 1.0, end)))
    return _svg(parts, y + 22, f"{variant.name}: memory of pods over time", _identity("sn", variant))


def one_pod(variant: NodeVariant) -> str:
    """Returns the `<svg>` of one process: held and alive by age."""
    if len(variant.process) < 2:
        return ""
    steps = variant.process
    end = max(steps[-1].age_s, 1e-9)
    strip = Strip(18, 130, 1.08 * max(step.resident for step in steps) or 1.0, end)
    parts = [_frame(strip, "one pod", "B")]
    for kind, field in (("held", "resident"), ("live", "live")):
        parts.append(f'<path class="sn-line sn-{kind}" d="{_stairs(strip, steps, field)}"/>')
    ends = [(strip.y(steps[-1].resident), "held", "held"), (strip.y(steps[-1].live), "live", "alive")]
    parts += [_names(strip, ends), _time_axis(Strip(156, 0, 1.0, end))]
    return _svg(parts, 186, f"{variant.name}: one pod by age", _identity("sn-pod", variant))


def _identity(head: str, variant: NodeVariant) -> str:
    return f"{head}-{variant.name.encode().hex()}"


def _strips(moments: tuple[Moment, ...]) -> list[tuple[str, str, list[float]]]:
    found = [
        ("evicted", "evicted", [float(m.evicted) for m in moments]),
        ("killed", "killed", [float(m.killed) for m in moments]),
        ("refused", "refused", [float(m.refused) for m in moments]),
        ("stalled", "pods asleep", [m.stalled for m in moments]),
        ("pressure", "MemoryPressure", [m.pressure for m in moments]),
    ]
    return [strip for strip in found if any(strip[2])]


def _frame(strip: Strip, title: str, unit: str) -> str:
    parts = [f'<text class="sn-head" x="0" y="{strip.top - 4}">{escape(title)}</text>']
    scale = numbers.scale_for((strip.high,), unit)
    step = nice_step(strip.high / scale.divisor / 4)
    for index in range(math.floor(strip.high / scale.divisor / step) + 1):
        y = strip.y(index * step * scale.divisor)
        text = f"{index * step:,.6g} {scale.unit}" if index else "0"
        parts.append(f'<line class="sn-grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text class="sn-tick" x="{LEFT - 8}" y="{y + 4}">{text}</text>')
    return "".join(parts)


def _path(strip: Strip, places: list[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{strip.x(at)} {strip.y(value)}" for at, value in places)


def _stairs(strip: Strip, steps: tuple[Step, ...], field: str) -> str:
    text = f"M{strip.x(0)} {strip.y(getattr(steps[0], field))}"
    for step in steps[1:]:
        text += f"H{strip.x(step.age_s)}V{strip.y(getattr(step, field))}"
    return text + f"H{WIDTH - RIGHT}"


def _names(strip: Strip, ends: list[tuple[float, str, str]]) -> str:
    """Returns the lines' names at the right, moved apart so that none covers another."""
    ends = sorted(ends)
    lowest = strip.top + strip.height
    places = [y for y, _, _ in ends]
    for index in range(1, len(places)):
        places[index] = max(places[index], places[index - 1] + _LINE)
    for index in reversed(range(len(places))):
        below = lowest if index == len(places) - 1 else places[index + 1] - _LINE
        places[index] = min(places[index], below)
    x = WIDTH - RIGHT + 6
    return "".join(
        f'<line class="sn-line sn-{kind}" x1="{x}" x2="{x + 14}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text x="{x + 19}" y="{y + 4:.1f}">{escape(name)}</text>'
        for y, (_, kind, name) in zip(places, ends, strict=True)
    )


def _bars(strip: Strip, kind: str, name: str, moments: tuple[Moment, ...], values: list[float]) -> str:
    width = max(1.0, (WIDTH - LEFT - RIGHT) / len(moments) - 0.5)
    bottom = strip.top + strip.height
    bars = "".join(
        f"M{strip.x(moment.from_s)} {bottom}V{strip.y(value)}h{width:.1f}V{bottom}z"
        for moment, value in zip(moments, values, strict=True)
        if value
    )
    most = f"{100 * strip.high:.0f} %" if kind == "pressure" else f"{strip.high:,.3g}"
    return (
        f'<text class="sn-head" x="0" y="{strip.top - 4}">{escape(name)}</text>'
        f'<line class="sn-grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{bottom}" y2="{bottom}"/>'
        f'<text class="sn-tick" x="{LEFT - 8}" y="{strip.top + 12}">{most}</text><path class="sn-{kind}" d="{bars}"/>'
    )


def _time_axis(strip: Strip) -> str:
    end = strip.end
    divisor, unit = (3600.0, "h") if end >= 7200 else (60.0, "min") if end >= 300 else (1.0, "s")
    step = nice_step(end / divisor / 8)
    parts = [f'<line class="sn-axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{strip.top}" y2="{strip.top}"/>']
    for index in range(math.floor(end / divisor / step + 1e-9) + 1):
        x = strip.x(index * step * divisor)
        parts.append(f'<line class="sn-axis" x1="{x}" x2="{x}" y1="{strip.top}" y2="{strip.top + 5}"/>')
        parts.append(f'<text class="sn-time" x="{x}" y="{strip.top + 19}">{index * step:,.4g} {unit}</text>')
    return "".join(parts)


def _svg(parts: list[str], height: float, title: str, name: str) -> str:
    return (
        f'<svg class="sn-picture" viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-labelledby="{name}" '
        f'xmlns="http://www.w3.org/2000/svg"><title id="{name}">{escape(title)}</title>' + "".join(parts) + "</svg>"
    )
