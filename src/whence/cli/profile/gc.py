"""`whence profile gc`: what the collector did in one run, and what limited the program when."""

from __future__ import annotations

from pathlib import Path

import typer

from whence.cli.profile import options as o
from whence.cli.profile.show import command_line
from whence.evidence.errors import BadInput
from whence.evidence.units import parse_bytes

DEFAULT_REPORT = Path("whence-gc.html")


def command(
    files: list[str] = typer.Argument(
        ..., metavar="FILE...", help="What GODEBUG=gctrace=1 printed, an execution trace, or snapshots of metrics."
    ),
    gogc: str | None = typer.Option(None, "--gogc", help="GOGC of the program, when known; off for none."),
    memory_limit: str | None = typer.Option(None, "--memory-limit", help="Its GOMEMLIMIT, as 512MiB."),
    program: int | None = typer.Option(None, "--program", min=1, help="Which of several programs in one log."),
    seconds: float | None = o.SECONDS,
    json: str | None = o.JSON,
    html: Path | None = o.HTML,
    markdown: Path | None = o.MARKDOWN,
    quiet: bool = o.QUIET,
) -> None:
    """Tell the story of one run: cycles, pauses, assists, mark CPU, goal against live heap, memory given back."""
    from whence.cli.output import Outputs, coloured, relative, terminal_width
    from whence.measure.profiles.gc.reading import story_of_files
    from whence.show.report.profile import gc_page, gc_text

    Outputs(json=json, html=html, markdown=markdown).check()
    story = story_of_files(
        files,
        gogc_percent=_percent(gogc),
        memory_limit_bytes=None if memory_limit is None else parse_bytes(memory_limit),
        program=program,
        seconds=seconds,
        announce=o.announcer(quiet),
    )
    report = html if html is not None or json == "-" else DEFAULT_REPORT
    o.write(report, lambda: gc_page.render(story, command=command_line()))
    o.write(markdown, lambda: gc_text.markdown(story))
    end = "" if report is None else f"Report   {relative(report)}\n"
    o.emit(story, lambda: gc_text.terminal(story, width=terminal_width(), color=coloured()) + end, json)


def _percent(text: str | None) -> float | None:
    """Returns GOGC as a number, infinity for off."""
    if text is None:
        return None
    if text == "off":
        return float("inf")
    try:
        number = float(text)
    except ValueError as error:
        raise BadInput(f"--gogc {text} is no percentage. Write a number, or off.") from error
    if not 0 < number < 1e9:
        raise BadInput(f"--gogc {text} is no percentage above 0. Write a number, or off.")
    return number
