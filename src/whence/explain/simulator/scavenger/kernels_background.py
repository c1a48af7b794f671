"""The background scavenger of 1.14 to 1.27 as a state machine that an event loop steps.

`pace` sets the goals at the end of a collection; `step` is called when the scavenger wakes, by itself or because
sweeping has ended (sysmon wakes it then), and says when it wakes next. How long a page takes to give back is the
caller's to say, as it is a cost of the machine.
"""

# Numba gives the numbers of arrays their types, which pyright takes for arrays.
# pyright: reportArgumentType=false, reportReturnType=false, reportCallIssue=false

from __future__ import annotations

import numpy as np

from whence.explain.simulator.pages import kernels_heap as heap_of
from whence.explain.simulator.pages import kernels_scavenge as scavenger
from whence.explain.simulator.pages import layout as at
from whence.explain.simulator.pages.compiling import kernel
from whence.explain.simulator.pages.state import Heap
from whence.explain.simulator.scavenger import kernels_goals as goals
from whence.explain.simulator.scavenger import kernels_rest as rests
from whence.explain.simulator.scavenger.rules import AVERAGE

QUANTUM_BYTES = 64 << 10
NEVER = (1 << 63) - 1
"""The scavenger is parked: only the end of sweeping wakes it."""
_NOT_SLEEPING = -1.0


@kernel
def pace(heap: Heap, limit_rule: int, last_in_use: int, heap_goal: int, last_heap_goal: int) -> None:
    """Sets both goals of the heap, as the end of marking does.

    `last_in_use` is what the spans of objects hold at that moment, before anything is swept; `last_heap_goal` the goal
    of the cycle that ends (0 at the start of the program), `heap_goal` that of the next one. `mark_finished` of the
    heap comes after this; the scavenger is woken when sweeping has ended, in 1.14 at once.
    """
    account = heap.heap
    account[at.PERCENT_GOAL] = goals.percent_goal(last_in_use, heap_goal, last_heap_goal, heap_of.retained_bytes(heap))
    account[at.LIMIT_GOAL] = goals.limit_goal(limit_rule, account[at.MEMORY_LIMIT], heap_of.mapped_ready_bytes(heap))
    if account[at.SCAVENGE_BY] == scavenger.BY_ADDRESS and account[at.PERCENT_GOAL] != at.NO_GOAL:
        scavenger.restart_address(heap.pages)


@kernel
def enough(heap: Heap) -> bool:
    """Tells whether both goals are met."""
    account = heap.heap
    if heap_of.retained_bytes(heap) > account[at.PERCENT_GOAL]:
        return False
    return heap_of.mapped_ready_bytes(heap) <= account[at.LIMIT_GOAL]


@kernel
def step(
    heap: Heap, rest: np.ndarray, now_ns: int, page_ns: float, call_ns: float, processors: int, budget_bytes: int
) -> tuple[int, int]:
    """Does one piece of work at `now_ns`: returns (bytes given back, when to be called again, NEVER when parked).

    Giving back n pages of 8 KiB in one call takes `call_ns` + n·`page_ns`. At most `budget_bytes` go.
    """
    if rest[rests.SLEEPING_SINCE] >= 0:
        rests.slept(rest, rest[rests.WORKED_NS], float(now_ns) - rest[rests.SLEEPING_SINCE], processors)
        rest[rests.SLEEPING_SINCE] = _NOT_SLEEPING
    one_page = rest[rests.KIND] == AVERAGE
    quantum = at.PHYSICAL_PAGE_BYTES if one_page else QUANTUM_BYTES
    released, worked = 0, 0.0
    while worked < rests.LEAST_WORK_NS and released < budget_bytes and not enough(heap):
        went = heap_of.release(heap, quantum, False)
        worked += call_ns + page_ns * (went // at.PAGE_BYTES)
        released += went
        if one_page or went < quantum:
            break
    if released == 0:
        return 0, NEVER
    heap.heap[at.RELEASED_BACKGROUND] += released
    rest[rests.WORKED_NS] = worked
    rest[rests.SLEEPING_SINCE] = float(now_ns) + worked
    return released, now_ns + int(worked) + rests.sleep_for(rest, worked)
