"""`whence simulate record`: get from a real service what a simulation needs, at a known cost."""

from __future__ import annotations

from typing import cast

import typer

from whence.cli.profile import options as o


def command(
    context: typer.Context,
    by: str = typer.Option("profile", "--by", help="profile: heap profile and counters; trace: every allocation."),
    url: str | None = typer.Option(None, "--url", help="Where /debug/pprof is served. Default http://localhost:6060."),
    counters: str | None = typer.Option(None, "--counters", help="Address of /metrics or /debug/vars."),
    seconds: str = typer.Option("60s", "--for", help="Between the two readings of the counters, or for all windows."),
    windows: int = typer.Option(3, "--windows", help="Windows of traces."),
    window: str = typer.Option("1s", "--window", help="Length of one."),
    out: str = typer.Option("whence-recording", "--out", help="Folder for what is recorded; not there yet."),
    print_only: bool = typer.Option(False, "--print", help="Print the steps, do nothing."),
    quiet: bool = o.QUIET,
) -> None:
    """Record a service (started after --, or running at --url) for a simulation; without either, print the steps."""
    from whence.evidence.units import parse_seconds
    from whence.explain.simulator.inputs import recipe as r

    started = tuple(context.obj or ())
    recipe = r.Recipe(
        way=cast(r.Way, by), url=url or "http://localhost:6060", counters=counters, seconds=parse_seconds(seconds),
        windows=windows, window_seconds=parse_seconds(window), out=out,
    ).checked()  # fmt: skip
    if print_only or (not started and url is None):
        typer.echo(r.text(recipe), nl=False)
        return
    from whence.explain.simulator.inputs.live_recording import record

    found = record(recipe, started, announce=o.announcer(quiet))
    typer.echo(f"Recorded {', '.join(found.files)} in {found.folder}, {found.seconds:.1f} s.")
    typer.echo(f"Cost     {r.COSTS[recipe.way].text}")
    for note in found.notes:
        typer.echo(f"  {note}")
    typer.echo(f"Next     {r.next_command(recipe)}")
