"""What several verbs of `whence simulate` ask about the program and its surroundings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec
import typer

from whence.evidence.errors import BadInput

if TYPE_CHECKING:
    from whence.explain.simulator.whatif.asking import Opened

DEFAULT_FOLDER = Path("whence-runs") / "simulate"
GO = typer.Option(None, "--go", help="Release of all variants that name none; else the input's own, or 1.27.")
ALLOC_RATE = typer.Option(None, "--alloc-rate", "--rate", help="Bytes allocated a second, as 200MB/s.")
LIVE = typer.Option(None, "--live", help="Bytes alive at a time, as 80MB.")
OBJECTS = typer.Option(None, "--objects", help="Sizes, as 64B,1KiB:pointers*3 (*N weighs the bytes).")
START_PEAK = typer.Option(None, "--start-peak", help="Alive during the start only, beside --live.")
KEPT = typer.Option(0.5, "--kept", help="Share of --live made at the start and kept.")
DURATION = typer.Option(None, "--duration", help="How long the program runs, or ran when it was profiled.")
CPU_SHARE = typer.Option(0.0, "--cpu-share", help="Cores the program needs beside allocating.")
METRICS = typer.Option(None, "--metrics", help="runtime/metrics, expvar or Prometheus text beside a profile.")
PROCESS = typer.Option(None, "--process", help="process.json of whence simulate record; found beside a profile.")
GOOD_PART = typer.Option(False, "--good-part", help="Of a damaged recording use what comes before the damage.")
PROCS = typer.Option(None, "--procs", min=1, help="Processors of the machine: GOMAXPROCS unless set. Default 4.")
CPU = typer.Option(None, "--cpu", min=0.01, help="CPU limit of the container, for all variants.")
MEMORY = typer.Option(None, "--memory", help="Memory limit of the container, for all variants.")
RECORDED_WITH = typer.Option(None, "--recorded-with", help="Release that recorded INPUT, where the file does not say.")
RUN_DELAY = typer.Option(None, "--run-delay", help="Mean wait of a woken thread for a CPU, as 2ms (contended hosts).")
ALLOW_NEAREST = typer.Option(False, "--allow-nearest", help="Take the nearest modelled release, with wider intervals.")
REPLICAS = typer.Option(24, "--replicas", help="Draws of what is uncertain.")
SEED = typer.Option(1, "--seed", min=0, help="Of all chance.")
MODE = typer.Option("fluid", "--mode", help="fluid: flows, fast; events: every allocation, Go 1.14 and later.")
_NAMED = re.compile(r"[A-Za-z0-9._-]+:([A-Za-z][\w.]*=|\Z)")


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """Options as they were written."""

    input: str | None
    go: str | None = None
    alloc_rate: str | None = None
    live: str | None = None
    objects: str | None = None
    start_peak: str | None = None
    kept: float = 0.5
    duration: str | None = None
    cpu_share: float = 0.0
    metrics: Path | None = None
    process: Path | None = None
    good_part: bool = False
    procs: int | None = None
    cpu: float | None = None
    memory: str | None = None
    run_delay: str | None = None
    allow_nearest: bool = False
    recorded_with: str | None = None


def split_words(words: list[str]) -> tuple[str | None, tuple[str, ...]]:
    """Returns the input, None when the words begin with a variant, and the variants."""
    if not words or (_looks_like_variant(words[0]) and not Path(words[0]).exists()):
        return None, tuple(words)
    return words[0], tuple(words[1:])


def _looks_like_variant(word: str) -> bool:
    if word.startswith("workload:") and not re.match(r"workload:[A-Za-z][\w.]*=", word.partition("?")[0]):
        return False
    return bool(_NAMED.match(word)) or "=" in word.partition("/")[0]


def mode_of(text: str) -> Literal["fluid", "events"]:
    """Returns the mode. Raises BadInput."""
    if text not in ("fluid", "events"):
        raise BadInput(f"--mode {text}: there are fluid and events.")
    return text


def open_program(given: Given) -> Opened:
    """Returns the program with its surroundings. Raises BadInput."""
    from whence.evidence.units import parse_bytes, parse_seconds
    from whence.explain.simulator.inputs.choosing import Hints, open_input
    from whence.explain.simulator.whatif.asking import Opened, Surroundings

    hints = Hints(
        alloc_rate=given.alloc_rate, live=given.live, objects=given.objects, start_peak=given.start_peak,
        kept=given.kept, duration=given.duration, cpu_share=given.cpu_share, metrics=given.metrics,
        process=given.process, good_part=given.good_part, go=given.go, recorded_with=given.recorded_with,
    )  # fmt: skip
    if given.input is None and given.alloc_rate is None and given.live is None:
        raise BadInput(
            "there is nothing to simulate. Give a recording, a trace, a profile or workload:NAME first, or "
            "--alloc-rate and --live."
        )
    found = open_input(given.input, hints)
    around = Surroundings(
        go=given.go or found.go or "1.27",
        host_processors=given.procs or found.processors or 4,
        cpu=given.cpu if given.cpu is not None else found.cpu,
        memory=None if given.memory is None else parse_bytes(given.memory),
        run_delay_seconds=found.run_delay_seconds if given.run_delay is None else parse_seconds(given.run_delay),
        resident_bytes=found.resident_bytes,
        gogc=found.gogc or "100",
        memory_limit=found.memory_limit,
        allow_nearest=given.allow_nearest,
    )
    return Opened(programs=found.programs, subject=found.subject, around=around, own_go=found.go, notes=found.notes)
