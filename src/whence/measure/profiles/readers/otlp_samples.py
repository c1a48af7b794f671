"""The samples of OpenTelemetry profiles: a row a stack and set of attributes, a column for each thing counted."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whence.evidence.errors import BadInput
from whence.measure.profiles.readers import otlp_schema as schema
from whence.measure.profiles.readers.damage import DamagedInput
from whence.measure.profiles.readers.otlp_attributes import Attribute, Strings
from whence.measure.profiles.readers.otlp_tables import Table, row_lists
from whence.measure.profiles.readers.profile import Int64, Labels, ValueType, take_runs

_MOST_TYPES = 64
_FRAMES_A_BYTE, _FRAMES_ANYWAY = 32, 1 << 20
"""How many frames all samples may have together: a sample takes some bytes, and names a stack of any length."""


class Samples(NamedTuple):
    types: tuple[ValueType, ...]
    values: Int64
    stack_starts: Int64
    frames: NDArray[np.unsignedinteger]
    labels: Labels


def samples_of(
    profiles: Table, stacks: Table, locations: int, attributes: list[Attribute], strings: Strings
) -> Samples:
    """Returns the samples of all profiles, one row for each stack and set of attributes that differs."""
    types, column = _columns(profiles, strings)
    samples = profiles.nested(schema.Profile.SAMPLES)
    stack = samples.rows(schema.Sample.STACK, max(len(stacks), 1), "stack").astype(np.int64)
    starts, rows = row_lists(samples, schema.Sample.ATTRIBUTES, len(attributes), "attribute")
    labelled = _set_numbers(starts, rows)
    together = stack * (int(labelled.max(initial=0)) + 1) + labelled
    _, first, group = np.unique(together, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    values = np.zeros((len(order), len(types)), np.int64)
    np.add.at(values, (place[group.reshape(-1)], column[samples.owner]), _values(samples))
    first = first[order]
    stack_starts, frames = row_lists(stacks, schema.Stack.LOCATIONS, locations + 1, "location")
    if not len(stacks):
        stack_starts = np.zeros(2, np.int64)
    _check_size(int(np.diff(stack_starts)[stack[first]].sum()), len(profiles.data))
    stack_starts, index = take_runs(stack_starts, stack[first])
    if not frames[index].all():
        raise DamagedInput("a stack names location 0, which is none,", 0, f"{locations} locations")
    width = np.uint16 if locations <= 1 << 16 else np.uint32
    label_starts, label_index = take_runs(starts, first)
    labels = _labels(label_starts, rows[label_index], attributes, strings)
    return Samples(types, values, stack_starts, (frames[index] - 1).astype(width), labels)


def _check_size(frames: int, size_bytes: int) -> None:
    """Raises BadInput when stacks, each written once, would take far more room than the file."""
    if frames > _FRAMES_A_BYTE * size_bytes + _FRAMES_ANYWAY:
        raise BadInput(f"{size_bytes} bytes of profile spell out to {frames} frames. Give a smaller profile.")


def _columns(profiles: Table, strings: Strings) -> tuple[tuple[ValueType, ...], Int64]:
    """Returns the types of all profiles, each once, and which of them each profile counts."""
    kinds = profiles.nested(schema.Profile.SAMPLE_TYPE)
    named = dict(zip(kinds.owner.tolist(), value_types(kinds, strings), strict=True))
    each = [named.get(row, ValueType("", "")) for row in range(len(profiles))]
    types = tuple(dict.fromkeys(each))
    if len(types) > _MOST_TYPES:
        raise BadInput(
            f"the profiles count {len(types)} different things, more than {_MOST_TYPES}. Give fewer of them."
        )
    return types, np.array([types.index(kind) for kind in each], np.int64)


def value_types(table: Table, strings: Strings) -> list[ValueType]:
    kinds = table.rows(schema.ValueType.TYPE, strings.count, "string").tolist()
    units = table.rows(schema.ValueType.UNIT, strings.count, "string").tolist()
    return [ValueType(strings.texts[kind], strings.texts[unit]) for kind, unit in zip(kinds, units, strict=True)]


def _values(samples: Table) -> Int64:
    """Returns what each sample counts: the sum of its values, or how many times it was seen where it has none."""
    starts, numbers = samples.lists(schema.Sample.VALUES)
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(numbers.view(np.int64))])
    values = ends[starts[1:]] - ends[starts[:-1]]
    times = samples.fixed64_counts(schema.Sample.TIMESTAMPS)
    return np.where(np.diff(starts) == 0, times, values)


def _set_numbers(starts: Int64, rows: Int64) -> Int64:
    """Returns a number for each list that is equal for lists of the same entries; 0 for an empty one."""
    numbers: dict[tuple[int, ...], int] = {(): 0}
    found = np.zeros(len(starts) - 1, np.int64)
    plain, edges = rows.tolist(), starts.tolist()
    for row in np.flatnonzero(np.diff(starts)).tolist():
        key = tuple(sorted(plain[edges[row] : edges[row + 1]]))
        found[row] = numbers.setdefault(key, len(numbers))
    return found


def _labels(starts: Int64, rows: Int64, attributes: list[Attribute], strings: Strings) -> Labels:
    key = np.array([strings.row(one.key) for one in attributes], np.int32)
    text = np.array([strings.row(one.text) for one in attributes], np.int32)
    unit = np.array([strings.row(one.unit) for one in attributes], np.int32)
    number = np.array([one.number for one in attributes], np.int64)
    if not len(attributes):
        return Labels(starts, key, text, number, unit)
    return Labels(starts, key[rows], text[rows], number[rows], unit[rows])
