"""What a program's own counters say for a simulation: rates, live bytes by size, settings, CPU, how long it ran.

Counts of objects and bytes made are exact. Two snapshots give rates over the time between them; one gives the mean
since the start, for which the time must be known: from the counters of CPU (/cpu/classes/total is GOMAXPROCS × time),
or from the user.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from whence.evidence.errors import BadInput
from whence.golang.size_classes import NEWEST, table_of
from whence.golang.versions import BadVersion, parse_release
from whence.measure.profiles.readers.snapshot import Histogram, Snapshot

ALLOCATED, FREED = "/gc/heap/allocs-by-size:bytes", "/gc/heap/frees-by-size:bytes"
BYTES, OBJECTS = "/gc/heap/allocs:bytes", "/gc/heap/allocs:objects"
LIVE, IN_HEAP = "/gc/heap/live:bytes", "/memory/classes/heap/objects:bytes"
GOGC_OFF = 1 << 31
LIMIT_OFF = 1 << 62
_BUSY = (
    "/cpu/classes/user:cpu-seconds",
    "/cpu/classes/gc/total:cpu-seconds",
    "/cpu/classes/scavenge/total:cpu-seconds",
)


class SizeRow(NamedTuple):
    """Objects of one size."""

    size_bytes: int
    rate: float
    """Objects a second."""
    live: float


class Counters(msgspec.Struct, frozen=True, kw_only=True):
    """What the counters tell; None where they do not."""

    seconds: float | None
    """The time that the rates are over."""
    alloc_rate: float | None
    """Bytes a second."""
    allocated_bytes: float | None
    live_bytes: float | None
    pointer_share: float | None
    """Scannable share of the live heap."""
    sizes: tuple[SizeRow, ...] = ()
    globals_bytes: int | None = None
    stack_bytes: int | None = None
    goroutines: int | None = None
    processors: int | None = None
    gogc: str | None = None
    memory_limit: str | None = None
    user_cores: float | None = None
    """Ps that the program kept busy itself, allocating included: on a busy host more than cores."""
    user_share: float | None = None
    """Of the time of busy Ps, that of the program itself; the rest is the collector's."""
    idle_share: float | None = None
    """Of the time of all Ps, that with nothing to do."""
    cycles_per_second: float | None = None
    go: str | None = None


def counters_of(snapshots: Sequence[Snapshot], seconds: float | None = None) -> Counters:
    """Returns what the first and the last snapshot tell; `seconds`: how long the program ran, or lay between them.

    Raises BadInput when there is none.
    """
    if not snapshots:
        raise BadInput("the metrics hold no Go metrics. Scrape /metrics or /debug/vars of the program.")
    last = snapshots[-1]
    first = snapshots[0] if len(snapshots) > 1 else None
    time_s = _seconds(first, last, seconds)
    get = last.values.get
    made = _difference(first, last, BYTES)
    live = get(LIVE) or get(IN_HEAP)
    scan, heap = get("/gc/scan/heap:bytes"), get(LIVE) or get(IN_HEAP)
    return Counters(
        seconds=time_s,
        alloc_rate=made / time_s if made is not None and time_s else None,
        allocated_bytes=made,
        live_bytes=live,
        pointer_share=min(1.0, scan / heap) if scan and heap else None,
        sizes=_sizes(first, last, time_s, live),
        globals_bytes=_whole(get("/gc/scan/globals:bytes")),
        stack_bytes=_whole(get("/gc/scan/stack:bytes")),
        goroutines=_whole(get("/sched/goroutines:goroutines")),
        processors=_whole(get("/sched/gomaxprocs:threads")),
        gogc=_gogc(get("/gc/gogc:percent")),
        memory_limit=_limit(get("/gc/gomemlimit:bytes")),
        user_cores=_rate(first, last, "/cpu/classes/user:cpu-seconds", time_s),
        user_share=_share(first, last, "/cpu/classes/user:cpu-seconds", _BUSY),
        idle_share=_share(first, last, "/cpu/classes/idle:cpu-seconds", ("/cpu/classes/total:cpu-seconds",)),
        cycles_per_second=_rate(first, last, "/gc/cycles/total:gc-cycles", time_s),
        go=_release(last.go),
    )


