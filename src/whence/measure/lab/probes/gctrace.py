"""What `GODEBUG=gctrace=1` prints on standard error, read into heap-live, heap-goal and gc-cycles.

A line looks like `gc 14 @0.322s 3%: … 7->9->4 MB, 9 MB goal, …`: heap at the start of the cycle, at its end, and what
was found live; MB are 2**20 bytes (`runtime/mgc.go`). Only the last cycle is a state of the program at its end, and
its number is how many there were. It costs a line per cycle, so it is switched on only when one of these is asked for
and the binary carries no exit hook of its own (`runtime_metrics`).
"""

from __future__ import annotations

import re

from whence.evidence.run import Sample
from whence.measure.lab.probes.probe import Ending, Probe, Reading
from whence.measure.lab.probes.runtime_metrics import RUNTIME_METRICS, has_exit_hook

FROM_GCTRACE = frozenset({"heap-live", "heap-goal", "gc-cycles"})
_CYCLE = re.compile(
    r"^gc (?P<number>\d+) @[\d.]+s \d+%:.*? \d+->\d+->(?P<live>\d+) MB, (?P<goal>\d+) MB goal", re.MULTILINE
)
_MIB = 1 << 20


class GctraceProbe(Probe):
    """Asks a Go program for its trace, unless it can do better."""

    _asked = False

    def environment(self, inherited: dict[str, str], argv: tuple[str, ...]) -> dict[str, str]:
        if not self.options.metrics & FROM_GCTRACE or has_exit_hook(argv, inherited):
            return {}
        self._asked = True
        return {"GODEBUG": with_gctrace(inherited.get("GODEBUG", ""))}

    def after(self, ending: Ending) -> Reading:
        if not self._asked:
            return Reading()
        samples = read_gctrace(ending.stderr)
        if not samples:
            return Reading(notes=("gctrace: the program printed none (no Go program, or it never collected)",))
        wanted = tuple(s for s in samples if s.metric in self.options.metrics)
        missing = sorted((self.options.metrics & RUNTIME_METRICS) - FROM_GCTRACE)
        notes = ("gctrace=1 was set for this run; it rounds to whole MiB",)
        if missing:
            notes += (f"{', '.join(missing)}: only a binary that Whence builds can tell",)
        return Reading(samples=wanted, notes=notes)


def with_gctrace(godebug: str) -> str:
    """Returns a GODEBUG that has gctrace on beside what it had; a gctrace that the launch sets itself is kept."""
    settings = [item for item in godebug.split(",") if item]
    if any(item.startswith("gctrace=") for item in settings):
        return godebug
    return ",".join([*settings, "gctrace=1"])


def read_gctrace(text: str) -> tuple[Sample, ...]:
    """Returns heap-live and heap-goal (bytes) of the last cycle and gc-cycles; empty when there is no line."""
    cycles = list(_CYCLE.finditer(text))
    if not cycles:
        return ()
    last = cycles[-1]
    return (
        Sample("heap-live", float(int(last["live"]) * _MIB), "B"),
        Sample("heap-goal", float(int(last["goal"]) * _MIB), "B"),
        Sample("gc-cycles", float(last["number"]), "count"),
    )


def without_gctrace(text: str) -> str:
    """Returns standard error without the trace's lines: what the program itself had to say."""
    if "\ngc " not in f"\n{text}":
        return text
    return "\n".join(line for line in text.splitlines() if not re.match(r"gc \d+ @|scvg|scav ", line))
