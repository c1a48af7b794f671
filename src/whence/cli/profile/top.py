"""`whence profile top`: all functions of a profile with their flat and cumulative values."""

from __future__ import annotations

from pathlib import Path

import typer

from whence.cli.profile import options as o
from whence.evidence.errors import BadInput


def command(
    files: list[str] = o.FILES,
    sample_type: str | None = o.SAMPLE_TYPE,
    by: str = o.BY,
    sort: str = typer.Option("flat", "--sort", help="flat or cum."),
    rows: int = typer.Option(30, "-n", "--rows", min=0, help="Rows printed; 0 for all. JSON always has all."),
    focus: str = o.FOCUS,
    ignore: str = o.IGNORE,
    hide: str = o.HIDE,
    show: str = o.SHOW,
    show_from: str = o.SHOW_FROM,
    tagfocus: str = o.TAGFOCUS,
    tagignore: str = o.TAGIGNORE,
    seconds: float | None = o.SECONDS,
    binary: Path | None = o.BINARY,
    json: str | None = o.JSON,
    markdown: Path | None = o.MARKDOWN,
    quiet: bool = o.QUIET,
) -> None:
    """Print the functions of a profile, largest first; values are exact, and equal to those of go tool pprof."""
    from whence.cli.output import Outputs
    from whence.measure.profiles.loading import load
    from whence.measure.profiles.views.top import top
    from whence.show.report.profile import top_text

    Outputs(json=json, markdown=markdown).check()
    if sort not in ("flat", "cum"):
        raise BadInput(f"--sort {sort} is neither flat nor cum. Choose one of them.")
    chosen = o.filters(focus, ignore, hide, show, show_from, tagfocus, tagignore)
    profile = load(files, seconds=seconds, binary=binary, announce=o.announcer(quiet))
    found = top(profile, sample_type=sample_type, by=by, filters=chosen)
    o.write(markdown, lambda: top_text.markdown(found, rows=rows, sort=sort))
    o.emit(found, lambda: top_text.terminal(found, rows=rows, sort=sort), json)
