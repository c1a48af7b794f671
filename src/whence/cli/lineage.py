"""`whence lineage`: one program under every release of Go, measured, with what the simulator predicts beside it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from whence.cli.profile import options as o

if TYPE_CHECKING:
    from whence.evidence.lineage import Lineage

INTERRUPTED = 130


def command(
    quick: bool = typer.Option(
        False, "--quick", help="Six lines of releases, 8 min at most; the wait for memory stops at 60 s."
    ),
    releases: str | None = typer.Option(
        None, "--releases", help="Lines (their last patch) or releases, as 1.2,1.5,1.12,1.24.3; default 1.2 to 1.27."
    ),
    blocks: int | None = typer.Option(
        None, "--blocks", min=1, help="In a block every release runs once; six are needed for intervals."
    ),
    seed: int | None = typer.Option(None, "--seed", min=0, help="Of the orders in the blocks; default a new one."),
    out: Path | None = typer.Option(
        None, "--out", help="Where to keep what is measured; default whence-runs/lineage. The same one goes on."
    ),
    json: str | None = o.JSON,
    html: Path | None = o.HTML,
    markdown: Path | None = o.MARKDOWN,
    quiet: bool = o.QUIET,
) -> None:
    """Measure what an allocation, a pause, and memory given back cost from Go 1.2 to 1.27, on this machine.

    Missing toolchains are fetched (network, 50 to 150 MB each). Killed at any moment, the same command goes on.
    """
    from whence.cli.output import Outputs
    from whence.cli.progress import Progress
    from whence.explain.lineage.asking import LineageRequest, parse_releases
    from whence.explain.lineage.measuring import measure_lineage
    from whence.explain.lineage.predicting import predict

    Outputs(json=json, html=html, markdown=markdown).check()
    request = LineageRequest(releases=parse_releases(releases), blocks=blocks, quick=quick, seed=seed)
    with Progress(quiet=quiet) as progress:
        lineage, directory = measure_lineage(request, out=out, listener=progress, predict=predict)
    _show(lineage, directory, json, html, markdown)


def _show(lineage: Lineage, directory: Path, json: str | None, html: Path | None, markdown: Path | None) -> None:
    """Writes every form that was asked for and the report beside the runs; exits with 130 when interrupted."""
    from whence.cli.output import coloured, relative
    from whence.show.report.lineage import lineage_html, lineage_markdown, lineage_terminal

    report = html or directory / "report.html"
    o.write(report, lambda: lineage_html.render(lineage))
    o.write(markdown, lambda: lineage_markdown.render(lineage))
    following = f"{lineage.command} --out {relative(directory)}" if lineage.interim else None
    o.emit(
        lineage,
        lambda: lineage_terminal.render(
            lineage, color=coloured(), report_path=relative(report), next_command=following
        ),
        json,
    )
    if lineage.interim:
        sys.stdout.flush()
        sys.exit(INTERRUPTED)
