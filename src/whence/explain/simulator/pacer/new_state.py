"""The states of a process that starts: its pacer under one release and settings, and its CPU limiter."""

from __future__ import annotations

import numpy as np

from whence.explain.simulator.pacer.kernels import initialise
from whence.explain.simulator.pacer.kernels_limiter import reset_capacity
from whence.explain.simulator.pacer.limiter_state import LIMITER, LimiterState
from whence.explain.simulator.pacer.state import PACER, UNLIMITED, PacerState
from whence.explain.simulator.versions.pacers import PacerRow


def new_state(row: PacerRow, gc_percent: int = 100, memory_limit: int = UNLIMITED) -> PacerState:
    """Returns the state of a process of that release at its start, an array of shape (1,); kernels take its record [0].

    gc_percent: GOGC, negative for off. memory_limit: GOMEMLIMIT in bytes, without effect before 1.19.
    """
    state = np.zeros(1, dtype=PACER)
    configuration = {
        "generation": row.generation,
        "memory_limit": memory_limit if row.memory_limit else UNLIMITED,
        "default_heap_minimum": row.default_heap_minimum,
        "goal_utilization": row.goal_utilization,
        "background_utilization": row.background_utilization,
        "minimum_goal_distance": row.minimum_goal_distance,
        "reachable_rule": row.reachable,
        "fakes_small_heap": row.fakes_small_heap,
        "ratio_bounds_rule": row.ratio_bounds,
        "effective_growth": row.effective_growth,
        "forced_keeps_ratio": row.forced_keeps_ratio,
        "sweep_distance_rule": row.sweep_distance,
        "revise_rule": row.revise,
        "worker_rule": row.workers,
        "cons_mark_rule": row.cons_mark,
        "triggered_is_live": row.triggered_is_live,
        "headroom_percent": row.headroom_percent,
        "limits_idle_workers": row.limits_idle_workers,
        "periodic": row.periodic,
        "assist_rule": row.assist,
        "over_assist_bytes": row.over_assist_bytes,
    }
    for field, value in configuration.items():
        state[0][field] = value
    initialise(state[0], gc_percent)
    return state


def new_limiter(now_ns: int, processors: int) -> LimiterState:
    """Returns the state of a limiter that is empty at `now_ns`, an array of shape (1,); kernels take its record [0]."""
    state = np.zeros(1, dtype=LIMITER)
    state[0]["last_update"] = now_ns
    reset_capacity(state[0], now_ns, processors)
    return state
