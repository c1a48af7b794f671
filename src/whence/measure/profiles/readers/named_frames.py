"""Stacks of named frames, as formats without addresses have them, laid out as a profile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from whence.evidence.errors import BadInput
from whence.measure.profiles.readers.profile import (
    Functions,
    Int64,
    Labels,
    Locations,
    Mappings,
    Profile,
    ValueType,
)

MOST_FRAMES = 100_000_000
"""Frames of all stacks together: nested calls can unfold to the square of their file's size."""


@dataclass(slots=True)
class Strings:
    """The table of strings; row 0 is the empty one."""

    rows: dict[str, int] = field(default_factory=lambda: {"": 0})

    def row(self, text: str) -> int:
        return self.rows.setdefault(text, len(self.rows))


def profile_of(
    frames: Sequence[tuple[str, str, int]],
    starts: Int64,
    content: Int64,
    values: Int64,
    sample_types: Sequence[ValueType],
    *,
    threads: Sequence[str] | None = None,
    notes: Sequence[str] = (),
) -> Profile:
    """Returns the profile whose sample i has the frames content[starts[i] : starts[i + 1]], leaf first.

    `frames`: (name, file, line; 0 for none) by row. `values`: a row a sample, a column a type. `threads`: of each
    sample, as its label.
    """
    strings = Strings()
    count = len(frames)
    ids = np.arange(1, count + 1, dtype=np.uint64)
    names = np.array([strings.row(name) for name, _, _ in frames], np.int32)
    files = np.array([strings.row(file) for _, file, _ in frames], np.int32)
    lines = np.array([line for _, _, line in frames], np.int64)
    key, samples = strings.row("thread") if threads is not None else 0, len(values)
    texts = np.array([strings.row(text) for text in threads or ()], np.int32)
    nothing, no_rows, labels = np.zeros(0, np.uint64), np.zeros(0, np.int32), len(texts)
    return Profile(
        sample_types=tuple(sample_types),
        values=values,
        stack_starts=starts,
        frames=content.astype(np.min_scalar_type(max(count - 1, 0))),
        labels=Labels(
            starts=np.arange(samples + 1, dtype=np.int64) if labels else np.zeros(samples + 1, np.int64),
            key=np.full(labels, key, np.int32),
            text=texts,
            number=np.zeros(labels, np.int64),
            unit=np.zeros(labels, np.int32),
        ),
        locations=Locations(
            id=ids,
            mapping=np.full(count, -1, np.int32),
            address=np.zeros(count, np.uint64),
            folded=np.zeros(count, np.bool_),
            line_starts=np.arange(count + 1, dtype=np.int64),
            line_function=np.arange(count, dtype=np.int32),
            line_number=lines,
            line_column=np.zeros(count, np.int64),
        ),
        functions=Functions(ids, names, np.zeros(count, np.int32), files, lines),
        mappings=Mappings(nothing, nothing, nothing, nothing, no_rows, no_rows, np.zeros(0, np.uint8)),
        strings=list(strings.rows),
        notes=tuple(notes),
    )


_FEW = 16


class Paths:
    """Stacks as a tree from the root, so that calls nested in calls are kept once; node 0 is the root."""

    def __init__(self) -> None:
        self.parent = [0]
        self.frame = [-1]
        self.depth = [0]
        self._child: dict[tuple[int, int], int] = {}

    def child(self, node: int, frame: int) -> int:
        """Returns the node of `frame` called from `node`."""
        made = self._child.setdefault((node, frame), len(self.parent))
        if made == len(self.parent):
            self.parent.append(node)
            self.frame.append(frame)
            self.depth.append(self.depth[node] + 1)
        return made

    def stacks(self, nodes: Sequence[int]) -> tuple[Int64, Int64]:
        """Returns starts and content of the stacks of these nodes, leaf first. Raises BadInput for too many frames."""
        starts = np.zeros(len(nodes) + 1, np.int64)
        np.cumsum(np.array([self.depth[node] for node in nodes], np.int64), out=starts[1:])
        if starts[-1] > MOST_FRAMES:
            raise BadInput(
                f"the stacks unfold to {starts[-1]:,} frames, more than {MOST_FRAMES:,}. Give a shorter profile."
            )
        content = np.zeros(int(starts[-1]), np.int64)
        parent, frame = np.array(self.parent), np.array(self.frame)
        # All stacks climb one caller at a time, together; the few deepest go on alone.
        at, place = np.array(nodes, np.int64), starts[:-1].copy()
        while len(at) > _FEW:
            inside = at > 0
            at, place = at[inside], place[inside]
            content[place] = frame[at]
            at, place = parent[at], place + 1
        for node, first in zip(at.tolist(), place.tolist(), strict=True):
            rest: list[int] = []
            while node > 0:
                rest.append(self.frame[node])
                node = self.parent[node]
            content[first : first + len(rest)] = rest
        return starts, content
