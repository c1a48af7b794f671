"""Sweeps a grid: takes what is stored, has the rest computed, stores each point as it comes, and signs the whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import msgspec

from whence.evidence.sweep import Sweep, SweepAxis, SweepPoint, SweepRequest
from whence.explain.simulator.engine.workload import Workload
from whence.explain.simulator.sweeping.computing import (
    How,
    Payload,
    Shared,
    Simulate,
    compute_point,
    refused,
    simulate_process,
)
from whence.explain.simulator.sweeping.digests import digest_of, digest_of_program, digest_of_simulator
from whence.explain.simulator.sweeping.grid import Point, points_of
from whence.explain.simulator.versions.table import model
from whence.explain.simulator.whatif.asking import Opened
from whence.golang.toolchains import resolve
from whence.measure.executing.executor import open_executor
from whence.measure.executing.tasks import Task
from whence.store.sweep_directory import SweepDirectory

Announce = Callable[[int, int, int], None]
"""Told (points done, points in all, workers) whenever one more is done."""


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """Who computes."""

    workers: int | None = None
    cluster: str | None = None
    address: str | None = None


class _Laid(msgspec.Struct, frozen=True):
    """The grid laid out: a name for each point, and what has to be computed for each name."""

    names: tuple[str, ...]
    tasks: dict[str, Task]
    programs: tuple[Workload, ...]
    refused: dict[str, SweepPoint]


def sweep(
    opened: Opened,
    axes: Sequence[SweepAxis],
    *,
    out: Path,
    how: How | None = None,
    where: Where | None = None,
    simulate: Simulate = simulate_process,
    announce: Announce | None = None,
    command: str = "",
) -> Sweep:
    """Returns every point of the grid, in its order; all that is computed is in `out` as it is done.

    Points that `out` holds already are not computed again, whatever ended the command that computed them; a bigger
    grid of the same program and seed goes on there too. The hash of the result is the same for any number of workers.
    Raises BadInput before anything is computed, and what an executor raises.
    """
    how, where, began = how or How(), where or Where(), time.monotonic()
    points = points_of(axes, opened.around, resolve=resolve)
    for config in dict.fromkeys(point.config for point in points if point.config is not None):
        model(config.go, config.allow_nearest)
    laid = _lay_out(opened, points, how)
    request = SweepRequest(
        subject=opened.subject, seed=how.seed, simulator=digest_of_simulator(), whence_version=version("whence")
    )
    with SweepDirectory.open(out, request) as directory:
        found = directory.stored() | laid.refused
        missing = [task for name, task in laid.tasks.items() if name not in found]
        shared = Shared(laid.programs, how, simulate)
        workers = _compute(missing, shared, where, directory, found, announce)
        chosen = tuple(
            msgspec.structs.replace(found[name], settings=point.settings)
            for name, point in zip(laid.names, points, strict=True)
        )
        result = Sweep(
            subject=opened.subject,
            seed=how.seed,
            mode=how.mode,
            replicas=how.replicas,
            axes=tuple(axes),
            points=chosen,
            hash=hash_of(chosen),
            workers=workers,
            cluster=where.cluster,
            computed=len(missing),
            seconds=time.monotonic() - began,
            directory=str(out),
            notes=opened.notes,
            command=command,
            whence_version=request.whence_version,
        )
        directory.write_sweep(result)
        return result


def _lay_out(opened: Opened, points: Sequence[Point], how: How) -> _Laid:
    """Returns the names and tasks of the points; those that mean the same configuration share one. Raises BadInput."""
    programs: dict[tuple[tuple[str, str], ...], int] = {}
    built: list[Workload] = []
    digests: list[str] = []
    names: list[str] = []
    tasks: dict[str, Task] = {}
    impossible: dict[str, SweepPoint] = {}
    for point in points:
        written = ",".join(f"{key}={value}" for key, value in point.settings.items())
        if point.config is None:
            impossible[written] = refused(written, point.settings, point.refusal)
            names.append(written)
            continue
        key = tuple(sorted(point.arguments.items()))
        if key not in programs:
            programs[key] = len(built)
            built.append(opened.programs.workload(point.arguments).checked())
            digests.append(digest_of_program(built[-1]))
        index = programs[key]
        name = msgspec.json.encode({"program": digests[index], "config": point.config, "how": how}).decode()
        names.append(name)
        tasks.setdefault(name, Task(written, Payload(name, point.settings, index, point.config)))
    return _Laid(tuple(names), tasks, tuple(built), impossible)


def _compute(
    missing: Sequence[Task],
    shared: Shared,
    where: Where,
    directory: SweepDirectory,
    found: dict[str, SweepPoint],
    announce: Announce | None,
) -> int:
    """Adds every missing point to `found` and to the folder; returns how many workers there were."""
    if not missing:
        return 0
    workers = where.workers if where.cluster is not None or where.workers is None else min(where.workers, len(missing))
    executor = open_executor(compute_point, shared, workers=workers, cluster=where.cluster, address=where.address)
    with executor:
        workers = min(executor.workers, len(missing))
        for count, done in enumerate(executor.map(missing), start=1):
            assert isinstance(done.value, SweepPoint)
            point = msgspec.structs.replace(done.value, host=done.host)
            directory.points.append(point)
            found[point.configuration] = point
            if announce is not None:
                announce(count, len(missing), workers)
    return workers


def hash_of(points: Sequence[SweepPoint]) -> str:
    """Returns 64 bits over the results of all points, in order."""
    return digest_of([f"{point.configuration} {point.outcome} {point.digest}".encode() for point in points])
