"""Names for the addresses of a profile that has none, from the executable that was profiled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whence.evidence.errors import BadInput
from whence.golang.code.elf import Elf, read_elf
from whence.golang.code.lines import Frame, GoLines
from whence.measure.profiles.readers.profile import Functions, Mappings, Profile


class WrongBinary(BadInput):
    """An executable other than the one that was profiled."""


def needs_symbols(profile: Profile) -> bool:
    """Tells whether the profile has addresses without a function."""
    return bool(len(_nameless(profile)))


def symbolise(profile: Profile, binary: Path, *, force: bool = False) -> Profile:
    """Returns the profile with functions, files and lines for the addresses of this executable that had none.

    It is the right one when the build id that the profile recorded is its own (Go's or the linker's); a profile
    without a build id is taken at its file's name. `force` takes any. Frames that have names keep them. Raises
    BadInput, WrongBinary.
    """
    nameless = _nameless(profile)
    if not len(nameless):
        return replace(profile, notes=(*profile.notes, f"every address had a name already: {binary} was not needed"))
    elf = read_elf(binary)
    mappings = _mappings(profile, elf, binary, force)
    chosen = nameless[np.isin(profile.locations.mapping[nameless], mappings)]
    go = GoLines(elf)
    found = {row: frames for row in chosen.tolist() if (frames := _frames(profile, row, elf, go))}
    unknown = len(nameless) - len(found)
    notes = (f"{unknown} of {len(nameless)} addresses without a name are not in {binary}",) if unknown else ()
    return replace(_with_lines(profile, found), notes=(*profile.notes, *notes))


def _nameless(profile: Profile) -> NDArray[np.int64]:
    """Returns the rows of locations that have an address but no function."""
    locations = profile.locations
    row_of_line = np.repeat(np.arange(len(locations)), np.diff(locations.line_starts))
    names = np.array([bool(name) for name in profile.function_names()] + [False], np.bool_)
    named = np.zeros(len(locations), np.bool_)
    named[row_of_line[names[locations.line_function]]] = True
    return np.flatnonzero(~named & np.not_equal(locations.address, 0))


def _mappings(profile: Profile, elf: Elf, binary: Path, force: bool) -> list[int]:
    """Returns the rows of mappings that are this executable; -1 stands for addresses without a mapping."""
    mappings, strings, ids = profile.mappings, profile.strings, elf.build_ids()
    recorded = [strings[row] for row in mappings.build_id.tolist()]
    files = [strings[row] for row in mappings.filename.tolist()]
    if not recorded:
        return [-1]
    same = [row for row, build_id in enumerate(recorded) if build_id and build_id in ids]
    if same:
        return same
    named = [row for row, file in enumerate(files) if file.rsplit("/", 1)[-1] == binary.name]
    if force:
        return named or [0]
    unproven = [row for row in named if not recorded[row]]
    if unproven or not (named or recorded[0] or files[0]):
        return unproven or [0]
    if any(recorded):
        theirs = recorded[named[0]] if named and recorded[named[0]] else next(filter(None, recorded))
        told = f"the profile is of build {theirs}, {binary} is {' and '.join(ids) or 'without a build id'}"
    else:
        told = f"the profile is of {files[0]}, not of {binary.name}, and has no build id to tell more"
    raise WrongBinary(f"{told}. Give the executable that was profiled, or force it.")


def _frames(profile: Profile, row: int, elf: Elf, go: GoLines) -> Sequence[Frame]:
    address = _address(profile.mappings, int(profile.locations.mapping[row]), int(profile.locations.address[row]), elf)
    if address is None:
        return ()
    frames = go.frames(address)
    if not frames and (name := elf.function_at(address)):
        return (Frame(name, "", 0, 0),)
    return frames


def _address(mappings: Mappings, mapping: int, address: int, elf: Elf) -> int | None:
    """Returns the executable's own address of one in the process."""
    if not elf.moves or mapping < 0:
        return address
    return elf.address_of_offset(address - int(mappings.start[mapping]) + int(mappings.offset[mapping]))


def _with_lines(profile: Profile, found: dict[int, Sequence[Frame]]) -> Profile:
    """Returns the profile with these lines for these locations."""
    strings = list(profile.strings)
    rows = {text: row for row, text in reversed(list(enumerate(strings)))}
    functions: dict[tuple[str, int], int] = {}
    files: dict[tuple[str, int], Counter[str]] = {}

    def text_row(text: str) -> int:
        if text not in rows:
            rows[text] = len(strings)
            strings.append(text)
        return rows[text]

    locations = profile.locations
    old = locations.line_starts.tolist()
    starts = [0]
    lines: list[tuple[int, int, int]] = []
    columns = (locations.line_function, locations.line_number, locations.line_column)
    kept = list(zip(*(column.tolist() for column in columns), strict=True))
    for row in range(len(locations)):
        for frame in found.get(row, ()):
            key = (frame.function, frame.start_line)
            # A line may lie in another file than its function: what was inlined there and left no call behind.
            files.setdefault(key, Counter())[frame.file] += 1
            number = functions.setdefault(key, len(profile.functions) + len(functions))
            lines.append((number, frame.line, 0))
        if row not in found:
            lines += kept[old[row] : old[row + 1]]
        starts.append(len(lines))
    table = np.array(lines, np.int64).reshape(-1, 3)
    added = [(text_row(key[0]), text_row(files[key].most_common(1)[0][0]), key[1]) for key in functions]
    has = profile.mappings.has.copy()
    touched = {int(locations.mapping[row]) for row in found} - {-1}
    has[list(touched)] = 15
    return replace(
        profile,
        strings=strings,
        functions=_more_functions(profile.functions, added),
        mappings=replace(profile.mappings, has=has),
        locations=replace(
            locations,
            line_starts=np.array(starts, np.int64),
            line_function=table[:, 0].astype(np.int32),
            line_number=table[:, 1].copy(),
            line_column=table[:, 2].copy(),
        ),
    )


def _more_functions(table: Functions, more: list[tuple[int, int, int]]) -> Functions:
    new = np.array(more, np.int64).reshape(-1, 3)
    next_id = int(table.id.max(initial=0)) + 1
    name, file = new[:, 0].astype(np.int32), new[:, 1].astype(np.int32)
    return Functions(
        np.concatenate([table.id, np.arange(next_id, next_id + len(new), dtype=np.uint64)]),
        np.concatenate([table.name, name]),
        np.concatenate([table.system_name, name]),
        np.concatenate([table.filename, file]),
        np.concatenate([table.start_line, new[:, 2]]),
    )
