"""The probes, in the order their readings are put together. To add one: write its module, list its class here."""

from __future__ import annotations

from whence.measure.lab.launch import RunOptions
from whence.measure.lab.probes.cpu import CpuProbe
from whence.measure.lab.probes.faults import FaultsProbe
from whence.measure.lab.probes.memory import MemoryProbe
from whence.measure.lab.probes.output import OutputProbe
from whence.measure.lab.probes.pressure import PressureProbe
from whence.measure.lab.probes.probe import Ending, Probe, Reading

PROBES: tuple[type[Probe], ...] = (MemoryProbe, CpuProbe, PressureProbe, FaultsProbe, OutputProbe)

__all__ = ["PROBES", "Ending", "Probe", "Reading", "start_probes"]


def start_probes(options: RunOptions) -> list[Probe]:
    """Returns fresh probes for one run."""
    return [kind(options) for kind in PROBES]
