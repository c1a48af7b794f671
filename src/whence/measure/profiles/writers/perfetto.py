"""An execution trace as a time line that Perfetto and chrome://tracing open: JSON of the Trace Event Format.

Tracks: what ran on each processor (P), system calls by thread (M), collections and stopped worlds, assists and
sweeping, the user's own regions and tasks, and counters of the heap. Source: "Trace Event Format" (Chromium project):
X is a slice with its duration, b and e begin and end a slice that may overlap others, C is a counter, i a moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from whence.measure.profiles.readers.trace_columns import Events, Generation, kinds_mask
from whence.measure.profiles.readers.trace_v2_events import NAME
from whence.measure.profiles.writers.time_line import GARBAGE, PROCESSORS, SYSTEM_CALLS, USER, Entry, TimeLine

_KINDS = (
    *("GoCreate", "GoCreateBlocked", "GoStart", "GoStop", "GoBlock", "GoDestroy", "GoDestroySyscall", "GoSwitch"),
    *("GoSwitchDestroy", "GoSyscallBegin", "GoSyscallEnd", "GoSyscallEndBlocked", "GoStatus", "GoStatusStack"),
    *("ProcStop", "ProcsChange", "GCActive", "GCBegin", "GCEnd", "STWBegin", "STWEnd", "HeapAlloc", "HeapGoal"),
    *("GCMarkAssistActive", "GCMarkAssistBegin", "GCMarkAssistEnd", "GCSweepActive", "GCSweepBegin", "GCSweepEnd"),
    *("UserTaskBegin", "UserTaskEnd", "UserRegionBegin", "UserRegionEnd", "UserLog"),
)
_ENTRIES_AT_ONCE = 10_000


def write_perfetto(generations: Iterable[Generation]) -> bytes:
    """Returns the whole document; see `perfetto_pieces` for one that does not fit in memory."""
    return b"".join(perfetto_pieces(generations))


def perfetto_pieces(generations: Iterable[Generation]) -> Iterator[bytes]:
    """Yields the document piece by piece, times in microseconds since the trace began.

    What is still going on when the trace ends is drawn until then. DamagedInput from the reader passes through.
    """
    yield b'{"displayTimeUnit":"ns","traceEvents":['
    waiting = _names()
    line = TimeLine()
    separator = b""
    for entry in _entries(generations, line):
        waiting.append(entry)
        if len(waiting) >= _ENTRIES_AT_ONCE:
            yield separator + msgspec.json.encode(waiting)[1:-1]
            waiting, separator = [], b",\n"
    waiting += line.ended()
    yield separator + msgspec.json.encode(waiting)[1:-1] + b"]}\n"


def _names() -> list[Entry]:
    processes = (
        (PROCESSORS, "Goroutines by processor (P)"),
        (SYSTEM_CALLS, "System calls by thread (M)"),
        (GARBAGE, "Garbage collector"),
        (USER, "User regions and tasks"),
    )
    entries: list[Entry] = []
    for order, (process, name) in enumerate(processes):
        entries.append({"ph": "M", "pid": process, "name": "process_name", "args": {"name": name}})
        entries.append({"ph": "M", "pid": process, "name": "process_sort_index", "args": {"sort_index": order}})
    for thread, name in ((1, "collections"), (2, "world stopped")):
        entries.append({"ph": "M", "pid": GARBAGE, "tid": thread, "name": "thread_name", "args": {"name": name}})
    return entries


def _entries(generations: Iterable[Generation], line: TimeLine) -> Iterator[Entry]:
    mask = kinds_mask(_KINDS)
    for generation in generations:
        line.enter(generation)
        for block in generation.read_blocks(mask):
            yield from _of_block(block, line)


def _of_block(block: Events, line: TimeLine) -> Iterator[Entry]:
    columns = (block.kind, block.time_ns, block.thread, block.proc, block.goroutine, *block.args)
    for kind, *rest in zip(*(column.tolist() for column in columns), strict=True):
        yield from line.add(NAME[kind], *rest)
