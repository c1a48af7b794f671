"""Sweeps a grid: takes what is stored, has the rest computed, stores each point as it comes, and signs the whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import msgspec

from whence.evidence.sweep import Sweep, SweepAxis, SweepPoint, SweepRequest
from whence.explain.simulator.engine.config import Config
from whence.explain.simulator.engine.workload import Workload
from whence.explain.simulator.sweeping.computing import (
    Payload,
    Shared,
    Simulate,
    compute_point,
    configuration_of,
    digest_of,
    digest_of_model,
    digest_of_program,
    simulate_process,
)
from whence.explain.simulator.sweeping.grid import points_of
from whence.explain.simulator.versions.table import model
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


def sweep(
    workload: Workload,
    axes: Sequence[SweepAxis],
    *,
    out: Path,
    base: Config | None = None,
    seed: int = 1,
    where: Where | None = None,
    simulate: Simulate = simulate_process,
    announce: Announce | None = None,
    command: str = "",
) -> Sweep:
    """Returns every point of the grid, in its order; all that is computed is in `out` as it is done.

    Points that `out` holds already are not computed again, whatever ended the command that computed them; a bigger
    grid of the same program, seed and version goes on there too. The hash of the result is the same for any number of
    workers. Raises BadInput before anything is computed, and what an executor raises.
    """
    where = where or Where()
    began = time.monotonic()
    points = points_of(axes, base or Config())
    for go, nearest in dict.fromkeys((config.go, config.allow_nearest) for _, config in points):
        model(go, nearest)  # a release without a model is refused before anything is computed
    request = SweepRequest(
        subject=workload.name,
        program=digest_of_program(workload.checked()),
        model=digest_of_model(),
        seed=seed,
        whence_version=version("whence"),
    )
    with SweepDirectory.open(out, request) as directory:
        found = directory.stored()
        names = [configuration_of(config) for _, config in points]
        missing = [
            Task(",".join(f"{key}={value}" for key, value in written.items()), Payload(written, config))
            for name, (written, config) in zip(names, points, strict=True)
            if name not in found
        ]
        workers = _compute(missing, Shared(workload, seed, simulate), where, directory, found, announce, len(points))
        chosen = tuple(
            msgspec.structs.replace(found[name], settings=written)
            for name, (written, _) in zip(names, points, strict=True)
        )
        result = Sweep(
            subject=workload.name,
            seed=seed,
            axes=tuple(axes),
            points=chosen,
            hash=hash_of(chosen),
            workers=workers,
            cluster=where.cluster,
            computed=len(missing),
            seconds=time.monotonic() - began,
            directory=str(out),
            command=command,
            whence_version=request.whence_version,
        )
        directory.write_sweep(result)
        return result


def _compute(
    missing: Sequence[Task],
    shared: Shared,
    where: Where,
    directory: SweepDirectory,
    found: dict[str, SweepPoint],
    announce: Announce | None,
    points: int,
) -> int:
    """Adds every missing point to `found` and to the folder; returns how many workers there were."""
    if not missing:
        return 0
    executor = open_executor(compute_point, shared, workers=where.workers, cluster=where.cluster, address=where.address)
    with executor:
        workers = min(executor.workers, len(missing))
        left = len(missing)
        for done in executor.map(missing):
            assert isinstance(done.value, SweepPoint)
            point = msgspec.structs.replace(done.value, host=done.host)
            directory.points.append(point)
            found[point.configuration] = point
            left -= 1
            if announce is not None:
                announce(points - left, points, workers)
    return workers


def hash_of(points: Sequence[SweepPoint]) -> str:
    """Returns 64 bits over the results of all points, in order."""
    return digest_of([f"{point.configuration} {point.outcome} {point.digest}".encode() for point in points])
