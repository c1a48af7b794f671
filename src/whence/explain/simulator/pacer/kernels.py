"""The pacer as a state machine, for all releases: what an event loop calls, in the order in which it calls it.

    c = state[0]                                    # a record of state.PACER, made by pacer.new_state
    update(c, live, scan)                           # whenever a span is refilled or a large object is allocated
    if should_trigger(c): start_cycle(...)          # there, and only there; world stopped
    ... scan work is added to c.heap_scan_work, c.stack_scan_work, c.globals_scan_work and revise(c) called ...
    end_cycle(c, now, procs, user_forced)           # world stopped, mark termination
    reset_live(c, bytes_marked)
    c.pages_swept = 0
    commit(c, False)                                # and again with True as soon as sweeping is done and GOGC changes

Before 1.5 a cycle is end_cycle, reset_live and commit at one moment; from 1.3 on `swept_garbage` lowers the trigger as
garbage is found.
"""

from __future__ import annotations

from numba import njit

from whence.explain.simulator.pacer.kernels_cons_mark import end_cons_mark_cycle
from whence.explain.simulator.pacer.kernels_goal import commit_on_demand, goal_and_minimum_trigger, trigger_on_demand
from whence.explain.simulator.pacer.kernels_numbers import percent_of, to_unsigned
from whence.explain.simulator.pacer.kernels_ratio import (
    commit_ratio,
    end_ratio_cycle,
    grown,
    reset_reachable,
    set_ratio_goal_at_start,
)
from whence.explain.simulator.pacer.kernels_redesign import commit_redesign, set_redesign_goal_at_start
from whence.explain.simulator.pacer.kernels_revise import revise
from whence.explain.simulator.pacer.kernels_sweep import pace_sweeper
from whence.explain.simulator.pacer.kernels_workers import set_workers
from whence.explain.simulator.pacer.state import PacerRecord
from whence.explain.simulator.versions.pacers import Generation, RatioBounds, Reachable

_UNLIMITED = 2**63 - 1
_LAZY = int(Generation.LAZY_STOP)
_RATIO = int(Generation.RATIO)
_REDESIGN = int(Generation.REDESIGN)
_ON_DEMAND = int(Generation.ON_DEMAND)
_MARKED = int(Reachable.MARKED)
_LESS_ALLOCATED = int(Reachable.LESS_ALLOCATED)
_AT_CYCLE_END = int(RatioBounds.ZERO_AT_CYCLE_END)
_MINIMUM_WHEN_OFF = (2**64 - (4 << 20)) // 100
_FIRST_RATIO = 7.0 / 8.0
_PERIOD_NS = 120 * 10**9


@njit(cache=True, error_model="numpy")
def heap_goal(c: PacerRecord) -> int:
    """Returns the heap size in bytes by which the cycle is to be done, now or when it will run; UNLIMITED: no goal."""
    if c.generation == _ON_DEMAND:
        goal, _ = goal_and_minimum_trigger(c)
        return goal
    return c.stored_trigger if c.generation <= _LAZY else c.goal


@njit(cache=True, error_model="numpy")
def trigger(c: PacerRecord) -> int:
    """Returns the heap size in bytes at which a cycle starts; UNLIMITED: none does."""
    if c.generation == _ON_DEMAND:
        at, _ = trigger_on_demand(c)
        return at
    return c.stored_trigger


@njit(cache=True, error_model="numpy")
def should_trigger(c: PacerRecord) -> bool:
    """Returns whether the heap has reached the trigger and no cycle runs."""
    return c.marking == 0 and c.heap_live >= trigger(c)


@njit(cache=True, error_model="numpy")
def periodic_cycle_due(c: PacerRecord, now: int, last_end: int) -> bool:
    """Returns whether a cycle is due because none ended for two minutes (ns; last_end 0: none ended yet)."""
    if c.periodic == 0 or c.gc_percent < 0 or c.marking == 1:
        return False
    return last_end != 0 and now - last_end > _PERIOD_NS


@njit(cache=True, error_model="numpy")
def update(c: PacerRecord, live_bytes: int, scan_bytes: int) -> None:
    """Adds bytes to the live heap (a refilled span's unused slots, a large object) and to its scannable part.

    While marking, the scannable part is fixed from 1.18 on, and the assist ratio follows.
    """
    c.heap_live += live_bytes
    if c.marking == 0 or c.generation < _REDESIGN:
        c.heap_scan += scan_bytes
    if c.marking == 1:
        revise(c)


@njit(cache=True, error_model="numpy")
def commit(c: PacerRecord, sweep_done: bool) -> None:
    """Recomputes trigger, goal, runway, assist ratios and sweep pacing from the state as it is."""
    c.sweep_done = 1 if sweep_done else 0
    if c.generation == _ON_DEMAND:
        commit_on_demand(c)
    elif c.generation == _REDESIGN:
        commit_redesign(c)
    elif c.generation == _RATIO:
        commit_ratio(c)
    else:
        c.stored_trigger = grown(c.heap_live, c.gc_percent)
    if c.marking == 1:
        revise(c)
    if c.generation >= _RATIO:
        pace_sweeper(c, trigger(c))


