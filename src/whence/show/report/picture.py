"""The forest as one SVG file of its own: for a README, a slide or a chat. Light and dark by preference."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from xml.sax.saxutils import escape

from whence.evidence.comparison import Comparison
from whence.show.report import names, reading, sentence
from whence.show.report.forest import Forest, Row, forest, measured_bands

_WIDTH = 1000
_LEFT, _RIGHT = 362, 640
_MOST_ROWS = 24
_ROW = 27
_STYLE = """
text{font:14px ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:#1b1d21}
.paper{fill:#fcfbf9}.head{font-size:23px;font-weight:640;letter-spacing:-.3px}.small{font-size:12px}
.muted{fill:#5a616c}.bold{font-weight:620}.end{text-anchor:end}.mid{text-anchor:middle}
.grid{stroke:#e3dfd6}.same{stroke:#8b8f97}.margin{fill:#3a5a8c;opacity:.13}.band{fill:#b98a2e;opacity:.25}
.worse{color:#b3261e}.better{color:#0b6e4f}.equivalent{color:#3a5a8c}.undetermined{color:#805600}
.word{font-weight:620;fill:currentColor}.thick{stroke:currentColor;stroke-width:4;stroke-linecap:round;opacity:.5}
.thin{stroke:currentColor;stroke-width:1.4}.point{fill:currentColor}.hollow{fill:#fcfbf9;stroke:currentColor;stroke-width:1.8}
@media(prefers-color-scheme:dark){text{fill:#e9e6df}.paper,.hollow{fill:#131519}.muted{fill:#a2a8b3}.grid{stroke:#2d313a}
.same{stroke:#7d838e}.margin{fill:#9dbaf0;opacity:.16}.band{fill:#e6b84c;opacity:.2}.worse{color:#ff8d7f}
.better{color:#5cd0a3}.equivalent{color:#9dbaf0}.undetermined{color:#e6b84c}.word,.point{fill:currentColor}}
"""
_POINTS = {
    "worse": '<path class="point" d="M0-5.5 5.6 4.5H-5.6Z"',
    "better": '<path class="point" d="M0 5.5 5.6-4.5H-5.6Z"',
    "equivalent": '<rect class="point" x="-4" y="-4" width="8" height="8" rx="1"',
    "undetermined": '<circle class="hollow" r="4.2"',
}


def svg(comparison: Comparison) -> str:
    """Returns an SVG document 1000 wide: the sentence, then the chosen effects with their intervals.

    At most 24 effects are drawn; the last line says how many were left out.
    """
    comparison = reading.by_unit(comparison)
    drawing = forest(comparison, comparison.effects, measured_bands(comparison))
    body: list[str] = []
    y = 46.0
    for line in _heading(comparison):
        body.append(_text(28, y, line, "head"))
        y += 30
    for text in [line.plain() for line in sentence.lines(comparison)[1:4]]:
        body.append(_text(28, y, _short(text, 118), "muted"))
        y += 22
    y += 14
    body += _axis(drawing, y)
    y += 12
    shown = 0
    for group in drawing.groups:
        rows = group.rows[: max(0, _MOST_ROWS - shown)]
        if not rows:
            break
        if group.title:
            y += 26
            body.append(_text(28, y, _short(group.title, 60), "bold"))
        for row in rows:
            body += _row(row, drawing, y + 8)
            y += _ROW
        shown += len(rows)
    total = sum(len(group.rows) for group in drawing.groups) + drawing.left_out
    y += 34
    body.append(_text(28, y, _foot(drawing, total - shown), "small muted"))
    height = round(y + 22)
    title = escape(names.clean(sentence.title(comparison)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        f'role="img"><title>{title}</title><style>{_STYLE}</style>'
        f'<rect class="paper" width="{_WIDTH}" height="{height}" rx="10"/>{"".join(body)}</svg>\n'
    )


def _heading(comparison: Comparison) -> list[str]:
    first = sentence.lines(comparison)[0]
    tail = f" {first.interval}" if first.interval else ""
    word = f" {names.MARKS[first.verdict]} {names.WORDS[first.verdict]}" if first.verdict is not None else ""
    return textwrap.wrap(f"{first.text}{tail}{word}", 70)


def _foot(drawing: Forest, left_out: int) -> str:
    parts = ["bars: 95 % interval"]
    if drawing.has_margin:
        parts.append("blue: counts as equivalent")
    if drawing.has_band:
        parts.append("yellow: the base against itself (A/A)")
    if drawing.axis.stretched:
        parts.append("axis stretched around no change")
    if left_out:
        parts.append(f"{left_out} more effects in the report")
    return " · ".join(parts)


def _x(percent: float) -> float:
    return round(_LEFT + (_RIGHT - _LEFT) * percent / 100, 1)


def _axis(drawing: Forest, y: float) -> Iterator[str]:
    for tick in drawing.ticks:
        if not tick.minor:
            yield _text(_x(tick.at), y, tick.label, "small muted mid")
    yield _text(_LEFT - 104, y, _short(drawing.base, 14), "small muted end")
    yield _text(_LEFT - 18, y, _short(drawing.value_head, 14), "small muted end")


def _row(row: Row, drawing: Forest, y: float) -> Iterator[str]:
    middle = y + _ROW / 2
    yield _text(28, middle + 5, _short(row.label, 24), "")
    yield _text(_LEFT - 104, middle + 5, row.base, "muted end")
    yield _text(_LEFT - 18, middle + 5, f"{row.value} {row.unit}".strip(), "end")
    for name, span in (("margin", row.bar.margin), ("band", row.bar.band)):
        if span is not None:
            width = round(_x(span[1]) - _x(span[0]), 1)
            yield f'<rect class="{name}" x="{_x(span[0])}" y="{y:g}" width="{width}" height="{_ROW}"/>'
    for tick in drawing.ticks:
        kind = "same" if tick.at == drawing.same else "grid"
        yield f'<line class="{kind}" x1="{_x(tick.at)}" x2="{_x(tick.at)}" y1="{y:g}" y2="{y + _ROW:g}"/>'
    yield f'<g class="{row.verdict}">'
    for name, span in (("thin", row.bar.thin), ("thick", row.bar.thick)):
        if span is not None:
            yield f'<line class="{name}" x1="{_x(span[0])}" x2="{_x(span[1])}" y1="{middle:g}" y2="{middle:g}"/>'
    if row.bar.point is not None:
        yield f'{_POINTS[row.verdict]} transform="translate({_x(row.bar.point)} {middle:g})"/>'
    yield _text(_RIGHT + 60, middle + 5, row.ratio, "bold end")
    yield _text(_RIGHT + 68, middle + 5, row.interval, "muted")
    yield _text(_WIDTH - 168, middle + 5, f"{row.mark} {row.word}", "word")
    yield "</g>"


def _text(x: float, y: float, text: str, kind: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" class="{kind}">{escape(names.clean(text))}</text>' if text else ""


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
