"""A lineage as Markdown."""

from __future__ import annotations

from whence.evidence.lineage import Lineage
from whence.show.report.lineage import lineage_words as words
from whence.show.report.lineage.lineage_words import Cell, Table


def render(lineage: Lineage) -> str:
    """Returns the sentence, a table for each group, known changes with their sources, notes."""
    lines = [f"**{_cell(lineage.sentence)}**", "", f"{_cell(words.host_text(lineage))}. {words.BRACKETS}"]
    missing = words.missing_text(lineage)
    if missing:
        lines += ["", _cell(missing)]
    for table in words.tables(lineage):
        lines += ["", f"**{_cell(table.title)}**", "", *_rows(table)]
    if lineage.changes:
        lines += ["", "**Known changes**", "", "| since | what | read at |", "|---|---|---|"]
        lines += [f"| {c.since} | {_cell(c.words)} | `{c.source}` |" for c in lineage.changes]
    if lineage.notes:
        lines += ["", *(f"- {_cell(note)}" for note in lineage.notes)]
    if lineage.command:
        lines += ["", f"`{lineage.command}`"]
    return "\n".join(lines) + "\n"


def _rows(table: Table) -> list[str]:
    columns = list(range(len(table.columns)))
    told = [any(cells[i].model not in ("", "–") for _, cells in table.rows) for i in columns]
    heads: list[str] = []
    for index, column in enumerate(table.columns):
        heads.append(f"{column.head}, {column.unit}".rstrip(", "))
        if told[index]:
            heads.append(words.MODEL)
    lines = ["| release | " + " | ".join(heads) + " |", "|---|" + "---:|" * len(heads)]
    for name, cells in table.rows:
        texts: list[str] = []
        for index in columns:
            texts.append(_value(cells[index]))
            if told[index]:
                texts.append(cells[index].model)
        lines.append(f"| {name} | " + " | ".join(texts) + " |")
    return lines


def _value(cell: Cell) -> str:
    return f"{cell.value} {cell.interval}".rstrip()


def _cell(text: str) -> str:
    escaped = (
        text.replace("\\", "\\\\").replace("|", "\\|").replace("`", "\\`").replace("<", "&lt;").replace("*", "\\*")
    )
    return " ".join(escaped.split())
