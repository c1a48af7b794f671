"""Errors of the simulator against real runs, by line of releases, as bench/simulator_cadence measured them.

The runs are in bench/recorded/simulator_cadence.jsonl; `python -m bench.simulator_cadence judge` prints the table anew.
"""

from __future__ import annotations

import msgspec


class Errors(msgspec.Struct, frozen=True, kw_only=True):
    """Median of |simulated ÷ median of real runs - 1| over the cells of a release, at one processor."""

    cells: int
    runs: int
    gc_cycles: float
    rss: float
    rss_peak: float
    cpu: float


MEASURED: dict[str, Errors] = {}
