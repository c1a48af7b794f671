"""`whence profile`: read profiles, traces and runtime logs; compare them; attribute allocations to their source."""

from __future__ import annotations

import typer

from whence.cli.profile import top

app = typer.Typer(no_args_is_help=True)
app.command("top", short_help="All functions with their flat and cumulative values.")(top.command)
