"""Objects that no heap profile has: those that joined a tiny block which another had opened.

Only the object that opens a 16-byte block is charged, with all 16 bytes (runtime/malloc.go: the tiny path returns
before `profilealloc`); which place opens is a matter of phase and changes from run to run. So a place that opened
some blocks made at least as many objects, and at most that many plus all that joined anywhere. How many joined in all
is known from the runtime's totals or from a trace; else each block of 16 bytes holds at most 16 objects.
"""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np

from whence.evidence.profile_sites import Range
from whence.golang.size_classes import TINY_BYTES
from whence.measure.profiles.sites import counts
from whence.measure.profiles.sites.trace_types import TracedTypes

MOST_IN_BLOCK = TINY_BYTES
Source = Literal["runtime totals", "trace", "bound"]


class RuntimeTotals(msgspec.Struct, frozen=True, kw_only=True):
    """What the runtime itself counted by the time of the profile: /gc/heap/tiny/allocs:objects, or MemStats.Mallocs."""

    tiny_allocs: int | None = None
    """Objects that joined a tiny block."""
    mallocs: int | None = None
    """All objects, those included."""


class Coalesced(msgspec.Struct, frozen=True, kw_only=True):
    """How many objects joined, and how that is known."""

    objects: Range
    source: Source


def coalesced(
    recorded: counts.Estimates, opened: counts.Estimates, totals: RuntimeTotals | None, trace: TracedTypes | None
) -> Coalesced:
    """Returns the objects that joined tiny blocks. `recorded`: all of the profile; `opened`: those in 16-byte slots."""
    if totals is not None and totals.tiny_allocs is not None:
        return Coalesced(objects=_exactly(totals.tiny_allocs), source="runtime totals")
    if totals is not None and totals.mallocs is not None:
        high = max(totals.mallocs - _sum(recorded.low), 0)
        low, value = max(totals.mallocs - _sum(recorded.high), 0), max(totals.mallocs - _sum(recorded.value), 0)
        return Coalesced(objects=Range(value=value, low=low, high=high), source="runtime totals")
    if trace is not None and trace.has_coalesced:
        return Coalesced(objects=_exactly(trace.coalesced), source="trace")
    high = (MOST_IN_BLOCK - 1) * _sum(opened.high)
    # One joining for each that opens is the middle of what programs do: two objects of 8 bytes.
    return Coalesced(objects=Range(value=min(_sum(opened.value), high), low=0, high=high), source="bound")


def with_joined(
    total: counts.Estimates, opened: counts.Estimates, joined: Range
) -> tuple[counts.Estimates, counts.Estimates]:
    """Returns all objects of each place, those that joined blocks included, and its share of all objects.

    The value gives each place as many of those that joined as it has of the blocks; the limits give it none, or all.
    A place without a 16-byte slot in the profile is taken to have none.
    """
    may = opened.high > 0
    part = np.divide(opened.value, max(opened.value.sum(), 1e-300))
    value = total.value + part * joined.value
    high = total.high + np.where(may, joined.high, 0)
    whole = counts.Estimates(value, total.low, high)
    sampled = counts.shares(total)
    everything = max(total.value.sum() + joined.value, 1e-300)
    most, least = total.value.sum() + joined.high, total.value.sum() + joined.low
    # Sampling moves the share of what was recorded; joining then moves it by as much as it can.
    low = np.minimum(sampled.low * total.value.sum() / max(most, 1e-300), value / everything)
    recorded_high = sampled.high * total.value.sum()
    top = np.where(
        may,
        np.maximum(recorded_high + joined.high, 0) / max(most, 1e-300),
        recorded_high / max(least, 1e-300),
    )
    return whole, counts.Estimates(value / everything, low, np.clip(np.maximum(top, value / everything), 0, 1))


def _exactly(number: float) -> Range:
    return Range(value=number, low=number, high=number)


def _sum(column: counts.Float64) -> float:
    return float(column.sum())
