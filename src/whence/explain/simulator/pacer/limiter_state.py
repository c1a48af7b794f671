"""The state of the limiter of the collector's CPU (Go 1.19 and later): one record with named fields."""

from __future__ import annotations

from typing import Protocol, TypeAlias, get_type_hints

import numpy as np
from numpy.typing import NDArray

CAPACITY_PER_PROCESSOR = 10**9
"""CPU-ns of the bucket for each processor: one second."""
UPDATE_PERIOD_NS = 10_000_000
"""Time without an update after which the scheduler makes one."""


class LimiterRecord(Protocol):
    """A leaky bucket: the collector's CPU time fills it, the program's drains it; full, it stops assists."""

    fill: int
    """CPU-ns in the bucket, at most `capacity`."""
    capacity: int
    overflow: int
    """CPU-ns that did not fit."""
    limiting: int
    """1: assists and scavenging on allocation are suspended."""
    collecting: int
    """1: a cycle runs, background workers take their share."""
    transitioning: int
    """1: between start_transition and finish_transition, the world is stopped."""
    processors: int
    last_update: int
    """ns."""
    assist_time: int
    """CPU-ns of assists (and of scavenging on allocation) since the last update."""
    idle_time: int
    """CPU-ns of idle processors and idle mark workers since the last update."""


LIMITER = np.dtype([(name, np.int64) for name in get_type_hints(LimiterRecord)])

LimiterState: TypeAlias = NDArray[np.void]
"""An array of shape (1,) and type LIMITER."""
