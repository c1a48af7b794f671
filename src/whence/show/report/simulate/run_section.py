"""A simulated comparison as sections of an HTML page: effects, the runs over time, numbers, causes, what to know."""

from __future__ import annotations

from html import escape

from whence.evidence.simulation import SimulatedComparison, SimulationRun
from whence.show.report import names, numbers, oddities, reading, sentence, table
from whence.show.report.explain import shares
from whence.show.report.explain import words as cause_words
from whence.show.report.simulate import run_words as words
from whence.show.report.simulate.run_picture import most_memory, over_time

STYLE = """
.sr-box { overflow-x: auto; margin: .6rem 0 1.2rem; }
.sr-picture { display: block; width: 100%; min-width: 660px; height: auto; font: 12.5px/1 var(--sans, sans-serif); }
.sr-picture text { fill: currentColor; font-variant-numeric: tabular-nums; }
.sr-picture .sr-tick, .sr-picture .sr-time { fill: var(--muted, currentColor); text-anchor: end; }
.sr-picture .sr-time { text-anchor: middle; }
.sr-picture .sr-note { fill: var(--muted, currentColor); }
.sr-picture .sr-head { font-weight: 600; }
.sr-picture .sr-grid { stroke: var(--grid, #8884); }
.sr-picture .sr-axis { stroke: var(--muted, currentColor); }
.sr-picture .sr-line { fill: none; stroke-width: 1.4; stroke-linejoin: round; }
.sr-picture .sr-rss { stroke: var(--s1, #c2410c); stroke-width: 2.4; }
.sr-picture .sr-goal { stroke: var(--s4, #9c2f86); stroke-dasharray: 6 3; }
.sr-picture .sr-inuse { stroke: var(--s3, #0d7a6b); stroke-dasharray: 2 2; }
.sr-picture .sr-live { stroke: var(--s2, #2458c7); stroke-width: 1; }
.sr-picture .sr-scavenged { stroke: var(--s3, #0d7a6b); }
.sr-picture .sr-released { stroke: var(--s2, #2458c7); stroke-dasharray: 6 3; }
.sr-picture .sr-level { stroke: var(--worse, #b3261e); stroke-dasharray: 8 4; }
.sr-picture .sr-oom { stroke: var(--worse, #b3261e); stroke-width: 2; }
.sr-picture .sr-tick-mark { stroke: var(--s0, #4c535e); }
.sr-picture .sr-bar { fill: var(--s0, #4c535e); }
.sr-table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.sr-table th, .sr-table td { text-align: right; padding: .25rem .9rem .25rem 0; vertical-align: top; }
.sr-table thead th { font-weight: 600; }
.sr-table tbody th { text-align: left; font-weight: 400; }
.sr-table tbody tr { border-top: 1px solid var(--rule, #8884); }
.sr-table .interval { color: var(--muted, currentColor); }
"""


def sections(comparison: SimulatedComparison) -> list[str]:
    """Returns the sections in reading order; their style is STYLE."""
    found = [_effects(comparison)] if len(comparison.simulations) > 1 else []
    return [*found, _pictures(comparison), _values(comparison), *_causes(comparison), _notes(comparison)]


def grid(head: list[str], rows: list[list[str]]) -> str:
    """Returns a table; cells are markup, the first of each row its head."""
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>' + "".join(f"<td>{cell}</td>" for cell in row[1:]) + "</tr>" for row in rows
    )
    return (
        f'<div class="sr-box" tabindex="0"><table class="sr-table"><thead><tr>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _section(name: str, title: str, inner: str) -> str:
    return f'<section id="{name}" aria-labelledby="{name}-title"><h2 id="{name}-title">{title}</h2>{inner}</section>'


def _effects(comparison: SimulatedComparison) -> str:
    said = "".join(f"<p>{escape(line.plain())}</p>" for line in sentence.lines(comparison)[1:])
    base = names.label(comparison, reading.base_name(comparison))
    columns = [escape(names.label(comparison, name)) for name in table.columns(comparison)]
    rows = [
        [escape(f"{row.name} {row.unit}".rstrip()), escape(row.base), *[_cell(cell) for cell in row.cells]]
        for section in table.sections(comparison, (*comparison.effects, *comparison.listed))
        for row in section.rows
    ]
    chosen = ", ".join(dict.fromkeys(effect.metric for effect in comparison.effects))
    legend = escape(f"{table.legend(comparison)}. Chosen metrics: {chosen}; the others are for reading.")
    return _section("effects", "Effects", said + grid(["metric", escape(base), *columns], rows) + f"<p>{legend}</p>")


def _cell(cell: table.Cell) -> str:
    word = "" if cell.verdict is None else f' title="{names.WORDS[cell.verdict]}"'
    mark = f' <span class="{cell.verdict}"{word}>{cell.mark}</span>' if cell.mark else ""
    return f'{escape(cell.value)} {escape(cell.ratio)} <span class="interval">{escape(cell.interval)}</span>{mark}'


def _pictures(comparison: SimulatedComparison) -> str:
    high = max(most_memory(run) for run in comparison.simulations)
    parts = ["<p>The run with every constant as known best; the scale is the same for all variants.</p>"]
    for number, run in enumerate(comparison.simulations):
        name = escape(names.label(comparison, run.name))
        parts.append(f"<h3>{name} <small>{escape(words.settings_text(run))}</small></h3>")
        parts.append(f'<div class="sr-box" tabindex="0">{over_time(run, high=high, number=number)}</div>')
    return _section("time", "Over time", "".join(parts))


def _values(comparison: SimulatedComparison) -> str:
    runs = comparison.simulations
    head = ["", *[escape(names.label(comparison, run.name)) for run in runs]]
    rows = [
        [escape(words.metric_text(value.metric)), *[_value(run, value.metric) for run in runs]]
        for value in runs[0].totals
    ]
    basis = escape(f"{runs[0].workload}: {words.SOURCES.get(runs[0].source, runs[0].source)}.")
    told = f"<p>{basis} Brackets hold 90 % of what the run may come to.</p>"
    return _section("numbers", "Numbers", told + grid(head, rows))


def _value(run: SimulationRun, metric: str) -> str:
    value, interval = words.value_text(words.value_of(run, metric))
    return f'{escape(value)} <span class="interval">{escape(interval)}</span>'


def _causes(comparison: SimulatedComparison) -> list[str]:
    parts: list[str] = []
    for attribution in comparison.attributions:
        rows = [
            [escape(cause_words.named_cause(part.cause)), escape(part.text), escape(part.cause.setting)]
            for part in shares.tree(attribution)
        ]
        head = escape(f"{attribution.metric}: {attribution.base} to {attribution.candidate}")
        parts.append(f"<h3>{head}</h3>" + grid(["", "share, in percent of the base", "setting"], rows))
        parts += [f"<p>{escape(f'{pair} together: {text} beyond each alone')}</p>"
                  for pair, text in shares.joint_texts(attribution)]  # fmt: skip
    return [_section("causes", "Causes", "".join(parts))] if parts else []


def _notes(comparison: SimulatedComparison) -> str:
    run = comparison.simulations[0]
    notes = [*oddities.texts(comparison), f"{numbers.plural(run.replicas, 'replica')} each, seed {run.seed}."]
    return _section("know", "What to know", "<ul>" + "".join(f"<li>{escape(note)}</li>" for note in notes) + "</ul>")
