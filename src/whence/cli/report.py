"""`whence report`: redraw a stored result without measuring again."""

from __future__ import annotations

from pathlib import Path

import typer


def command(
    directory: Path = typer.Argument(..., metavar="RUN_DIR", help="A run directory that compare wrote."),
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

    outputs = Outputs(
        json=json, html=html, markdown=markdown, csv=csv, junit=junit, annotations=annotations, quiet=quiet
    )
    outputs.check()
    result = stored_result(directory)
    show(result.comparison, outputs, directory=result.directory, lines=result.lines)
