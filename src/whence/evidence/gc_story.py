"""What the collector did in one run, and what it limited when.

The JSON form of `GCStory` is `whence.profile-gc/1`; fields may be added, their meaning never changes. Amounts are in
base units (seconds, bytes, counts, shares from 0 to 1). An amount whose source cuts or buckets its numbers carries the
interval that the true one lies in; `low` and `high` are null when it is exact. What a source cannot tell is null.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Source = Literal["gctrace", "execution trace", "runtime metrics"]
Unit = Literal["s", "B", "count", "share", "cpu-s", "1/s"]
StretchKind = Literal[
    "memory-limit", "cpu-limiter", "assist", "stopped", "back-to-back", "growth", "idle"
]  # fmt: skip


class Amount(msgspec.Struct, frozen=True, kw_only=True):
    """One number. `value` is the best estimate, in the middle of the interval where there is one."""

    value: float
    unit: Unit
    low: float | None = None
    high: float | None = None


class Quantile(msgspec.Struct, frozen=True, kw_only=True):
    """The amount that a share `of` of all is at or below."""

    of: float
    amount: Amount


class CycleCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many collections there were. `total` counts those that were seen; `missing` those known to lack."""

    total: int
    forced: int | None = None
    """By a call of runtime.GC or debug.FreeOSMemory."""
    periodic: int | None = None
    """Because two minutes had passed without one (inferred where the source does not say)."""
    missing: int = 0
    rate: Amount | None = None


class Pauses(msgspec.Struct, frozen=True, kw_only=True):
    """Time in which the world was stopped for a collection. `each`: what the quantiles are over."""

    total: Amount
    sweep_termination: Amount | None = None
    mark_termination: Amount | None = None
    each: Literal["pause", "cycle"] = "pause"
    count: int = 0
    quantiles: tuple[Quantile, ...] = ()
    longest: Amount | None = None
    longest_at_s: float | None = None
    share_of_time: Amount | None = None


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """CPU time that collections took. `share`: of what the processors had, without idle marking, which took only time
    that nothing else wanted."""

    stopped: Amount | None = None
    assists: Amount | None = None
    background: Amount | None = None
    """Dedicated and fractional marking together."""
    dedicated: Amount | None = None
    fractional: Amount | None = None
    idle: Amount | None = None
    share: Amount | None = None
    idle_share: Amount | None = None
    printed_share: Amount | None = None
    """What the runtime itself printed last, where it does."""


class Heap(msgspec.Struct, frozen=True, kw_only=True):
    """Live is what marking found; the peak is the heap at the end of marking, before sweeping."""

    live_first: Amount | None = None
    live_median: Amount | None = None
    live_peak: Amount | None = None
    live_last: Amount | None = None
    peak: Amount | None = None
    peak_at_s: float | None = None
    goal_peak: Amount | None = None
    goal_last: Amount | None = None
    overshoots: int | None = None
    """Collections that ended with the heap surely above their goal."""
    worst_overshoot: Amount | None = None
    gogc_percent: float | None = None
    """As given, as a source states it, or as goals follow live heaps; null when it cannot be known."""
    gogc_known_from: Literal["given", "stated", "inferred"] | None = None
    memory_limit: Amount | None = None


class Scavenging(msgspec.Struct, frozen=True, kw_only=True):
    """Memory given back to the system."""

    lines: int
    """How many reports there were."""
    forced: int = 0
    background: Amount | None = None
    """Given back by the background scavenger, or by whomever where a source does not tell."""
    eager: Amount | None = None
    """Given back by allocations near the memory limit and on request."""
    released_last: Amount | None = None
    released_peak: Amount | None = None
    retained_last: Amount | None = None
    retained_peak: Amount | None = None


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """One named number of the evidence for a stretch."""

    name: str
    amount: Amount


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which one thing limited the program. Stretches of different kinds may overlap.

    memory-limit: the heap goal was set by GOMEMLIMIT, not by GOGC. cpu-limiter: the collector was at its cap of half
    the CPU. assist: allocating goroutines spent much of the CPU marking. stopped: the world was stopped for much of
    the time. back-to-back: a collection was running nearly always. growth: the live heap rose. idle: no collection.
    """

    kind: StretchKind
    from_s: float
    to_s: float
    cycles: int
    evidence: str
    measures: tuple[Measure, ...] = ()


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One collection, or several in a row, for the picture over time. Heaps in bytes, times in seconds.

    Of several: pauses and CPU are sums, heaps and goals the largest, `live_low` the smallest live heap.
    """

    from_s: float
    to_s: float
    """End of the last collection of this point."""
    cycles: int = 1
    forced: int = 0
    heap_start: float | None = None
    heap_end: float | None = None
    live: float | None = None
    live_low: float | None = None
    goal: float | None = None
    stopped: float = 0.0
    longest_pause: float | None = None
    assists: float | None = None
    background: float | None = None
    idle: float | None = None


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """What was given back to the system at one moment (bytes); `retained`: obtained and not given back."""

    at_s: float
    released: float | None = None
    retained: float | None = None


class GCStory(msgspec.Struct, frozen=True, kw_only=True):
    """One run. Times run from the program's start where the source knows it, else from its first moment."""

    schema: str = "whence.profile-gc/1"
    source: Source
    sentence: str
    timed: bool = True
    """False for logs of Go 1.4 and older, which have no times: `from_s` of points counts collections then."""
    from_s: float = 0.0
    to_s: float = 0.0
    processors: int | None = None
    cycles: CycleCounts
    pauses: Pauses | None = None
    work: Work | None = None
    heap: Heap | None = None
    scavenging: Scavenging | None = None
    stretches: tuple[Stretch, ...] = ()
    points: tuple[Point, ...] = ()
    releases: tuple[Release, ...] = ()
    notes: tuple[str, ...] = ()
