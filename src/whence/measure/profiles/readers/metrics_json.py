"""JSON dumps of runtime/metrics: an object a moment, or a list of samples; several of them one behind another.

    {"time": 1.5, "/gc/heap/goal:bytes": 4194304, "/gc/pauses:seconds": {"Counts": […], "Buckets": ["-Inf", 0, …]}}
    [{"Name": "/gc/heap/goal:bytes", "Value": 4194304}, …]

Infinite edges may be written as texts. Names are those of the package; what has another shape is left out. MemStats
and expvar among them are read as such.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from whence.measure.profiles.readers import json_text, memstats
from whence.measure.profiles.readers.damage import UnknownFormat
from whence.measure.profiles.readers.snapshot import Histogram, Snapshot, read_time

_TIMES = ("time", "t", "ts", "timestamp", "at", "Time")


def read(data: bytes) -> tuple[Snapshot, ...]:
    """Returns the snapshots in order. Raises DamagedInput, UnknownFormat when there is none."""
    found = [snap for value in json_text.values(data, "metrics JSON") for snap in _moments(value)]
    if not found:
        raise UnknownFormat("the JSON holds no runtime metric (a name such as /gc/heap/goal:bytes) and no memstats.")
    return tuple(found)


def _moments(value: object, depth: int = 0) -> Iterable[Snapshot]:
    if depth > 4:
        return
    if isinstance(value, dict):
        made = _snapshot(value)
        if made is not None:
            yield made
        else:
            for inner in value.values():
                yield from _moments(inner, depth + 1)
    elif isinstance(value, list):
        samples = dict(pair for item in value if (pair := _sample(item)) is not None)
        made = _snapshot(samples) if samples else None
        if made is not None:
            yield made
        else:
            for inner in value:
                yield from _moments(inner, depth + 1)


def _sample(item: object) -> tuple[str, object] | None:
    if not isinstance(item, dict):
        return None
    named = {str(key).lower(): inner for key, inner in item.items()}
    name = named.get("name")
    return (name, named["value"]) if isinstance(name, str) and "value" in named else None


def _snapshot(value: dict[object, object] | dict[str, object]) -> Snapshot | None:
    moment = next((read_time(value[name]) for name in _TIMES if name in value), None)
    inside = value.get("memstats", value)
    if isinstance(inside, dict) and memstats.is_memstats(inside):
        return memstats.snapshot(inside, moment)
    values: dict[str, float] = {}
    histograms: dict[str, Histogram] = {}
    for name, inner in value.items():
        if not isinstance(name, str) or not name.startswith("/") or ":" not in name:
            continue
        number = json_text.as_amount(inner)
        histogram = read_histogram(inner)
        if number is not None:
            values[name] = number
        elif histogram is not None:
            histograms[name] = histogram
    return Snapshot(time_s=moment, values=values, histograms=histograms) if values or histograms else None


def read_histogram(value: object) -> Histogram | None:
    """Returns a histogram of the shape of metrics.Float64Histogram; None for anything else."""
    if not isinstance(value, dict):
        return None
    named = {str(key).lower(): inner for key, inner in value.items()}
    counts, edges = named.get("counts"), named.get("buckets")
    if not isinstance(counts, list) or not isinstance(edges, list) or len(edges) != len(counts) + 1:
        return None
    bounds = [json_text.as_number(edge) for edge in edges]
    numbers = [json_text.as_number(count) for count in counts]
    if edges[0] is None:
        bounds[0] = float("-inf")
    if edges[-1] is None:
        bounds[-1] = float("inf")
    if any(bound is None for bound in bounds) or any(n is None or not 0 <= n < 1 << 62 for n in numbers):
        return None
    whole = np.array([int(number) for number in numbers if number is not None], np.int64)
    return Histogram(np.array(bounds, np.float64), whole)