@njit(cache=True, error_model="numpy")
def set_gc_percent(c: PacerRecord, percent: int, sweep_done: bool) -> None:
    """Sets GOGC (negative: off) and what follows from it."""
    c.gc_percent = percent if percent >= 0 else -1
    c.heap_minimum = c.default_heap_minimum * percent // 100 if percent >= 0 else _MINIMUM_WHEN_OFF
    if c.generation == _RATIO and c.ratio_bounds_rule == _AT_CYCLE_END:
        if c.reachable_rule != _LESS_ALLOCATED and c.trigger_ratio > float(c.gc_percent) / 100.0:
            c.trigger_ratio = float(c.gc_percent) / 100.0
        return
    if c.generation >= _RATIO:
        commit(c, sweep_done)


@njit(cache=True, error_model="numpy")
def set_memory_limit(c: PacerRecord, limit: int, sweep_done: bool) -> None:
    """Sets GOMEMLIMIT in bytes (UNLIMITED: off) and what follows from it; without effect before 1.19."""
    if c.generation == _ON_DEMAND:
        c.memory_limit = limit
        commit(c, sweep_done)


@njit(cache=True, error_model="numpy")
def initialise(c: PacerRecord, gc_percent: int) -> None:
    """Sets the state of a process that starts. The configuration of the release must be in the record."""
    c.triggered = _UNLIMITED
    c.sweep_done = 1
    c.heap_minimum = c.default_heap_minimum
    c.goal = _UNLIMITED
    if c.generation == _RATIO:
        c.trigger_ratio = _FIRST_RATIO
        if c.ratio_bounds_rule != _AT_CYCLE_END:
            c.heap_marked = to_unsigned(float(c.heap_minimum) / (1.0 + c.trigger_ratio))
    set_gc_percent(c, gc_percent, True)
    if c.generation < _RATIO and gc_percent < 0:
        c.stored_trigger = _UNLIMITED
    if c.generation == _RATIO and c.ratio_bounds_rule == _AT_CYCLE_END:
        c.stored_trigger = c.heap_minimum
        if c.reachable_rule == _MARKED and gc_percent >= 0:
            made_up = float(c.stored_trigger) / (1.0 + c.trigger_ratio)
            c.goal = to_unsigned(made_up * (1.0 + float(c.gc_percent) / 100.0))


@njit(cache=True, error_model="numpy")
def start_cycle(c: PacerRecord, now: int, procs: int, periodic: bool = False, stop_the_world: bool = False) -> None:
    """Begins a cycle: work and times at 0, goal, workers and assist ratios set. `now` in ns."""
    if c.generation == _ON_DEMAND:
        c.triggered = c.heap_live if c.triggered_is_live == 1 else trigger(c)
    c.heap_scan_work = 0
    c.stack_scan_work = 0
    c.globals_scan_work = 0
    c.background_scan_credit = 0
    c.assist_time = 0
    c.dedicated_mark_time = 0
    c.fractional_mark_time = 0
    c.idle_mark_time = 0
    c.mark_start_time = now
    c.initial_heap_live = c.heap_live
    c.marking = 1
    if c.generation == _REDESIGN:
        set_redesign_goal_at_start(c)
    elif c.generation == _RATIO:
        set_ratio_goal_at_start(c)
    set_workers(c, procs, periodic, stop_the_world)
    revise(c)


@njit(cache=True, error_model="numpy")
def end_cycle(c: PacerRecord, now: int, procs: int, user_forced: bool) -> None:
    """Learns from the cycle that ends at `now` ns: the next trigger ratio, or the cons/mark estimate."""
    c.last_heap_goal = heap_goal(c)
    duration = now - c.mark_start_time
    utilization = c.background_utilization
    idle_utilization = 0.0
    if duration > 0:
        utilization += float(c.assist_time) / float(duration * procs)
        idle_utilization = float(c.idle_mark_time) / float(duration * procs)
    if c.generation >= _REDESIGN:
        end_cons_mark_cycle(c, utilization, idle_utilization)
    elif c.generation == _RATIO:
        end_ratio_cycle(c, utilization, user_forced)


@njit(cache=True, error_model="numpy")
def reset_live(c: PacerRecord, bytes_marked: int) -> None:
    """Sets the heap to what the cycle marked. Call between end_cycle and commit."""
    if c.generation == _RATIO:
        reset_reachable(c, bytes_marked)
    c.heap_marked = bytes_marked
    c.heap_live = bytes_marked
    c.heap_scan = c.heap_scan_work
    c.last_heap_scan = c.heap_scan_work
    if c.generation == _ON_DEMAND:
        c.last_stack_scan = c.stack_scan_work
    c.triggered = _UNLIMITED
    c.marking = 0
    c.cycles += 1


@njit(cache=True, error_model="numpy")
def swept_garbage(c: PacerRecord, freed_bytes: int) -> None:
    """1.3, 1.4: takes the garbage found in one span (or one large object) off the heap and off the next trigger."""
    c.heap_live -= freed_bytes
    if c.generation == _LAZY:
        c.stored_trigger -= percent_of(freed_bytes, c.gc_percent + 100)
