"""An explanation on a terminal: the sentence, where it came from, the shares, what to do, what it cost."""

from __future__ import annotations

import textwrap

from whence.evidence.attribution import Attribution
from whence.show.report import names, numbers
from whence.show.report.explain import remedies, sentence, shares, strip, words
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
    parts = [
        _answer(attribution, width, color),
        _shares(attribution, width),
        _depends(attribution, width),
        _todo(attribution, width),
        _odd(attribution, width),
        _closing(attribution, width, report_path, next_command),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _answer(attribution: Attribution, width: int, color: bool) -> str:
    bold = ("\x1b[1m", "\x1b[0m") if color else ("", "")
    lines = [f"{bold[0]}{_fill(sentence.headline(attribution), width)}{bold[1]}"]
    if attribution.simulated:
        lines.insert(0, "Simulated: these numbers were not measured.")
    told = [*sentence.story(attribution), strip.line(attribution)]
    lines += [_fill(text, width, first="  ", rest="  ") for text in told if text]
    return "\n".join(lines)


def _shares(attribution: Attribution, width: int) -> str:
    rows = [_row(part) for part in shares.tree(attribution)]
    if all(row[1] == numbers.MISSING for row in rows):
        return ""
    left = shares.leftover_text(attribution)
    if left is not None:
        rows.append(("  unexplained", left, "", ""))
    widths = [max(cells(row[i]) for row in rows) for i in range(4)]
    lines = [_fill("share of the change, in percent of the base", width, first="  ", rest="  ")]
    for row in rows:
        lines += _laid_out(row, widths, width)
    for pair, text in shares.joint_texts(attribution):
        lines.append(_fill(f"{pair} together: {text} beyond each alone", width, first="  ", rest="    "))
    return "\n".join(lines)


def _row(part: shares.Part) -> tuple[str, str, str, str]:
    cause = part.cause
    mark = "▸ " if cause.blamed and part.depth == 0 else "  " * (part.depth + 1)
    undo = ""
    if cause.undo is not None and cause.blamed:
        undo = f"undone: {words.ratio_text(cause.undo.ratio, cause.undo.low, cause.undo.high)}"
    return f"{mark}{words.named_cause(cause)}", part.text, words.kind_text(part), undo


def _laid_out(row: tuple[str, ...], widths: list[int], width: int) -> list[str]:
    """Returns a row as one line of columns, or broken below the name where a column has no room."""
    name, share, kind, undo = row
    columns = [pad(share, widths[1], right=True), pad(kind, widths[2]), undo]
    room = width - 8 - widths[1] - widths[2] - widths[3]
    if room >= widths[0]:
        return [f"  {pad(name, widths[0])}  {'  '.join(columns)}".rstrip()]
    told = ", ".join(text for text in (share, kind, undo) if text)
    if cells(name) <= 30 and 2 + 30 + 2 + cells(told) <= width:
        return [f"  {pad(name, min(30, widths[0]))}  {told}"]
    return [_fill(name, width, first="  ", rest="    "), _fill(told, width, first="      ", rest="      ")]


def _depends(attribution: Attribution, width: int) -> str:
    blocks: list[str] = []
    for dependence in attribution.depends_on:
        lines = [_fill(words.dependence_text(dependence), width)]
        room = max((cells(names.clean(p.value)) for p in dependence.points), default=0)
        for point in dependence.points:
            told = ["no value"]
            if point.ratio is not None:
                delta = words.delta_text(point.delta, attribution.unit)
                told = [words.ratio_text(point.ratio, point.low, point.high), *([delta] if delta else [])]
                told += [", ".join(f"{name} {text}" for name, text in words.point_shares(point))]
            value = pad(names.clean(point.value), room, right=True)
            text = "  ".join(t for t in told if t)
            lines.append(_fill(text, width, first=f"  {value}  ", rest=" " * (room + 6)))
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _todo(attribution: Attribution, width: int) -> str:
    lines: list[str] = []
    for index, remedy in enumerate(r for r in attribution.remedies if r.measured):
        text = f"{remedies.remedy_text(remedy, attribution)}  (measured)"
        lines.append(_labelled("Do this" if index == 0 else "or", text, width))
    for remedy in attribution.remedies:
        if not remedy.measured:
            text = f"{remedies.remedy_text(remedy, attribution)}  (not measured)"
            lines.append(_labelled("To try", text, width))
    for index, rejected in enumerate(attribution.rejected_remedies[:_MOST_REJECTED]):
        text = remedies.rejected_text(rejected, attribution) + ("  (measured)" if rejected.measured else "")
        lines.append(_labelled("Not this" if index == 0 else "", text, width))
    more = len(attribution.rejected_remedies) - _MOST_REJECTED
    if more > 0:
        lines.append(_labelled("", f"{more} more are in the report.", width))
    return "\n".join(lines)


def _odd(attribution: Attribution, width: int) -> str:
    shown = [names.clean(note) for note in attribution.notes[:_MOST_NOTES]]
    if len(attribution.notes) > _MOST_NOTES:
        shown.append(f"{len(attribution.notes) - _MOST_NOTES} more notes are in the report.")
    if attribution.host is not None:
        shown += [names.clean(warning) for warning in attribution.host.warnings]
    return "\n".join(_fill(text, width, first="- ", rest="  ") for text in shown)


def _closing(attribution: Attribution, width: int, report_path: str | None, next_command: str | None) -> str:
    lines = [_labelled("Cost", words.cost_text(attribution), width)]
    if report_path:
        lines.append(f"{'Report':<{_LABEL}}{report_path}")
    if next_command:
        lines.append(f"{'Next':<{_LABEL}}{names.clean(next_command)}")
    return "\n".join(lines)


def _labelled(label: str, text: str, width: int) -> str:
    return _fill(text, width, first=f"{label:<{_LABEL}}", rest=" " * _LABEL)


def _fill(text: str, width: int, *, first: str = "", rest: str = "") -> str:
    """Returns the text in lines of at most `width`; a number stays on one line with the sign behind or before it."""
    held = text.replace(" ± ", "\0±\0").replace(" %", "\0%")
    filled = textwrap.fill(held, width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
    return filled.replace("\0", " ")
