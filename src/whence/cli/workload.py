"""`whence workload`: what can be measured without a program of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from whence.measure.workloads.catalog import Workload

app = typer.Typer(no_args_is_help=True)
JSON = typer.Option(None, "--json", help="Write JSON to FILE; - prints only JSON.")


@app.command("list")
def list_command(json: str | None = JSON) -> None:
    """List the built-in workloads with their parameters."""
    from whence.measure.workloads import catalog

    workloads = catalog.all()
    document = {"schema": "whence.workloads/1", "workloads": workloads}
    _show([line for workload in workloads for line in (*_lines(workload, full=False), "")], document, json)


@app.command("show")
def show_command(
    name: str = typer.Argument(..., metavar="NAME", help="The workload."),
    json: str | None = JSON,
) -> None:
    """Show one workload: parameters, what it prints, and comparisons worth running."""
    import msgspec

    from whence.measure.workloads import catalog

    workload = catalog.get(name)
    document = {"schema": "whence.workload/1", **msgspec.structs.asdict(workload)}
    _show(_lines(workload, full=True), document, json)


def _show(lines: list[str], document: dict[str, object], json: str | None) -> None:
    """Prints the lines, or writes the document where `json` says."""
    if json is None:
        typer.echo("\n".join(lines).rstrip())
        return
    import msgspec

    text = msgspec.json.format(msgspec.json.encode(document, enc_hook=str), indent=2).decode() + "\n"
    if json == "-":
        typer.echo(text, nl=False)
        return
    try:
        Path(json).write_text(text, encoding="utf-8")
    except OSError as error:
        from whence.evidence.errors import BadInput

        raise BadInput(f"{json} cannot be written ({error.strerror}). Choose a file that you may write to.") from error


def _lines(workload: Workload, *, full: bool) -> list[str]:
    """Returns the text of one workload; `full` adds what it prints and its examples."""
    lines = [workload.name, *_wrapped(workload.summary, "  "), ""]
    lines += _table(
        [(p.name, f"{p.default} {p.unit}".rstrip(), f"{p.help} [{p.allowed}]") for p in workload.parameters]
    )
    if workload.service is not None:
        load = workload.service
        lines += [
            "",
            f"  loaded with {load.rate_per_second:g} requests a second for {load.seconds:g} s, GET {load.path}",
        ]
    if not full:
        return lines
    lines += ["", "  prints", *_table([(m.unit, m.help) for m in workload.metrics])]
    for example in workload.examples:
        lines += ["", *_wrapped(f"{example.name}: {example.shows}", "  ")]
        lines += [f"    {' '.join(_quoted(word) for word in example.command)}"]
    return lines


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    """Returns indented lines with aligned columns; the last column wraps under itself."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]) - 1)]
    lines: list[str] = []
    for row in rows:
        head = "    " + "".join(f"{cell:<{width}}  " for cell, width in zip(row[:-1], widths, strict=True))
        first, *others = _wrapped(row[-1], "", room=max(40, 110 - len(head)))
        lines += [head + first, *(" " * len(head) + other for other in others)]
    return lines


def _wrapped(text: str, indent: str, *, room: int = 108) -> list[str]:
    import textwrap

    return [indent + line for line in textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False)]


def _quoted(word: str) -> str:
    import shlex

    return shlex.quote(word)
