"""runtime.MemStats as JSON, as snapshots under the names of runtime/metrics.

What each field is there, is documented with the package runtime/metrics: HeapAlloc is heap/objects, HeapIdle free and
released together, HeapInuse objects and unused together, Mallocs includes tiny objects. PauseNs is a ring of 256 whose
newest entry is at (NumGC + 255) % 256.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from whence.measure.profiles.readers import json_text
from whence.measure.profiles.readers.damage import UnknownFormat
from whence.measure.profiles.readers.snapshot import RecentPauses, Snapshot, read_time

_SAME = {
    "NumGC": "/gc/cycles/total:gc-cycles",
    "NumForcedGC": "/gc/cycles/forced:gc-cycles",
    "NextGC": "/gc/heap/goal:bytes",
    "HeapAlloc": "/memory/classes/heap/objects:bytes",
    "HeapReleased": "/memory/classes/heap/released:bytes",
    "HeapObjects": "/gc/heap/objects:objects",
    "StackInuse": "/memory/classes/heap/stacks:bytes",
    "TotalAlloc": "/gc/heap/allocs:bytes",
    "Sys": "/memory/classes/total:bytes",
    "MSpanInuse": "/memory/classes/metadata/mspan/inuse:bytes",
    "MCacheInuse": "/memory/classes/metadata/mcache/inuse:bytes",
    "BuckHashSys": "/memory/classes/profiling/buckets:bytes",
    "GCSys": "/memory/classes/metadata/other:bytes",
    "OtherSys": "/memory/classes/other:bytes",
}
_DIFFERENCES = {
    "/memory/classes/heap/free:bytes": ("HeapIdle", "HeapReleased"),
    "/memory/classes/heap/unused:bytes": ("HeapInuse", "HeapAlloc"),
    "/memory/classes/metadata/mspan/free:bytes": ("MSpanSys", "MSpanInuse"),
    "/memory/classes/metadata/mcache/free:bytes": ("MCacheSys", "MCacheInuse"),
    "/memory/classes/os-stacks:bytes": ("StackSys", "StackInuse"),
}
_RING = 256
_NEEDED = frozenset({"NumGC", "HeapAlloc"})


def read(data: bytes) -> tuple[Snapshot, ...]:
    """Returns a snapshot for each MemStats in `data`. Raises DamagedInput, UnknownFormat when there is none."""
    found = [value for value in json_text.values(data, "MemStats") if is_memstats(value)]
    if not found:
        raise UnknownFormat("the JSON is no MemStats: it has no NumGC and HeapAlloc. Give runtime.MemStats as JSON.")
    return tuple(snapshot(value) for value in found if isinstance(value, dict))


def is_memstats(value: object) -> bool:
    return isinstance(value, dict) and value.keys() >= _NEEDED


def snapshot(stats: Mapping[str, object], time_s: float | None = None) -> Snapshot:
    """Returns the snapshot that one MemStats is; fields that are no numbers are left out."""
    numbers = {name: number for name, value in stats.items() if (number := json_text.as_amount(value)) is not None}
    values = {ours: numbers[name] for name, ours in _SAME.items() if name in numbers}
    for name, (whole, part) in _DIFFERENCES.items():
        if whole in numbers and part in numbers:
            values[name] = numbers[whole] - numbers[part]
    if {"NumGC", "NumForcedGC"} <= numbers.keys():
        values["/gc/cycles/automatic:gc-cycles"] = numbers["NumGC"] - numbers["NumForcedGC"]
    for name in ("time", "Time", "timestamp"):
        time_s = time_s if time_s is not None else read_time(stats.get(name))
    return Snapshot(
        time_s=time_s,
        values=values,
        mallocs=numbers.get("Mallocs"),
        pause_total_s=numbers["PauseTotalNs"] * 1e-9 if "PauseTotalNs" in numbers else None,
        collecting_share=numbers.get("GCCPUFraction"),
        recent=_recent(stats, numbers.get("NumGC", 0.0)),
    )


def _recent(stats: Mapping[str, object], cycles: float) -> RecentPauses | None:
    pauses, ends = stats.get("PauseNs"), stats.get("PauseEnd")
    if not isinstance(pauses, list) or len(pauses) != _RING or not 0 <= cycles < 1 << 53:
        return None
    if not isinstance(ends, list) or len(ends) != _RING:
        ends = [0] * _RING
    count = int(cycles)
    order = [(number - 1) % _RING for number in range(max(1, count - _RING + 1), count + 1)]
    columns = [[json_text.as_amount(column[slot]) or 0.0 for slot in order] for column in (ends, pauses)]
    end_s, pause_s = (np.array(column, np.float64) * 1e-9 for column in columns)
    return RecentPauses(end_s, pause_s)
