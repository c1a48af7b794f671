"""An explanation as Markdown, for a pull request or a ticket."""

from __future__ import annotations

from whence.evidence.attribution import Attribution
from whence.show.report import names
from whence.show.report.explain import words


def render(attribution: Attribution) -> str:
    """Returns the document with a final line end. Whatever users wrote stands in code spans."""
    lines = [f"### {_text(words.headline(attribution))}", ""]
    lines += [_text(t) for t in (words.way(attribution), names.clean(attribution.story)) if t]
    own = words.parts(attribution)
    if own:
        lines += ["", "| part | kind | share, % of the base | undone |", "|---|---|---:|---:|"]
        for part in own:
            lines.append(_row(part, ""))
            lines += [_row(p, "↳ ") for p in words.parts(attribution, inside=part.cause.name)]
        left = words.leftover_text(attribution)
        if left is not None:
            lines.append(f"| unexplained | | {left} | |")
    for dependence in attribution.depends_on:
        lines += ["", _text(words.dependence_text(dependence)), ""]
        lines += [f"| {_text(dependence.parameter)} | ratio |", "|---:|---:|"]
        for point in dependence.points:
            lines.append(f"| {_text(point.value)} | {words.ratio_text(point.ratio, point.low, point.high)} |")
    if attribution.remedies or attribution.rejected_remedies:
        lines += ["", "| remedy | verdict |", "|---|---|"]
        for remedy in attribution.remedies:
            told = "accepted" if remedy.measured else "not measured"
            lines.append(f"| {_text(words.remedy_text(remedy))} | {told} |")
        for rejected in attribution.rejected_remedies:
            lines.append(f"| {_text(words.rejected_text(rejected))} | rejected |")
    if attribution.notes:
        lines += ["", *(f"- {_text(note)}" for note in attribution.notes)]
    lines += ["", f"{words.cost_text(attribution)}. `{names.clean(attribution.command).replace('`', '')}`"]
    return "\n".join(lines) + "\n"


def _row(part: words.Part, indent: str) -> str:
    cause = part.cause
    undo = "" if cause.undo is None else words.ratio_text(cause.undo.ratio, cause.undo.low, cause.undo.high)
    name = _text(words.named_cause(cause))
    name = f"**{name}**" if cause.blamed and not indent else name
    share = words.share_text(part.percent, part.half)
    return f"| {indent}{name} | {words.KINDS[cause.kind]} | {share} | {undo} |"


def _text(text: str) -> str:
    """Escapes what Markdown and its tables would read as markup."""
    for character in "\\`*_|<>[]":
        text = text.replace(character, f"\\{character}")
    return names.clean(text)
