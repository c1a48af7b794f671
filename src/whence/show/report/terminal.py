"""The result on a terminal: the sentence first, then the table, then what was odd, then what to do next."""

from __future__ import annotations

import textwrap
import unicodedata

from whence.evidence.comparison import Comparison
from whence.show.report import gates, names, numbers, oddities, reading, sentence, table

_STYLES = {
    "worse": "1;31",
    "better": "1;32",
    "equivalent": "36",
    "undetermined": "33",
    "broken": "1;31",
    "held": "32",
    "undecided": "33",
    "bold": "1",
    "dim": "2",
}


def render(
    comparison: Comparison,
    *,
    width: int = 100,
    color: bool = False,
    report_path: str | None = None,
    next_command: str | None = None,
) -> str:
    """Returns the whole text with a final line end. `color` adds ANSI colour; marks and words are there without it."""
    comparison = reading.by_unit(comparison)
    paint = _Paint(color)
    width = max(width, 40)
    parts = [_answer(comparison, width, paint), _tables(comparison, width, paint)]
    parts.append(_moved(comparison, width))
    parts.append(_odd(comparison, width, paint))
    parts.append(_gates(comparison, width, paint))
    parts.append(_closing(comparison, width, report_path, next_command))
    return "\n\n".join(part for part in parts if part) + "\n"


class _Paint:
    def __init__(self, color: bool) -> None:
        self.color = color

    def __call__(self, text: str, style: str | None) -> str:
        if not self.color or style is None or not text.strip():
            return text
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"


def cells(text: str) -> int:
    """Returns how many terminal cells `text` takes."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Returns `text` filled up to `width` cells; `right` aligns it to the right."""
    space = " " * max(0, width - cells(text))
    return space + text if right else text + space


def _answer(comparison: Comparison, width: int, paint: _Paint) -> str:
    found = sentence.lines(comparison)
    tails = [line for line in found if line.verdict is not None]
    text_width = max((cells(line.text) for line in tails), default=0)
    interval_width = max((cells(line.interval) for line in tails), default=0)
    word_width = max((len(names.WORDS[line.verdict]) for line in tails if line.verdict), default=0)
    aligned = text_width + interval_width + word_width + 6 <= width
    result: list[str] = []
    for index, line in enumerate(found):
        style = "bold" if index == 0 else None
        word = names.WORDS[line.verdict] if line.verdict is not None else ""
        if aligned and line.verdict is not None:
            head = paint(pad(line.text, text_width), style)
            result.append(f"{head}   {pad(line.interval, interval_width)}   {paint(word, line.verdict)}".rstrip())
            continue
        tail = "  ".join(part for part in (line.interval, word) if part)
        wrapped = _wrap(line.text, width) or [""]
        if tail and cells(wrapped[-1]) + cells(tail) + 2 > width:
            wrapped.append("   ")
        painted = [paint(text, style) for text in wrapped]
        if tail:
            painted[-1] += "  " + tail.replace(word, paint(word, line.verdict)) if word else "  " + tail
        result += painted
    return "\n".join(result)