def _seconds(first: Snapshot | None, last: Snapshot, given: float | None) -> float | None:
    if given is not None:
        return given
    if first is not None and first.time_s is not None and last.time_s is not None and last.time_s > first.time_s:
        return last.time_s - first.time_s
    cpu = _difference(first, last, "/cpu/classes/total:cpu-seconds")
    processors = last.values.get("/sched/gomaxprocs:threads")
    return cpu / processors if cpu and processors else None


def _difference(first: Snapshot | None, last: Snapshot, name: str) -> float | None:
    after = last.values.get(name)
    if after is None or first is None:
        return after
    before = first.values.get(name)
    return None if before is None or before > after else after - before


def _rate(first: Snapshot | None, last: Snapshot, name: str, seconds: float | None) -> float | None:
    made = _difference(first, last, name)
    return made / seconds if made is not None and seconds else None


def _share(first: Snapshot | None, last: Snapshot, part: str, whole: tuple[str, ...]) -> float | None:
    parts = [_difference(first, last, name) for name in (part, *whole)]
    found = [value for value in parts if value is not None]
    total = sum(found[1:])
    return found[0] / total if len(found) == len(parts) and total > 0 else None


def _sizes(
    first: Snapshot | None, last: Snapshot, seconds: float | None, live_bytes: float | None
) -> tuple[SizeRow, ...]:
    """Returns the size classes by the runtime's histograms; large objects stand as one row of their mean size.

    Live are those made less those freed, at whichever moment of a cycle: scaled to the live bytes where these are
    known.
    """
    made, freed = last.histograms.get(ALLOCATED), last.histograms.get(FREED)
    if made is None or freed is None or not seconds:
        return ()
    before = None if first is None else first.histograms.get(ALLOCATED)
    counts = _counts(made) - (_counts(before) if before is not None else 0)
    present = np.maximum(_counts(made) - _counts(freed), 0)
    sizes = _slot_sizes(made)
    if len(counts) != len(sizes) or len(present) != len(sizes):
        return ()
    bytes_made, large = last.values.get(BYTES), float(_counts(made)[-1])
    if bytes_made is not None and large > 0:
        sizes[-1] = max((bytes_made - float(_counts(made)[:-1] @ sizes[:-1])) / large, sizes[-1])
    total = float(present @ sizes)
    factor = live_bytes / total if live_bytes and total else 1.0
    return tuple(
        SizeRow(int(size), max(float(count), 0.0) / seconds, float(here) * factor)
        for size, count, here in zip(sizes, counts, present, strict=True)
        if count > 0 or here > 0
    )


def _counts(histogram: Histogram) -> NDArray[np.float64]:
    return histogram.counts.astype(np.float64)


def _slot_sizes(histogram: Histogram) -> NDArray[np.float64]:
    """Returns the size of each bucket's objects: the slot that ends below its upper edge; 64 KiB for large ones."""
    slots = np.array(table_of(NEWEST).slots[1:], dtype=np.float64)
    found: list[float] = []
    for low, high in zip(histogram.edges[:-1], histogram.edges[1:], strict=True):
        inside = slots[(slots < high) & (slots >= max(low, 0.0))]
        found.append(
            float(inside.max()) if len(inside) else max(float(low), 1.0) if np.isinf(high) else float(high) - 1
        )
    return np.array(found)


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _gogc(value: float | None) -> str | None:
    if value is None:
        return None
    return "off" if value < 0 or value >= GOGC_OFF else str(round(value))


def _limit(value: float | None) -> str | None:
    return None if value is None or value >= LIMIT_OFF else str(round(value))


def _release(text: str | None) -> str | None:
    try:
        return None if text is None else parse_release(text).text
    except BadVersion:
        return None
