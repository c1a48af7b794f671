"""A log of GODEBUG=gctrace=1 (and scavtrace, schedtrace beside it) as one run."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.gc.run import Bounds, Float64, GcRun, Releases, unknown
from whence.measure.profiles.readers.gctrace import MIB, GcCycles
from whence.measure.profiles.readers.runtime_log import RuntimeLog
from whence.measure.profiles.readers.scavtrace import Scavenges

_MS = 1e-3


def runs_of(log: RuntimeLog) -> tuple[slice, ...]:
    """Returns the rows of each program whose cycles stand in the log: their numbers begin anew with each."""
    number = log.cycles.number
    cuts = [0, *(np.flatnonzero(np.diff(number) <= 0) + 1).tolist(), len(number)]
    return tuple(slice(a, b) for a, b in itertools.pairwise(cuts) if b > a)


def from_log(log: RuntimeLog, rows: slice) -> GcRun:
    """Returns the run whose cycles are these rows of the log."""
    cycles = log.cycles.rows(rows)
    clock, cpu = _bounds(cycles.clock_ms, cycles.clock_step_ms), _bounds(cycles.cpu_ms, cycles.cpu_step_ms)
    timed = not bool(cycles.old.any())
    length_s = cycles.clock_ms.sum(axis=1) * _MS
    start_s = cycles.start_s if timed else np.arange(len(cycles), dtype=np.float64)
    end_s = start_s + length_s if timed else start_s
    finish_s = float(end_s[-1]) if len(cycles) else 0.0
    missing = int(cycles.number[-1] - cycles.number[0] + 1 - len(cycles)) if len(cycles) else 0
    stacks = Bounds(*(a + b for a, b in zip(_mib(cycles.stacks_mib), _mib(cycles.globals_mib), strict=True)))
    return GcRun(
        source="gctrace",
        timed=timed,
        begin_s=0.0 if timed and len(cycles) and cycles.number[0] == 1 else float(start_s[0]),
        finish_s=finish_s,
        number=cycles.number,
        count=np.ones(len(cycles), np.int64),
        start_s=start_s,
        end_s=end_s,
        busy_s=length_s,
        sweep_pause=clock[0] if timed else unknown(len(cycles)),
        mark_pause=clock[2],
        assists=cpu[1],
        background=cpu[2],
        dedicated=unknown(len(cycles)),
        fractional=unknown(len(cycles)),
        idle=cpu[3],
        stopped_cpu=cpu[0].plus(cpu[4]),
        heap_start=_mib(cycles.start_mib),
        heap_end=_mib(cycles.end_mib) if timed else unknown(len(cycles)),
        live=_mib(cycles.live_mib),
        goal=_mib(cycles.goal_mib),
        stacks=stacks,
        procs=cycles.procs,
        forced=cycles.forced.astype(np.int64) if timed else np.full(len(cycles), -1, np.int64),
        has_memory_limit=bool((cycles.stacks_mib >= 0).any()),
        printed_percent=int(cycles.percent[-1]) if timed else None,
        releases=_releases(log.scavenges, cycles, rows, len(log.cycles), start_s, end_s),
        missing=missing,
        notes=_notes(log, cycles, missing),
    )


def _bounds(ms: Float64, step_ms: Float64) -> list[Bounds]:
    low, high = ms * _MS, (ms + step_ms) * _MS
    return [Bounds(low[:, column], high[:, column]) for column in range(ms.shape[1])]


def _mib(column: NDArray[np.int64]) -> Bounds:
    low = np.where(column >= 0, column.astype(np.float64) * MIB, np.nan)
    return Bounds(low, low + MIB)


def _releases(
    scavenges: Scavenges, cycles: GcCycles, rows: slice, total: int, start_s: Float64, end_s: Float64
) -> Releases:
    """Places each report between the cycles that it stands between in the file."""
    first = cycles.offset[0] if rows.start > 0 else 0
    after = cycles.offset[-1] if rows.stop < total else np.iinfo(np.int64).max
    mine = np.flatnonzero((scavenges.offset >= first) & (scavenges.offset <= after))
    before = np.searchsorted(cycles.offset, scavenges.offset[mine])
    # A line of a cycle is printed when it ends, so a report behind it lies between its end and the next one's.
    low = np.concatenate([[0.0 if rows.start == 0 else start_s[0]], end_s])[before]
    high = np.concatenate([end_s, end_s[-1:]])[before]
    return Releases(
        at_s=(low + high) / 2,
        released=_known(scavenges.released_bytes[mine]),
        retained=_known(scavenges.retained_bytes[mine]),
        background=_known(scavenges.background_bytes[mine]),
        eager=_known(scavenges.eager_bytes[mine]),
        forced=scavenges.forced[mine],
        unit=scavenges.unit_bytes[mine].astype(np.float64),
    )


def _known(column: NDArray[np.int64]) -> Float64:
    return np.where(column >= 0, column.astype(np.float64), np.nan)


def _notes(log: RuntimeLog, cycles: GcCycles, missing: int) -> tuple[str, ...]:
    notes: list[str] = []
    if cycles.old.any():
        notes.append("Go 1.4 and older print no times: collections are told in their order, and shares are unknown.")
    if len(cycles) and cycles.number[0] > 1:
        notes.append(f"The log begins with collection {cycles.number[0]:,}; what was before is not in it.")
    if missing > 0:
        lacking = "1 collection lacks" if missing == 1 else f"{missing:,} collections lack"
        notes.append(f"{lacking} in the log between its first and its last.")
    if log.broken:
        where = log.broken[0]
        lines = "1 line" if len(log.broken) == 1 else f"{len(log.broken):,} lines"
        notes.append(f"{lines} of the runtime's were broken by another writer and left out; the first at byte "
                     f"{where.offset:,}.")  # fmt: skip
    if log.other_lines:
        skipped = "1 other line of the log was" if log.other_lines == 1 else f"{log.other_lines:,} other lines were"
        notes.append(f"{skipped} skipped.")
    return tuple(notes)
