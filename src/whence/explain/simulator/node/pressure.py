"""PSI averages: what a process reading /proc/pressure/memory or memory.pressure would see.

In meaning from calc_avgs and update_averages in kernel/sched/psi.c: every 2 s the stalled share of the period is folded
into averages in fixed point of 11 bits, with the constants of the load average.
"""

from __future__ import annotations

from typing import NamedTuple

PERIOD_S = 2.0
_ONE = 2048
_DECAY = (1677, 1981, 2034)


class Averages(NamedTuple):
    """Percent over about 10, 60 and 300 s, in steps of 1/2048."""

    avg10: float
    avg60: float
    avg300: float


def averages(stalled_ns: list[int], period_ns: int = 2_000_000_000) -> list[Averages]:
    """Returns the averages after each period, from the time stalled within each."""
    kept = [0, 0, 0]
    found = []
    for stalled in stalled_ns:
        percent = min(stalled, period_ns) * 100 // period_ns * _ONE
        kept = [
            (value * decay + percent * (_ONE - decay) + (_ONE >> 1)) >> 11
            for value, decay in zip(kept, _DECAY, strict=True)
        ]
        found.append(Averages(*(value / _ONE for value in kept)))
    return found
