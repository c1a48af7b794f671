"""A collector's story as one section of an HTML page: the picture, what limited when, the numbers."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from whence.evidence.gc_story import GCStory
from whence.show.report.profile import gc_words
from whence.show.report.profile.gc_picture import picture

if TYPE_CHECKING:
    from markupsafe import Markup

ID, LINK = "gc", "Collector"
"""The section's id and its word in the navigation."""

STYLE = """
.gc-box { overflow-x: auto; }
.gc-picture { display: block; width: 100%; min-width: 660px; height: auto; font: 12.5px/1 var(--sans, sans-serif); }
.gc-picture text { fill: currentColor; font-variant-numeric: tabular-nums; }
.gc-picture .gc-tick, .gc-picture .gc-time { fill: var(--muted, currentColor); text-anchor: end; }
.gc-picture .gc-time { text-anchor: middle; }
.gc-picture .gc-head { font-weight: 600; }
.gc-picture .gc-grid { stroke: var(--grid, #8884); }
.gc-picture .gc-axis { stroke: var(--muted, currentColor); }
.gc-picture .gc-line, .gc-picture .gc-limit { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
.gc-picture .gc-live { stroke: var(--s2, #2458c7); stroke-width: 2.4; }
.gc-picture .gc-goal { stroke: var(--s1, #c2410c); stroke-dasharray: 6 3; }
.gc-picture .gc-peak { stroke: var(--s0, #4c535e); stroke-width: 1.1; }
.gc-picture .gc-kept { stroke: var(--s3, #0d7a6b); stroke-dasharray: 8 3 2 3; }
.gc-picture .gc-given { stroke: var(--s5, #7a6a05); stroke-dasharray: 2 2; }
.gc-picture .gc-limit { stroke: var(--worse, #b3261e); stroke-dasharray: 1 3; stroke-width: 2; }
.gc-picture .gc-cycle { stroke: var(--s0, #4c535e); stroke-width: 1; }
.gc-picture .gc-forced { fill: currentColor; }
.gc-picture .gc-pause { stroke: var(--s4, #9c2f86); stroke-width: 1.6; }
.gc-picture .gc-marking { fill: var(--s3, #0d7a6b); }
.gc-picture .gc-cover { fill: var(--paper, Canvas); }
.gc-picture .gc-assists { fill: url(#gc-hatch); stroke: var(--s1, #c2410c); stroke-width: .7; }
.gc-picture .gc-hatch-ground { fill: var(--paper, Canvas); }
.gc-picture .gc-hatch-line { stroke: var(--s1, #c2410c); stroke-width: 3; }
.gc-picture .gc-stretch { fill: var(--s1, #c2410c); stroke: none; }
.gc-picture .gc-stretch.gc-memory-limit, .gc-picture .gc-stretch.gc-cpu-limiter { fill: var(--worse, #b3261e); }
.gc-picture .gc-stretch.gc-growth, .gc-picture .gc-stretch.gc-idle { fill: var(--s0, #4c535e); opacity: .55; }
.gc-stretches { padding-left: 1.2em; max-width: 85ch; }
.gc-stretches b { font-weight: 600; white-space: nowrap; }
.gc-numbers { border-collapse: collapse; font-size: .93rem; font-variant-numeric: tabular-nums; }
.gc-numbers th { text-align: left; font-weight: 400; color: var(--muted, inherit); padding: .16rem 1.2rem .16rem 0; }
.gc-numbers th[scope=rowgroup] { color: inherit; font-weight: 600; padding-top: .7rem; }
.gc-numbers td { text-align: right; padding: .16rem 0; }
@media print { .gc-box { overflow: visible; } .gc-picture { min-width: 0; } }
"""


def section(story: GCStory, *, heading: str = "The collector over time", repeat_sentence: bool = True) -> Markup:
    """Returns a whole `<section>`; its style is `STYLE`."""
    from markupsafe import Markup

    parts = [
        f'<section id="{ID}" aria-labelledby="{ID}-title"><h2 id="{ID}-title">{escape(heading)}</h2>',
        f"<p>{_text(story.sentence)}</p>" if repeat_sentence else "",
        f'<div class="gc-box">{picture(story)}</div>',
        _stretches(story),
        _numbers(story),
        _notes(story),
        "</section>",
    ]
    return Markup("".join(parts))


def _text(text: str) -> str:
    return escape(gc_words.together(text))


def _stretches(story: GCStory) -> str:
    if not story.stretches:
        return ""
    items = "".join(
        f"<li><b>{gc_words.moment(s.from_s)} – {gc_words.moment(s.to_s)}</b>"
        f" {gc_words.SHORT[s.kind]}: {_text(s.evidence)}</li>"
        for s in story.stretches
    )
    return f'<h3>What limited the program when</h3><ul class="gc-stretches">{items}</ul>'


def _numbers(story: GCStory) -> str:
    parts: list[str] = []
    for group, found in groupby(gc_words.rows(story), key=lambda row: row[0]):
        parts.append(f'<tbody><tr><th scope="rowgroup" colspan="2">{_text(group)}</th></tr>')
        parts += [f'<tr><th scope="row">{_text(name)}</th><td>{_text(value)}</td></tr>' for _, name, value in found]
        parts.append("</tbody>")
    return f'<h3>The numbers</h3><table class="gc-numbers">{"".join(parts)}</table>'


def _notes(story: GCStory) -> str:
    return "".join(f'<p class="say">{_text(note)}</p>' for note in story.notes)
