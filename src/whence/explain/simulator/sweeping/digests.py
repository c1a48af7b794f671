"""Digests of 64 bits: of what a run gave, of a program, of the simulator itself. Equal bits, equal digest, anywhere."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from whence.explain.simulator.engine.process_run import ProcessRun
from whence.explain.simulator.engine.workload import Workload

DIGEST_BYTES = 8


def digest_of(parts: Sequence[bytes]) -> str:
    """Returns 64 bits over the parts and their lengths (BLAKE2b), as 16 hexadecimal digits."""
    state = hashlib.blake2b(digest_size=DIGEST_BYTES)
    for part in parts:
        state.update(len(part).to_bytes(8, "little"))
        state.update(part)
    return state.hexdigest()


def digest_of_run(run: ProcessRun) -> str:
    """Returns the digest of everything that a run gave, bit by bit: totals, draws and series."""
    parts = [run.mode.encode(), repr(run.oom_seconds).encode(), repr(run.warnings).encode()]
    for name, total in sorted(run.totals.items()):
        parts += [name.encode(), np.array([total.value, total.low, total.high], "<f8").tobytes()]
    for name, draws in sorted(run.draws.items()):
        parts += [name.encode(), np.ascontiguousarray(draws, "<f8").tobytes()]
    parts += [np.ascontiguousarray(column, "<f8").tobytes() for column in run.series]
    return digest_of(parts)


def digest_of_program(workload: Workload) -> str:
    """Returns the digest of everything that describes a program, the columns of a recording among it."""
    described = msgspec.structs.replace(workload, recording=None)
    parts = [msgspec.json.encode(described)]
    if workload.recording is not None:
        parts += [_brief(value) for value in _flat(workload.recording)]
    return digest_of(parts)


def digest_of_simulator() -> str:
    """Returns the digest of the simulator's own code: results of two of them must not stand in one folder."""
    folder = Path(__file__).resolve().parents[1]
    files = sorted(folder.rglob("*.py"))
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
