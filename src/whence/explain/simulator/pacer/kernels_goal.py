"""Goal and trigger of Go 1.19 and later, computed whenever they are asked for, under GOGC and GOMEMLIMIT.

Read at mgcpacer.go of go1.19.13 to go1.27.4: heapGoalInternal, memoryLimitHeapGoal, trigger, commit.
"""

from __future__ import annotations

from numba import njit

from whence.explain.simulator.pacer.kernels_redesign import goal_with_roots, runway_bytes
from whence.explain.simulator.pacer.state import PacerRecord

_UNLIMITED = 2**63 - 1
_SWEEP_DISTANCE = 1 << 20
_MINIMUM_HEADROOM = 1 << 20


@njit(cache=True, error_model="numpy")
def memory_limit_goal(c: PacerRecord) -> int:
    """Returns the heap goal that the memory limit leaves: the limit less all memory that is not heap objects or could
    not become such, less what the limit is exceeded by already, less headroom; at least heap_marked."""
    not_heap = c.mapped_ready - c.heap_free - c.heap_alloc
    overage = max(c.mapped_ready - c.memory_limit, 0)
    if not_heap + overage >= c.memory_limit:
        return c.heap_marked
    goal = c.memory_limit - (not_heap + overage)
    headroom = max(goal // 100 * c.headroom_percent, _MINIMUM_HEADROOM)
    goal = headroom if goal < headroom or goal - headroom < headroom else goal - headroom
    return max(goal, c.heap_marked)


@njit(cache=True, error_model="numpy")
def goal_and_minimum_trigger(c: PacerRecord) -> tuple[int, int]:
    """Returns the heap goal and the least trigger that sweeping asks for (0 when the memory limit decides)."""
    goal = c.gc_percent_heap_goal
    limited = memory_limit_goal(c)
    if limited < goal:
        return limited, 0
    goal = max(goal, c.sweep_minimum_trigger)
    if c.triggered != _UNLIMITED:
        goal = max(goal, c.triggered + c.minimum_goal_distance)
    return goal, c.sweep_minimum_trigger


@njit(cache=True, error_model="numpy")
def trigger_on_demand(c: PacerRecord) -> tuple[int, int]:
    """Returns the heap size that starts a cycle, and the goal it is for."""
    goal, smallest = goal_and_minimum_trigger(c)
    if c.heap_marked >= goal:
        return goal, goal
    part = (goal - c.heap_marked) // 64
    smallest = max(smallest, c.heap_marked, part * 45 + c.heap_marked)
    largest = part * 61 + c.heap_marked
    if goal > c.default_heap_minimum:
        largest = max(largest, goal - c.default_heap_minimum)
    largest = max(largest, smallest)
    trigger = smallest if c.runway > goal else goal - c.runway
    return min(max(trigger, smallest), largest), goal


@njit(cache=True, error_model="numpy")
def commit_on_demand(c: PacerRecord) -> None:
    """Recomputes what goal and trigger are made of: the GOGC goal, the runway, the room for sweeping."""
    c.sweep_minimum_trigger = 0 if c.sweep_done == 1 else c.heap_live + _SWEEP_DISTANCE
    c.gc_percent_heap_goal = max(goal_with_roots(c), c.heap_minimum)
    c.runway = runway_bytes(c)
