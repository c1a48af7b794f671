"""The pacer of Go 1.18: a runway from the cons/mark ratio, trigger and goal stored when a cycle ends.

Read at go1.18.10 mgcpacer.go: startCycle, commit.
"""

from __future__ import annotations

from numba import njit

from whence.explain.simulator.pacer.kernels_numbers import percent_of, to_unsigned
from whence.explain.simulator.pacer.state import PacerRecord

_UNLIMITED = 2**63 - 1
_SWEEP_DISTANCE = 1 << 20


@njit(cache=True, error_model="numpy")
def goal_with_roots(c: PacerRecord) -> int:
    """Returns heap_marked plus GOGC per cent of heap, stacks and globals; UNLIMITED if GOGC is off."""
    if c.gc_percent < 0:
        return _UNLIMITED
    return c.heap_marked + percent_of(c.heap_marked + c.last_stack_scan + c.globals_scan, c.gc_percent)


@njit(cache=True, error_model="numpy")
def runway_bytes(c: PacerRecord) -> int:
    """Returns the heap growth expected while the last cycle's scan work is done at the goal utilisation."""
    rate = c.cons_mark * (1.0 - c.goal_utilization) / c.goal_utilization
    return to_unsigned(rate * float(c.last_heap_scan + c.last_stack_scan + c.globals_scan))


@njit(cache=True, error_model="numpy")
def commit_redesign(c: PacerRecord) -> None:
    """Recomputes stored_trigger and goal."""
    goal = goal_with_roots(c)
    if goal == _UNLIMITED:
        # The runtime's numbers here are beyond any heap; none of them is ever reached.
        c.goal = _UNLIMITED
        c.stored_trigger = _UNLIMITED
        return
    smallest = c.heap_minimum
    if c.sweep_done == 0:
        smallest = max(smallest, c.heap_live + _SWEEP_DISTANCE)
    smallest = max(smallest, to_unsigned(0.7 * float(goal - c.heap_marked)) + c.heap_marked)

    largest_runway = to_unsigned(0.95 * float(goal - c.heap_marked))
    if goal > c.heap_minimum:
        largest_runway = max(largest_runway, goal - c.heap_minimum)
    largest = max(largest_runway + c.heap_marked, smallest)

    runway = runway_bytes(c)
    trigger = smallest if runway > goal else goal - runway
    c.stored_trigger = min(max(trigger, smallest), largest)
    c.goal = max(goal, c.stored_trigger)


@njit(cache=True, error_model="numpy")
def set_redesign_goal_at_start(c: PacerRecord) -> None:
    """Keeps the goal a minimum distance above the heap at the start of a cycle, and takes the stacks as they are."""
    c.last_stack_scan = c.max_stack_scan
    if c.goal < c.heap_live + c.minimum_goal_distance:
        c.goal = c.heap_live + c.minimum_goal_distance
