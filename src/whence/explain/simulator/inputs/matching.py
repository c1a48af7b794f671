"""Makes a profiled program mark as many live bytes as the real one marked.

What a profile and /gc/heap/live:bytes call live is what the last collection marked: the objects alive, and all that was
allocated while it marked. Fed back as objects alive, the latter would count twice. So the replaced objects are scaled
until the simulated run, under the settings that the profile was made with, marks the same.
"""

from __future__ import annotations

import msgspec
import numpy as np

from whence.explain.simulator.engine.config import Config
from whence.explain.simulator.engine.process_run import ProcessRun
from whence.explain.simulator.engine.simulating import simulate
from whence.explain.simulator.engine.workload import Workload

ROUNDS = 6
LEAST, MOST = 0.02, 1.5
CLOSE = 0.02
DAMPING = 0.7
FEWEST_CYCLES = 3


def match_live(program: Workload, config: Config, live_bytes: float) -> Workload:
    """Returns the program with its replaced objects scaled; itself where nothing collects or nothing is replaced."""
    replaced = sum(kind.live * kind.size_bytes for kind in program.kinds if kind.rate)
    if config.gogc < 0 or not replaced or live_bytes <= 0:
        return program
    factor = 1.0
    for _ in range(ROUNDS):
        marked = marked_bytes(simulate(scaled(program, factor), config, draws=0))
        if marked is None or abs(marked / live_bytes - 1) < CLOSE:
            break
        change = (live_bytes - marked) / replaced
        factor = min(MOST, max(LEAST, factor + DAMPING * change))
    return scaled(program, factor)


def marked_bytes(run: ProcessRun) -> float | None:
    """Returns what the run marks on average once it is steady, None with fewer than 3 collections.

    Taken from the goals: goal = marked × (1 + GOGC/100) above the least heap, where stacks and globals are small.
    """
    cycles, goals = run.series.cycles, run.series.heap_goal
    if not len(cycles) or cycles[-1] < FEWEST_CYCLES:
        return None
    changes = np.flatnonzero(np.diff(cycles) > 0) + 1
    later = changes[len(changes) // 3 :]
    return float(np.mean(goals[later])) / (1 + run.config.gogc / 100)


def scaled(program: Workload, factor: float) -> Workload:
    kinds = tuple(
        msgspec.structs.replace(kind, live=round(kind.live * factor)) if kind.rate else kind for kind in program.kinds
    )
    return msgspec.structs.replace(program, kinds=kinds)
