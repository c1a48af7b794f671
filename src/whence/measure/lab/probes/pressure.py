"""Pressure stall information of the host during a run: seconds in which something waited for CPU, memory or I/O.

Reported, never used to discard a run: a variant causes pressure itself.
"""

from __future__ import annotations

from pathlib import Path

from whence.measure.lab.launch import RunOptions
from whence.measure.lab.probes.probe import Ending, Probe, Reading

RESOURCES = ("cpu", "memory", "io")


class PressureProbe(Probe):
    def __init__(self, options: RunOptions) -> None:
        super().__init__(options)
        self._before: dict[str, float] = {}

    def before(self, pid: int) -> None:
        self._before = read_pressure()

    def after(self, ending: Ending) -> Reading:
        now = read_pressure()
        return Reading(
            host={f"psi-{name}-some-s": now[name] - was for name, was in self._before.items() if name in now}
        )


def read_pressure(root: Path = Path("/proc/pressure")) -> dict[str, float]:
    """Returns the seconds of `some` stall since boot by resource; empty where the kernel keeps none."""
    totals: dict[str, float] = {}
    for name in RESOURCES:
        try:
            first = (root / name).read_text().split("\n", 1)[0]
        except OSError:
            continue
        total = first.rpartition("total=")[2]
        if total.isdigit():
            totals[name] = int(total) / 1e6
    return totals
