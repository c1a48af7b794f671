"""`whence report`: redraw a stored result without measuring again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from whence.evidence.errors import BadInput

if TYPE_CHECKING:
    from whence.cli.output import Outputs


def command(
    directory: Path = typer.Argument(..., metavar="RUN_DIR", help="A directory that compare or explain wrote."),
    json: str | None = typer.Option(None, "--json", help="Write JSON to FILE; - prints only JSON."),
    html: Path | None = typer.Option(None, "--html", help="Write the report to FILE."),
    markdown: Path | None = typer.Option(None, "--markdown", help="Write Markdown to FILE."),
    csv: Path | None = typer.Option(None, "--csv", help="Write the effects as CSV to FILE."),
    junit: Path | None = typer.Option(None, "--junit", help="Write gates and failures as JUnit XML to FILE."),
    annotations: bool = typer.Option(False, "--annotations", help="Print annotations for a CI service."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress."),
) -> None:
    """Redraw a stored result from its run directory, in any form, without measuring again."""
    from whence.cli.output import Outputs, show
    from whence.measure.stored import stored_result
    from whence.store.inquiry_directory import is_explanation

    outputs = Outputs(
        json=json, html=html, markdown=markdown, csv=csv, junit=junit, annotations=annotations, quiet=quiet
    )
    outputs.check()
    if is_explanation(directory):
        _explanation(directory, outputs)
    result = stored_result(directory)
    show(result.comparison, outputs, directory=result.directory, lines=result.lines)


def _explanation(directory: Path, outputs: Outputs) -> NoReturn:
    from whence.cli.explain import show
    from whence.store.inquiry_directory import load

    if outputs.csv is not None or outputs.junit is not None or outputs.annotations:
        raise BadInput("an explanation has no CSV, JUnit or annotations. Use --json, --html or --markdown.")
    stored = load(directory)
    if stored.attribution is None:
        runs = sum(len(lines) for lines in stored.lines.values())
        begun = f"Go on with: {stored.inquiry.command(out=directory)}" if stored.inquiry is not None else ""
        damage = "; ".join(stored.damage) or "the search was not finished"
        raise BadInput(f"{directory} holds no answer yet ({damage}); {runs} journal lines can be read. {begun}".strip())
    show(stored.attribution, outputs, directory=directory, lines=stored.lines)
