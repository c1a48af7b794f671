"""`whence profile diff`: which differences between profiles are real."""

from __future__ import annotations

from pathlib import Path

import typer

from whence.cli.profile import options as o
from whence.cli.profile.show import command_line
from whence.evidence.errors import BadInput

DEFAULT_REPORT = Path("whence-profile-diff.html")


def command(
    files: list[str] | None = typer.Argument(None, metavar="[BASE CANDIDATE]", help="Two profiles, one a side."),
    base: list[str] = typer.Option([], "--base", metavar="FILE...", help="Profiles of the base, one a run."),
    candidate: list[str] = typer.Option([], "--candidate", metavar="FILE...", help="Those of the candidate."),
    sample_type: str | None = o.SAMPLE_TYPE,
    rows: int = typer.Option(20, "-n", "--rows", min=0, help="Functions printed; 0 for all."),
    seed: int = typer.Option(1, "--seed", help="Of the relabellings that check for chance."),
    json: str | None = o.JSON,
    html: Path | None = o.HTML,
    markdown: Path | None = o.MARKDOWN,
    quiet: bool = o.QUIET,
) -> None:
    """Hold profiles against each other: which functions differ beyond chance, which only moved, by which roles.

    Several runs a side are judged by how runs vary; one run a side by sampling error alone, a lower bound.
    """
    from importlib.metadata import version

    from whence.cli.output import Outputs, relative
    from whence.measure.profiles.describing import facts_of
    from whence.measure.profiles.diff.diffing import diff
    from whence.measure.profiles.loading import each
    from whence.measure.profiles.views.drawing import drawn_diff
    from whence.show.report.profile import diff_text
    from whence.show.report.profile import html as page

    if files:
        if len(files) != 2 or base or candidate:
            raise BadInput("diff takes two files, or --base FILE... --candidate FILE... for several runs a side.")
        base, candidate = files[:1], files[1:]
    if not base or not candidate:
        raise BadInput("diff needs both sides. Example: whence profile diff --base old*.pb.gz --candidate new*.pb.gz")
    Outputs(json=json, html=html, markdown=markdown).check()
    announce = o.announcer(quiet)
    sides = [list(each(side, announce=announce)) for side in (base, candidate)]
    found = diff(sides[0], sides[1], sample_type=sample_type, seed=seed)
    graph = drawn_diff(
        sides[0],
        sides[1],
        found,
        command=command_line(),
        subject=f"{_words(base)} against {_words(candidate)}",
        facts=facts_of(sides[1][0]),
        version=version("whence"),
    )
    report = html if html is not None or json == "-" else DEFAULT_REPORT
    o.write(report, lambda: page.render(graph))
    o.write(markdown, lambda: diff_text.markdown(found, rows=rows))
    end = "" if report is None else f"Report   {relative(report)}\n"
    o.emit(found, lambda: diff_text.terminal(found, rows=rows) + end, json)


def _words(files: list[str]) -> str:
    return files[0] if len(files) == 1 else f"{len(files)} profiles ({files[0]}, …)"
