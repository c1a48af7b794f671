"""An explanation as one self-contained HTML file: sentence, waterfall, release path, what to do, data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from whence.evidence.attribution import Attribution
from whence.evidence.run import JournalLine
from whence.show.report import method, names, page, payload
from whence.show.report.explain import (
    as_json,
    curve,
    kinds,
    pairs,
    remedies,
    sentence,
    shares,
    stages,
    strip,
    waterfall,
    words,
)

if TYPE_CHECKING:
    from jinja2 import Template


def render(attribution: Attribution, lines: Mapping[str, Sequence[JournalLine]] | None = None) -> str:
    """Returns the report as one HTML document. `lines`: the journals by stage, for the picture of all runs."""
    script = page.asset("explain.js")
    return _template().render(
        attribution=attribution,
        title=sentence.headline(attribution),
        story=sentence.story(attribution),
        verdict=words.VERDICTS[attribution.verdict],
        tone=_tone(attribution),
        started=method.moment(attribution.started_at),
        cost=words.cost_text(attribution),
        style=page.asset("report.css"),
        more_style=page.asset("explain.css"),
        script=script,
        script_hash=page.script_hash(script),
        payload=page.json_script({"files": _files(attribution, lines or {})}),
        **_sections(attribution, lines or {}),
        ratio=words.ratio_text,
        named=words.named_cause,
        kind=words.kind_text,
        clean=names.clean,
    )


def _sections(attribution: Attribution, lines: Mapping[str, Sequence[JournalLine]]) -> dict[str, object]:
    """Returns what each section of the page draws, by its name in the template."""
    host = attribution.host
    accepted = [r for r in attribution.remedies if r.measured]
    untried = [r for r in attribution.remedies if not r.measured]
    drawn = pairs.pairs(attribution)
    left_out = [r for r in attribution.rejected_remedies if drawn is None or not r.ratio]
    return {
        "fall": waterfall.waterfall(attribution),
        "parts": shares.tree(attribution),
        "left": shares.leftover_text(attribution),
        "joints": shares.joint_texts(attribution),
        "evidence": words.evidence_groups(attribution),
        "strip": strip.strip(attribution),
        "curves": curve.curves(attribution),
        "memory": kinds.memory(attribution),
        "advised": [remedies.remedy_text(r, attribution) for r in accepted],
        "pairs": drawn,
        "untried": [(remedies.remedy_text(r, attribution), names.clean(r.source)) for r in untried],
        "rejected": [remedies.rejected_text(r, attribution) for r in left_out],
        "notes": [names.clean(n) for n in (*attribution.notes, *(host.warnings if host is not None else ()))],
        "costs": stages.costs(attribution),
        "shown": stages.stages(attribution, lines),
        "facts": _facts(attribution),
    }


def _facts(attribution: Attribution) -> list[tuple[str, str]]:
    """Returns what it was measured with, as (name, value)."""
    host, spent = attribution.host, attribution.plan
    found = [
        ("base", attribution.base or "the subject as it is"),
        ("candidate", attribution.candidate or "the subject as it is"),
        ("subject", attribution.subject),
        ("plan of cells", spent.design),
        ("cells, blocks", f"{spent.cells}, {spent.blocks}" if spent.cells else ""),
        ("differently linked binaries", str(spent.links) if spent.links else ""),
        ("lack of fit", "" if attribution.lack_of_fit is None else f"p = {attribution.lack_of_fit:.3g}"),
        ("seed", str(attribution.seed)),
        ("Whence", attribution.whence_version),
    ]
    if host is not None:
        cpus = f"{host.cpus} CPU{'s' if host.cpus != 1 else ''}"
        found.append(("host", ", ".join(t for t in (host.name, cpus, host.cpu_model, host.kernel) if t)))
    return [(name, names.clean(value)) for name, value in found if value]


def _files(attribution: Attribution, lines: Mapping[str, Sequence[JournalLine]]) -> dict[str, dict[str, object]]:
    files = {"attribution.json": payload.document(as_json.render(attribution))}
    if any(lines.values()):
        files["runs.csv"] = payload.document(stages.runs_csv(attribution, lines))
    return files


def _tone(attribution: Attribution) -> str:
    """Returns the verdict's colour: that of the change where one was found."""
    ratio = attribution.total.ratio
    if attribution.verdict in ("no-effect", "layout"):
        return "equivalent"
    if attribution.verdict == "build-break":
        return "worse"
    if ratio is None or attribution.verdict == "undetermined":
        return "undetermined"
    return "worse" if (ratio > 1) == (attribution.better == "lower") else "better"


@cache
def _template() -> Template:
    return page.environment().get_template("explain.html")
