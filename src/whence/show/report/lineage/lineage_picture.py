"""The picture of a lineage: four small panels over the releases, as plain SVG without any script.

Series differ by mark and stroke as well as by colour; intervals are upright bars; what the model says is a dotted line
of the series' colour. Every text can be selected, and each value says itself on hovering.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from whence.evidence.lineage import GivenBack, Lineage, LineageMetric
from whence.show.report.lineage import lineage_words as words
from whence.show.report.lineage.lineage_axes import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    WIDTH,
    Frame,
    change_marks,
    frame,
    furniture,
)

_MARKS = ("circle", "square", "diamond")


def panels(lineage: Lineage) -> tuple[str, ...]:
    """Returns the four `<svg>`: allocation cost, pauses (logarithmic), memory given back, the collector's CPU."""
    return (
        _lines(lineage, ("alloc-16", "alloc-64", "alloc-64-two"), "allocation", "Cost of an allocation", "ns"),
        _lines(lineage, ("pause-sum", "pause-max", "request-p99"), "pauses", "Pauses and p99", "ms", logarithmic=True),
        _memory(lineage),
        _lines(lineage, ("gc-cpu",), "collector", "CPU of the collector under a load", "% of a CPU"),
    )


def _lines(
    lineage: Lineage, names: Sequence[str], panel: str, title: str, unit: str, *, logarithmic: bool = False
) -> str:
    metrics = [metric for metric in lineage.metrics if metric.name in names]
    metrics.sort(key=lambda metric: names.index(metric.name))
    divisor = {"ns": 1.0, "ms": 1e-3}.get(unit, 0.01)
    values: list[float | None] = []
    for metric in metrics:
        for release in lineage.releases:
            reading = release.reading(metric.name)
            if reading is not None:
                told = (reading.value, reading.low, reading.high)
                model = reading.predicted.value if reading.predicted is not None else None
                values += [None if value is None else value / divisor for value in (*told, model)]
    scales = frame(lineage, values, logarithmic=logarithmic)
    parts = [furniture(scales, title, unit)]
    parts.append(change_marks(scales, [change for change in lineage.changes if change.panel == panel]))
    for number, metric in enumerate(metrics):
        parts.append(_series(lineage, metric, scales, number, divisor, unit))
    if panel == "collector":
        parts.append(_untold(lineage, scales))
    legend = [(f"ln-s{number}", _MARKS[number], metric.short) for number, metric in enumerate(metrics)]
    parts.append(_legend(legend))
    return _svg(parts, title, f"ln-{panel}")


def _series(lineage: Lineage, metric: LineageMetric, scales: Frame, number: int, divisor: float, unit: str) -> str:
    places: list[tuple[float, float]] = []
    model: list[tuple[float, float]] = []
    parts: list[str] = []
    for index, release in enumerate(lineage.releases):
        reading = release.reading(metric.name)
        if reading is None:
            continue
        x = scales.x(index)
        if reading.predicted is not None:
            model.append((x, scales.y(reading.predicted.value / divisor)))
        if reading.value is None:
            continue
        y = scales.y(reading.value / divisor)
        places.append((x, y))
        cell = words.cell(metric, reading)
        said = f"Go {release.version}, {metric.short}: {cell.value} {unit} {cell.interval}".rstrip()
        bar = ""
        if reading.low is not None and reading.high is not None:
            low, high = scales.y(reading.low / divisor), scales.y(reading.high / divisor)
            bar = f'<line class="ln-bar" x1="{x}" x2="{x}" y1="{low}" y2="{high}"/>'
        parts.append(f"<g><title>{escape(said)}</title>{bar}{_mark(_MARKS[number], x, y)}</g>")
    lines = _path(places, "ln-line") + _path(model, "ln-model")
    return f'<g class="ln-s{number}">{lines}{"".join(parts)}</g>'


def _path(places: Sequence[tuple[float, float]], kind: str) -> str:
    if len(places) < 2:
        return ""
    return f'<path class="{kind}" d="M{"L".join(f"{x} {y}" for x, y in places)}"/>'


