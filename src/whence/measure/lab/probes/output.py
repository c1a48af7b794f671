"""What the program reports itself: lines of the Go benchmark format on standard output."""

from __future__ import annotations

from importlib import import_module

from whence.measure.lab.probes.probe import Ending, Probe, Reading


class OutputProbe(Probe):
    def after(self, ending: Ending) -> Reading:
        if "Benchmark" not in ending.stdout and "Unit" not in ending.stdout:
            return Reading()
        try:
            benchfmt = import_module("whence.golang.benchfmt")
        except ModuleNotFoundError:
            return Reading(notes=("benchmark lines are not read yet",))
        samples, declarations = benchfmt.samples(ending.stdout)
        return Reading(samples=samples, declarations=declarations)
