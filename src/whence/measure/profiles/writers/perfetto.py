"""An execution trace as a time line that Perfetto and chrome://tracing open: JSON of the Trace Event Format.

Tracks: what ran on each processor (P), system calls by thread (M), collections and stopped worlds, assists and
sweeping, the user's own regions and tasks, and counters of the heap. Source: "Trace Event Format" (Chromium project):
X is a slice with its duration, b and e begin and end a slice that may overlap others, C is a counter, i a moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from whence.measure.profiles.readers.damage import DamagedInput
from whence.measure.profiles.readers.trace_columns import Events, Generation, kinds_mask
from whence.measure.profiles.readers.trace_v2_events import CODE
from whence.measure.profiles.writers.time_line import COLLECTIONS, STOPPED, Moment, TimeLine
from whence.measure.profiles.writers.tracks import GARBAGE, PROCESSORS, SYSTEM_CALLS, USER, Entry

_ENTRIES_AT_ONCE = 10_000


def write_perfetto(generations: Iterable[Generation], damaged: Callable[[DamagedInput], None] | None = None) -> bytes:
    """Returns the whole document; see `perfetto_pieces` for one that does not fit in memory."""
    return b"".join(perfetto_pieces(generations, damaged))


def perfetto_pieces(
    generations: Iterable[Generation], damaged: Callable[[DamagedInput], None] | None = None
) -> Iterator[bytes]:
    """Yields the document piece by piece, times in microseconds since the trace began.

    What is still going on when the trace ends is drawn until then. A trace that breaks off is drawn as far as it goes
    when `damaged` is there to be told; otherwise DamagedInput passes through.
    """
    yield b'{"displayTimeUnit":"ns","traceEvents":['
    waiting = _names()
    line = TimeLine()
    separator, last_ns = b"", 0
    try:
        for block in _blocks(generations, line):
            last_ns = max(last_ns, int(block.time_ns.max(initial=0)))
            waiting += _entries(block, line)
            if len(waiting) >= _ENTRIES_AT_ONCE:
                yield separator + msgspec.json.encode(waiting)[1:-1]
                waiting, separator = [], b",\n"
    except DamagedInput as error:
        if damaged is None:
            raise
        damaged(error)
    waiting += line.tracks.ended(last_ns)
    yield (separator if waiting else b"") + msgspec.json.encode(waiting)[1:-1] + b"]}\n"


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
    for thread, name in ((COLLECTIONS, "collections"), (STOPPED, "world stopped")):
        entries.append({"ph": "M", "pid": GARBAGE, "tid": thread, "name": "thread_name", "args": {"name": name}})
    return entries


def _blocks(generations: Iterable[Generation], line: TimeLine) -> Iterator[Events]:
    mask = kinds_mask(list(line.handlers))
    for generation in generations:
        line.enter(generation)
        yield from generation.read_blocks(mask)


def _entries(block: Events, line: TimeLine) -> list[Entry]:
    handlers = {CODE[kind]: handle for kind, handle in line.handlers.items()}
    columns = (block.time_ns, block.thread, block.proc, block.goroutine, *block.args)
    moments = map(Moment._make, zip(*(column.tolist() for column in columns), strict=True))
    entries: list[Entry] = []
    for kind, moment in zip(block.kind.tolist(), moments, strict=True):
        entries += handlers[kind](moment)
    return entries
