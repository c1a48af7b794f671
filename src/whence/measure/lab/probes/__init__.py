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
from whence.measure.lab.probes.profiles import ProfilesProbe
from whence.measure.lab.probes.runtime_metrics import RuntimeMetricsProbe

PROBES: tuple[type[Probe], ...] = (
    MemoryProbe,
    CpuProbe,
    PressureProbe,
    FaultsProbe,
    GctraceProbe,
    RuntimeMetricsProbe,
    OutputProbe,
    ProfilesProbe,
)

__all__ = ["PROBES", "Ending", "Probe", "Reading", "start_probes"]


def start_probes(
    options: RunOptions, inherited: dict[str, str], argv: tuple[str, ...]
) -> tuple[list[Probe], dict[str, str]]:
    """Returns fresh probes for one run of `argv`, and the environment to run it in: `inherited` and what they add.

    Raises what a probe raises that cannot work, after giving back what the others took.
    """
    probes = [kind(options) for kind in PROBES]
    environment = dict(inherited)
    try:
        for probe in probes:
            environment |= probe.environment(environment, argv)
    except BaseException:
        for probe in probes:
            probe.close()
        raise
    return probes, environment
