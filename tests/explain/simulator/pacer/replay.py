"""Replays recorded gcpacertrace cycles (oracle.pacer-trace/1) through the kernels, cycle after cycle.

Given to the simulator: what was marked, the heap at the end and the CPU share of each cycle. Left to it: the trigger
ratio, the trigger, and the growth aimed for. The trace prints ratios with seven digits.
"""

from __future__ import annotations

from typing import NamedTuple

from whence.explain.simulator.pacer import kernels
from whence.explain.simulator.pacer.new_state import new_state
from whence.explain.simulator.versions.pacers import PacerRow, Reachable

LONG_NS = 10**12
MIB = 1 << 20


class Decision(NamedTuple):
    """The simulator's decisions for one recorded cycle, beside the recorded ones."""

    trigger_ratio: float
    real_trigger_ratio: float
    trigger: int
    real_trigger: int
    heap_marked: int
    real_heap_marked: int


def replay(row: PacerRow, gc_percent: int, cycles: list[list[float]]) -> list[Decision]:
    """Returns one decision a cycle."""
    state = new_state(row, gc_percent)
    c = state[0]
    decisions = []
    for index, (marked, ratio, trigger, live, growth, share) in enumerate(cycles):
        marked, trigger, live = int(marked), int(trigger), int(live)
        if index > 0:
            faked = row.fakes_small_heap and trigger <= c["heap_minimum"]
            kernels.reset_live(c, 0 if faked else marked)
            kernels.commit(c, False)
        if row.reachable in (Reachable.LESS_ALLOCATED, Reachable.LESS_ALLOCATED_CLAMPED):
            # How late the cycle before began, and so what was reachable, is not in the trace: only bounds are.
            least = max(int(c["heap_minimum"]), int(c["heap_live"]) + MIB * gc_percent // 100 if index else 0)
            assert least <= trigger <= max(least, marked * (1.0 + c["trigger_ratio"]) * (1 + 2e-6))
            c["stored_trigger"] = trigger
        decided = int(kernels.trigger(c))
        c["heap_live"] = trigger
        kernels.start_cycle(c, 0, 2, False, False)
        if row.effective_growth:
            # A cycle that starts late has a goal a mebibyte above the heap at its start, which is not in the trace.
            aimed = round(marked * (1.0 + growth))
            assert c["goal"] <= aimed * (1 + 1e-6) + 1
            c["goal"] = max(int(c["goal"]), aimed) if aimed > c["goal"] * (1 + 1e-6) else c["goal"]
        decisions.append(Decision(float(c["trigger_ratio"]), ratio, decided, trigger, int(c["heap_marked"]), marked))
        c["heap_live"] = live
        c["assist_time"] = round((share - 0.25) * LONG_NS)
        kernels.end_cycle(c, LONG_NS, 1, False)
    return decisions
