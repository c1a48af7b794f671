"""The frames of a profile as people read them: a name for every function of every inlined location, root first."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.alike import alike
from whence.measure.profiles.readers.profile import Int64, Profile, take_runs


class Frames(NamedTuple):
    """The stacks of one column of values, equal ones added, those that add up to nothing left out."""

    names: list[str]
    """A name of every frame; two frames of one name are two functions (of different files)."""
    files: list[str]
    """Where the function is written, empty when not known."""
    lines: list[int]
    """The line where it begins, 0 when not known."""
    starts: Int64
    content: NDArray[np.int64]
    """Frames starts[i] to starts[i + 1] are stack i, root first."""
    values: Int64


def named_stacks(profile: Profile, column: int) -> Frames:
    """Returns the stacks of a column by function name, in order of first appearance."""
    counted = np.flatnonzero(profile.values[:, column])
    names, files, lines, frame_starts, frame_of = _frames(profile)
    starts, index = take_runs(profile.stack_starts, counted)
    locations = profile.frames[index].astype(np.int64)
    # Innermost first, twice: leaf first within a stack, and within a location; so one reversal does for both.
    inner_starts, inner = take_runs(frame_starts, locations)
    content = frame_of[inner]
    starts = inner_starts[starts]
    content = _reversed_runs(starts, content)
    same = alike(starts, content)
    values = np.zeros(len(same.first), np.int64)
    np.add.at(values, same.group, profile.values[counted, column])
    kept = np.flatnonzero(values)
    starts, index = take_runs(starts, same.first[kept])
    return Frames(names, files, lines, starts, content[index], values[kept])


def _frames(profile: Profile) -> tuple[list[str], list[str], list[int], Int64, NDArray[np.int64]]:
    """Returns names, files and lines of all frames, and the frames of every location, innermost first."""
    locations, functions = profile.locations, profile.functions
    names = [name or "(unnamed)" for name in profile.function_names()]
    files = [profile.strings[row] for row in functions.filename.tolist()]
    lines = functions.start_line.tolist()
    bare = np.flatnonzero(np.diff(locations.line_starts) == 0)
    nameless = len(names)
    names.append("(unknown)")
    for location in bare.tolist():
        names.append(address_name(profile, location))
    files += [""] * (len(bare) + 1)
    lines += [0] * (len(bare) + 1)
    counts = np.maximum(np.diff(locations.line_starts), 1)
    starts = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    frames = np.empty(int(starts[-1]), np.int64)
    has_lines = np.ones(len(frames), np.bool_)
    has_lines[starts[bare]] = False
    frames[has_lines] = np.where(locations.line_function < 0, nameless, locations.line_function)
    frames[starts[bare]] = nameless + 1 + np.arange(len(bare))
    return names, files, lines, starts, frames


def address_name(profile: Profile, location: int) -> str:
    """Returns what stands for a function that is not known: its binary's name and the address."""
    mapping = int(profile.locations.mapping[location])
    binary = profile.strings[int(profile.mappings.filename[mapping])].rsplit("/", 1)[-1] if mapping >= 0 else ""
    return (
        f"{binary}+{int(profile.locations.address[location]):#x}"
        if binary
        else (f"{int(profile.locations.address[location]):#x}")
    )


def _reversed_runs(starts: Int64, content: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns the content with every run turned round."""
    index = np.repeat(starts[:-1] + starts[1:] - 1, np.diff(starts)) - np.arange(len(content))
    return content[index]
