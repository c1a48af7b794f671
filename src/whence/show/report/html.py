"""One self-contained HTML file: the sentence, the picture, the evidence, what was odd, how it was measured, the data.

The file loads nothing: style, script and data stand inside it, and its content security policy forbids everything
else. Whatever a subject, a variant or a message holds is text, never markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from whence.evidence.comparison import Comparison
from whence.evidence.run import JournalLine
from whence.show.report import (
    behind,
    dots,
    evidence,
    forest,
    gates,
    memory,
    method,
    names,
    numbers,
    oddities,
    page,
    payload,
    reading,
    sentence,
    table,
)

if TYPE_CHECKING:
    from jinja2 import Template

LARGEST = 1_450_000
"""Characters that a report may have at most."""


def render(comparison: Comparison, lines: Sequence[JournalLine] = ()) -> str:
    """Returns the report as one HTML document of at most 1.5 MB.

    `lines` are all lines of the journal: warm-ups, repeated and interrupted blocks are shown, hollow. Of very many
    runs evenly spaced blocks are shown, and the report says so.
    """
    named = reading.by_unit(comparison)
    share, text = 1.0, ""
    for _ in range(5):
        text = _document(named, evidence.shown(named, lines, share=share), payload.documents(comparison))
        if len(text) <= LARGEST:
            break
        share /= 2
    return text


def _document(comparison: Comparison, shown: evidence.Shown, documents: dict[str, dict[str, object]]) -> str:
    bands = forest.measured_bands(comparison)
    measured_twice = bool(bands)
    if not bands and shown.runs:
        bands = evidence.aa_bands(comparison, shown)
    found = sentence.lines(comparison)
    style, script = page.asset("report.css"), page.asset("report.js")
    return _template().render(
        title=found[0].text,
        answer=found,
        words=names.WORDS,
        marks=names.MARKS,
        verdict=found[0].verdict or reading.overall(comparison),
        comparison=comparison,
        subject=names.clean(comparison.subject),
        command=names.clean(comparison.command),
        started=method.moment(comparison.started_at),
        style=style,
        script=script,
        script_hash=page.script_hash(script),
        forest=forest.forest(comparison, comparison.effects, bands),
        listed=forest.forest(comparison, comparison.listed, {}) if comparison.listed else None,
        measured_twice=measured_twice,
        numbers_behind=behind.behind(comparison),
        aa_line=sentence.aa_line(comparison),
        means=_means(comparison),
        many=len(table.columns(comparison)) > 1,
        shown=shown,
        dots=dots.dots(comparison, shown) if shown.runs else None,
        memory=memory.memory(comparison, shown),
        timeline=memory.timeline(comparison, shown),
        odd=oddities.texts(comparison),
        gates=[
            (gate, names.label(comparison, gate.candidate), gates.bound_text(comparison, gate), names.clean(gate.rule))
            for gate in comparison.gates
        ],
        gate_marks=names.GATE_MARKS,
        method=method.method(comparison),
        payload=page.json_script({"files": documents, "runs": payload.runs(comparison, shown)}),
        plural=numbers.plural,
        clean=names.clean,
        shapes=dots.SHAPES,
    )


def _means(comparison: Comparison) -> list[tuple[str, str, str, int]]:
    """Returns (unit, candidate, ratio, benchmarks) of the geometric means, in words."""
    return [
        (
            names.clean(mean.unit),
            names.label(comparison, mean.candidate),
            f"×{numbers.ratio_text(mean.ratio, 3)}" if mean.ratio is not None else numbers.MISSING,
            mean.benchmarks,
        )
        for mean in comparison.geometric_means
    ]


@cache
def _template() -> Template:
    return page.environment().get_template("report.html")
