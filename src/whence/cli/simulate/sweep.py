"""`whence simulate sweep`: one program under every configuration of a grid, on all CPUs or a cluster, resumable."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import typer

from whence.cli.profile import options as o
from whence.cli.simulate import program as p

SECONDS_BETWEEN_LINES = 10.0


def command(
    words: list[str] = typer.Argument(
        None, metavar="[INPUT] [KEY=VALUE,...]", help="A file or workload:NAME; then settings of all points."
    ),
    grid: list[str] = typer.Option([], "--grid", help="KEY=VALUE,VALUE…; repeatable, every combination is a point."),
    workers: int | None = typer.Option(None, "--workers", min=1, help="Default: one a CPU."),
    cluster: str | None = typer.Option(None, "--cluster", help="Compute on a cluster: ray."),
    address: str | None = typer.Option(None, "--address", help="Of the cluster, as HOST:6379; default RAY_ADDRESS."),
    out: Path = typer.Option(..., "--out", help="Folder of the results; the same command goes on there."),
    go: str | None = p.GO,
    mode: str = p.MODE,
    alloc_rate: str | None = p.ALLOC_RATE,
    live: str | None = p.LIVE,
    objects: str | None = p.OBJECTS,
    start_peak: str | None = p.START_PEAK,
    kept: float = p.KEPT,
    duration: str | None = p.DURATION,
    cpu_share: float = p.CPU_SHARE,
    metrics_file: Path | None = p.METRICS,
    good_part: bool = p.GOOD_PART,
    recorded_with: str | None = p.RECORDED_WITH,
    procs: int | None = p.PROCS,
    cpu: float | None = p.CPU,
    memory: str | None = p.MEMORY,
    run_delay: str | None = p.RUN_DELAY,
    allow_nearest: bool = p.ALLOW_NEAREST,
    replicas: int = p.REPLICAS,
    seed: int = p.SEED,
    json: str | None = o.JSON,
    quiet: bool = o.QUIET,
) -> None:
    """Simulate a program under every combination of settings: memory, GC cycles, CPU, pauses, with intervals."""
    from whence.cli.output import Outputs, terminal_width
    from whence.cli.profile.show import command_line
    from whence.evidence.errors import BadInput
    from whence.evidence.sweep import SweepAxis
    from whence.explain.simulator.sweeping.computing import How
    from whence.explain.simulator.sweeping.grid import parse_axis
    from whence.explain.simulator.sweeping.sweeping import Where, sweep
    from whence.measure.executing import clusters
    from whence.show.report.simulate import sweep_terminal

    Outputs(json=json).check()
    if cluster is not None:
        clusters.check(cluster)
    elif address is not None:
        raise BadInput(f"--address {address} names a cluster. Give --cluster ray with it.")
    if replicas < 6:
        raise BadInput(f"--replicas {replicas}: an interval needs at least 6.")
    asked, texts = p.split_words(words or [])
    axes = [parse_axis(text) for text in grid]
    fixed: list[SweepAxis] = [parse_axis(part) for text in texts for part in text.split(",")]
    opened = p.open_program(
        p.Given(
            input=asked, go=go, alloc_rate=alloc_rate, live=live, objects=objects, start_peak=start_peak, kept=kept,
            duration=duration, cpu_share=cpu_share, metrics=metrics_file, good_part=good_part, procs=procs, cpu=cpu,
            memory=memory, run_delay=run_delay, allow_nearest=allow_nearest, recorded_with=recorded_with,
        )
    )  # fmt: skip
    result = sweep(
        opened,
        [*fixed, *axes] if axes else [],
        out=out,
        how=How(seed=seed, mode=p.mode_of(mode), replicas=replicas),
        where=Where(workers=workers, cluster=cluster, address=address),
        announce=None if quiet else _teller(),
        command=command_line(),
    )
    o.emit(result, lambda: sweep_terminal.render(result, width=terminal_width()), json)


def _teller() -> Callable[[int, int, int], None]:
    """Returns what says on standard error how far the sweep is: in place on a terminal, else every ten seconds."""
    last = time.monotonic()

    def tell(done: int, points: int, workers: int) -> None:
        nonlocal last
        now, terminal = time.monotonic(), sys.stderr.isatty()
        if done < points and now - last < (0.2 if terminal else SECONDS_BETWEEN_LINES):
            return
        last = now
        start, end = ("\r\x1b[K", "" if done < points else "\n") if terminal else ("", "\n")
        sys.stderr.write(f"{start}simulating   {done} of {points} · {workers} at a time{end}")
        sys.stderr.flush()

    return tell
