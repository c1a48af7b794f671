"""What a simulated process came to: totals with intervals under the names of metrics, and columns over time."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from whence.explain.simulator.engine.config import Config

Mode = Literal["fluid", "events"]

TOTALS = {
    "gc-cycles": "",
    "rss": "B",
    "rss-peak": "B",
    "working-set": "B",
    "heap-live": "B",
    "heap-inuse": "B",
    "heap-goal": "B",
    "heap-peak": "B",
    "cpu": "s",
    "wall": "s",
    "alloc-cpu": "s",
    "gc-cpu": "s",
    "assist-cpu": "s",
    "scavenge-cpu": "s",
    "pause-total": "s",
    "pause-max": "s",
    "scavenged": "B",
    "allocated": "B",
    "overshot-cycles": "",
}
"""Units of the totals. rss, heap-*: when the process ends; rss-peak as VmHWM; heap-peak: mean heap at the end of
marking; overshot-cycles: share of cycles that end more than 5 % above their goal; working-set: peak of what the kernel
charges to a container and a kubelet counts."""


class Estimate(NamedTuple):
    """A value and its 90 % interval."""

    value: float
    low: float
    high: float


class Series(NamedTuple):
    """The run over time, columns of one length, in order of time."""

    seconds: NDArray[np.float64]
    heap_live: NDArray[np.float64]
    heap_goal: NDArray[np.float64]
    heap_inuse: NDArray[np.float64]
    rss: NDArray[np.float64]
    released: NDArray[np.float64]
    """Bytes of the heap that are given back (HeapReleased without what was never used)."""
    cycles: NDArray[np.float64]
    scavenged: NDArray[np.float64]
    """Bytes given back so far by the background scavenger and by allocators."""


class ProcessRun(NamedTuple):
    """One simulated process."""

    workload: str
    config: Config
    seed: int
    mode: Mode
    totals: dict[str, Estimate]
    """By the names of TOTALS, in base units."""
    series: Series
    """Of the run with the constants as fitted."""
    draws: dict[str, NDArray[np.float64]]
    """The totals under each draw of the uncertain constants; draw i means the same in every configuration."""
    oom_seconds: float | None
    """When the container's memory was exceeded, None if it never was."""
    warnings: tuple[str, ...]
