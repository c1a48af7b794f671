"""An explanation as one self-contained HTML file: sentence, waterfall, release path, what to do, data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from whence.evidence.attribution import Attribution
from whence.evidence.run import JournalLine, Run
from whence.show.report import method, names, numbers, page
from whence.show.report.explain import as_json, pictures, waterfall, words

if TYPE_CHECKING:
    from jinja2 import Template

MOST_DOTS = 3000


def render(attribution: Attribution, lines: Mapping[str, Sequence[JournalLine]] | None = None) -> str:
    """Returns the report as one HTML document. `lines`: the journals by stage, for the picture of all runs."""
    script = page.asset("explain.js")
    shown = pictures.stages(attribution, _runs(lines or {}), most=MOST_DOTS)
    return _template().render(
        title=words.headline(attribution),
        way=words.way(attribution),
        story=names.clean(attribution.story),
        verdict=words.VERDICTS[attribution.verdict],
        tone=_tone(attribution),
        attribution=attribution,
        subject=names.clean(attribution.subject),
        metric=names.clean(attribution.metric),
        command=names.clean(attribution.command),
        commands=[names.clean(c) for c in attribution.commands],
        started=method.moment(attribution.started_at),
        style=page.asset("report.css"),
        more_style=page.asset("explain.css"),
        script=script,
        script_hash=page.script_hash(script),
        fall=waterfall.waterfall(attribution),
        left=words.leftover_text(attribution),
        joints=_joints(attribution),
        strip=pictures.strip(attribution),
        memory=pictures.memory(attribution),
        curves=waterfall.curves(attribution),
        parts=[(p, words.parts(attribution, inside=p.cause.name)) for p in words.parts(attribution)],
        pairs=pictures.pairs(attribution),
        advised=[words.remedy_text(r) for r in attribution.remedies if r.measured],
        untried=[(words.remedy_text(r), names.clean(r.source)) for r in attribution.remedies if not r.measured],
        rejected=[words.rejected_text(r) for r in attribution.rejected_remedies],
        evidence=words.evidence_lines(attribution),
        cost=words.cost_text(attribution),
        stages=[(names.clean(n), c, numbers.seconds_text(s)) for n, c, s in attribution.plan.stages],
        notes=[names.clean(n) for n in (*attribution.notes, *(attribution.host.warnings if attribution.host else ()))],
        shown=shown,
        share=words.share_text,
        named=words.named_cause,
        kinds=words.KINDS,
        ratio=words.ratio_text,
        clean=names.clean,
        payload=page.json_script({"files": {"attribution.json": {"text": as_json.render(attribution)}}}),
    )


def _tone(attribution: Attribution) -> str:
    ratio = attribution.total.ratio
    if attribution.verdict in ("no-effect", "layout"):
        return "equivalent"
    if ratio is None or attribution.verdict == "undetermined":
        return "undetermined"
    return "worse" if (ratio > 1) == (attribution.better == "lower") else "better"


def _joints(attribution: Attribution) -> list[tuple[str, str]]:
    scale = words.points_to_percent(attribution)
    found: list[tuple[str, str]] = []
    for joint in attribution.interactions:
        if joint.real:
            half = None if joint.low is None or joint.high is None else (joint.high - joint.low) / 2 * scale
            told = words.share_text(joint.share * scale, half)
            also = "".join(f"; or {' and '.join(pair)}" for pair in joint.or_between)
            found.append((f"{joint.between[0]} and {joint.between[1]}{also}", told))
    return found


def _runs(lines: Mapping[str, Sequence[JournalLine]]) -> dict[str, list[Run]]:
    return {stage: [x for x in all_lines if isinstance(x, Run)] for stage, all_lines in lines.items()}


@cache
def _template() -> Template:
    return page.environment().get_template("explain.html")
