"""What a worker does for one point: simulates it and gives it a digest that depends on the result alone.

All points have the seed of the sweep: the same draws of whatever is uncertain fall in every configuration (common
random numbers), so that differences between points are sharper than either. Nothing depends on which worker computes
a point, or when.
"""

from __future__ import annotations

import hashlib
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from whence.evidence.errors import BadInput
from whence.evidence.sweep import SweepPoint, SweepTotal
from whence.explain.simulator.engine.config import Config
from whence.explain.simulator.engine.process_run import TOTALS, ProcessRun
from whence.explain.simulator.engine.workload import Workload

Simulate = Callable[[Workload, Config, int], ProcessRun]
"""(program, configuration, seed) → run. A function of a module."""
DIGEST_BYTES = 8


class Shared(NamedTuple):
    """What every worker of a sweep holds once."""

    workload: Workload
    seed: int
    simulate: Simulate


class Payload(NamedTuple):
    """One point."""

    settings: dict[str, str]
    config: Config


def simulate_process(workload: Workload, config: Config, seed: int) -> ProcessRun:
    """Returns the run as the engine has it: what a sweep computes unless told otherwise."""
    from whence.explain.simulator.engine.simulating import simulate

    return simulate(workload, config, seed=seed)


def compute_point(shared: Shared, payload: Payload) -> SweepPoint:
    """Returns one point, computed; one whose settings the model refuses says why."""
    begun = time.perf_counter()
    name = configuration_of(payload.config)
    try:
        run = shared.simulate(shared.workload, payload.config, shared.seed)
    except BadInput as error:
        return SweepPoint(
            settings=payload.settings, configuration=name, outcome="refused", message=str(error),
            digest=digest_of([str(error).encode()]), seconds=time.perf_counter() - begun,
        )  # fmt: skip
    return SweepPoint(
        settings=payload.settings,
        configuration=name,
        totals={
            key: SweepTotal(
                value=float(total.value), low=float(total.low), high=float(total.high), unit=TOTALS.get(key, "")
            )
            for key, total in run.totals.items()
        },
        oom_seconds=None if run.oom_seconds is None else float(run.oom_seconds),
        warnings=run.warnings,
        digest=digest_of_run(run),
        seconds=time.perf_counter() - begun,
    )


def configuration_of(config: Config) -> str:
    """Returns the name of a configuration: all its fields as JSON, in order."""
    return msgspec.json.encode(config).decode()


def digest_of(parts: Sequence[bytes | memoryview]) -> str:
    """Returns 64 bits over the parts and their lengths (BLAKE2b), as 16 hexadecimal digits."""
    state = hashlib.blake2b(digest_size=DIGEST_BYTES)
    for part in parts:
        state.update(len(part).to_bytes(8, "little"))
        state.update(part)
    return state.hexdigest()


def digest_of_run(run: ProcessRun) -> str:
    """Returns the digest of everything that a run gave, bit by bit."""
    parts: list[bytes | memoryview] = [run.mode.encode(), repr(run.oom_seconds).encode(), repr(run.warnings).encode()]
    for name, total in sorted(run.totals.items()):
        parts += [name.encode(), np.array([total.value, total.low, total.high], "<f8").tobytes()]
    for name, draws in sorted(run.draws.items()):
        parts += [name.encode(), np.ascontiguousarray(draws, "<f8").tobytes()]
    parts += [np.ascontiguousarray(column, "<f8").tobytes() for column in run.series]
    return digest_of(parts)


def digest_of_program(workload: Workload) -> str:
    """Returns the digest of everything that describes a program, the columns of a recording among it."""
    described = msgspec.structs.replace(workload, recording=None)
    parts: list[bytes | memoryview] = [msgspec.json.encode(described)]
    if workload.recording is not None:
        parts += [_brief(value) for value in _flat(workload.recording)]
    return digest_of(parts)


def digest_of_model() -> str:
    """Returns the digest of the simulator's own code: results of two of them must not stand in one folder."""
    folder = Path(__file__).resolve().parents[1]
    files = sorted(path for path in folder.rglob("*.py"))
    return digest_of([part for path in files for part in (str(path.relative_to(folder)).encode(), path.read_bytes())])


def _flat(value: object) -> list[object]:
    return [leaf for part in value for leaf in _flat(part)] if isinstance(value, tuple) else [value]


def _brief(value: object) -> bytes:
    """Returns a checksum of a column (3 GB/s; a hash of 64 bits takes four times as long), or the value in words."""
    if isinstance(value, np.ndarray):
        column = np.ascontiguousarray(value)
        checksum = zlib.crc32(column.data.cast("B")) if column.size else 0
        return f"{column.dtype.str} {column.size} {checksum}".encode()
    return repr(value).encode()