def _mark(shape: str, x: float, y: float) -> str:
    if shape == "circle":
        return f'<circle class="ln-mark" cx="{x}" cy="{y}" r="3"/>'
    if shape == "square":
        return f'<rect class="ln-mark" x="{x - 2.7:.1f}" y="{y - 2.7:.1f}" width="5.4" height="5.4"/>'
    return f'<path class="ln-mark" d="M{x} {y - 3.9:.1f}l3.9 3.9-3.9 3.9-3.9-3.9z"/>'


def _untold(lineage: Lineage, scales: Frame) -> str:
    """Returns a dash where a release does not tell it."""
    parts: list[str] = []
    for index, release in enumerate(lineage.releases):
        reading = release.reading("gc-cpu")
        if reading is None or reading.value is None:
            x, y = scales.x(index), HEIGHT - BOTTOM - 5
            parts.append(
                f'<text class="ln-untold" x="{x}" y="{y}">–<title>Go {escape(release.version)} does not tell it'
                "</title></text>"
            )
    return "".join(parts)


def _memory(lineage: Lineage) -> str:
    found = [release.given_back for release in lineage.releases]
    values: list[float | None] = [given.before / 1e6 for given in found if given is not None]
    scales = frame(lineage, values)
    parts = [furniture(scales, "200 MB dropped", "MB")]
    parts.append(change_marks(scales, [change for change in lineage.changes if change.panel == "memory"]))
    half = min(9.0, 0.36 * scales.step)
    for index, release in enumerate(lineage.releases):
        x = scales.x(index)
        if release.given_back is not None:
            parts.append(_bar(release.version, release.given_back, scales, x, half))
        if release.predicted_after is not None:
            y = scales.y(release.predicted_after.value / 1e6)
            parts.append(f'<line class="ln-said" x1="{x - half - 2:.1f}" x2="{x + half + 2:.1f}" y1="{y}" y2="{y}"/>')
    legend = [("ln-kept", "square", "resident"), ("ln-lazy", "square", "lazily free")]
    parts.append(_legend(legend))
    return _svg(parts, "Memory given back", "ln-memory")


def _bar(version: str, given: GivenBack, scales: Frame, x: float, half: float) -> str:
    """Returns what stayed as a bar, lazily free memory apart, and upright above it when it came back."""
    bottom, top = scales.y(0), scales.y(given.after / 1e6)
    lazy = given.lazy_free if given.ending == "lazy" else 0.0
    middle = scales.y(max(given.after - lazy, 0.0) / 1e6)
    said = (
        f"Go {version}: {given.before / 1e6:.0f} MB before, {given.after / 1e6:.0f} MB after, {words.came_back(given)}"
    )
    text = words.came_back(given)
    inside = given.after > 0.6 * given.before
    y, kind = (top + 6, "ln-in ln-on-lazy" if lazy else "ln-in") if inside else (top - 5, "ln-over")
    return (
        f"<g><title>{escape(said)}</title>"
        f'<path class="ln-lazy" d="M{x - half:.1f} {middle}V{top}h{2 * half:.1f}V{middle}z"/>'
        f'<path class="ln-kept" d="M{x - half:.1f} {bottom}V{middle}h{2 * half:.1f}V{bottom}z"/>'
        f'<text class="ln-when {kind}" transform="translate({x + 3.5:.1f} {y:.1f}) rotate(-90)">'
        f"{escape(text)}</text></g>"
    )


def _legend(entries: Sequence[tuple[str, str, str]]) -> str:
    """Returns marks with names, at the top right."""
    x = float(WIDTH - RIGHT)
    parts: list[str] = []
    for kind, shape, name in reversed(entries):
        x -= 6.0 * len(name) + 8
        parts.append(f'<text class="ln-name" x="{x:.1f}" y="13">{escape(name)}</text>')
        x -= 9
        parts.append(f'<g class="{kind}">{_mark(shape, x, 9)}</g>')
        x -= 9
    return "".join(parts)


def _svg(parts: Sequence[str], title: str, name: str) -> str:
    axis = f'<line class="ln-axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{HEIGHT - BOTTOM}" y2="{HEIGHT - BOTTOM}"/>'
    return (
        f'<svg class="ln-panel" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="{name}" '
        f'xmlns="http://www.w3.org/2000/svg"><title id="{name}">{escape(title)}</title>{"".join(parts)}{axis}</svg>'
    )
