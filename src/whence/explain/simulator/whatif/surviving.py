"""Which draws of a run lived to its end: a container may be too small under some draws and not under others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whence.explain.simulator.engine.process_run import Estimate, ProcessRun
from whence.explain.simulator.engine.simulating import OTHER_ERROR, OWN_ERRORS
from whence.explain.simulator.engine.uncertainty import STAND_IN, estimate, source_factor
from whence.explain.simulator.engine.workload import Source

FEWEST = 6
"""Draws that must have survived before their totals are judged."""


def survived(run: ProcessRun) -> NDArray[np.bool_]:
    """Returns for each draw, the first being that of the constants as fitted, whether its memory sufficed."""
    peaks = run.draws["working-set"]
    limit = run.config.container_memory
    return np.ones(len(peaks), dtype=np.bool_) if limit is None else peaks <= limit


def killed_replicas(run: ProcessRun) -> int:
    """Returns how many replicas (draws beside the first) the kernel would have killed."""
    return int(np.count_nonzero(~survived(run)[1:]))


def totals(run: ProcessRun, source: Source, *, stands_in: bool) -> dict[str, Estimate]:
    """Returns the totals over the replicas that survived; over all where none or too few did."""
    alive = survived(run)
    if alive.all() or np.count_nonzero(alive) < FEWEST:
        return run.totals
    factor = source_factor(source) * (STAND_IN if stands_in else 1.0)
    found: dict[str, Estimate] = {}
    for name, values in run.draws.items():
        kept = values[alive]
        centre = values[0] if alive[0] else np.median(kept)
        whole = np.concatenate([[centre], kept[1:] if alive[0] else kept])
        found[name] = estimate(whole, OWN_ERRORS.get(name, OTHER_ERROR) * factor)
    return found
