"""The probes, in the order their readings are put together. To add one: write its module, list its class here.

Where several know one of Go's runtime metrics the last one wins: its trace, its own exit hook, the program itself.
"""

from __future__ import annotations

from whence.measure.lab.launch import RunOptions
from whence.measure.lab.probes.cpu import CpuProbe
from whence.measure.lab.probes.faults import FaultsProbe
from whence.measure.lab.probes.gctrace import GctraceProbe
from whence.measure.lab.probes.memory import MemoryProbe
from whence.measure.lab.probes.output import OutputProbe
from whence.measure.lab.probes.pressure import PressureProbe
from whence.measure.lab.probes.probe import Ending, Probe, Reading
from whence.measure.lab.probes.runtime_metrics import RuntimeMetricsProbe

PROBES: tuple[type[Probe], ...] = (
    MemoryProbe,
    CpuProbe,
    PressureProbe,
    FaultsProbe,
    GctraceProbe,
    RuntimeMetricsProbe,
    OutputProbe,
)

__all__ = ["PROBES", "Ending", "Probe", "Reading", "start_probes"]


def start_probes(options: RunOptions) -> list[Probe]:
    """Returns fresh probes for one run."""
    return [kind(options) for kind in PROBES]
