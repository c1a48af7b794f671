"""`whence profile show`: one profile as a picture, with its tree and its neighbours as text when asked."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from whence.cli.profile import options as o
from whence.evidence.errors import BadInput

if TYPE_CHECKING:
    from whence.measure.profiles.readers.profile import Profile

DEFAULT_REPORT = Path("whence-profile.html")


def command(
    files: list[str] = o.FILES,
    sample_type: str | None = o.SAMPLE_TYPE,
    by: str = o.BY,
    tree: bool = typer.Option(False, "--tree", help="Print the call tree instead."),
    peek: str | None = typer.Option(None, "--peek", help="Print callers and callees of the functions that match."),
    smallest: float = typer.Option(0.5, "--smallest", min=0, max=100, help="Percent below which the tree leaves out."),
    rows: int = typer.Option(10, "-n", "--rows", min=0, help="Rows printed; 0 for all."),
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
    html: Path | None = o.HTML,
    quiet: bool = o.QUIET,
) -> None:
    """Draw a profile: flame graph, sandwich and table in one HTML file; or print its tree, or neighbours."""
    from whence.cli.output import Outputs
    from whence.measure.profiles.loading import load
    from whence.measure.profiles.views import surroundings
    from whence.show.report.profile import top_text

    if tree and peek is not None:
        raise BadInput("--tree and --peek are two views. Ask for one of them.")
    Outputs(json=json, html=html).check()
    chosen = o.filters(focus, ignore, hide, show, show_from, tagfocus, tagignore)
    profile = load(files, seconds=seconds, binary=binary, announce=o.announcer(quiet))
    if peek is not None:
        peeked = surroundings.peek(profile, peek, sample_type=sample_type, by=by, filters=chosen)
        o.emit(peeked, lambda: top_text.peek_terminal(peeked, neighbours=rows), json)
    elif tree:
        found = surroundings.call_tree(
            profile, sample_type=sample_type, by=by, filters=chosen, smallest_share=smallest / 100
        )
        o.emit(found, lambda: top_text.tree_terminal(found), json)
    else:
        _draw(profile, files, sample_type, by, chosen, rows, json, html)


def _draw(
    profile: Profile,
    files: list[str],
    sample_type: str | None,
    by: str,
    chosen: object,
    rows: int,
    json: str | None,
    html: Path | None,
) -> None:
    from importlib.metadata import version

    from whence.cli.output import relative
    from whence.measure.profiles.describing import facts_of
    from whence.measure.profiles.views.drawing import drawn
    from whence.measure.profiles.views.filters import Filters
    from whence.measure.profiles.views.top import top
    from whence.show.report.profile import html as page
    from whence.show.report.profile import top_text

    filters = chosen if isinstance(chosen, Filters) else None
    listed = top(profile, sample_type=sample_type, by=by, filters=filters)
    graph = drawn(
        profile,
        title=top_text.sentence(listed),
        command=command_line(),
        subject=", ".join(files[:4]) + (f" and {len(files) - 4} more" if len(files) > 4 else ""),
        sample_type=sample_type,
        by=by,
        filters=filters,
        facts=facts_of(profile),
        version=version("whence"),
    )
    report = html if html is not None or json == "-" else DEFAULT_REPORT
    o.write(report, lambda: page.render(graph))
    end = "" if report is None else f"Report   {relative(report)}\n"
    o.emit(graph, lambda: top_text.terminal(listed, rows=rows, story=graph.story) + end, json)


def command_line() -> str:
    """Returns the command that is running, as it can be pasted again."""
    return shlex.join(["whence", *sys.argv[1:]])
