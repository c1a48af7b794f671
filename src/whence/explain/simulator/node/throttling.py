"""Which acts first as a pod grows: memory.high, memory.max or GOMEMLIMIT; and how long memory.high makes it sleep.

GOMEMLIMIT counts what the runtime has mapped, the cgroup what was touched, program text of its own included; the two
differ by a constant of the process. Source of the sleep: kernels_limits.high_delay_ns.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from whence.evidence.node_simulation import Order
from whence.explain.simulator.node.curve import Curve
from whence.explain.simulator.node.go_process import UNLIMITED, GoProcess
from whence.explain.simulator.node.kernels_limits import high_delay_ns

_BATCH_PAGES, _TICKS = 64, 1000
_LONGEST_WALK = 200_000


def order(process: GoProcess | None, curve: Curve, high: int | None, limit: int) -> Order:
    """Returns who acts first. process: None when the pods are no Go processes that are known by numbers."""
    go_limit = None if process is None or process.memory_limit == UNLIMITED else process.memory_limit
    at_go = None
    if go_limit is not None and process is not None:
        at_go = go_limit - process.runtime_mapped + process.runtime_resident
    candidates: list[tuple[int, Literal["memory.high", "memory.max", "GOMEMLIMIT"]]] = []
    if high is not None:
        candidates.append((high, "memory.high"))
    if limit:
        candidates.append((limit, "memory.max"))
    if at_go is not None:
        candidates.append((at_go, "GOMEMLIMIT"))
    candidates.sort()
    crossing = np.flatnonzero(curve.resident > high) if high is not None else np.array([], dtype=np.int64)
    crosses = crossing.size > 0
    most = int(curve.resident.max())
    return Order(
        memory_high=high,
        memory_max=limit or None,
        go_memory_limit=go_limit,
        resident_at_go_limit=at_go,
        first=candidates[0][1] if candidates else "none",
        margin=candidates[1][0] - candidates[0][0] if len(candidates) > 1 else None,
        crosses_at_age_s=float(curve.ages_ns[crossing[0]]) / 1e9 if crosses else None,
        sleep_s=sleep_to(min(most, limit or most), high) if crosses and high is not None else None,
    )


def sleep_to(usage: int, high: int) -> float:
    """Returns the seconds that one task sleeps in all until its cgroup, growing from memory.high, holds `usage`."""
    total, held = 0, high
    batch = _BATCH_PAGES * 4096
    for _ in range(_LONGEST_WALK):
        if held >= usage:
            break
        held = min(held + batch, usage)
        total += high_delay_ns(held, high, _BATCH_PAGES, _BATCH_PAGES, _TICKS)
    return total / 1e9
