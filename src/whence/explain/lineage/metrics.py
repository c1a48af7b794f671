"""What is measured of every release: the columns, and how the program's own numbers become theirs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from whence.evidence.lineage import LineageMetric, Panel, Unit

Part = Literal["cost", "load"]
PARTS: tuple[Part, ...] = ("cost", "load")
"""The programs that run in every block; what becomes of dropped memory is watched once."""


def _metric(name: str, unit: Unit, panel: Panel, short: str, words: str) -> LineageMetric:
    return LineageMetric(name=name, unit=unit, panel=panel, short=short, words=words)


METRICS = (
    _metric("alloc-16", "ns", "allocation", "16 B", "CPU time of an allocation of 16 bytes without pointers, one P"),
    _metric("alloc-64", "ns", "allocation", "64 B", "CPU time of an allocation of 64 bytes with pointers, one P"),
    _metric("alloc-64-two", "ns", "allocation", "64 B, 2 Ps", "CPU time of an allocation of 64 bytes, two Ps at once"),
    _metric("pause-max", "s", "pauses", "largest", "largest pause under a fixed load"),
    _metric("pause-sum", "s", "pauses", "sum", "sum of the pauses under a fixed load"),
    _metric("request-p99", "s", "pauses", "p99", "99th percentile of a 10 µs request, from when it was due"),
    _metric("request-p99-off", "s", "pauses", "p99, GC off", "the same with collections off: what the host adds"),
    _metric("gc-cpu", "1", "collector", "GC CPU", "CPU of the collector under the load, from the release's own trace"),
    _metric("gc-cpu-told", "1", "collector", "GCCPUFraction", "the same by MemStats, without marking on idle Ps"),
    _metric("gc-cycles", "count", "collector", "GCs", "collections under the fixed load"),
)
"""In the order of columns."""


def read(samples: Mapping[str, float]) -> dict[str, float]:
    """Returns the values of METRICS, in their units, that one process's printed numbers amount to."""
    values: dict[str, float] = {}
    for name in ("alloc-16", "alloc-64", "alloc-64-two"):
        if f"{name}-ns" in samples:
            values[name] = samples[f"{name}-ns"]
    for name in ("pause-max", "pause-sum", "request-p99", "request-p99-off"):
        if f"{name}-ns" in samples:
            values[name] = samples[f"{name}-ns"] / 1e9
    if "gc-cycles" in samples:
        values["gc-cycles"] = samples["gc-cycles"]
    for name in ("gc-cpu", "gc-cpu-told"):
        if f"{name}-ns" in samples and samples.get("load-ns"):
            values[name] = max(samples[f"{name}-ns"], 0.0) / samples["load-ns"]
    return values
