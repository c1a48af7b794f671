"""One run's collections as columns, whatever they were read from.

A row is one collection or, where a source tells only sums, all collections between two moments. Numbers that a source
cut or put into buckets have a lower and an upper bound; exact ones have the same twice; NaN is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whence.evidence.gc_story import Source

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


class Bounds(NamedTuple):
    """Lower and upper bounds of the same numbers, row by row."""

    low: Float64
    high: Float64

    @property
    def middle(self) -> Float64:
        return (self.low + self.high) / 2

    @property
    def known(self) -> bool:
        """Tells that some row has a number."""
        return bool(len(self.low)) and not bool(np.isnan(self.low).all())

    def plus(self, other: Bounds) -> Bounds:
        return Bounds(self.low + other.low, self.high + other.high)

    def take(self, rows: slice | NDArray[np.integer] | NDArray[np.bool_]) -> Bounds:
        return Bounds(self.low[rows], self.high[rows])


def exact(values: Float64) -> Bounds:
    return Bounds(values, values)


def unknown(rows: int) -> Bounds:
    return exact(np.full(rows, np.nan))


class PauseHistogram(NamedTuple):
    """Pauses that a source has counted in buckets: `counts[i]` lie in edges[i] (s) up to edges[i + 1]."""

    edges_s: Float64
    counts: Int64


class Releases(NamedTuple):
    """Reports on memory given back to the system, in time order; bytes, NaN where unknown."""

    at_s: Float64
    released: Float64
    retained: Float64
    background: Float64
    """Given back since the report before."""
    eager: Float64
    forced: NDArray[np.bool_]
    unit: Float64
    """The true amount is less than this above the one told."""


def no_releases() -> Releases:
    empty = np.zeros(0)
    return Releases(empty, empty, empty, empty, empty, np.zeros(0, np.bool_), empty)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class GcRun:
    """Columns of one run; times in seconds, heaps in bytes, all of one length."""

    source: Source
    timed: bool
    """False: there are no times, `start_s` counts collections."""
    begin_s: float
    """From when on everything was seen."""
    finish_s: float
    number: Int64
    """Number of the (last) collection of the row."""
    count: Int64
    """Collections in the row."""
    start_s: Float64
    end_s: Float64
    """End of the row's last collection."""
    busy_s: Float64
    """Time within the row during which a collection was running."""
    sweep_pause: Bounds
    """World stopped to end sweeping and begin marking; NaN where a source has only the sum, in `mark_pause`."""
    mark_pause: Bounds
    """World stopped to end marking."""
    assists: Bounds
    """CPU seconds; so the next ones."""
    background: Bounds
    dedicated: Bounds
    fractional: Bounds
    idle: Bounds
    stopped_cpu: Bounds
    heap_start: Bounds
    heap_end: Bounds
    live: Bounds
    goal: Bounds
    stacks: Bounds
    """Stacks and globals, which count towards the goal from Go 1.18 on."""
    procs: Int64
    forced: Int64
    """Collections of the row that the program asked for; -1 where a source does not say."""
    has_memory_limit: bool
    """The release knows GOMEMLIMIT, as far as the source shows."""
    printed_percent: int | None = None
    gogc_percent: float | None = None
    """Where the source states it; inf for off."""
    memory_limit: float | None = None
    limiter_rows: NDArray[np.bool_] | None = None
    """Rows in which the source says that the collector's CPU limiter was on."""
    histogram: PauseHistogram | None = None
    releases: Releases = field(default_factory=no_releases)
    missing: int = 0
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.number)

    @property
    def goal_of_next(self) -> bool:
        """Tells that a row's goal was set from the live heap of the row before, as gctrace prints it."""
        return self.source != "runtime metrics"

    @property
    def goal_basis(self) -> slice:
        """Returns the rows whose live heaps the goals were set from."""
        return slice(0, -1) if self.goal_of_next else slice(0, None)

    @property
    def closed(self) -> bool:
        """Tells that more was seen behind the last row, so that its period is known."""
        return len(self) > 0 and (self.finish_s > self.end_s[-1] or self.source == "runtime metrics")

    @property
    def pauses(self) -> Bounds:
        """Returns the time stopped a row, both kinds together."""
        sweep = Bounds(*(np.nan_to_num(side, nan=0.0) for side in self.sweep_pause))
        return sweep.plus(self.mark_pause)

    @property
    def period_s(self) -> Float64:
        """Returns the time from each row's start to the next one's (the last: to the end of what was seen)."""
        return np.diff(np.append(self.start_s, max(self.finish_s, self.end_s[-1]))) if len(self) else np.zeros(0)

    @property
    def collecting_cpu(self) -> Bounds:
        """Returns CPU seconds a row without idle marking."""
        return self.assists.plus(self.background).plus(self.stopped_cpu)
