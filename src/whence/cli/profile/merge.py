"""`whence profile merge`: several profiles as one, or what one has more than another."""

from __future__ import annotations

from pathlib import Path

import typer

from whence.cli.profile import options as o
from whence.evidence.errors import BadInput


def command(
    files: list[str] = o.FILES,
    out: Path = typer.Option(..., "-o", "--out", help="The file written, a gzipped pprof profile."),
    less: list[str] = typer.Option([], "--less", help="Subtract this profile, as an earlier one of the same process."),
    seconds: float | None = o.SECONDS,
    binary: Path | None = o.BINARY,
    quiet: bool = o.QUIET,
) -> None:
    """Add profiles up into one that any tool reads; with --less, subtract what an earlier one already held."""
    from whence.cli.output import Outputs
    from whence.measure.profiles.loading import load
    from whence.measure.profiles.merging import difference, merge
    from whence.measure.profiles.writers.pprof import write_pprof

    Outputs(html=out).check()
    announce = o.announcer(quiet)
    profile = load(files, seconds=seconds, binary=binary, announce=announce)
    if len(files) == 1 and not less:
        profile = merge([profile])
    if less:
        profile = difference(load(less, announce=announce), profile)
        if not len(profile):
            raise BadInput("nothing is left when the profiles of --less are subtracted. Give the earlier one there.")
    o.write(out, lambda: write_pprof(profile))
    if announce is not None:
        announce(f"{len(profile):,} samples in {out}")
