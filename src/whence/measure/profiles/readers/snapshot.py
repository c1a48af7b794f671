"""What a Go program counts about itself at one moment, under the names of the package runtime/metrics.

MemStats, expvar and Prometheus say the same things under other names; their readers translate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Histogram(NamedTuple):
    """`counts[i]` lie in edges[i] up to edges[i + 1]; the outer edges may be infinite. Counts grow with time."""

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]


class RecentPauses(NamedTuple):
    """The last pauses that MemStats keeps, oldest first: one a collection, all its stops together."""

    end_s: NDArray[np.float64]
    """Since 1970; 0 where a release keeps none."""
    pause_s: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """One moment. `values` and `histograms` by runtime/metrics name (`/gc/heap/goal:bytes`)."""

    time_s: float | None
    """As the source has it: since 1970, or since some start; None where it has none."""
    values: Mapping[str, float]
    histograms: Mapping[str, Histogram] = field(default_factory=dict)
    mallocs: float | None = None
    """Objects allocated as MemStats has it: those that joined a tiny block too, which runtime/metrics counts apart."""
    pause_total_s: float | None = None
    collecting_share: float | None = None
    """Share of the CPU in collections since the program's start, as MemStats has it."""
    recent: RecentPauses | None = None
    go: str | None = None
    """The release, where the source says."""

    def __len__(self) -> int:
        return len(self.values) + len(self.histograms)


def read_time(value: object) -> float | None:
    """Returns seconds of a number (s, ms, µs or ns since 1970 told by its size) or of an ISO 8601 text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        number = float(value)
        for limit, unit in ((1e17, 1e-9), (1e14, 1e-6), (1e11, 1e-3)):
            if number >= limit:
                return number * unit
        return number if number == number and abs(number) < 1e11 else None
    if isinstance(value, str) and len(value) < 64:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return None