def _wrap(text: str, width: int, indent: str = "") -> list[str]:
    return textwrap.wrap(text, max(20, width), subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _tables(comparison: Comparison, width: int, paint: _Paint) -> str:
    found = table.sections(comparison)
    who = list(range(len(table.columns(comparison))))
    if not found or not who:
        return ""
    for intervals in (True, False):
        grid = _Grid(comparison, found, who, intervals)
        if grid.width <= width:
            return grid.text(paint) + "\n" + _legend(comparison, width)
    # Too wide even without intervals: one table a candidate.
    stacked = []
    for column in who:
        grid = _Grid(comparison, found, [column], True)
        if grid.width > width:
            grid = _Grid(comparison, found, [column], False)
        if grid.width > width:
            grid.name = max(8, grid.name - (grid.width - width))
        stacked.append(grid.text(paint))
    return "\n\n".join(stacked) + "\n" + _legend(comparison, width)


def _legend(comparison: Comparison, width: int) -> str:
    return "\n".join("  " + line for line in _wrap(table.legend(comparison), width - 2))


class _Grid:
    """One table laid out: name, unit, base, then value, ratio, interval and mark of each candidate."""

    def __init__(
        self, comparison: Comparison, found: tuple[table.Section, ...], who: list[int], intervals: bool
    ) -> None:
        self.found, self.who, self.intervals = found, who, intervals
        rows = [row for section in found for row in section.rows]
        titles = [section.title for section in found]
        self.name = max([cells(row.name) for row in rows] + [len("metric")] + [cells(title) for title in titles])
        self.unit = max(cells(row.unit) for row in rows)
        base = names.label(comparison, reading.base_name(comparison))
        columns = table.columns(comparison)
        self.base_head = _head(base, max([cells(row.base) for row in rows]))
        self.base = max([cells(row.base) for row in rows] + [cells(line) for line in self.base_head])
        self.parts: list[tuple[int, int, int]] = []
        self.heads: list[list[str]] = []
        self.blocks: list[int] = []
        for column in who:
            mine = [row.cells[column] for row in rows]
            value, ratio = max(cells(c.value) for c in mine), max(cells(c.ratio) for c in mine)
            interval = max(cells(c.interval) for c in mine) if intervals else 0
            inner = value + 2 + ratio + (interval + 1 if interval else 0) + 2
            head = _head(names.label(comparison, columns[column]), inner)
            self.parts.append((value, ratio, interval))
            self.heads.append(head)
            self.blocks.append(max([inner] + [cells(line) for line in head]))
        self.width = 2 + self.name + 2 + self.unit + 2 + self.base + sum(3 + block for block in self.blocks)

    def text(self, paint: _Paint) -> str:
        height = max(len(head) for head in [self.base_head, *self.heads])
        result: list[str] = []
        for level in range(height):
            line = "  " + pad("metric" if level == height - 1 else "", self.name) + "  " + pad("", self.unit)
            line += "  " + pad(_from_below(self.base_head, level, height), self.base, right=True)
            for head, block in zip(self.heads, self.blocks, strict=True):
                line += "   " + pad(_from_below(head, level, height), block)
            result.append(paint(line.rstrip(), "dim"))
        for section in self.found:
            if section.title and (len(self.found) > 1 or len(section.rows) > 1):
                result.append(paint("  " + section.title, "bold"))
            result += [self._row(row, paint) for row in section.rows]
        return "\n".join(result)

    def _row(self, row: table.Row, paint: _Paint) -> str:
        line = "  " + pad(_shortened(row.name, self.name), self.name) + "  " + pad(row.unit, self.unit)
        line += "  " + pad(row.base, self.base, right=True)
        for column, (value, ratio, interval), block in zip(self.who, self.parts, self.blocks, strict=True):
            cell = row.cells[column]
            text = pad(cell.value, value, right=True) + "  " + pad(cell.ratio, ratio)
            if interval:
                text += " " + pad(cell.interval, interval)
            text = pad(text + " ", cells(text) + 1)
            filler = " " * max(0, block - cells(text) - 1)
            line += "   " + text + (paint(cell.mark, cell.verdict) if cell.mark else " ") + filler
        return line.rstrip()


def _shortened(text: str, room: int) -> str:
    """Returns `text`, or its end behind `…` when it does not fit: names of benchmarks differ at their end."""
    return text if cells(text) <= room else "…" + text[-(room - 1) :]


def _head(text: str, room: int) -> list[str]:
    """Returns a column head broken at commas and spaces into lines of about `room` cells."""
    room = max(room, 12)
    if cells(text) <= room:
        return [text]
    lines, current = [], ""
    for piece in text.replace(",", ",\0").replace(" ", " \0").split("\0"):
        if current and cells(current + piece.rstrip()) > room:
            lines.append(current.rstrip())
            current = ""
        current += piece
    return [*lines, current.rstrip()]


def _from_below(head: list[str], level: int, height: int) -> str:
    index = level - (height - len(head))
    return head[index] if index >= 0 else ""


def _moved(comparison: Comparison, width: int) -> str:
    """Returns the line on metrics that were read, not chosen, and moved."""
    who = reading.candidates(comparison)
    moved = [e for e in comparison.listed if e.verdict in {"worse", "better"} and e.ratio and e.candidate in who]
    if not moved:
        return ""
    texts = []
    for effect in moved[:6]:
        decimals = numbers.ratio_decimals(effect.ratio, effect.low, effect.high, exact=effect.exact)
        where = f" under {names.label(comparison, effect.candidate)}" if len(who) > 1 else ""
        ratio = numbers.ratio_text(effect.ratio, decimals)
        texts.append(f"{names.metric_key(effect)} ×{ratio} {names.mark(effect.verdict)}{where}")
    more = f" and {len(moved) - 6} more in the report" if len(moved) > 6 else ""
    return "\n".join(_wrap(f"Not chosen, but moved: {', '.join(texts)}{more}", width, "  "))


def _odd(comparison: Comparison, width: int, paint: _Paint) -> str:
    found = oddities.texts(comparison)
    if not found:
        return ""
    lines = [paint("What was odd", "bold")]
    for text in found:
        wrapped = _wrap(text, width - 4)
        lines += [f"  · {wrapped[0]}", *(f"    {rest}" for rest in wrapped[1:])]
    return "\n".join(lines)


def _gates(comparison: Comparison, width: int, paint: _Paint) -> str:
    if not comparison.gates:
        return ""
    lines = [paint("Gates", "bold")]
    rule = max(cells(names.clean(gate.rule)) for gate in comparison.gates)
    who = max(cells(names.label(comparison, gate.candidate)) for gate in comparison.gates)
    for gate in comparison.gates:
        bound = gates.bound_text(comparison, gate)
        text = f"{pad(names.clean(gate.rule), rule)}  {pad(names.label(comparison, gate.candidate), who)}"
        text += f"  bound {bound}" if bound else ""
        text += f"  {names.clean(gate.reason)}" if gate.reason else ""
        wrapped = _wrap(text, width - 16) if cells(text) > width - 16 else [text]
        head = f"{names.GATE_MARKS[gate.outcome]} {gate.outcome}"
        lines.append("  " + paint(pad(head, 12), gate.outcome) + wrapped[0].rstrip())
        lines += [" " * 14 + rest for rest in wrapped[1:]]
    return "\n".join(lines)


def _closing(comparison: Comparison, width: int, report_path: str | None, next_command: str | None) -> str:
    lines: list[str] = []
    check = sentence.aa_line(comparison)
    if check is not None:
        lines += _wrap(check, width)
    if report_path is not None:
        lines.append(f"Report   {names.clean(report_path)}")
    if next_command is not None:
        # A command is never wrapped: it is there to be copied.
        lines.append(f"Next     {names.clean(next_command)}")
    return "\n".join(lines)
