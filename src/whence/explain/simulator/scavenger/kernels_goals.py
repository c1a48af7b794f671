"""Kernels that say how many bytes the scavenger leaves with the process, at the end of each collection.

The meaning is that of gcPaceScavenger in runtime/mgcscavenge.go. Sizes are bytes; NO_GOAL means that nothing is to be
given back.
"""

# Numba gives the numbers of arrays their types, which pyright takes for arrays.
# pyright: reportArgumentType=false, reportReturnType=false, reportCallIssue=false

from __future__ import annotations

from whence.explain.simulator.pages import layout as at
from whence.explain.simulator.pages.compiling import kernel
from whence.explain.simulator.scavenger.rules import LIMIT_NEVER, LIMIT_TIMES_95

_FAR = 9.2e18


@kernel
def raised(size: int) -> int:
    """Returns `size` and 10 % of it, in whole physical pages: what a scavenger retains."""
    goal = size + size // 10
    return (goal + at.PHYSICAL_PAGE_BYTES - 1) // at.PHYSICAL_PAGE_BYTES * at.PHYSICAL_PAGE_BYTES


@kernel
def percent_goal(last_in_use: int, heap_goal: int, last_heap_goal: int, retained: int) -> int:
    """Returns the bytes to retain: the spans in use at the end of marking, scaled as the heap goal grew, and 10 %.

    1.14 to 1.27, with the goal that the cycle now ended had as `last_heap_goal`: 0 until the first one has ended, when
    there is no goal yet.
    """
    if last_heap_goal == 0:
        return at.NO_GOAL
    goal = raised(int(float(last_in_use) * (float(heap_goal) / float(last_heap_goal))))
    return at.NO_GOAL if retained - goal < at.PHYSICAL_PAGE_BYTES else goal


@kernel
def limit_goal(rule: int, memory_limit: int, mapped_ready: int) -> int:
    """Returns the mapped bytes above which the background scavenger works for the memory limit (1.19 and later)."""
    if rule == LIMIT_NEVER:
        return at.NO_GOAL
    goal = float(memory_limit) * (95.0 if rule == LIMIT_TIMES_95 else 0.95)
    if goal >= _FAR or mapped_ready <= int(goal):
        return at.NO_GOAL
    return int(goal)
