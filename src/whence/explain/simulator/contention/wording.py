"""Sentences about contention."""

from __future__ import annotations

from whence.evidence.node_simulation import Range
from whence.explain.simulator.contention.calibration import Calibration


def sentence_of(
    go: str,
    most: int,
    bend: int | None,
    low: int | None,
    high: int | None,
    at_bend: Range | None,
    capacity: Range,
    binds: str,
    data: Calibration,
) -> str:
    """Returns where another processor stops paying, and what stops it."""
    if bend is None or at_bend is None:
        maybe = "" if low is None else f", though it may be {low} already"
        return (
            f"Go {go}: up to {most} processors each adds at least half of what the first reaches{maybe}; "
            f"{binds} would end it at {_millions(capacity)} allocations a second."
        )
    ends = f"{low or bend} to {high}" if high is not None else f"{low or bend} to more than {most}"
    beyond = "" if bend <= data.processors[1] else f", extrapolated from {data.processors[1]} processors"
    return (
        f"Go {go}: from {bend} processors on ({ends}) another adds less than half of what the first reaches, "
        f"at {_millions(at_bend)} allocations a second in all; {binds} binds{beyond}."
    )


def notes_of(data: Calibration, most: int) -> tuple[str, ...]:
    """Returns what the reader should know about the numbers."""
    found = [f"Service times measured on {data.host}, {data.processors[0]} and {data.processors[1]} processors."]
    if most > data.processors[1]:
        found.append(
            f"Beyond {data.processors[1]} processors the times are extrapolated: what a cache line from another core "
            "costs is drawn between 5 and 120 ns, so the intervals widen."
        )
    found.append("Every processor is taken to have a core of its own; a holder of a lock is never interrupted.")
    return tuple(found)


def _millions(found: Range) -> str:
    return f"{found.value / 1e6:.3g} million [{found.low / 1e6:.3g}, {found.high / 1e6:.3g}]"
