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
_NARROWEST_NAME = 16


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
    lines = [_fill("share of the change, in percent of the base", width, first="  ", rest="  ")]
    lines += _laid_out(rows, width)
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


def _laid_out(rows: list[tuple[str, str, str, str]], width: int) -> list[str]:
    """Returns rows in columns. A name without room stands on a line of its own; where the columns themselves have
    none, each row is told in words below its name."""
    shares_width = max(cells(row[1]) for row in rows)
    kinds_width = max((cells(row[2]) for row in rows if row[3]), default=0)
    columns = [
        f"{pad(s, shares_width, right=True)}  {pad(kind, kinds_width)}  {undo}".rstrip() for _, s, kind, undo in rows
    ]
    room = width - 4 - max(map(cells, columns))
    if room < _NARROWEST_NAME:
        told = [(name, ", ".join(text for text in rest if text)) for name, *rest in rows]
        return [_fill(f"{name}  {text}", width, first="  ", rest="        ") for name, text in told]
    names_width = max((cells(row[0]) for row in rows if cells(row[0]) <= room), default=_NARROWEST_NAME)
    lines: list[str] = []
    for (name, *_), told in zip(rows, columns, strict=True):
        if cells(name) > names_width:
            lines.append(f"  {name}")
        lines.append(f"  {pad('' if cells(name) > names_width else name, names_width)}  {told}")
    return lines


def _depends(attribution: Attribution, width: int) -> str:
    blocks: list[str] = []
    for dependence in attribution.depends_on:
        lines = [_fill(words.dependence_text(dependence), width)]
        room = max((cells(names.clean(p.value)) for p in dependence.points), default=0)
        ratios = [words.ratio_text(p.ratio, p.low, p.high) for p in dependence.points]
        ratio_room = min(width // 3, max(map(cells, ratios), default=0))
        for point, ratio in zip(dependence.points, ratios, strict=True):
            told = ["no value"]
            if point.ratio is not None:
                delta = words.delta_text(point.delta, attribution.unit)
                told = [pad(ratio, ratio_room) if delta else ratio, *([delta] if delta else [])]
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
    return filled.replace("\0", " ").replace("\u00a0", " ")
