"""Reads a Go execution trace of format v2 (Go 1.22–1.27), generation by generation.

Source of the format: src/internal/trace (reader.go, generation.go, batch.go) and src/runtime/trace*.go of Go 1.22–1.27.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from .damage import DamagedInput
from .trace_columns import Allocations, Clock, CpuSamples, Events, Generation, HeapLayout, Int64, Stacks, Types
from .trace_v2_allocations import allocations_of
from .trace_v2_blocks import Timing, event_blocks
from .trace_v2_events import CODE
from .trace_v2_framing import HEADER_BYTES, Frame, SmallBatch, frames, read_version
from .trace_v2_tables import (
    ALLOC_FREE,
    StackParts,
    join_stacks,
    read_clock,
    read_cpu_samples,
    read_experiment,
    read_stacks,
    read_strings,
)

_HEADER = re.compile(rb"go 1\.(\d+) trace\0")
UNKNOWN_LAYOUT = HeapLayout(0, 8192, 8, 2048, known=False)


def is_trace(head: bytes) -> int:
    """Returns which trace format the first 16 bytes of a file announce: 1, 2, or 0 for none."""
    found = _HEADER.match(head)
    if not found:
        return 0
    return 2 if int(found[1]) >= 22 else 1


def generations(file: BinaryIO) -> Iterator[Generation]:
    """Yields the generations of a trace, from the file's start.

    A file that cannot seek is first copied to a temporary one. Raises BadInput for another format or version, and
    DamagedInput after the readable generations when the file breaks off or contradicts itself; one in which it breaks
    off is yielded too, with `complete` false, when its clock is known.
    """
    with seekable(file) as whole:
        yield from _generations(whole)


@contextmanager
def seekable(file: BinaryIO) -> Iterator[BinaryIO]:
    """Gives the file itself, or a temporary copy of one that cannot seek, for as long as the context lasts."""
    if file.seekable():
        yield file
        return
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(file, copy, 1 << 20)
        yield cast(BinaryIO, copy)


def _generations(file: BinaryIO) -> Iterator[Generation]:
    file.seek(0)
    version = read_version(file.read(HEADER_BYTES))
    memory = _Memory(Types(), {})
    for frame in frames(file, version):
        tables = _read_tables(file, frame, memory)
        clock = tables.clock if tables.clock.ticks_per_second else memory.clock
        if not clock.ticks_per_second:
            if not frame.complete:
                continue
            where = frame.tables[-1].offset if frame.tables else HEADER_BYTES
            raise DamagedInput("the trace does not say how fast its clock ticks", where, "earlier generations")
        if memory.origin_ns is None:
            first = np.array([min(frame.ticks, default=0)], np.int64)
            memory.origin_ns = int(Timing(clock, 0).nanoseconds(first)[0])
        memory.clock = clock
        yield _generation(file, frame, version, tables, clock, memory)


class _Memory:
    """What later generations need of earlier ones."""

    def __init__(self, types: Types, row_of_address: dict[int, int]) -> None:
        self.types = types
        self.row_of_address = row_of_address
        self.layout = UNKNOWN_LAYOUT
        self.clock = Clock(0)
        self.origin_ns: int | None = None


class _Tables(NamedTuple):
    strings: dict[int, str]
    stacks: Stacks
    samples: Int64
    clock: Clock
    type_rows: dict[int, int]


def _read_tables(file: BinaryIO, frame: Frame, memory: _Memory) -> _Tables:
    strings: dict[int, str] = {}
    stacks: list[StackParts] = []
    samples: list[Int64] = [np.zeros((0, 5), np.int64)]
    clock = Clock(0)
    type_rows: dict[int, int] = {}
    for batch in frame.tables:
        data = _content(file, batch)
        try:
            if batch.kind == CODE["Strings"]:
                read_strings(data, strings)
            elif batch.kind == CODE["Stacks"]:
                stacks.append(read_stacks(data))
            elif batch.kind == CODE["CPUSamples"]:
                samples.append(read_cpu_samples(data))
            elif batch.kind in (CODE["Frequency"], CODE["Sync"]):
                clock = read_clock(data, batch.ticks)
            elif batch.experiment == ALLOC_FREE:
                memory.layout = read_experiment(data, memory.types, type_rows, memory.row_of_address) or memory.layout
        except ValueError as error:
            readable = f"the generations before {frame.number}"
            raise DamagedInput(f"a table of the trace is broken ({error})", batch.offset, readable) from None
    return _Tables(strings, join_stacks(stacks), np.concatenate(samples), clock, type_rows)


def _content(file: BinaryIO, batch: SmallBatch) -> bytes:
    file.seek(batch.offset)
    return file.read(batch.size)


def _generation(
    file: BinaryIO, frame: Frame, version: int, tables: _Tables, clock: Clock, memory: _Memory
) -> Generation:
    timing = Timing(clock, memory.origin_ns or 0)
    layout = memory.layout

    def blocks(wanted: NDArray[np.bool_] | None) -> Iterator[Events]:
        return event_blocks(file, frame, version, timing, wanted)

    def allocations() -> Iterator[Allocations]:
        return allocations_of(blocks, layout, tables.type_rows)

    return Generation(
        number=frame.number,
        version=version,
        complete=frame.complete,
        clock=clock,
        origin_ns=timing.origin_ns,
        strings=tables.strings,
        stacks=tables.stacks,
        cpu_samples=_cpu_samples(tables.samples, timing),
        types=memory.types,
        layout=layout,
        read_blocks=blocks,
        read_allocations=allocations,
    )


def _cpu_samples(samples: Int64, timing: Timing) -> CpuSamples:
    time_ns = timing.nanoseconds(samples[:, 0])
    order = np.argsort(time_ns, kind="stable")
    goroutine = samples[:, 3]
    goroutine = np.where(goroutine == 0, -1, goroutine)
    return CpuSamples(time_ns[order], samples[order, 1], samples[order, 2], goroutine[order], samples[order, 4])
