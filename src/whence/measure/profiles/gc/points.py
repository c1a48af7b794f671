"""The run as points for a picture: every collection while they are few, several in a row as one when they are many."""

from __future__ import annotations

import math

import numpy as np

from whence.evidence.gc_story import Point, Release
from whence.measure.profiles.gc.run import Bounds, Float64, GcRun

MOST_POINTS = 2000


def points(run: GcRun, most: int = MOST_POINTS) -> tuple[Point, ...]:
    """Returns at most `most` points in time order; each stands for equally many rows (the last for what is left)."""
    step = max(1, math.ceil(len(run) / most))
    return tuple(_point(run, slice(first, min(first + step, len(run)))) for first in range(0, len(run), step))


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


def _point(run: GcRun, rows: slice) -> Point:
    last = rows.stop - 1
    pauses = run.pauses.middle[rows]
    single = bool((run.count[rows] <= 1).all())
    longest = np.fmax(run.sweep_pause.middle[rows], run.mark_pause.middle[rows])
    return Point(
        from_s=float(run.start_s[rows.start]),
        to_s=float(run.end_s[last]),
        cycles=int(run.count[rows].sum()),
        forced=int(np.maximum(run.forced[rows], 0).sum()),
        heap_start=_largest(run.heap_start, rows),
        heap_end=_largest(run.heap_end, rows),
        live=_largest(run.live, rows),
        live_low=_smallest(run.live.middle[rows]),
        goal=_largest(run.goal, rows),
        stopped=float(np.nansum(pauses)),
        longest_pause=_finite(np.nanmax(longest)) if single and not np.isnan(longest).all() else None,
        assists=_sum(run.assists, rows),
        background=_sum(run.background, rows),
        idle=_sum(run.idle, rows),
    )


def _largest(bounds: Bounds, rows: slice) -> float | None:
    values = bounds.middle[rows]
    return None if np.isnan(values).all() else float(np.nanmax(values))


def _smallest(values: Float64) -> float | None:
    return None if np.isnan(values).all() else float(np.nanmin(values))


def _sum(bounds: Bounds, rows: slice) -> float | None:
    values = bounds.middle[rows]
    return None if np.isnan(values).all() else float(np.nansum(values))


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
