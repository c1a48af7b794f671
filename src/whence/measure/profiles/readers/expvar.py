"""What the package expvar publishes at /debug/vars: JSON with `memstats` inside."""

from __future__ import annotations

from whence.measure.profiles.readers import json_text, memstats
from whence.measure.profiles.readers.damage import UnknownFormat
from whence.measure.profiles.readers.snapshot import Snapshot, read_time


def read(data: bytes) -> tuple[Snapshot, ...]:
    """Returns a snapshot for each object with `memstats`. Raises DamagedInput, UnknownFormat when there is none."""
    found: list[Snapshot] = []
    for value in json_text.values(data, "expvar"):
        inside = value.get("memstats") if isinstance(value, dict) else None
        if isinstance(value, dict) and isinstance(inside, dict) and memstats.is_memstats(inside):
            moment = next((read_time(value[name]) for name in ("time", "timestamp", "ts") if name in value), None)
            found.append(memstats.snapshot(inside, moment))
    if not found:
        raise UnknownFormat("the JSON holds no memstats. Give what a program serves at /debug/vars.")
    return tuple(found)
