"""What profiles, their values and verdicts are called on the page."""

from __future__ import annotations

from whence.evidence.flame import FlameGraph
from whence.show.report import names, numbers

MARKS: dict[str, str] = {**names.MARKS, "moved": "⇄"}
WORDS: dict[str, str] = {**names.WORDS, "moved": "moved"}
_AMOUNTS = {
    "cpu": "CPU time",
    "samples": "CPU time",
    "alloc_space": "allocated memory",
    "alloc_objects": "the count of allocated objects",
    "inuse_space": "memory in use",
    "inuse_objects": "the count of objects in use",
    "contentions": "the count of waits",
    "delay": "waiting time",
    "goroutine": "the count of goroutines",
    "goroutines": "the count of goroutines",
}
_UNITS = {
    "nanoseconds": "ns",
    "microseconds": "us",
    "milliseconds": "ms",
    "seconds": "s",
    "bytes": "B",
    "count": "count",
}


def amount_word(sample_type: str) -> str:
    """Returns what is shared out among the functions, for `Where … goes`."""
    return _AMOUNTS.get(sample_type, names.clean(sample_type) or "the profile")


def unit(graph: FlameGraph) -> str:
    """Returns the unit by the name under which numbers are scaled and written."""
    return _UNITS.get(graph.unit, names.clean(graph.unit))


def meta(graph: FlameGraph, started: str) -> str:
    """Returns the small line under the answer: files, what was sampled, how much of it, and how large the tree is."""
    total = numbers.amount_text(graph.total, unit(graph))
    if graph.base_total is not None:
        total = f"{numbers.amount_text(graph.base_total, unit(graph))} → {total}"
    parts = (
        names.clean(graph.subject),
        names.clean(graph.sample_type),
        total,
        numbers.plural(graph.nodes.count, "frame"),
        numbers.plural(len(graph.functions.name), "function"),
        started,
    )
    return " · ".join(part for part in parts if part)
