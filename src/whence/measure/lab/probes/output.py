"""What the program reports itself: lines of the Go benchmark format on standard output."""

from __future__ import annotations

from whence.golang import benchfmt
from whence.measure.lab.probes.probe import Ending, Probe, Reading


class OutputProbe(Probe):
    """Reads every benchmark line; several of one name count as their median."""

    def after(self, ending: Ending) -> Reading:
        samples, declarations = benchfmt.samples(ending.stdout)
        return Reading(samples=samples, declarations=declarations)
