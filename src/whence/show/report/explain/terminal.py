"""An explanation on a terminal: the sentence, where it came from, the shares, what to do, what it cost."""

from __future__ import annotations

import textwrap

from whence.evidence.attribution import Attribution, Point
from whence.show.report import names, numbers
from whence.show.report.explain import words
from whence.show.report.terminal import cells, pad

_LABEL = 11
_MOST_REJECTED = 6
_MOST_NOTES = 8


def render(
    attribution: Attribution,
    *,
    width: int = 100,
    color: bool = False,
    report_path: str | None = None,
    next_command: str | None = None,
) -> str:
    """Returns the whole text with a final line end."""
    width = max(width, 40)
    bold = ("\x1b[1m", "\x1b[0m") if color else ("", "")
    head = textwrap.fill(words.headline(attribution), width)
    found = [f"{bold[0]}{head}{bold[1]}"]
    found += [textwrap.indent(text, "  ") for text in _story(attribution, width - 2)]
    parts = ["\n".join(found), _shares(attribution, width), _depends(attribution, width), _todo(attribution, width)]
    parts += [_odd(attribution, width), _closing(attribution, width, report_path, next_command)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _story(attribution: Attribution, width: int) -> list[str]:
    told = [words.way(attribution), names.clean(attribution.story)]
    return [textwrap.fill(text, width) for text in told if text]


def _shares(attribution: Attribution, width: int) -> str:
    own = words.parts(attribution)
    if not own:
        return ""
    rows: list[tuple[str, str, str, str]] = []
    for part in own:
        rows.append(_row(attribution, part, ""))
        rows += [_row(attribution, p, "  ") for p in words.parts(attribution, inside=part.cause.name)]
    left = words.leftover_text(attribution)
    if left is not None:
        rows.append(("unexplained", left, "", ""))
    name_width = min(max(cells(r[0]) for r in rows), max(20, width - 50))
    share_width = max(cells(r[1]) for r in rows)
    lines = [f"  {pad('share of the change, in percent of the base', name_width + 2 + share_width)}".rstrip()]
    for name, share, kind, undo in rows:
        line = f"  {pad(name, name_width)}  {pad(share, share_width, right=True)}  {pad(kind, 11)}  {undo}"
        lines.append(line.rstrip())
    real = [i for i in attribution.interactions if i.real]
    scale = words.points_to_percent(attribution)
    for joint in real:
        half = None if joint.low is None or joint.high is None else (joint.high - joint.low) / 2 * scale
        text = words.share_text(joint.share * scale, half)
        lines.append(f"  {joint.between[0]} and {joint.between[1]} together: {text} beyond each alone")
    return "\n".join(lines)


def _row(attribution: Attribution, part: words.Part, indent: str) -> tuple[str, str, str, str]:
    cause = part.cause
    mark = "▸ " if cause.blamed and cause.part_of is None else "  "
    undo = ""
    if cause.undo is not None and cause.blamed:
        undo = f"undone: {words.ratio_text(cause.undo.ratio, cause.undo.low, cause.undo.high)}"
    share = words.share_text(part.percent, part.half)
    return f"{mark}{indent}{words.named_cause(cause)}", share, words.KINDS[cause.kind], undo


def _depends(attribution: Attribution, width: int) -> str:
    blocks: list[str] = []
    for dependence in attribution.depends_on:
        lines = [textwrap.fill(words.dependence_text(dependence), width)]
        name_width = max(cells(names.clean(p.value)) for p in dependence.points)
        for point in dependence.points:
            value = pad(names.clean(point.value), name_width, right=True)
            lines.append(f"  {value}  {_point(attribution, point)}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _point(attribution: Attribution, point: Point) -> str:
    if point.ratio is None:
        return "no value"
    shares: list[str] = []
    for name, (share, low, high) in point.shares.items():
        half = None if low is None or high is None else 50 * (high - low)
        shares.append(f"{names.clean(name)} {words.share_text(100 * share, half)}")
    delta = ""
    if point.delta is not None:
        sign = "+" if point.delta >= 0 else numbers.MINUS
        delta = f"  {sign}{numbers.amount_text(abs(point.delta), attribution.unit)}"
    ratio = words.ratio_text(point.ratio, point.low, point.high)
    return f"{ratio}{delta}{'  ' + ', '.join(shares) if shares else ''}"


def _todo(attribution: Attribution, width: int) -> str:
    lines: list[str] = []
    for index, remedy in enumerate(r for r in attribution.remedies if r.measured):
        label = "Do this" if index == 0 else "or"
        lines.append(_labelled(label, f"{words.remedy_text(remedy)}  (measured)", width))
    for remedy in attribution.remedies:
        if not remedy.measured:
            lines.append(_labelled("To try", f"{words.remedy_text(remedy)}  (not measured)", width))
    for index, rejected in enumerate(attribution.rejected_remedies[:_MOST_REJECTED]):
        measured = "  (measured)" if rejected.measured else ""
        lines.append(_labelled("Not this" if index == 0 else "", f"{words.rejected_text(rejected)}{measured}", width))
    return "\n".join(lines)


def _odd(attribution: Attribution, width: int) -> str:
    shown = [names.clean(note) for note in attribution.notes[:_MOST_NOTES]]
    if attribution.host is not None:
        shown += [names.clean(warning) for warning in attribution.host.warnings]
    if len(attribution.notes) > _MOST_NOTES:
        shown.append(f"{len(attribution.notes) - _MOST_NOTES} more notes are in the report.")
    return "\n".join(textwrap.fill(t, width, initial_indent="- ", subsequent_indent="  ") for t in shown)


def _closing(attribution: Attribution, width: int, report_path: str | None, next_command: str | None) -> str:
    lines = [_labelled("Cost", words.cost_text(attribution), width)]
    if report_path:
        lines.append(f"{'Report':<{_LABEL}}{report_path}")
    if next_command:
        lines.append(f"{'Next':<{_LABEL}}{next_command}")
    return "\n".join(lines)


def _labelled(label: str, text: str, width: int) -> str:
    return textwrap.fill(text, width, initial_indent=f"{label:<{_LABEL}}", subsequent_indent=" " * _LABEL)
