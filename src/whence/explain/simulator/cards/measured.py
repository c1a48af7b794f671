"""Errors of the simulator against real runs, by line of releases, as bench/simulator_cadence measured them.

The runs are in bench/recorded/simulator_cadence.jsonl; `python -m bench.simulator_cadence judge` prints the table anew.
"""

from __future__ import annotations

import msgspec


class Errors(msgspec.Struct, frozen=True, kw_only=True):
    """Median of |simulated ÷ median of real runs - 1| over the cells of a release, at one processor, fluid mode.

    The host was shared: threads waited three times as long for a CPU as they ran."""

    cells: int
    runs: int
    gc_cycles: float
    rss: float
    rss_peak: float
    cpu: float


MEASURED: dict[str, Errors] = {
    "1.19": Errors(cells=24, runs=62, gc_cycles=0.132, rss=0.052, rss_peak=0.052, cpu=0.264),
    "1.21": Errors(cells=24, runs=63, gc_cycles=0.147, rss=0.054, rss_peak=0.055, cpu=0.224),
    "1.22": Errors(cells=24, runs=59, gc_cycles=0.155, rss=0.048, rss_peak=0.064, cpu=0.286),
    "1.24": Errors(cells=24, runs=57, gc_cycles=0.17, rss=0.042, rss_peak=0.045, cpu=0.293),
    "1.26": Errors(cells=24, runs=59, gc_cycles=0.211, rss=0.042, rss_peak=0.051, cpu=0.365),
    "1.27": Errors(cells=24, runs=56, gc_cycles=0.235, rss=0.031, rss_peak=0.045, cpu=0.314),
}
