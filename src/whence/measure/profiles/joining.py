"""Profiles laid end to end over one set of tables: one string, function, mapping and location for each that differs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.alike import alike, columns_alike
from whence.measure.profiles.readers.profile import (
    Functions,
    Int64,
    Labels,
    Locations,
    Mappings,
    Profile,
    Rows,
    take_runs,
)

_PAGE = np.uint64(0x1000)


def join(profiles: Sequence[Profile]) -> Profile:
    """Returns all samples that are not zero, in order, each as it was; the header is that of all.

    The types of the first profile are taken for those of all. Rows of the tables stand in order of first appearance;
    ids are those rows, from 1.
    """
    profiles = [_without_zeros(profile) for profile in profiles]
    texts, strings = _strings(profiles)
    functions, function_rows = _functions(profiles, strings)
    mappings, mapping_rows, moved = _mappings(profiles, strings, texts)
    locations, location_rows = _locations(profiles, function_rows, mapping_rows, moved)
    width = narrowest(len(locations))
    parts = zip(location_rows, profiles, strict=True)
    return replace(
        _header(profiles),
        values=np.concatenate([profile.values for profile in profiles]),
        stack_starts=_starts([profile.stack_starts for profile in profiles]),
        frames=np.concatenate([rows.astype(width)[profile.frames] for rows, profile in parts]),
        labels=_labels(profiles, strings),
        locations=locations,
        functions=functions,
        mappings=mappings,
        strings=texts,
    )


def _without_zeros(profile: Profile) -> Profile:
    counted = np.asarray(profile.values.any(axis=1), np.bool_)
    return profile if counted.all() else profile.take(counted)


def narrowest(rows: int) -> type[np.unsignedinteger]:
    """Returns the narrowest unsigned type that holds so many rows."""
    return np.uint16 if rows <= 1 << 16 else np.uint32


def _header(profiles: Sequence[Profile]) -> Profile:
    """Returns the first profile with what the header of the sum says."""

    def first(texts: list[str]) -> str:
        return next((text for text in texts if text), "")

    return replace(
        profiles[0],
        default_sample_type=first([one.default_sample_type for one in profiles]),
        doc_url=first([one.doc_url for one in profiles]),
        period=max((one.period for one in profiles if one.period), default=0),
        time_nanos=min((one.time_nanos for one in profiles if one.time_nanos), default=0),
        duration_nanos=sum(one.duration_nanos for one in profiles),
        comments=tuple(dict.fromkeys(text for one in profiles for text in one.comments)),
        notes=tuple(dict.fromkeys(text for one in profiles for text in one.notes)),
    )


def _strings(profiles: Sequence[Profile]) -> tuple[list[str], list[Rows]]:
    """Returns the one string table, and for each profile the row there of each of its strings."""
    rows: dict[str, int] = {"": 0}
    mapped: list[Rows] = []
    for profile in profiles:
        for text in profile.strings:
            if text not in rows:
                rows[text] = len(rows)
        mapped.append(np.fromiter((rows[text] for text in profile.strings), np.int32, len(profile.strings)))
    return list(rows), mapped


def _gather(profiles: Sequence[Profile], column: Callable[[Profile], NDArray], rows: Sequence[Rows]) -> Rows:
    """Returns a column of string rows of all profiles, as rows of the one table."""
    return np.concatenate([mapped[column(profile)] for profile, mapped in zip(profiles, rows, strict=True)])


def _split(profiles: Sequence[Profile], column: NDArray, size: Callable[[Profile], int]) -> list[NDArray]:
    return np.split(column, np.cumsum([size(profile) for profile in profiles])[:-1])


def _ids(count: int) -> NDArray[np.uint64]:
    return np.arange(1, count + 1, dtype=np.uint64)


def _functions(profiles: Sequence[Profile], strings: Sequence[Rows]) -> tuple[Functions, list[Rows]]:
    name = _gather(profiles, lambda profile: profile.functions.name, strings)
    system_name = _gather(profiles, lambda profile: profile.functions.system_name, strings)
    filename = _gather(profiles, lambda profile: profile.functions.filename, strings)
    line = np.concatenate([profile.functions.start_line for profile in profiles])
    same = columns_alike(name, system_name, filename, line)
    kept = same.first
    functions = Functions(_ids(len(kept)), name[kept], system_name[kept], filename[kept], line[kept])
    return functions, _split(profiles, same.group.astype(np.int32), lambda profile: len(profile.functions))


def _mappings(
    profiles: Sequence[Profile], strings: Sequence[Rows], texts: list[str]
) -> tuple[Mappings, list[Rows], list[NDArray[np.uint64]]]:
    """Returns the mappings, each profile's rows of them, and what is to be added to addresses there (modulo 2^64).

    A binary is one wherever it is mapped: told by its build id or else its file, its size in pages and its offset.
    """
    filename = _gather(profiles, lambda profile: profile.mappings.filename, strings)
    build_id = _gather(profiles, lambda profile: profile.mappings.build_id, strings)
    start, limit, offset = (
        np.concatenate([getattr(profile.mappings, name) for profile in profiles])
        for name in ("start", "limit", "offset")
    )
    has = np.concatenate([profile.mappings.has for profile in profiles])
    pages = (limit - start + _PAGE - np.uint64(1)) // _PAGE
    same = columns_alike(pages, offset, np.where(build_id != 0, build_id, filename))
    kept = same.first
    columns = (start[kept], limit[kept], offset[kept], filename[kept], build_id[kept], has[kept])

    def size(profile: Profile) -> int:
        return len(profile.mappings)

    moved = start[kept][same.group] - start
    mappings = Mappings(_ids(len(kept)), *columns)
    return mappings, _split(profiles, same.group.astype(np.int32), size), _split(profiles, moved, size)


def _locations(
    profiles: Sequence[Profile],
    functions: Sequence[Rows],
    mappings: Sequence[Rows],
    moved: Sequence[NDArray[np.uint64]],
) -> tuple[Locations, list[Rows]]:
    tables = [profile.locations for profile in profiles]
    mapping = np.concatenate([_or_none(table.mapping, rows) for table, rows in zip(tables, mappings, strict=True)])
    by = [np.append(add, np.uint64(0))[table.mapping] for table, add in zip(tables, moved, strict=True)]
    address = np.concatenate([table.address + add for table, add in zip(tables, by, strict=True)])
    folded = np.concatenate([table.folded for table in tables])
    function = [_or_none(table.line_function, rows) for table, rows in zip(tables, functions, strict=True)]
    lines = (
        np.concatenate(function),
        np.concatenate([table.line_number for table in tables]),
        np.concatenate([table.line_column for table in tables]),
    )
    starts = _starts([table.line_starts for table in tables])
    same = alike(*_with_lines(starts, lines, (mapping, address, folded)))
    kept = same.first
    line_starts, index = take_runs(starts, kept)
    function, number, column = (line[index] for line in lines)
    numbers = (function.astype(np.int32), number.astype(np.int64), column.astype(np.int64))
    locations = Locations(_ids(len(kept)), mapping[kept], address[kept], folded[kept], line_starts, *numbers)
    return locations, _split(profiles, same.group.astype(np.int32), lambda profile: len(profile.locations))


def _with_lines(starts: Int64, lines: Sequence[NDArray], columns: Sequence[NDArray]) -> tuple[Int64, Int64]:
    """Returns rows of the columns' numbers followed by those of the row's lines."""
    rows, fixed, each = len(starts) - 1, len(columns), len(lines)
    new = starts * each + np.arange(rows + 1) * fixed
    content = np.empty(int(new[-1]), np.int64)
    for place, column in enumerate(columns):
        content[new[:-1] + place] = column.astype(np.int64)
    at = np.arange(len(lines[0])) * each + np.repeat(np.arange(1, rows + 1) * fixed, np.diff(starts))
    for place, line in enumerate(lines):
        content[at + place] = line
    return new, content


def _or_none(rows: Rows, mapped: Rows) -> Rows:
    """Returns the new row of each row; -1 stays."""
    return np.append(mapped, np.int32(-1))[rows]


def _labels(profiles: Sequence[Profile], strings: Sequence[Rows]) -> Labels:
    return Labels(
        _starts([profile.labels.starts for profile in profiles]),
        _gather(profiles, lambda profile: profile.labels.key, strings),
        _gather(profiles, lambda profile: profile.labels.text, strings),
        np.concatenate([profile.labels.number for profile in profiles]),
        _gather(profiles, lambda profile: profile.labels.unit, strings),
    )


def _starts(parts: Sequence[Int64]) -> Int64:
    """Returns the starts of runs that are laid end to end, profile after profile."""
    lengths = np.concatenate([np.diff(part) for part in parts])
    starts = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts
