"""`whence simulate contention`: how allocating processors wait for one another, release by release."""

from __future__ import annotations

import typer

from whence.cli.profile import options as o


def command(
    go: str = typer.Option("1.27", "--go", help="Go releases, 1.0 to 1.27, as 1.14,1.22,1.27."),
    objects: str = typer.Option(
        "64B", "--objects", help="Sizes and their shares, as 64B:0.7,1KiB/pointers:0.3 (without pointers by default)."
    ),
    procs: str = typer.Option("1..64", "--procs", help="Processors: 8, 1..64 or 1,2,4,8."),
    rate: str | None = typer.Option(
        None, "--rate", help="Allocations a second of one processor alone, as 2e6; as many as it can by default."
    ),
    fresh_share: float | None = typer.Option(
        None, "--fresh-share", help="Share of refills that take fresh pages, 0 to 1; as measured by default."
    ),
    seed: int = typer.Option(1, "--seed", min=0, help="Of the draws of what is not known."),
    json: str | None = o.JSON,
    quiet: bool = o.QUIET,
) -> None:
    """Waits for central lists and heap lock by processors, and where another processor stops paying."""
    from whence.cli.output import Outputs, coloured, terminal_width
    from whence.explain.simulator.contention.answering import simulate_contention
    from whence.explain.simulator.contention.asking import parse_processors, parse_rate
    from whence.show.report.simulate import contention_text

    Outputs(json=json).check()
    del quiet  # nothing here takes long enough to tell of
    found = simulate_contention(
        [release.strip() for release in go.split(",")],
        objects,
        parse_processors(procs),
        rate=None if rate is None else parse_rate(rate),
        fresh=fresh_share,
        seed=seed,
    )
    o.emit(found, lambda: contention_text.render(found, width=terminal_width(), color=coloured()), json)
