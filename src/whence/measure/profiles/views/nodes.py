"""What the lines of a profile's locations are grouped by: functions, files, lines, packages, addresses.

A node is what a frame is shown as. Each line of each location belongs to one node; a location without lines gets a
line of its own. The rules are pprof's: functions are told apart by name alone; what has no name by its binary.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.readers.profile import Int64, Profile

Node = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Nodes:
    """Names of nodes, and the node of every line; the lines of location i are starts[i] to starts[i + 1]."""

    names: list[str]
    starts: Int64
    of_line: Node

    @property
    def single(self) -> Node | None:
        """The node of every location when each has exactly one line."""
        return self.of_line if len(self.of_line) == len(self.starts) - 1 else None


def by_function(profile: Profile) -> Nodes:
    """Returns nodes by function name."""
    return grouped(profile, profile.function_names())


def grouped(profile: Profile, function_names: list[str]) -> Nodes:
    """Returns nodes by a name given to every function row; lines without a named function go by their binary."""
    places = profile.locations
    lines = np.diff(places.line_starts)
    starts = np.zeros(len(places) + 1, np.int64)
    np.cumsum(np.maximum(lines, 1), out=starts[1:])
    function = np.full(int(starts[-1]), -1, np.int32)
    owner = np.repeat(np.arange(len(places)), lines)
    position = np.arange(len(owner)) - places.line_starts[owner]
    function[starts[owner] + position] = places.line_function
    index: dict[object, int] = {}
    names: list[str] = []

    def node(key: object, name: str) -> int:
        row = index.get(key)
        if row is None:
            row = index[key] = len(names)
            names.append(name)
        return row

    of_function = np.array([node(name, name) if name else -1 for name in function_names] or [-1], np.int32)
    of_line = np.where(function >= 0, of_function[function], np.int32(-1))
    unnamed = np.flatnonzero(of_line < 0)
    if len(unnamed):
        place = np.searchsorted(starts, unnamed, side="right") - 1
        for line, location in zip(unnamed.tolist(), place.tolist(), strict=True):
            row = int(function[line])
            binary = binary_of(profile, location)
            start_line = int(profile.functions.start_line[row]) if row >= 0 else 0
            of_line[line] = node((binary, start_line, row >= 0), unnamed_label(binary))
    return Nodes(names, starts, of_line)


def binary_of(profile: Profile, location: int) -> str:
    """Returns the file of the binary that a location lies in, empty when the profile does not say."""
    mapping = int(profile.locations.mapping[location])
    return profile.strings[int(profile.mappings.filename[mapping])] if mapping >= 0 else ""


def unnamed_label(binary: str) -> str:
    """Returns what a frame without a function is called."""
    return f"[{PurePosixPath(binary).name}]" if binary else "<unknown>"
