"""The pacer by trigger ratio, Go 1.5 to 1.17: feedback on the heap growth at which a cycle starts.

Read at mgc.go of the releases named in versions.pacers (mgcpacer.go in 1.17). Every function takes the record of
state.PACER by reference.
"""

from __future__ import annotations

from numba import njit

from whence.explain.simulator.pacer.kernels_numbers import percent_of, to_unsigned
from whence.explain.simulator.pacer.state import PacerRecord
from whence.explain.simulator.versions.pacers import RatioBounds, Reachable, SweepDistance

_UNLIMITED = 2**63 - 1
_MIB = 1 << 20
_TRIGGER_GAIN = 0.5
_NO_REACHABLE = int(Reachable.MARKED)
_LESS_ALLOCATED = int(Reachable.LESS_ALLOCATED)
_LESS_ALLOCATED_CLAMPED = int(Reachable.LESS_ALLOCATED_CLAMPED)
_AT_CYCLE_END = int(RatioBounds.ZERO_AT_CYCLE_END)
_ZERO = int(RatioBounds.ZERO)
_SIX_TENTHS = int(RatioBounds.SIX_TENTHS)
_ALWAYS_SCALED = int(SweepDistance.ALWAYS_SCALED)
_SCALED = int(SweepDistance.SCALED)


@njit(cache=True, error_model="numpy")
def grown(base: int, gc_percent: int) -> int:
    """Returns base + base*GOGC/100 with the product taken as an unsigned 64-bit number; UNLIMITED if GOGC is off."""
    if gc_percent < 0:
        return _UNLIMITED
    return base + percent_of(base, gc_percent)


@njit(cache=True, error_model="numpy")
def set_ratio_goal_at_start(c: PacerRecord) -> None:
    """Sets the goal of the cycle that starts now (1.5-1.12 afresh, 1.13+ only the distance to the heap)."""
    if c.fakes_small_heap == 1:
        if c.stored_trigger <= c.heap_minimum:
            c.heap_marked = to_unsigned(float(c.stored_trigger) / (1.0 + c.trigger_ratio))
            c.heap_reachable = c.heap_marked
        base = c.heap_marked if c.reachable_rule == _NO_REACHABLE else c.heap_reachable
        c.goal = grown(base, c.gc_percent)
    if c.minimum_goal_distance > 0 and c.goal < c.heap_live + c.minimum_goal_distance:
        c.goal = c.heap_live + c.minimum_goal_distance


@njit(cache=True, error_model="numpy")
def end_ratio_cycle(c: PacerRecord, utilization: float, user_forced: bool) -> None:
    """Corrects the trigger ratio by how far the cycle grew the heap and how much CPU it took."""
    if user_forced and c.forced_keeps_ratio == 1:
        return
    goal_growth = float(c.gc_percent) / 100.0
    if c.effective_growth == 1:
        goal_growth = float(c.goal - c.heap_marked) / float(c.heap_marked)
        if goal_growth < 0.0:
            goal_growth = 0.0
    growth = float(c.heap_live) / float(c.heap_marked) - 1.0
    error = goal_growth - c.trigger_ratio - utilization / c.goal_utilization * (growth - c.trigger_ratio)
    c.trigger_ratio += _TRIGGER_GAIN * error
    if c.ratio_bounds_rule == _AT_CYCLE_END:
        if c.trigger_ratio < 0.0:
            c.trigger_ratio = 0.0
        elif c.trigger_ratio > goal_growth * 0.95:
            c.trigger_ratio = goal_growth * 0.95


@njit(cache=True, error_model="numpy")
def bound_ratio(c: PacerRecord) -> None:
    """Brings the trigger ratio into the range of the release (1.9+; before, the end of a cycle does it)."""
    if c.ratio_bounds_rule == _AT_CYCLE_END:
        return
    if c.ratio_bounds_rule == _ZERO:
        if c.trigger_ratio < 0.0:
            c.trigger_ratio = 0.0
        elif c.gc_percent >= 0:
            largest = 0.95 * float(c.gc_percent) / 100.0
            if c.trigger_ratio > largest:
                c.trigger_ratio = largest
        return
    if c.gc_percent >= 0:
        scale = float(c.gc_percent) / 100.0
        largest = 0.95 * scale
        if c.trigger_ratio > largest:
            c.trigger_ratio = largest
        smallest = 0.6 if c.ratio_bounds_rule == _SIX_TENTHS else 0.6 * scale
        if c.trigger_ratio < smallest:
            c.trigger_ratio = smallest
    elif c.trigger_ratio < 0.0:
        c.trigger_ratio = 0.0


@njit(cache=True, error_model="numpy")
def sweep_minimum(c: PacerRecord) -> int:
    """Returns the least trigger that leaves room to sweep, 0 where the release asks for none now."""
    if c.sweep_distance_rule == _ALWAYS_SCALED or (c.sweep_distance_rule == _SCALED and c.sweep_done == 0):
        return c.heap_live + _MIB * c.gc_percent // 100
    if c.sweep_distance_rule != _SCALED and c.sweep_done == 0:
        return c.heap_live + _MIB
    return 0


@njit(cache=True, error_model="numpy")
def commit_ratio(c: PacerRecord) -> None:
    """Recomputes trigger and goal from heap_marked (heap_reachable before 1.8), ratio and GOGC."""
    bound_ratio(c)
    base = c.heap_marked if c.reachable_rule == _NO_REACHABLE else c.heap_reachable
    c.stored_trigger = _UNLIMITED
    if c.gc_percent >= 0:
        trigger = to_unsigned(float(base) * (1.0 + c.trigger_ratio))
        c.stored_trigger = max(trigger, c.heap_minimum, sweep_minimum(c))
    if c.reachable_rule == _NO_REACHABLE:
        c.goal = max(grown(c.heap_marked, c.gc_percent), c.stored_trigger)


@njit(cache=True, error_model="numpy")
def reset_reachable(c: PacerRecord, bytes_marked: int) -> None:
    """Sets the base of trigger and goal before 1.8, from the heap at the end of the cycle and what was marked."""
    if c.reachable_rule == _LESS_ALLOCATED or c.reachable_rule == _LESS_ALLOCATED_CLAMPED:
        allocated = c.heap_live - c.initial_heap_live
        if c.heap_live < c.initial_heap_live:
            # As an unsigned number the difference is huge in 1.5, so nothing seems reachable; 1.6 takes it as 0.
            allocated = _UNLIMITED if c.reachable_rule == _LESS_ALLOCATED else 0
        c.heap_reachable = bytes_marked - allocated if bytes_marked >= allocated else 0
    else:
        c.heap_reachable = bytes_marked
