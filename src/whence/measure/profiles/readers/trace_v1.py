"""Reads a Go execution trace of format v1 (Go 1.11–1.21) into the columns and kinds of v2.

The format has one part only, with strings and stacks strewn among the events, so it is read whole: some 70 bytes of
memory an event. A system call that did not block has a begin and no end there; labels of goroutines are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from whence.evidence.errors import BadInput

from .damage import DamagedInput
from .trace_columns import (
    NONE,
    Allocations,
    Clock,
    CpuSamples,
    Events,
    Generation,
    HeapLayout,
    Int64,
    Types,
    kinds_mask,
)
from .trace_v1_reading import Reading
from .trace_v1_scan import HEADER_BYTES, chunks
from .trace_v2_events import CODE
from .trace_v2_tables import StackParts, join_stacks

VERSIONS = (11, 19, 21)
_HEADER = re.compile(rb"go 1\.(\d+) trace\0")

_STARTS = kinds_mask(("GoStart",))
_ENDS = kinds_mask(("GoDestroy", "GoStop", "GoBlock"))

_FURTHEST_NS = float(1 << 62)


def read_v1(file: BinaryIO) -> Iterator[Generation]:
    """Yields the one generation that a v1 trace is; raises BadInput for other versions.

    A trace that breaks off tells neither stacks nor how fast its clock ticked: DamagedInput is raised, after the
    generation (with `complete` false) where the clock is known.
    """
    found = _HEADER.match(file.read(HEADER_BYTES))
    if not found or int(found[1]) not in VERSIONS:
        raise BadInput("trace formats of Go 1.5–1.10 are not read; record it with Go 1.11 or later")
    reading = Reading(version=int(found[1]))
    damage: DamagedInput | None = None
    try:
        for chunk in chunks(file):
            reading.add(chunk)
    except DamagedInput as error:
        damage = error
    if reading.ticks_per_second > 0:
        yield _finish(reading, complete=damage is None)
    elif damage is None:
        damage = DamagedInput("the trace does not say how fast its clock ticks", reading.end, "nothing with times")
    if damage is not None:
        raise damage


def _finish(reading: Reading, complete: bool) -> Generation:
    """Returns everything as one generation."""
    nothing = np.zeros(0, np.int64)
    columns = reading.columns or [(nothing.astype(np.uint8), nothing, nothing, nothing, np.zeros((4, 0), np.int64))]
    kind = np.concatenate([part[0] for part in columns])
    ticks = np.concatenate([part[1] for part in columns])
    procs = np.concatenate([part[2] for part in columns])
    threads = np.concatenate([part[3] for part in columns])
    args = np.concatenate([part[4] for part in columns], axis=1)
    by_proc = np.argsort(procs, kind="stable")
    goroutine, thread = np.empty(len(kind), np.int64), np.empty(len(kind), np.int64)
    goroutine[by_proc], thread[by_proc] = _context(kind[by_proc], args[0, by_proc], procs[by_proc], threads[by_proc])
    own = np.flatnonzero(kind == CODE["GoStatus"])
    goroutine[own] = args[0, own]
    order = np.argsort(ticks, kind="stable")
    order = order[kind[order] > 0]
    origin = int(ticks[order[0]]) if len(order) else 0
    scale = 1e9 / reading.ticks_per_second
    # a damaged trace may claim a clock that is centuries slow
    time_ns = np.clip((ticks[order] - origin) * scale, -_FURTHEST_NS, _FURTHEST_NS).astype(np.int64)
    narrow = np.where((procs < 0) | (procs >= 1 << 31), NONE, procs).astype(np.int32)
    events = Events(
        kind[order], time_ns, thread[order], narrow[order], goroutine[order], np.ascontiguousarray(args[:, order])
    )
    return _generation(reading, events, origin, scale, complete)


def _generation(reading: Reading, events: Events, origin: int, scale: float, complete: bool) -> Generation:
    def blocks(wanted: NDArray[np.bool_] | None) -> Iterator[Events]:
        yield events if wanted is None else events.take(np.flatnonzero(wanted[events.kind]))

    def allocations() -> Iterator[Allocations]:
        yield from ()

    samples = np.concatenate([np.zeros((0, 4), np.int64), *reading.samples])
    samples = samples[np.argsort(samples[:, 0], kind="stable")]
    parts = [StackParts([number], [count], frames) for number, (count, frames) in reading.stacks.items()]
    return Generation(
        number=1,
        version=reading.version,
        complete=complete,
        clock=Clock(reading.ticks_per_second),
        origin_ns=int(origin * scale),
        strings=reading.strings,
        stacks=join_stacks(parts),
        cpu_samples=CpuSamples(
            ((samples[:, 0] - origin) * scale).astype(np.int64),
            np.full(len(samples), NONE),
            samples[:, 1],
            np.where(samples[:, 2] == 0, NONE, samples[:, 2]),
            samples[:, 3],
        ),
        types=Types(),
        layout=HeapLayout(0, 8192, 8, 2048, known=False),
        read_blocks=blocks,
        read_allocations=allocations,
    )


def _context(kind: NDArray[np.uint8], first: Int64, procs: Int64, threads: Int64) -> tuple[Int64, Int64]:
    """Returns goroutine and thread of events that lie processor by processor, in the order of each."""
    blocked = kind == 0
    begins = np.append(True, procs[1:] != procs[:-1]) if len(procs) else np.zeros(0, np.bool_)
    ends = _ENDS[kind] | blocked
    after = np.append(False, ends[:-1]) if len(ends) else ends
    sets = begins | after | _STARTS[kind]
    goroutine = _carried(sets, np.where(_STARTS[kind], first, NONE))
    stopped = kind == CODE["ProcStop"]
    after = np.append(False, stopped[:-1]) if len(stopped) else stopped
    thread = _carried(begins | after | (threads > 0), np.where(threads > 0, threads, NONE))
    return goroutine, thread


def _carried(sets: NDArray[np.bool_], values: Int64) -> Int64:
    """Returns the value of the last row that sets one, for every row (the first one sets)."""
    rows = np.flatnonzero(sets)
    return np.repeat(values[rows], np.diff(np.append(rows, len(sets))))
