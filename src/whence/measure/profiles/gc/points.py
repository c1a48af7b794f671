"""The run as points for a picture: every collection while they are few, several in a row as one when they are many."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from whence.evidence.gc_story import Point, Release
from whence.measure.profiles.gc.run import Float64, GcRun

MOST_POINTS = 2000


def points(run: GcRun, most: int = MOST_POINTS) -> tuple[Point, ...]:
    """Returns at most `most` points in time order; each stands for equally many rows (the last for what is left)."""
    step = max(1, math.ceil(len(run) / most))
    columns = _columns(run)
    return tuple(_point(run, columns, slice(a, min(a + step, len(run)))) for a in range(0, len(run), step))


def releases(run: GcRun, most: int = MOST_POINTS) -> tuple[Release, ...]:
    """Returns at most `most` of the reports on memory given back, evenly chosen."""
    found = run.releases
    rows = np.arange(0, len(found.at_s), max(1, math.ceil(len(found.at_s) / most)))
    return tuple(
        Release(
            at_s=float(found.at_s[row]), released=_finite(found.released[row]), retained=_finite(found.retained[row])
        )
        for row in rows.tolist()
        if not (math.isnan(found.released[row]) and math.isnan(found.retained[row]))
    )


class _Columns(NamedTuple):
    """The middles of all bounds, row by row."""

    heap_start: Float64
    heap_end: Float64
    live: Float64
    goal: Float64
    stopped: Float64
    longest: Float64
    assists: Float64
    background: Float64
    idle: Float64


def _columns(run: GcRun) -> _Columns:
    heaps = (run.heap_start.middle, run.heap_end.middle, run.live.middle, run.goal.middle)
    longest = np.fmax(run.sweep_pause.middle, run.mark_pause.middle)
    return _Columns(*heaps, run.pauses.middle, longest, run.assists.middle, run.background.middle, run.idle.middle)


def _point(run: GcRun, columns: _Columns, rows: slice) -> Point:
    single = bool((run.count[rows] <= 1).all())
    return Point(
        from_s=float(run.start_s[rows.start]),
        to_s=float(run.end_s[rows.stop - 1]),
        cycles=int(run.count[rows].sum()),
        forced=int(np.maximum(run.forced[rows], 0).sum()),
        heap_start=_largest(columns.heap_start[rows]),
        heap_end=_largest(columns.heap_end[rows]),
        live=_largest(columns.live[rows]),
        live_low=_smallest(columns.live[rows]),
        goal=_largest(columns.goal[rows]),
        stopped=_sum(columns.stopped[rows]) or 0.0,
        longest_pause=_largest(columns.longest[rows]) if single else None,
        assists=_sum(columns.assists[rows]),
        background=_sum(columns.background[rows]),
        idle=_sum(columns.idle[rows]),
    )


def _largest(values: Float64) -> float | None:
    return None if np.isnan(values).all() else float(np.nanmax(values))


def _smallest(values: Float64) -> float | None:
    return None if np.isnan(values).all() else float(np.nanmin(values))


def _sum(values: Float64) -> float | None:
    return None if np.isnan(values).all() else float(np.nansum(values))


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
