"""Page faults and context switches of a run, as the kernel counts them for wait(2)."""

from __future__ import annotations

from whence.measure.lab.probes.probe import Ending, Probe, Reading


class FaultsProbe(Probe):
    def after(self, ending: Ending) -> Reading:
        usage = ending.usage
        return Reading(
            host={
                "faults-minor": float(usage.ru_minflt),
                "faults-major": float(usage.ru_majflt),
                "switches-voluntary": float(usage.ru_nvcsw),
                "switches-involuntary": float(usage.ru_nivcsw),
            }
        )
