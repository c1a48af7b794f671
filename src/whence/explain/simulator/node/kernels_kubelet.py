"""One pass of the kubelet's eviction manager over the signals of memory: what is met, for how long, and whom it takes.

In meaning from pkg/kubelet/eviction (eviction_manager.go synchronize, helpers.go rankMemoryPressure) of Kubernetes
1.34.2. Where the kubelet leaves an order open (several thresholds met at once, pods alike in all that ranks them) the
first threshold and the lower slot are taken.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from whence.explain.simulator.node import fields as f

# Entries of `state` of the kubelet.
NEXT_PASS, SINCE_PRESSURE, PRESSURE, BUSY_SLOT, KILL_DONE, POLLS_FROM = range(6)
STATE_ENTRIES = 6
NO_VICTIM = -1


@njit(cache=True)
def evaluate(
    now: int,
    available: int,
    pods_available: int,
    thresholds: NDArray[np.int64],
    first_met: NDArray[np.int64],
    unresolved: NDArray[np.bool_],
    state: NDArray[np.int64],
    pressure_ns: int,
) -> int:
    """Brings the kubelet's state up to date and returns the threshold that asks for an eviction now, -1 for none.

    first_met: since when each threshold has been met, NEVER when not; unresolved: those that asked for an eviction at
    the last pass and hold until their minimum reclaim is free too. Both are updated.
    """
    chosen = -1
    any_met = False
    for index in range(thresholds.shape[1]):
        seen = pods_available if thresholds[f.ON_PODS, index] else available
        value = thresholds[f.VALUE, index]
        met = seen < value or (unresolved[index] and seen < value + thresholds[f.MIN_RECLAIM, index])
        unresolved[index] = False
        if not met:
            first_met[index] = f.NEVER
            continue
        any_met = True
        if first_met[index] == f.NEVER:
            first_met[index] = now
        if now - first_met[index] >= thresholds[f.GRACE, index]:
            unresolved[index] = True
            if chosen < 0:
                chosen = index
    if any_met:
        state[SINCE_PRESSURE] = now
    since = state[SINCE_PRESSURE]
    state[PRESSURE] = 1 if since != f.NEVER and now - since < pressure_ns else 0
    return chosen


@njit(cache=True)
def victim(slots: NDArray[np.int64], classes: NDArray[np.int64]) -> int:
    """Returns the slot whose pod is evicted, -1 when there is none that may be.

    First pods without statistics, then those above their request, then lower priority, then more above the request.
    """
    best = NO_VICTIM
    best_known, best_within, best_priority, best_over = 0, 0, 0, 0
    for s in range(slots.shape[1]):
        phase = slots[f.PHASE, s]
        if phase != f.RUNNING and phase != f.CREATING:
            continue
        kind = slots[f.CLASS, s]
        if classes[f.CRITICAL, kind]:
            continue
        known = 1 if slots[f.SAMPLES, s] > 0 else 0
        over = slots[f.SAMPLED, s] - classes[f.REQUEST, kind] if known else 0
        within = 0 if known == 0 or over > 0 else 1
        priority = classes[f.PRIORITY, kind]
        better = best < 0
        if not better:
            if known != best_known:
                better = known < best_known
            elif within != best_within:
                better = within < best_within
            elif priority != best_priority:
                better = priority < best_priority
            else:
                better = over > best_over
        if better:
            best, best_known, best_within, best_priority, best_over = s, known, within, priority, over
    return best
