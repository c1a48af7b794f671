"""Folded stacks, one a line: `root;caller;leaf 42`, as stack collapsing scripts write and flame graph tools read."""

from __future__ import annotations

import re

import numpy as np

from whence.measure.profiles.readers.damage import DamagedInput, UnknownFormat
from whence.measure.profiles.readers.named_frames import Paths, profile_of
from whence.measure.profiles.readers.profile import Profile, ValueType

_COUNT = re.compile(rb"[-+]?\d{1,18}(?:\.\d{1,9})?")
_LOOKED_AT = 4096
_FEW = 20


def is_folded(content: bytes | bytearray) -> bool:
    """Tells whether the first lines are all text that ends in a count."""
    head = bytes(content[:_LOOKED_AT])
    if b"\0" in head:
        return False
    lines = [line for line in head.split(b"\n")[: _FEW + 1] if line.strip()]
    whole = lines if len(content) <= _LOOKED_AT or len(lines) > _FEW else lines[:-1]
    split = [_split(line) for line in whole[:_FEW]]
    return all(one is not None for one in split) and any(one is not None and one[0] for one in split)


def read_folded(content: bytes | bytearray) -> Profile:
    """Returns the profile of one column, samples. Raises DamagedInput at a line that does not end in a count.

    Counts with decimals are rounded, which a note says. Names are taken as they are, spaces included.
    """
    paths, rows = Paths(), _Frames()
    nodes: list[int] = []
    values: list[int] = []
    rounded = 0
    offset = 0
    for line in bytes(content).split(b"\n"):
        split = _split(line)
        if split is None:
            if line.strip():
                raise DamagedInput("a line of folded stacks has no count at its end", offset, f"{len(nodes):,} stacks")
        else:
            stack, count = split
            number = float(count) if b"." in count else int(count)
            rounded += number != int(number)
            node = 0
            for name in stack.split(b";") if stack else ():
                node = paths.child(node, rows.row(name))
            nodes.append(node)
            values.append(round(number))
        offset += len(line) + 1
    if not nodes:
        raise UnknownFormat("the content holds no folded stack (a line such as `main;work 42`).")
    starts, frames = paths.stacks(nodes)
    note = f"{rounded:,} counts had decimals and were rounded."
    return profile_of(
        [(name, "", 0) for name in rows.names],
        starts,
        frames,
        np.array(values, np.int64).reshape(-1, 1),
        [ValueType("samples", "count")],
        notes=(note,) if rounded else (),
    )


class _Frames:
    def __init__(self) -> None:
        self._rows: dict[bytes, int] = {}
        self.names: list[str] = []

    def row(self, name: bytes) -> int:
        row = self._rows.setdefault(name, len(self.names))
        if row == len(self.names):
            self.names.append(name.decode("utf-8", "replace"))
        return row


def _split(line: bytes) -> tuple[bytes, bytes] | None:
    """Returns stack and count of a line; a stack without frames is empty."""
    stack, space, count = line.rstrip().rpartition(b" ")
    if not space or _COUNT.fullmatch(count) is None:
        return None
    return stack.strip(), count
