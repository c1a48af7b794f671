"""`whence profile convert`: a profile or an execution trace in another tool's format."""

from __future__ import annotations

from pathlib import Path

import typer

from whence.cli.profile import options as o
from whence.evidence.errors import BadInput


def command(
    source: str = typer.Argument(..., metavar="FILE", help="A file, - or an http(s) endpoint of a live process."),
    to: str = typer.Option(
        "", "--to", help="pprof, folded, speedscope, perfetto or otlp; told by --out when left out."
    ),
    out: Path | None = typer.Option(None, "-o", "--out", help="The file written; standard output when left out."),
    sample_type: str | None = o.SAMPLE_TYPE,
    seconds: float | None = o.SECONDS,
    binary: Path | None = o.BINARY,
    quiet: bool = o.QUIET,
) -> None:
    """Write a profile as pprof, folded stacks, speedscope or OTLP, and an execution trace for Perfetto."""
    import sys

    from whence.cli.output import Outputs
    from whence.measure.profiles.converting import convert, convert_profile, format_of
    from whence.measure.profiles.loading import content, load

    target = format_of(to, out)
    if out is None and target in ("pprof", "otlp") and sys.stdout.isatty():
        raise BadInput(f"{target} is binary and would go to the terminal. Name a file with --out.")
    Outputs(html=out).check()
    announce = o.announcer(quiet)
    if binary is not None:
        written = convert_profile(
            load([source], seconds=seconds, binary=binary, announce=announce), target, sample_type
        )
    elif seconds is None and Path(source).is_file():
        with open(source, "rb") as file:
            written = convert(file, target, sample_type, note=announce)
    else:
        written = convert(content(source, seconds=seconds, announce=announce), target, sample_type, note=announce)
    if out is None:
        sys.stdout.buffer.write(written)
        sys.stdout.flush()
    else:
        o.write(out, lambda: written)
