"""An explanation as Markdown, for a pull request or a ticket."""

from __future__ import annotations

from whence.evidence.attribution import Attribution, Dependence
from whence.show.report import names
from whence.show.report.explain import remedies, sentence, shares, strip, words


def render(attribution: Attribution) -> str:
    """Returns the document with a final line end. Whatever users wrote is escaped, or stands in a code span."""
    lines = [f"### {_text(sentence.headline(attribution))}"]
    for text in (*sentence.story(attribution), strip.line(attribution)):
        lines += ["", _text(text)] if text else []
    lines += _causes(attribution)
    for dependence in attribution.depends_on:
        lines += _depends(attribution, dependence)
    lines += _remedies(attribution)
    if attribution.notes:
        lines += ["", *(f"- {_text(note)}" for note in attribution.notes)]
    command = names.clean(attribution.command).replace("`", "'")
    lines += ["", f"{words.cost_text(attribution)}{f'. `{command}`' if command else ''}"]
    return "\n".join(lines) + "\n"


def _causes(attribution: Attribution) -> list[str]:
    tree = shares.tree(attribution)
    if all(part.percent is None for part in tree):
        return []
    lines = ["", "| part | kind | share, % of the base | undone ÷ candidate |", "|---|---|---:|---:|"]
    for part in tree:
        cause = part.cause
        undo = "" if cause.undo is None else words.ratio_text(cause.undo.ratio, cause.undo.low, cause.undo.high)
        name = _text(words.named_cause(cause))
        name = f"**{name}**" if cause.blamed and part.depth == 0 else f"{'↳ ' * part.depth}{name}"
        lines.append(f"| {name} | {_text(words.kind_text(part))} | {_text(part.text)} | {_text(undo)} |")
    left = shares.leftover_text(attribution)
    if left is not None:
        lines.append(f"| unexplained | | {_text(left)} | |")
    joints = [f"{pair} together: {text} beyond each alone" for pair, text in shares.joint_texts(attribution)]
    return lines + (["", *(_text(text) for text in joints)] if joints else [])


def _depends(attribution: Attribution, dependence: Dependence) -> list[str]:
    lines = ["", _text(words.dependence_text(dependence)), ""]
    lines += [f"| {_text(dependence.parameter)} | candidate ÷ base | difference | shares |", "|---:|---:|---:|---|"]
    for point in dependence.points:
        told = ", ".join(f"{name} {text}" for name, text in words.point_shares(point))
        row = (
            point.value,
            words.ratio_text(point.ratio, point.low, point.high),
            words.delta_text(point.delta, attribution.unit),
            told,
        )
        lines.append(f"| {' | '.join(_text(cell) for cell in row)} |")
    return lines


def _remedies(attribution: Attribution) -> list[str]:
    if not attribution.remedies and not attribution.rejected_remedies:
        return []
    lines = ["", "| remedy | verdict |", "|---|---|"]
    for remedy in attribution.remedies:
        told = "accepted" if remedy.measured else "not measured"
        lines.append(f"| {_text(remedies.remedy_text(remedy, attribution))} | {told} |")
    for rejected in attribution.rejected_remedies:
        told = "palliative" if rejected.palliative else "rejected"
        lines.append(f"| {_text(remedies.rejected_text(rejected, attribution))} | {told} |")
    return lines


def _text(text: str) -> str:
    """Escapes what Markdown and its tables would read as markup."""
    for character in "\\`*_|<>[]":
        text = text.replace(character, f"\\{character}")
    return names.clean(text)
