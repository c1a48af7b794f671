"""How a simulated run is put into words: totals with intervals, settings, the sentence of a single variant."""

from __future__ import annotations

from whence.evidence.simulation import SimulatedComparison, SimulatedValue, SimulationRun
from whence.show.report import names, numbers

SHOWN = ("rss", "rss-peak", "heap-live", "heap-inuse", "heap-goal", "gc-cycles", "cpu", "gc-cpu", "pause-max")
SOURCES = {
    "recorded": "from a recorded stream of allocations",
    "described": "from a description of the program",
    "profile": "from a profile: lifetimes by Little's law, intervals are wider",
    "few-numbers": "from a few numbers: intervals are wider",
}
_TEXT = {
    "rss": "resident memory at the end",
    "rss-peak": "peak resident memory",
    "working-set": "peak working set",
    "heap-live": "live heap",
    "heap-inuse": "heap in use",
    "heap-goal": "heap goal",
    "heap-peak": "mean heap at the end of marking",
    "gc-cycles": "GC cycles",
    "cpu": "CPU time",
    "wall": "wall time",
    "alloc-cpu": "CPU of the program",
    "gc-cpu": "CPU of the collector",
    "assist-cpu": "CPU of assists",
    "scavenge-cpu": "CPU of giving memory back",
    "pause-total": "pauses in all",
    "pause-max": "longest pause",
    "scavenged": "memory given back",
    "allocated": "bytes allocated",
    "overshot-cycles": "share of cycles more than 5 % over goal",
}


def metric_text(metric: str) -> str:
    return _TEXT.get(metric, names.metric_words(metric).text)


def value_of(run: SimulationRun, metric: str) -> SimulatedValue | None:
    return next((value for value in run.totals if value.metric == metric), None)


def value_text(value: SimulatedValue | None) -> tuple[str, str]:
    """Returns a value with its unit, and its interval in the same unit, as `136 MB`, `[115, 156]`."""
    if value is None:
        return numbers.MISSING, ""
    scale = numbers.scale_for((value.value,), value.unit)
    low, high = (numbers.value_text(bound, scale) for bound in (value.low, value.high))
    return f"{numbers.value_text(value.value, scale)} {scale.unit}".rstrip(), f"[{low}, {high}]"


def settings_text(run: SimulationRun) -> str:
    """Returns the settings as a variant is written, sizes in units people read."""
    return names.clean(" ".join(f"{key}={_amount(key, value)}" for key, value in run.settings.items()))


def _amount(key: str, value: str) -> str:
    if key not in {"GOMEMLIMIT", "memory"} or not value.isdigit():
        return value
    number = int(value)
    for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if number % size == 0:
            return f"{number // size}{unit}"
    return value


def single_sentence(comparison: SimulatedComparison) -> str:
    """Returns what one variant alone comes to: `Simulated, not measured: 136 MB peak resident memory […] …`."""
    run = comparison.simulations[0]
    peak, peak_interval = value_text(value_of(run, "rss-peak"))
    cycles, _ = value_text(value_of(run, "gc-cycles"))
    cpu, _ = value_text(value_of(run, "cpu"))
    return (
        f"Simulated, not measured: {peak} peak resident memory {peak_interval}, {cycles} GC cycles and {cpu} of CPU "
        f"under {names.label(comparison, run.name)}"
    )
