"""`whence profile`: read profiles, traces and runtime logs; compare them; attribute allocations to their source."""

from __future__ import annotations

import typer

from whence.cli.profile import convert, diff, gc, merge, show, sites, top
from whence.cli.profile.words import spread

__all__ = ["app", "spread"]

app = typer.Typer(no_args_is_help=True)
app.command("show", short_help="One profile as a picture; its tree or a function's neighbours as text.")(show.command)
app.command("top", short_help="All functions with their flat and cumulative values.")(top.command)
app.command("merge", short_help="Several profiles as one, or what one has more than another.")(merge.command)
app.command("diff", short_help="Which differences between profiles are real.")(diff.command)
app.command("sites", short_help="Who allocates: the code responsible, rounding, tiny blocks, what would vanish.")(
    sites.command
)
app.command("gc", short_help="What the collector did in one run, and what limited the program when.")(gc.command)
app.command("convert", short_help="A profile or an execution trace in another tool's format.")(convert.command)
