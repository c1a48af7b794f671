"""A simulation that is quick and counts itself; alone, so that workers start quickly."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np

from whence.evidence.errors import BadInput
from whence.explain.simulator.engine.config import Config
from whence.explain.simulator.engine.process_run import TOTALS, Estimate, ProcessRun, Series
from whence.explain.simulator.engine.workload import Workload
from whence.explain.simulator.sweeping.computing import How


def quick(workload: Workload, config: Config, how: How) -> ProcessRun:
    """A run of made-up numbers, drawn from what is asked alone; writes down that it was computed, and where."""
    folder = os.environ.get("COUNTED_IN")
    if folder:
        time.sleep(0.05)
        path = Path(folder) / f"{config.go}-{config.gogc}-{workload.live_bytes}"
        with path.open("a") as file:
            file.write(f"{os.getpid()}\n")
    if config.gogc == 66:
        raise BadInput("66 is not simulated. Take 67.")
    random = np.random.default_rng([how.seed, config.gogc + 1, workload.live_bytes])
    numbers = random.random((len(TOTALS), 3))
    column = random.random(50)
    return ProcessRun(
        workload=workload.name, config=config, seed=how.seed, mode=how.mode,
        totals={name: Estimate(*row) for name, row in zip(TOTALS, numbers, strict=True)},
        series=Series(*([column] * len(Series._fields))),
        draws={"rss": column}, oom_seconds=None, warnings=(),
    )  # fmt: skip
