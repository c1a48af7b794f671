"""A profile without what no sample uses, its tables in order of first use."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.joining import narrowest
from whence.measure.profiles.readers.profile import (
    Functions,
    Labels,
    Locations,
    Mappings,
    Profile,
    Rows,
    take_runs,
)

_AT_ONCE = 1 << 20


def compact(profile: Profile) -> Profile:
    """Returns the same profile with only the locations, functions, mappings and strings in use, numbered from 1.

    The first mapping stays first even when it is not in use: it stands for the main binary.
    """
    locations = profile.locations
    used, new = _used(profile.frames, len(locations))
    line_starts, lines = take_runs(locations.line_starts, used)
    functions, new_function = _used(locations.line_function[lines], len(profile.functions))
    mapping = locations.mapping[used]
    first = np.zeros(min(1, len(profile.mappings)), np.int32)
    mappings, new_mapping = _used(np.concatenate([first, mapping]), len(profile.mappings))
    return _compact_strings(
        replace(
            profile,
            frames=new.astype(narrowest(len(used)))[profile.frames],
            locations=Locations(
                _ids(len(used)),
                _moved(new_mapping, mapping),
                locations.address[used],
                locations.folded[used],
                line_starts,
                _moved(new_function, locations.line_function[lines]),
                locations.line_number[lines],
                locations.line_column[lines],
            ),
            functions=_take_functions(profile.functions, functions),
            mappings=_take_mappings(profile.mappings, mappings),
        )
    )


def _used(rows: NDArray[np.integer], count: int) -> tuple[NDArray[np.int64], Rows]:
    """Returns which of `count` rows are named, in order of first appearance, and each one's new place (-1: none)."""
    seen = np.full(count + 1, len(rows), np.int64)
    for stop in range(len(rows), 0, -_AT_ONCE):
        start = max(stop - _AT_ONCE, 0)
        # Of several assignments to one place the last holds: going backwards, that of the first appearance.
        seen[rows[start:stop][::-1]] = np.arange(stop - 1, start - 1, -1)
    seen = seen[:-1]  # where -1, for none, has written
    named = np.flatnonzero(seen < len(rows))
    named = named[np.argsort(seen[named], kind="stable")]
    new = np.full(count, -1, np.int32)
    new[named] = np.arange(len(named), dtype=np.int32)
    return named, new


def _moved(new: Rows, rows: Rows) -> Rows:
    return np.append(new, np.int32(-1))[rows]


def _ids(count: int) -> NDArray[np.uint64]:
    return np.arange(1, count + 1, dtype=np.uint64)


def _take_functions(table: Functions, rows: NDArray[np.int64]) -> Functions:
    columns = (table.name[rows], table.system_name[rows], table.filename[rows], table.start_line[rows])
    return Functions(_ids(len(rows)), *columns)


def _take_mappings(table: Mappings, rows: NDArray[np.int64]) -> Mappings:
    places = (table.start[rows], table.limit[rows], table.offset[rows])
    return Mappings(_ids(len(rows)), *places, table.filename[rows], table.build_id[rows], table.has[rows])


def _compact_strings(profile: Profile) -> Profile:
    functions, mappings, labels = profile.functions, profile.mappings, profile.labels
    columns = (functions.name, functions.system_name, functions.filename, mappings.filename, mappings.build_id)
    columns = (np.zeros(1, np.int32), *columns, labels.key, labels.text, labels.unit)
    used = np.zeros(len(profile.strings), np.bool_)
    for column in columns:
        used[column] = True
    rows = np.flatnonzero(used)
    new = np.zeros(len(profile.strings), np.int32)
    new[rows] = np.arange(len(rows), dtype=np.int32)
    return replace(
        profile,
        strings=[profile.strings[row] for row in rows.tolist()],
        functions=replace(
            functions,
            name=new[functions.name],
            system_name=new[functions.system_name],
            filename=new[functions.filename],
        ),
        mappings=replace(mappings, filename=new[mappings.filename], build_id=new[mappings.build_id]),
        labels=Labels(labels.starts, new[labels.key], new[labels.text], labels.number, new[labels.unit]),
    )
