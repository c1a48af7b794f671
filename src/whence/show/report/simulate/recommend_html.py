"""A recommendation as one self-contained HTML file: the sentence, memory against cores, the choices."""

from __future__ import annotations

import math
from html import escape

from whence.evidence.simulation import Choice, Recommendation
from whence.show.report import numbers
from whence.show.report.profile import plain_page
from whence.show.report.scale import nice_step
from whence.show.report.simulate import recommend_words as words
from whence.show.report.simulate.run_section import STYLE, grid

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 960, 380, 80, 150, 20, 44
_STYLE = """
.sr-picture .rc-front { fill: none; stroke: var(--s2, #2458c7); stroke-width: 1.4; }
.sr-picture .rc-dot { fill: var(--s0, #4c535e); opacity: .55; }
.sr-picture .rc-on { fill: var(--s2, #2458c7); opacity: 1; }
.sr-picture .rc-not { fill: none; stroke: var(--s0, #4c535e); }
.sr-picture .rc-chosen { fill: none; stroke: var(--s1, #c2410c); stroke-width: 2.4; }
.sr-picture .rc-default { fill: none; stroke: var(--s4, #9c2f86); stroke-width: 2; stroke-dasharray: 3 2; }
"""


def render(recommendation: Recommendation, *, command: str = "") -> str:
    """Returns the document."""
    rows = []
    for choice in words.shown(recommendation):
        mark = "▸ chosen" if words.is_chosen(recommendation, choice) else ""
        rows.append([mark, *[escape(text) for text in words.row(choice)]])
    notes = [*words.basis(recommendation), *recommendation.notes]
    sections = [
        '<section id="front" aria-labelledby="front-title"><h2 id="front-title">Memory against CPU</h2>'
        f'<div class="sr-box" tabindex="0">{picture(recommendation)}</div></section>',
        '<section id="choices" aria-labelledby="choices-title"><h2 id="choices-title">Choices</h2>'
        f"{grid(['', *words.HEAD], rows)}</section>",
        '<section id="know" aria-labelledby="know-title"><h2 id="know-title">What to know</h2><ul>'
        + "".join(f"<li>{escape(note)}</li>" for note in notes)
        + f"<li><code>{escape(words.next_command(recommendation))}</code></li></ul></section>",
    ]
    title = f"{recommendation.sentence}. Simulated, not measured"
    return plain_page.render(title, sections, document=recommendation, style=STYLE + _STYLE, command=command)


def picture(recommendation: Recommendation) -> str:
    """Returns the `<svg>`: a dot for each choice, request along, cores up; the front as a line."""
    choices = recommendation.choices
    high_x = 1.08 * max(choice.request for choice in choices)
    low_y, high_y = min(c.cpu for c in choices), max(c.cpu for c in choices)
    room = max(high_y - low_y, 0.02 * high_y, 1e-3)
    bottom, top = max(0.0, low_y - 0.15 * room), high_y + 0.1 * room

    def x(value: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * value / high_x, 1)

    def y(value: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (top - value) / (top - bottom), 1)

    parts = [f'<text class="sr-head" x="0" y="{TOP - 6}">cores</text>']
    step = nice_step((top - bottom) / 4)
    for index in range(math.ceil(bottom / step), math.floor(top / step) + 1):
        at = y(index * step)
        parts.append(f'<line class="sr-grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at}" y2="{at}"/>')
        parts.append(f'<text class="sr-tick" x="{LEFT - 8}" y="{at + 4}">{index * step:.4g}</text>')
    scale = numbers.scale_for((high_x,), "B")
    step = nice_step(high_x / scale.divisor / 7)
    base = HEIGHT - BOTTOM
    parts.append(f'<line class="sr-axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{base}" y2="{base}"/>')
    for index in range(math.floor(high_x / scale.divisor / step) + 1):
        at = x(index * step * scale.divisor)
        parts.append(f'<line class="sr-axis" x1="{at}" x2="{at}" y1="{base}" y2="{base + 5}"/>')
        parts.append(f'<text class="sr-time" x="{at}" y="{base + 19}">{index * step:,.6g} {scale.unit}</text>')
    parts.append(f'<text class="sr-time" x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 6}">memory request</text>')
    front = sorted((c for c in choices if c.on_front), key=lambda c: c.request)
    if len(front) > 1:
        parts.append(f'<path class="rc-front" d="M{"L".join(f"{x(c.request)} {y(c.cpu)}" for c in front)}"/>')
    parts += [_dot(choice, x(choice.request), y(choice.cpu)) for choice in choices]
    chosen, default = recommendation.chosen, recommendation.default_choice
    parts.append(f'<circle class="rc-chosen" cx="{x(chosen.request)}" cy="{y(chosen.cpu)}" r="9"/>')
    parts.append(f'<text x="{x(chosen.request) + 13}" y="{y(chosen.cpu) - 8}">chosen: {_label(chosen)}</text>')
    if default is not None and not words.is_chosen(recommendation, default):
        parts.append(f'<circle class="rc-default" cx="{x(default.request)}" cy="{y(default.cpu)}" r="8"/>')
        parts.append(f'<text x="{x(default.request) + 12}" y="{y(default.cpu) + 14}">default</text>')
    return (
        f'<svg class="sr-picture" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="rc" '
        'xmlns="http://www.w3.org/2000/svg"><title id="rc">Memory request against cores of every choice</title>'
        + "".join(parts)
        + "</svg>"
    )


def _label(choice: Choice) -> str:
    gogc, limit = words.setting(choice)
    return escape(f"GOGC={gogc}" + ("" if choice.memory_limit is None else f", GOMEMLIMIT={limit}"))


def _dot(choice: Choice, x: float, y: float) -> str:
    kind = "rc-not" if not choice.fits else "rc-dot rc-on" if choice.on_front else "rc-dot"
    return f'<circle class="{kind}" cx="{x}" cy="{y}" r="4"><title>{_label(choice)}</title></circle>'
