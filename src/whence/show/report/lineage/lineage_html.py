"""A lineage as one self-contained HTML file without any script."""

from __future__ import annotations

import re
from html import escape

import msgspec

from whence.evidence.lineage import Lineage
from whence.show.report import page
from whence.show.report.lineage import lineage_words as words
from whence.show.report.lineage.lineage_picture import panels
from whence.show.report.lineage.lineage_words import Cell, Table


def render(lineage: Lineage) -> str:
    """Returns the document: the sentence, the picture, the tables, known changes, what was odd, the data."""
    title = escape(lineage.sentence)
    command = lineage.command
    repeat = f'<div class="command"><code tabindex="0">{escape(command)}</code></div>' if command else ""
    missing = words.missing_text(lineage)
    flag = '<p class="flag">Interrupted: this is what is known so far</p>' if lineage.interim else ""
    twin = escape(msgspec.json.format(msgspec.json.encode(lineage), indent=0).decode("utf-8"))
    pictures = "".join(f"<div>{panel}</div>" for panel in panels(lineage))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>{page.asset("report.css")}{page.asset("lineage.css")}</style>
</head>
<body>
<main>
<section id="answer" class="answer" aria-label="The answer">{flag}<h1>{_together(title)}</h1>
<p class="meta">{escape(words.host_text(lineage))}</p>{repeat}{f"<p>{escape(missing)}</p>" if missing else ""}</section>
<section id="picture" aria-labelledby="picture-title"><h2 id="picture-title">Release by release</h2>
<p class="say">Upright bars: 95 % interval over the blocks. Dotted: what the simulator says. Dashed upright: a known \
change, told on hovering and below.</p>
<div class="ln-panels">{pictures}</div></section>
<section id="numbers" aria-labelledby="numbers-title"><h2 id="numbers-title">Numbers</h2>
<p class="say">{escape(words.BRACKETS)}</p>
{"".join(_table(table) for table in words.tables(lineage))}</section>
{_changes(lineage)}
{_notes(lineage)}
<section id="data" aria-labelledby="data-title"><h2 id="data-title">The data</h2>
<details><summary>{escape(lineage.schema)} as JSON</summary><pre tabindex="0">{twin}</pre></details></section>
</main>
</body>
</html>
"""  # noqa: E501


def _together(text: str) -> str:
    """Returns a text with numbers kept on one line with their units."""
    return re.sub(r"(\d) (ns|ms|s|MB)\b", "\\1\u00a0\\2", text)


def _table(table: Table) -> str:
    told = [any(cells[i].model not in ("", "–") for _, cells in table.rows) for i in range(len(table.columns))]
    heads = ""
    for column, modelled in zip(table.columns, told, strict=True):
        name = f"{column.head}, {column.unit}".rstrip(", ")
        heads += f'<th scope="col" title="{escape(column.words, quote=True)}">{escape(name)}</th>'
        heads += f'<th scope="col" class="model">{words.MODEL}</th>' if modelled else ""
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        + "".join(_cells(cell, modelled) for cell, modelled in zip(cells, told, strict=True))
        + "</tr>"
        for name, cells in table.rows
    )
    return (
        f'<h3>{escape(table.title)}</h3><div class="scroll" tabindex="0"><table class="ln-table"><thead><tr>'
        f'<th scope="col">release</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _cells(cell: Cell, modelled: bool) -> str:
    interval = f' <span class="interval">{escape(cell.interval)}</span>' if cell.interval else ""
    model = f'<td class="model">{escape(cell.model)}</td>' if modelled else ""
    return f"<td>{escape(cell.value)}{interval}</td>{model}"


def _changes(lineage: Lineage) -> str:
    if not lineage.changes:
        return ""
    rows = "".join(
        f'<tr><th scope="row">{escape(c.since)}</th><td>{escape(c.words)}</td>'
        f"<td><code>{escape(c.source)}</code></td></tr>"
        for c in lineage.changes
    )
    return (
        '<section id="changes" aria-labelledby="changes-title"><h2 id="changes-title">Known changes</h2>'
        '<div class="scroll" tabindex="0"><table class="plain"><thead><tr><th scope="col">since</th>'
        '<th scope="col">what</th><th scope="col">read at</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div></section>"
    )


def _notes(lineage: Lineage) -> str:
    if not lineage.notes:
        return ""
    items = "".join(f"<li>{escape(note)}</li>" for note in lineage.notes)
    return (
        '<section id="odd" aria-labelledby="odd-title"><h2 id="odd-title">What to know</h2>'
        f'<ul class="odd">{items}</ul></section>'
    )
