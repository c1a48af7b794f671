"""How processors that allocate wait for one another: throughput and waits by processors, and where the gain ends."""

from __future__ import annotations

import msgspec

from whence.evidence.node_simulation import Range


class ContentionPoint(msgspec.Struct, frozen=True, kw_only=True):
    """One number of processors. Intervals: 90 % of the draws of what is not known."""

    processors: int
    allocations_per_second: Range
    """Of all processors together."""
    wait_ns: Range
    """Queueing of one allocation, on average: central list, heap lock and shared words."""
    central_wait_ns: Range
    heap_wait_ns: Range
    shared_wait_ns: Range
    heap_utilisation: Range
    """Share of the time that the heap lock is held."""
    gain: Range
    """Throughput that this processor added, as a share of what the first alone reaches."""
    extrapolated: bool
    """More processors than the model was calibrated on."""


class ContentionVariant(msgspec.Struct, frozen=True, kw_only=True):
    """One release."""

    go: str
    calibrated_on: str
    """Release whose measured times stand for it."""
    central: str
    """mutex or atomics."""
    capacity: Range
    """Allocations a second that the busiest lock or word lets through with the most processors asked for."""
    binds: str
    """What that is."""
    bends_at: int | None
    """Processors from which on another adds less than half of what the first reaches; null: more than was asked for."""
    bends_at_low: int | None
    bends_at_high: int | None
    bends_rate: Range | None
    """Allocations a second of all processors there."""
    points: tuple[ContentionPoint, ...]
    sentence: str
    warning: str | None = None


class Contention(msgspec.Struct, frozen=True, kw_only=True):
    """A mix of allocations on several releases."""

    schema: str = "whence.contention/1"
    mix: str
    rate: float | None
    """Allocations a second of one processor that nobody disturbs; null: as many as it can."""
    calibrated_processors: tuple[int, int]
    calibrated_host: str
    command: str
    """What measured the calibration."""
    seed: int
    variants: tuple[ContentionVariant, ...]
    notes: tuple[str, ...] = ()
    simulated: bool = True
