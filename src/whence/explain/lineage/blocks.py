"""The timed blocks: in each, every part of every release runs once, in a random order, with a calibration spin beside.

This is the lab's own executor on the lab's own journal. A block is not repeated when calibration finds the host
disturbed: with dozens of runs in a block some spin always is. The spins stand in the journal and in the report.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence

from whence.evidence.comparison import Plan
from whence.explain.lineage.metrics import METRICS, Part
from whence.explain.lineage.programs import TIMEOUT_S, Program, arms
from whence.explain.lineage.running import run_part
from whence.measure.lab.calibrate import Calibrator
from whence.measure.lab.executor import Execution, Listener
from whence.measure.lab.launch import Arm, Runner, RunOptions
from whence.measure.lab.plan import make_plan
from whence.store.journal import Journal

FEWEST_BLOCKS = 2
"""So many are measured however long they take."""


def plan_of(prepared: Sequence[Arm], *, blocks: int, seed: int) -> Plan:
    """Returns the plan; more blocks of the same seed begin with the same orders."""
    return make_plan(
        variants=[arm.variant for arm in prepared],
        pairs=blocks,
        seed=seed,
        metrics=tuple(metric.name for metric in METRICS),
        warmup=0,
        timeout_s=TIMEOUT_S,
        affinity=tuple(sorted(os.sched_getaffinity(0))),
        max_repeats=0,
    )


def run_blocks(
    programs: Sequence[Program],
    journal: Journal,
    *,
    blocks: int,
    seed: int,
    left_s: float,
    on_event: Listener,
    arguments: dict[Part, tuple[str, ...]] | None = None,
    runner: Runner = run_part,
    calibrator: Calibrator | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """Runs the blocks that the journal does not hold; returns how many it holds then.

    Stops between blocks, once there are two, when another one would not fit into `left_s` seconds.
    """
    prepared = arms(tuple(programs), arguments or {})
    plan = plan_of(prepared, blocks=blocks, seed=seed)
    options = RunOptions(timeout_s=TIMEOUT_S, exit_stop=False, affinity=plan.affinity)
    execution = Execution(plan, prepared, runner, options, journal, on_event=on_event, calibrator=calibrator)
    begun, longest = clock(), 0.0
    for number in range(1, blocks + 1):
        before, held = clock(), execution.blocks_done
        if held >= FEWEST_BLOCKS and before - begun + longest > left_s:
            break
        execution.run_until(number)
        if execution.blocks_done > held:
            longest = max(longest, clock() - before)
    return execution.blocks_done
