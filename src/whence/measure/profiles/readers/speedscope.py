"""speedscope's own JSON: its sampled and its evented profiles as the columns of a profile.

Source: https://www.speedscope.app/file-format-schema.json. A document may hold several profiles: threads of one run
mostly, so those of one unit are put together and each sample keeps its profile's name as the label `thread`. Whence's
own documents have one profile a column of values; they are read back as those columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from whence.measure.profiles.readers import json_text
from whence.measure.profiles.readers.damage import DamagedInput, UnknownFormat
from whence.measure.profiles.readers.named_frames import Paths, profile_of
from whence.measure.profiles.readers.profile import Profile, ValueType

_SCHEMA = b"speedscope.app/file-format-schema.json"
_NANOSECONDS = {"nanoseconds": 1.0, "microseconds": 1e3, "milliseconds": 1e6, "seconds": 1e9}
_TYPES = {"none": ValueType("samples", "count"), "bytes": ValueType("space", "bytes")}
_HUGE = float(1 << 62)


def is_speedscope(content: bytes | bytearray) -> bool:
    """Tells whether the beginning or the end names speedscope's schema."""
    return content.lstrip()[:1] == b"{" and (_SCHEMA in content[:65536] or _SCHEMA in content[-4096:])


def read_speedscope(content: bytes | bytearray) -> Profile:
    """Returns the profile. Raises DamagedInput for what breaks off or contradicts itself, UnknownFormat for other JSON.

    Offsets of contradictions are that of the whole document: JSON does not keep the places of its parts.
    """
    found = json_text.values(bytes(content), "speedscope JSON")
    document = found[0] if found else None
    shared = document.get("shared") if isinstance(document, dict) else None
    profiles = document.get("profiles") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(shared, dict) or not isinstance(profiles, list):
        raise UnknownFormat("the JSON is no speedscope document: it has no shared frames and profiles.")
    frames = _frames(shared.get("frames"))
    paths = Paths()
    read = [_Part(profile, place, paths, len(frames)) for place, profile in enumerate(profiles)]
    if not read:
        raise UnknownFormat("the speedscope document holds no profile.")
    columns = _columns(read, own=document.get("exporter") == "whence")
    table: dict[tuple[int, str], list[float]] = {}
    threads = len(columns) < len(read)
    for part in read:
        for node, weight in part.weights.items():
            row = table.setdefault((node, part.name if threads else ""), [0.0] * len(columns))
            row[columns.index(part.kind)] += weight
    starts, content_rows = paths.stacks([node for node, _ in table])
    values, rounded = _whole(list(table.values()), columns)
    notes = [f"{rounded:,} weights had decimals and were rounded."] if rounded else []
    return profile_of(
        frames,
        starts,
        content_rows,
        values,
        [kind for kind, _ in columns],
        threads=[thread for _, thread in table] if threads else None,
        notes=notes,
    )


_Kind = tuple[ValueType, float]
"""A type of values, and what one of the document's units is worth in it."""


class _Part:
    """One profile of the document: weights by node of the tree of stacks."""

    def __init__(self, profile: object, place: int, paths: Paths, frames: int) -> None:
        if not isinstance(profile, dict):
            raise _broken(place, "is no object")
        name, unit = profile.get("name"), profile.get("unit")
        self.name = name if isinstance(name, str) else f"profile {place + 1}"
        self.unit = unit if isinstance(unit, str) else "none"
        scale = _NANOSECONDS.get(self.unit, 1.0)
        time = ValueType("time", "nanoseconds")
        self.kind: _Kind = (time if self.unit in _NANOSECONDS else _TYPES.get(self.unit, _TYPES["none"]), scale)
        self.weights: dict[int, float] = {}
        if profile.get("type") == "evented":
            self._read_events(profile.get("events"), place, paths, frames)
        else:
            self._read_samples(profile, place, paths, frames)

    def _read_samples(self, profile: Mapping[str, object], place: int, paths: Paths, frames: int) -> None:
        samples, weights = profile.get("samples"), profile.get("weights")
        if not isinstance(samples, list) or not isinstance(weights, list) or len(samples) != len(weights):
            raise _broken(place, "has not one weight a sample")
        for sample, weight in zip(samples, weights, strict=True):
            number = _weight(weight)
            if number is None or not isinstance(sample, list):
                raise _broken(place, "has a sample that is no list or a weight that is no number")
            node = 0
            for frame in sample:
                node = paths.child(node, _frame(frame, frames, place))
            self.weights[node] = self.weights.get(node, 0.0) + number

    def _read_events(self, events: object, place: int, paths: Paths, frames: int) -> None:
        """Gives the time between two events to the stack that is open then."""
        if not isinstance(events, list):
            raise _broken(place, "has no events")
        node, last = 0, None
        for event in events:
            at = _weight(event.get("at")) if isinstance(event, dict) else None
            if at is None or not isinstance(event, dict) or (last is not None and at < last):
                raise _broken(place, "has an event without a time, or before the one it follows")
            if node and last is not None and at > last:
                self.weights[node] = self.weights.get(node, 0.0) + (at - last)
            frame, last = _frame(event.get("frame"), frames, place), at
            if event.get("type") == "O":
                node = paths.child(node, frame)
            elif event.get("type") == "C" and node and paths.frame[node] == frame:
                node = paths.parent[node]
            else:
                raise _broken(place, "closes a frame that is not the open one")


def _columns(parts: Sequence[_Part], *, own: bool) -> list[_Kind]:
    """Returns the columns: one for each profile of Whence's own documents, else one for each kind of value."""
    if own and len({part.name for part in parts}) == len(parts):
        for part in parts:
            unit = "count" if part.unit == "none" else part.unit
            part.kind = (ValueType(part.name, unit), 1.0)
    return list(dict.fromkeys(part.kind for part in parts))


def _whole(rows: list[list[float]], columns: list[_Kind]) -> tuple[np.ndarray, int]:
    """Returns values as whole numbers in their column's unit, and how many had to be rounded."""
    table = np.array(rows, np.float64).reshape(len(rows), len(columns)) * np.array([scale for _, scale in columns])
    values = np.rint(np.clip(table, -_HUGE, _HUGE)).astype(np.int64)
    fractions = np.abs(table - values) > 1e-6 * np.maximum(1.0, np.abs(table))
    return values, int(fractions.sum())


def _frames(frames: object) -> list[tuple[str, str, int]]:
    if not isinstance(frames, list):
        raise UnknownFormat("the speedscope document has no list of frames.")
    found: list[tuple[str, str, int]] = []
    for frame in frames:
        named = frame if isinstance(frame, dict) else {}
        name, file, line = named.get("name"), named.get("file"), named.get("line")
        at = line if isinstance(line, int) and 0 < line < 1 << 31 else 0
        found.append((name if isinstance(name, str) else "", file if isinstance(file, str) else "", int(at)))
    return found


def _frame(frame: object, frames: int, place: int) -> int:
    if isinstance(frame, bool) or not isinstance(frame, int) or not 0 <= frame < frames:
        raise _broken(place, f"names a frame that is none of the {frames:,}")
    return frame


def _weight(value: object) -> float | None:
    number = json_text.as_number(value) if not isinstance(value, str) else None
    return number if number is not None and abs(number) < _HUGE else None


def _broken(place: int, why: str) -> DamagedInput:
    return DamagedInput(f"profile {place + 1} of the speedscope document {why}", 0, f"{place:,} profiles")
