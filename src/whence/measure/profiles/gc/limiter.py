"""When the runtime's limiter of the collector's CPU was on (Go 1.19 and later).

The limiter keeps a bucket: CPU time of collections flows in, what is left for the program flows out, and its capacity
is one second for each processor. While the bucket is full, goroutines that allocate no longer help marking and the
heap grows beyond the limit, so that collections take about half of the CPU at most (`mgclimit.go`). A source that says
when it was on is believed; else the bucket is filled here from the printed CPU times. Marking that only idle
processors did counts on neither side.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.gc.run import GcRun

CAPACITY_S = 1.0
"""CPU seconds a processor."""


def limiter_on(run: GcRun) -> NDArray[np.bool_]:
    """Returns the rows at whose end the bucket was full."""
    if run.limiter_rows is not None:
        return run.limiter_rows
    on = np.zeros(len(run), np.bool_)
    if not run.has_memory_limit or not run.collecting_cpu.known:
        return on
    collecting = np.nan_to_num(run.collecting_cpu.middle, nan=0.0)
    rest = np.maximum(run.procs * run.period_s - collecting - np.nan_to_num(run.idle.middle, nan=0.0), 0.0)
    fill = 0.0
    for row, (inflow, outflow, procs) in enumerate(
        zip(collecting.tolist(), rest.tolist(), run.procs.tolist(), strict=True)
    ):
        capacity = CAPACITY_S * procs
        fill = min(max(fill + inflow - outflow, 0.0), capacity)
        on[row] = capacity > 0 and fill >= capacity
    return on
