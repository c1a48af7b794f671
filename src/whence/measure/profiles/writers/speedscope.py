"""A profile in speedscope's own JSON, one of its "sampled" profiles for each column of values.

Source: https://www.speedscope.app/file-format-schema.json.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec
import numpy as np

from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.writers.stack_names import Frames, named_stacks

_SCHEMA = "https://www.speedscope.app/file-format-schema.json"
_UNITS = ("nanoseconds", "microseconds", "milliseconds", "seconds", "bytes")
"""Units that speedscope knows; all others are written as none."""


def write_speedscope(profile: Profile, columns: Sequence[int] | None = None, *, name: str = "profile") -> bytes:
    """Returns JSON with these columns of values (all when not given), the profile's default shown first.

    Its samples have no order in time: stacks stand in order of first appearance, their weights are whole numbers.
    """
    columns = range(len(profile.sample_types)) if columns is None else columns
    stacks = [named_stacks(profile, column) for column in columns]
    shown = [place for place, column in enumerate(columns) if column == profile.default_type]
    document = {
        "$schema": _SCHEMA,
        "exporter": "whence",
        "name": name,
        "activeProfileIndex": shown[0] if shown else 0,
        "shared": {"frames": _frames(stacks)},
        "profiles": [_profile(profile, column, one) for column, one in zip(columns, stacks, strict=True)],
    }
    return msgspec.json.encode(document)


def _frames(stacks: Sequence[Frames]) -> list[dict[str, str | int]]:
    """Returns the frames of the first; they are the same for every column of a profile."""
    if not stacks:
        return []
    frames: list[dict[str, str | int]] = []
    for name, file, line in zip(stacks[0].names, stacks[0].files, stacks[0].lines, strict=True):
        frame: dict[str, str | int] = {"name": _text(name)}
        if file:
            frame["file"] = _text(file)
        if line > 0:
            frame["line"] = line
        frames.append(frame)
    return frames


def _profile(profile: Profile, column: int, stacks: Frames) -> dict[str, object]:
    kind = profile.sample_types[column]
    starts, content = stacks.starts.tolist(), stacks.content.tolist()
    return {
        "type": "sampled",
        "name": kind.type or f"column {column + 1}",
        "unit": kind.unit if kind.unit in _UNITS else "none",
        "startValue": 0,
        # A difference has negative weights too: the end is where a reader that adds them all arrives at most.
        "endValue": int(np.abs(stacks.values).sum()),
        "samples": [content[a:b] for a, b in pairwise(starts)],
        "weights": stacks.values.tolist(),
    }


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
