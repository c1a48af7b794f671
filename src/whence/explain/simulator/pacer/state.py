"""The state of one garbage collection pacer: one record with named fields, for all generations.

Bytes, pages, nanoseconds and counts are int64, ratios are float64. What the runtime keeps as `^uint64(0)` (no goal, no
trigger, no cycle running) is UNLIMITED here, the largest int64: no quantity that is compared with it can exceed it, so
every comparison comes out as in the runtime's unsigned arithmetic; where the runtime converts it to a signed number,
the kernels say so.

Kernels take the record itself: `state[0]` of the array that `new_state` returns, in Python as inside of another kernel.
It is passed by reference.
"""

from __future__ import annotations

from typing import Protocol, TypeAlias, get_type_hints

import numpy as np
from numpy.typing import NDArray

UNLIMITED = 2**63 - 1


class PacerRecord(Protocol):
    """The fields of the record, as the kernels see them."""

    # What the release and its settings fix.
    generation: int
    """versions.pacers.Generation."""
    gc_percent: int
    """GOGC; -1 is off."""
    memory_limit: int
    """GOMEMLIMIT in bytes; UNLIMITED is off."""
    default_heap_minimum: int
    """Bytes at GOGC=100; 0 before 1.5."""
    heap_minimum: int
    """default_heap_minimum * GOGC / 100."""
    goal_utilization: float
    """Share of the CPU that marking aims for."""
    background_utilization: float
    """Share that background workers take."""
    minimum_goal_distance: int
    """Least distance of goal and heap at the start of a cycle, bytes."""
    reachable_rule: int
    """versions.pacers.Reachable."""
    fakes_small_heap: int
    """1: a heap at the minimum gets a made-up heap_marked at the start of a cycle."""
    ratio_bounds_rule: int
    """versions.pacers.RatioBounds."""
    effective_growth: int
    """1: growth is measured against the goal in force, not against GOGC."""
    forced_keeps_ratio: int
    """1: runtime.GC does not change the trigger ratio."""
    sweep_distance_rule: int
    """versions.pacers.SweepDistance."""
    revise_rule: int
    """versions.pacers.Revise."""
    worker_rule: int
    """versions.pacers.Workers."""
    cons_mark_rule: int
    """versions.pacers.ConsMark."""
    triggered_is_live: int
    """1: a cycle counts from the real heap at its start, 0: from the computed trigger."""
    headroom_percent: int
    """Share of the limit's goal kept free."""
    limits_idle_workers: int
    """1: idle workers are capped."""
    assist_rule: int
    """versions.pacers.Assist."""
    periodic: int
    """1: two minutes without a cycle start one."""
    over_assist_bytes: int
    """Bytes (1.6) or work (1.7+) that one assist does at least or ahead."""
    # The heap as the allocator reports it.
    heap_live: int
    """Before 1.5: bytes allocated and not swept."""
    heap_scan: int
    """Bytes of heap_live that may hold pointers."""
    heap_marked: int
    """Bytes marked by the last cycle."""
    heap_reachable: int
    """1.5-1.7: base of goal and trigger."""
    initial_heap_live: int
    """heap_live at the start of the cycle."""
    last_heap_scan: int
    """Scan work on the heap in the last cycle."""
    last_stack_scan: int
    """Scan work on stacks in the last cycle; 1.18: stack bytes at the start of the cycle."""
    max_stack_scan: int
    """Bytes of all goroutine stacks."""
    globals_scan: int
    """Bytes of globals that may hold pointers."""
    heap_free: int
    """Free pages that are not returned, bytes; for the memory limit."""
    heap_alloc: int
    """Bytes of objects allocated and not freed; for the memory limit."""
    mapped_ready: int
    """All memory of the runtime that is mapped and not returned; for the memory limit."""
    # The cycle that runs, or ran last.
    marking: int
    """1 between start_cycle and reset_live."""
    mark_start_time: int
    heap_scan_work: int
    stack_scan_work: int
    globals_scan_work: int
    background_scan_credit: int
    assist_time: int
    """Ns over all processors."""
    dedicated_mark_time: int
    fractional_mark_time: int
    idle_mark_time: int
    dedicated_workers_needed: int
    fractional_workers_needed: int
    """Up to 1.9: 0 or 1 for the process."""
    fractional_utilization_goal: float
    """Up to 1.9: of one processor; from 1.10 on of every processor."""
    idle_workers: int
    max_idle_workers: int
    assist_work_per_byte: float
    assist_bytes_per_work: float
    # What one cycle leaves to the next.
    goal: int
    """Up to 1.18: the goal in force."""
    stored_trigger: int
    """Up to 1.18: the trigger in force; before 1.5 next_gc."""
    trigger_ratio: float
    """1.5-1.17."""
    cons_mark: float
    """1.18+."""
    cons_mark_1: float
    """Cons/mark measured one cycle ago, two, three, four."""
    cons_mark_2: float
    cons_mark_3: float
    cons_mark_4: float
    error_integral: float
    """1.18, 1.19: of the PI controller."""
    runway: int
    """1.19+."""
    gc_percent_heap_goal: int
    """1.19+."""
    sweep_minimum_trigger: int
    """1.19+."""
    triggered: int
    """1.18+: where the cycle counts from; UNLIMITED between cycles."""
    last_heap_goal: int
    """Goal at the end of the last cycle, for the scavenger."""
    cycles: int
    """Cycles that ended."""
    # Sweeping.
    sweep_done: int
    pages_in_use: int
    pages_swept: int
    pages_swept_basis: int
    sweep_heap_live_basis: int
    span_bytes_allocated: int
    """1.5-1.8: bytes of spans allocated since the sweep began."""
    sweep_pages_per_byte: float


PACER = np.dtype(
    [(name, np.float64 if kind is float else np.int64) for name, kind in get_type_hints(PacerRecord).items()]
)

PacerState: TypeAlias = NDArray[np.void]
"""An array of shape (1,) and type PACER."""
