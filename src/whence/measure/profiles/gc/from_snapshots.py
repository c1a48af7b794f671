"""Snapshots of runtime/metrics (or MemStats, under the same names) as one run: a row between two of them.

Counters tell what happened in between, gauges what was so at the row's end. The runtime brings /cpu/classes up to date
at the end of each collection only, so CPU is told of the row in which the collection ended.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from whence.evidence.errors import BadInput
from whence.measure.profiles.gc.run import Bounds, Float64, GcRun, PauseHistogram, Releases, exact, unknown
from whence.measure.profiles.readers.snapshot import Histogram, Snapshot

_CYCLES, _FORCED = "/gc/cycles/total:gc-cycles", "/gc/cycles/forced:gc-cycles"
_CPU_TOTAL, _PROCS = "/cpu/classes/total:cpu-seconds", "/sched/gomaxprocs:threads"
_PAUSES = ("/sched/pauses/total/gc:seconds", "/gc/pauses:seconds")
_LIMITER = "/gc/limiter/last-enabled:gc-cycle"
_OFF = 1 << 32
"""GOGC=off is told as the largest number."""


def from_snapshots(snapshots: Sequence[Snapshot]) -> GcRun:
    """Returns the run between the first snapshot and the last; of a single one, since the program's start.

    Raises BadInput when they hold no count of collections, or counters that fall (another program, a restart).
    """
    if not snapshots or not any(_CYCLES in snap.values for snap in snapshots):
        raise BadInput("the metrics hold no count of collections (/gc/cycles/total:gc-cycles, NumGC). Add it.")
    kept = [snap for snap in snapshots if _CYCLES in snap.values]
    kept = [_nothing(), *kept] if len(kept) == 1 else kept
    times, timed, notes = _times(kept)
    cycles = np.array([snap.values[_CYCLES] for snap in kept])
    if (np.diff(cycles) < 0).any():
        raise BadInput("the count of collections falls between two snapshots: they are of different processes. Give"
                       " those of one, in their order.")  # fmt: skip
    procs = _gauge(kept, _PROCS)
    rows = len(kept) - 1
    counts = np.diff(cycles).astype(np.int64)
    pauses, histogram = _pauses(kept)
    forced = _counter(kept, _FORCED)
    limit, gogc = _stated(kept, "/gc/gomemlimit:bytes"), _stated(kept, "/gc/gogc:percent")
    return GcRun(
        source="runtime metrics",
        timed=timed,
        begin_s=float(times[0]),
        finish_s=float(times[-1]),
        number=cycles[1:].astype(np.int64),
        count=counts,
        start_s=times[:-1],
        end_s=times[1:],
        busy_s=np.zeros(rows),
        sweep_pause=unknown(rows),
        mark_pause=pauses,
        assists=exact(_counter(kept, "/cpu/classes/gc/mark/assist:cpu-seconds")),
        background=exact(_counter(kept, "/cpu/classes/gc/mark/dedicated:cpu-seconds")),
        dedicated=unknown(rows),
        fractional=unknown(rows),
        idle=exact(_counter(kept, "/cpu/classes/gc/mark/idle:cpu-seconds")),
        stopped_cpu=exact(_counter(kept, "/cpu/classes/gc/pause:cpu-seconds")),
        heap_start=exact(_gauge(kept, "/memory/classes/heap/objects:bytes")),
        heap_end=unknown(rows),
        live=exact(_gauge(kept, "/gc/heap/live:bytes")),
        goal=exact(_gauge(kept, "/gc/heap/goal:bytes")),
        stacks=exact(_gauge(kept, "/gc/scan/stack:bytes") + _gauge(kept, "/gc/scan/globals:bytes")),
        procs=np.nan_to_num(procs, nan=0.0).astype(np.int64),
        forced=np.where(np.isnan(forced), -1, np.nan_to_num(forced)).astype(np.int64),
        has_memory_limit=limit is not None,
        gogc_percent=None if gogc is None else float("inf") if gogc > _OFF else gogc,
        memory_limit=limit,
        limiter_rows=_limiter(kept, cycles),
        histogram=histogram,
        releases=_releases(kept, times),
        notes=notes,
    )


def _nothing() -> Snapshot:
    """Returns what every counter was when the program started."""
    return Snapshot(time_s=None, values={_CYCLES: 0.0, _FORCED: 0.0, _CPU_TOTAL: 0.0}, pause_total_s=0.0)


def _times(kept: list[Snapshot]) -> tuple[Float64, bool, tuple[str, ...]]:
    """Returns seconds from the first snapshot; told by the CPU counter when the snapshots have no times."""
    told = [snap.time_s for snap in kept]
    if all(time is not None for time in told):
        times = np.array(told, np.float64)
        if (np.diff(times) < 0).any():
            raise BadInput("the snapshots are not in the order of their times. Sort them.")
        # Times since 1970 are told from the first; those since some start are kept.
        return (times - times[0] if times[0] > 1e9 else times), True, ()
    cpu, procs = [snap.values.get(_CPU_TOTAL) for snap in kept], [snap.values.get(_PROCS) for snap in kept]
    if all(value is not None for value in cpu) and procs[-1]:
        times = np.array(cpu, np.float64) / float(procs[-1])
        if (np.diff(times) >= 0).all():
            note = "The snapshots have no times; these are told from the CPU time offered to the program, which is" \
                   " counted up to its last collection."  # fmt: skip
            return times, True, (note,)
    return np.arange(len(kept), dtype=np.float64), False, ("The snapshots have no times.",)


def _gauge(kept: list[Snapshot], name: str) -> Float64:
    return np.array([snap.values.get(name, np.nan) for snap in kept[1:]], np.float64)


def _counter(kept: list[Snapshot], name: str) -> Float64:
    """Returns how much a counter grew in each row; NaN where a snapshot lacks it."""
    first = 0.0 if kept[0].time_s is None and kept[0].values.get(_CYCLES) == 0 and len(kept) == 2 else np.nan
    values = [snap.values.get(name, first if index == 0 else np.nan) for index, snap in enumerate(kept)]
    return np.diff(np.array(values, np.float64))


def _stated(kept: list[Snapshot], name: str) -> float | None:
    return next((snap.values[name] for snap in reversed(kept) if name in snap.values), None)


def _pauses(kept: list[Snapshot]) -> tuple[Bounds, PauseHistogram | None]:
    """Returns the time stopped in each row and how long pauses were: exact sums where counted, else from buckets."""
    name = next((name for name in _PAUSES if name in kept[-1].histograms), None)
    counts, edges = None, None
    if name is not None:
        last = kept[-1].histograms[name]
        same = [_as(snap.histograms.get(name), last) for snap in kept]
        counts, edges = np.diff(np.array(same), axis=0), last.edges
    histogram = None if counts is None or edges is None else PauseHistogram(edges, np.maximum(counts.sum(axis=0), 0))
    sums = [snap.pause_total_s for snap in kept]
    if all(value is not None for value in sums):
        return exact(np.diff(np.array(sums, np.float64))), histogram
    if counts is None or edges is None:
        return unknown(len(kept) - 1), None
    low = np.where(np.isfinite(edges[:-1]), np.maximum(edges[:-1], 0.0), 0.0)
    high = np.where(np.isfinite(edges[1:]), np.maximum(edges[1:], 0.0), low)
    counts = np.maximum(counts, 0)
    return Bounds(counts @ low, counts @ high), histogram


def _as(histogram: Histogram | None, like: Histogram) -> np.ndarray:
    if histogram is None or len(histogram.counts) != len(like.counts):
        return np.zeros_like(like.counts)
    return histogram.counts


def _limiter(kept: list[Snapshot], cycles: Float64) -> np.ndarray | None:
    """Tells in which rows the limiter of the collector's CPU was on for some collection."""
    if not all(_LIMITER in snap.values for snap in kept[1:]):
        return None
    last = _gauge(kept, _LIMITER)
    return (last > cycles[:-1]) & (last <= cycles[1:] + 1) & (last > 0)


def _releases(kept: list[Snapshot], times: Float64) -> Releases:
    released = np.array([snap.values.get("/memory/classes/heap/released:bytes", np.nan) for snap in kept])
    total = np.array([snap.values.get("/memory/classes/total:bytes", np.nan) for snap in kept])
    known = ~np.isnan(released)
    rows = int(known.sum())
    nothing = np.full(rows, np.nan)
    return Releases(
        at_s=times[known],
        released=released[known],
        retained=(total - released)[known],
        background=nothing,
        eager=nothing,
        forced=np.zeros(rows, np.bool_),
        unit=np.zeros(rows),
    )
