"""The background scavengers of Go 1.1 to 1.13 as state machines that an event loop steps.

1.1 to 1.12 look at all free spans every so often (`step_tick`); 1.13 follows a line from what is retained down to its
goal (`pace_by_rate`, `step_by_rate`). Times are nanoseconds, sizes bytes. The meaning is that of MHeap_Scavenger
(mheap.c, 1.1 to 1.3), sysmon (proc.c and proc.go, 1.4 to 1.12) and bgscavenge (mgcscavenge.go, 1.13).
"""

# Numba gives the numbers of arrays their types, which pyright takes for arrays.
# pyright: reportArgumentType=false, reportReturnType=false, reportCallIssue=false

from __future__ import annotations

import numpy as np

from whence.explain.simulator.pages import kernels_older as heaps
from whence.explain.simulator.pages import layout as at
from whence.explain.simulator.pages.compiling import kernel
from whence.explain.simulator.pages.kernels_older import OlderHeap
from whence.explain.simulator.scavenger import kernels_goals as goals
from whence.explain.simulator.scavenger import kernels_rest as rests
from whence.explain.simulator.scavenger.kernels_background import NEVER
from whence.explain.simulator.scavenger.rules import NEXT_COLLECTION


@kernel
def step_tick(heap: OlderHeap, now_ns: int, last_ns: int, tick_ns: int, idle_ns: int) -> tuple[int, int, int]:
    """Looks at the free spans when a tick has passed: returns (bytes given back, time of this look, next look).

    `last_ns` is the time of the last look, at first that of the start. The 1.4 to 1.12 system monitor itself sleeps up
    to a minute while nothing runs, so that a real look may come that much later.
    """
    if now_ns - last_ns <= tick_ns:
        return 0, last_ns, last_ns + tick_ns + 1
    went = heaps.scavenge_idle(heap, now_ns, idle_ns)
    heap.heap[at.RELEASED_BACKGROUND] += went
    return went, now_ns, now_ns + tick_ns + 1


@kernel
def free_os_memory(heap: OlderHeap, now_ns: int) -> int:
    """Gives every free span back (debug.FreeOSMemory, after its collection): returns the bytes that went."""
    return heaps.scavenge_idle(heap, now_ns, -(1 << 62))


@kernel
def pace_by_rate(
    heap: OlderHeap, rest: np.ndarray, goal_rule: int, last_in_use: int, next_gc: int, last_next_gc: int, now_ns: int
) -> None:
    """Sets the goal and the line towards it at the end of a collection (gcPaceScavenger, 1.13).

    The goal also limits growth, so it is kept where there is nothing to do in the background.
    """
    if last_next_gc == 0:
        rest[rests.BYTES_PER_NS] = 0.0
        return
    retained = heap.heap[at.IN_USE_BYTES] + heap.heap[at.FREE_BYTES]
    if goal_rule == NEXT_COLLECTION:
        goal = goals.raised(next_gc)
    else:
        goal = goals.raised(int(float(last_in_use) * (float(next_gc) / float(last_next_gc))))
    heap.heap[at.PERCENT_GOAL] = goal
    huge = heaps.huge_pages_unscavenged(heap)
    rests.set_rate(rest, retained, goal, huge, now_ns, at.PHYSICAL_PAGE_BYTES)


@kernel
def step_by_rate(heap: OlderHeap, rest: np.ndarray, now_ns: int, budget_bytes: int) -> tuple[int, int]:
    """Gives back what is behind the line at `now_ns`: returns (bytes given back, next time, NEVER when parked)."""
    account = heap.heap
    retained = account[at.IN_USE_BYTES] + account[at.FREE_BYTES]
    rate = rest[rests.BYTES_PER_NS]
    if rate == 0.0 or retained <= account[at.PERCENT_GOAL]:
        return 0, NEVER
    due = min(rests.due_by_rate(rest, retained, now_ns), budget_bytes)
    went = heaps.scavenge_by_address(heap, due) if due > 0 else 0
    if went == 0:
        wait = rest[rests.RETRY_NS]
        rest[rests.RETRY_NS] = wait * 2
        return 0, now_ns + int(wait)
    account[at.RELEASED_BACKGROUND] += went
    rest[rests.RETRY_NS] = rests.LEAST_SLEEP_NS
    ahead = int(float(went - due) / rate)
    # Without a lead it only yields; the next look comes as soon as the line has moved by a page.
    return went, now_ns + max(ahead, int(float(at.PAGE_BYTES) / rate) if ahead <= rests.LEAST_SLEEP_NS else ahead, 1)
