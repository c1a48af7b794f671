"""How many mark workers run, by release: dedicated, fractional and idle ones.

Read at mgc.go (mgcpacer.go from 1.17 on), startCycle, findRunnableGCWorker and the idle worker functions of 1.19.
"""

from __future__ import annotations

from numba import njit

from whence.explain.simulator.pacer.state import PacerRecord
from whence.explain.simulator.versions.pacers import Workers

_NONE = int(Workers.NONE)
_ONE_FRACTIONAL = int(Workers.ONE_FRACTIONAL)
_LARGEST_ERROR = 0.3


@njit(cache=True, error_model="numpy")
def set_workers(c: PacerRecord, procs: int, periodic: bool, stop_the_world: bool) -> None:
    """Sets the workers that the cycle needs on `procs` processors.

    periodic: the cycle was started by the two-minute timer. stop_the_world: GODEBUG=gcstoptheworld, 1.12 and later.
    """
    c.fractional_workers_needed = 0
    c.fractional_utilization_goal = 0.0
    if c.worker_rule == _NONE:
        c.dedicated_workers_needed = procs
        c.max_idle_workers = 0
        return
    goal = float(procs) * c.background_utilization
    if c.worker_rule == _ONE_FRACTIONAL:
        dedicated = int(goal)
        c.fractional_utilization_goal = goal - float(dedicated)
        c.fractional_workers_needed = 1 if c.fractional_utilization_goal > 0.0 else 0
    else:
        dedicated = int(goal + 0.5)
        error = float(dedicated) / goal - 1.0
        if error < -_LARGEST_ERROR or error > _LARGEST_ERROR:
            if float(dedicated) > goal:
                dedicated -= 1
            c.fractional_utilization_goal = (goal - float(dedicated)) / float(procs)
        if stop_the_world:
            dedicated = procs
            c.fractional_utilization_goal = 0.0
    c.dedicated_workers_needed = dedicated
    c.max_idle_workers = procs
    if c.limits_idle_workers == 1:
        c.max_idle_workers = procs - dedicated
        if periodic:
            c.max_idle_workers = 0 if dedicated > 0 else 1


@njit(cache=True, error_model="numpy")
def wants_fractional_worker(c: PacerRecord, now: int, fractional_time_here: int) -> bool:
    """Returns whether a processor that ran fractional work for `fractional_time_here` ns in this cycle is to run more.

    Up to 1.9 `fractional_time_here` is that of the whole process.
    """
    if c.fractional_utilization_goal == 0.0:
        return False
    elapsed = now - c.mark_start_time
    return not (elapsed > 0 and float(fractional_time_here) / float(elapsed) > c.fractional_utilization_goal)


@njit(cache=True, error_model="numpy")
def add_idle_worker(c: PacerRecord) -> bool:
    """Counts one more idle worker and returns True, or returns False when the cap is reached."""
    if c.idle_workers >= c.max_idle_workers:
        return False
    c.idle_workers += 1
    return True


@njit(cache=True, error_model="numpy")
def remove_idle_worker(c: PacerRecord) -> None:
    """Counts one idle worker less."""
    c.idle_workers -= 1
