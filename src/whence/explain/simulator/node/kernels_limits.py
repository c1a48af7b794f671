"""What cgroup v2 and the kernel do at their limits: the sleep above memory.high, and whom the OOM killer takes.

In meaning from mm/memcontrol.c (calculate_high_delay, mem_cgroup_handle_over_high) and mm/oom_kill.c (oom_badness).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from whence.explain.simulator.node import fields as f

_PRECISION_SHIFT = 20
_SCALING_SHIFT = 14
_LONGEST_SECONDS = 2


@njit(cache=True)
def high_delay_ns(usage: int, high: int, pages: int, batch_pages: int, ticks_per_second: int) -> int:
    """Returns how long a task sleeps that charged `pages` (4 KiB) while its cgroup stood at `usage` bytes over `high`.

    The square of the overage in 20-bit fixed point, in clock ticks, at most 2 s, nothing up to 10 ms.
    """
    if usage <= high:
        return 0
    high_pages = max(high >> 12, 1)
    overage = (((usage >> 12) - (high >> 12)) << _PRECISION_SHIFT) // high_pages
    if overage > (1 << 26):  # beyond it the square overflows, and the longest sleep is reached long before
        ticks = _LONGEST_SECONDS * ticks_per_second
    else:
        ticks = (overage * overage * ticks_per_second) >> (_PRECISION_SHIFT + _SCALING_SHIFT)
        ticks = ticks * pages // batch_pages
    ticks = min(ticks, _LONGEST_SECONDS * ticks_per_second)
    if ticks <= ticks_per_second // 100:
        return 0
    return ticks * (1_000_000_000 // ticks_per_second)


@njit(cache=True)
def oom_victim(slots: NDArray[np.int64], classes: NDArray[np.int64], capacity: int) -> int:
    """Returns the slot that the kernel would kill for memory of the whole node, -1 when there is none.

    The most points win: resident pages and a thousandth of all pages for each point of oom_score_adj.
    """
    best, most = -1, 0
    for s in range(slots.shape[1]):
        phase = slots[f.PHASE, s]
        if (phase == f.RUNNING or phase == f.TERMINATING) and slots[f.HELD, s] > 0:
            adjust = classes[f.OOM_ADJUST, slots[f.CLASS, s]]
            points = (slots[f.HELD, s] >> 12) + adjust * ((capacity >> 12) // 1000)
            if adjust > -1000 and (best < 0 or points > most):
                best, most = s, points
    return best
