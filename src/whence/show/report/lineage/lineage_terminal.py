"""A lineage on a terminal: the sentence, the tables, what was odd, and what to do next."""

from __future__ import annotations

from whence.evidence.lineage import Lineage
from whence.show.report.lineage import lineage_words as words
from whence.show.report.lineage.lineage_words import Cell, Table

BOLD, DIM, END = "\x1b[1m", "\x1b[2m", "\x1b[0m"


def render(
    lineage: Lineage, *, color: bool = False, report_path: str | None = None, next_command: str | None = None
) -> str:
    """Returns the text, ending with a newline."""
    bold, dim, end = (BOLD, DIM, END) if color else ("", "", "")
    lines = [f"{bold}{lineage.sentence}{end}"]
    if lineage.interim:
        lines.append("Interrupted: this is what is known so far.")
    missing = words.missing_text(lineage)
    if missing:
        lines.append(missing)
    for table in words.tables(lineage):
        lines += ["", f"  {bold}{table.title}{end}", *(f"  {line}" for line in _grid(table, dim, end))]
    lines += ["", f"  {dim}{words.BRACKETS}{end}", f"  {dim}{words.host_text(lineage)}{end}"]
    if lineage.notes:
        lines += ["", *(f"  {note}" for note in lineage.notes)]
    lines.append("")
    if report_path is not None:
        lines.append(f"Report   {report_path}")
    if next_command is not None:
        lines.append(f"Next     {next_command}")
    return "\n".join(lines).rstrip() + "\n"


def _grid(table: Table, dim: str, end: str) -> list[str]:
    """Returns head and rows, numbers right-aligned, intervals beside their values."""
    heads = [f"{column.head}, {column.unit}".rstrip(", ") for column in table.columns]
    columns = [[cells[index] for _, cells in table.rows] for index in range(len(heads))]
    first = max([len("release"), *(len(name) for name, _ in table.rows)])
    widths = [_widths(head, cells, table.modelled) for head, cells in zip(heads, columns, strict=True)]
    top = "release".ljust(first)
    for head, (value, interval, model) in zip(heads, widths, strict=True):
        top += "  " + head.rjust(value) + " " * interval + (words.MODEL.rjust(model) if model else "")
    lines = [f"{dim}{top.rstrip()}{end}"]
    for name, cells in table.rows:
        line = name.ljust(first)
        for cell, (value, interval, model) in zip(cells, widths, strict=True):
            line += "  " + cell.value.rjust(value)
            line += dim + (f" {cell.interval}".ljust(interval) if interval else "")
            line += (cell.model.rjust(model) if model else "") + end
        lines.append(line.rstrip())
    return lines


def _widths(head: str, cells: list[Cell], modelled: bool) -> tuple[int, int, int]:
    """Returns the widths of value, interval and model; the head stands over the value, and the model has its own."""
    value = max([len(head), *(len(cell.value) for cell in cells)])
    interval = max((len(cell.interval) + 1 for cell in cells if cell.interval), default=0)
    told = modelled and any(cell.model not in ("", "–") for cell in cells)
    model = max([len(words.MODEL), *(len(cell.model) for cell in cells)]) + 2 if told else 0
    return value, interval, model
