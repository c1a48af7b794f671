"""Assist ratios during a cycle: how much scan work goes with each allocated byte, by release.

Read at mgc.go (mgcpacer.go from 1.17 on), function revise, of the releases named in versions.pacers.
"""

from __future__ import annotations

from numba import njit

from whence.explain.simulator.pacer.kernels_goal import goal_and_minimum_trigger
from whence.explain.simulator.pacer.kernels_numbers import to_int64
from whence.explain.simulator.pacer.state import PacerRecord
from whence.explain.simulator.versions.pacers import Generation, Revise

_UNLIMITED = 2**63 - 1
_MIB = 1 << 20
_LEAST_WORK = 1000
_OVERSHOOT = 1.1
_PERCENT_WHEN_OFF = 100000
_ON_DEMAND = int(Generation.ON_DEMAND)
_NONE = int(Revise.NONE)
_AT_START = int(Revise.AT_START)
_ALL_SCANNABLE = int(Revise.ALL_SCANNABLE)
_PAST_GOAL_OR_WORK = int(Revise.PAST_GOAL_OR_WORK)
_EXTRAPOLATED = int(Revise.EXTRAPOLATED)


@njit(cache=True, error_model="numpy")
def revise_at_start(c: PacerRecord) -> None:
    """1.5: all scannable bytes over the growth planned at the start of the cycle."""
    distance = max(c.goal - c.initial_heap_live, _MIB)
    c.assist_work_per_byte = float(c.heap_scan) / float(distance)
    c.assist_bytes_per_work = float(distance) / float(c.heap_scan)


@njit(cache=True, error_model="numpy")
def expected_and_goal_ratio(c: PacerRecord, work: int) -> tuple[int, int]:
    """1.6-1.17: returns the scan work expected in all and the goal to finish at."""
    if c.revise_rule == _ALL_SCANNABLE:
        return c.heap_scan, c.goal
    percent = c.gc_percent if c.gc_percent >= 0 else _PERCENT_WHEN_OFF
    expected = to_int64(float(c.heap_scan) * 100.0 / float(100 + percent))
    past = c.heap_live > c.goal or (c.revise_rule == _PAST_GOAL_OR_WORK and work > expected)
    if past:
        return c.heap_scan, to_int64(float(c.goal) * _OVERSHOOT)
    return expected, c.goal


@njit(cache=True, error_model="numpy")
def expected_and_goal_extrapolated(c: PacerRecord, work: int) -> tuple[int, int]:
    """1.18+: returns the scan work expected in all and the goal to finish at.

    Work beyond the last cycle's means that the heap grows; the goal then moves out by as much as keeps the ratio flat.
    """
    if c.generation == _ON_DEMAND:
        goal, _ = goal_and_minimum_trigger(c)
        stacks = c.max_stack_scan
        triggered = c.triggered
    else:
        goal = c.goal
        stacks = c.last_stack_scan
        triggered = c.stored_trigger
    expected = c.last_heap_scan + c.last_stack_scan + c.globals_scan
    most = c.heap_scan + stacks + c.globals_scan
    if work > expected:
        percent = c.gc_percent if c.gc_percent >= 0 else _PERCENT_WHEN_OFF
        extended = to_int64(float(goal - triggered) / float(expected) * float(most)) + triggered
        expected = most
        hard = to_int64((1.0 + float(percent) / 100.0) * float(goal))
        goal = min(extended, hard)
    if c.heap_live > goal:
        goal = to_int64(float(goal) * _OVERSHOOT)
        expected = most
    return expected, goal


@njit(cache=True, error_model="numpy")
def revise(c: PacerRecord) -> None:
    """Sets assist_work_per_byte and assist_bytes_per_work from the heap, the work done and the goal as they are now."""
    if c.revise_rule == _NONE:
        return
    if c.revise_rule == _AT_START:
        revise_at_start(c)
        return
    work = c.heap_scan_work  # up to 1.17 stacks and globals are no scan work
    if c.revise_rule == _EXTRAPOLATED:
        work += c.stack_scan_work + c.globals_scan_work
        expected, goal = expected_and_goal_extrapolated(c, work)
        unlimited = c.generation != _ON_DEMAND and c.goal == _UNLIMITED
        if unlimited:
            expected = c.heap_scan + c.last_stack_scan + c.globals_scan
    else:
        expected, goal = expected_and_goal_ratio(c, work)
        unlimited = c.goal == _UNLIMITED
        if unlimited:
            expected = c.heap_scan
    remaining = max(expected - work, _LEAST_WORK)
    # Without a goal the runtime's is -1 as a signed number: every byte allocated asks for all the work that is left.
    distance = 1 if unlimited else max(goal - c.heap_live, 1)
    c.assist_work_per_byte = float(remaining) / float(distance)
    c.assist_bytes_per_work = float(distance) / float(remaining)
