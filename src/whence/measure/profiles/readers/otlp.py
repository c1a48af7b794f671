"""OpenTelemetry's ProfilesData (OTLP, v1development, binary): all its profiles as the columns of one.

Each of its profiles counts one thing; those that count the same are added, the others stand side by side. Samples of
one stack and one set of attributes are one row. Numbers and names of the schema are in otlp_schema.py.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whence.evidence.errors import BadInput
from whence.measure.profiles.readers import otlp_schema as schema
from whence.measure.profiles.readers import wire
from whence.measure.profiles.readers.damage import DamagedInput
from whence.measure.profiles.readers.otlp_attributes import Attribute, Strings, attributes_of, scope_attributes
from whence.measure.profiles.readers.otlp_tables import Table, row_lists, table_of
from whence.measure.profiles.readers.profile import (
    Functions,
    Int64,
    Labels,
    Locations,
    Mappings,
    Profile,
    ValueType,
    take_runs,
)

_MOST_TYPES = 64
_FRAMES_A_BYTE, _FRAMES_ANYWAY = 32, 1 << 20
"""How many frames all samples may have together: a sample takes some bytes, and names a stack of any length."""


def is_otlp(content: bytes | bytearray) -> bool:
    """Tells whether decompressed content may be ProfilesData: resources, then one dictionary, and nothing else."""
    at, dictionaries = 0, 0
    while at < len(content) and dictionaries < 2:
        if content[at] not in (schema.Data.RESOURCES << 3 | 2, schema.Data.DICTIONARY << 3 | 2):
            return False
        dictionaries += content[at] >> 3 == schema.Data.DICTIONARY
        head = bytes(content[at + 1 : at + 11])
        size, used = wire.plain_varint(head, 0)
        at += 1 + used + size
    return dictionaries == 1


def read_otlp(content: bytes | bytearray) -> Profile:
    """Returns the profiles in `content` as one. Raises DamagedInput with the offset where it breaks."""
    data = wire.padded(content)
    whole = table_of(data, np.zeros(1, np.int64), np.array([len(content)], np.int64))
    dictionary = whole.nested(schema.Data.DICTIONARY)
    tables = {kind: dictionary.nested(kind) for kind in schema.Dictionary if kind != schema.Dictionary.STRINGS}
    strings = Strings(dictionary.texts(schema.Dictionary.STRINGS))
    attributes = attributes_of(tables[schema.Dictionary.ATTRIBUTES], strings)
    mappings = _mappings(tables[schema.Dictionary.MAPPINGS], strings, attributes)
    functions = _functions(tables[schema.Dictionary.FUNCTIONS], strings)
    locations = _locations(tables[schema.Dictionary.LOCATIONS], len(mappings), len(functions), attributes)
    scopes = whole.nested(schema.Data.RESOURCES).nested(schema.Resource.SCOPES)
    profiles = scopes.nested(schema.Scope.PROFILES)
    said = scope_attributes(scopes.nested(schema.Scope.SCOPE))
    samples = _samples(profiles, tables[schema.Dictionary.STACKS], len(locations), attributes, strings)
    header = _header(profiles, strings, attributes)
    resources = len(whole.nested(schema.Data.RESOURCES))
    notes = (f"the profiles of {resources} resources are added together",) if resources > 1 else ()
    return Profile(
        sample_types=samples.types,
        values=samples.values,
        stack_starts=samples.stack_starts,
        frames=samples.frames,
        labels=samples.labels,
        locations=locations,
        functions=functions,
        mappings=mappings,
        strings=strings.texts,
        default_sample_type=said.get(schema.DEFAULT_SAMPLE_TYPE, ""),
        period_type=header.period_type,
        period=header.period,
        time_nanos=header.time_nanos,
        duration_nanos=header.duration_nanos,
        drop_frames=header.texts.get(schema.DROP_FRAMES, ""),
        keep_frames=header.texts.get(schema.KEEP_FRAMES, ""),
        comments=header.comments,
        doc_url=header.texts.get(schema.DOC_URL, ""),
        notes=notes,
    )


def _ids(count: int) -> NDArray[np.uint64]:
    return np.arange(1, count + 1, dtype=np.uint64)


def _mappings(table: Table, strings: Strings, attributes: list[Attribute]) -> Mappings:
    """Returns the mappings but the empty one at index 0."""
    fields = schema.Mapping
    starts, rows = row_lists(table, fields.ATTRIBUTES, len(attributes), "attribute")
    has, build_ids = np.zeros(len(table), np.uint8), np.zeros(len(table), np.int32)
    for mapping in range(len(table)):
        for row in rows[starts[mapping] : starts[mapping + 1]].tolist():
            one = attributes[row]
            if one.key in schema.HAS and one.text == "true":
                has[mapping] |= 1 << schema.HAS.index(one.key)
            elif one.key in (schema.BUILD_ID_GNU, schema.BUILD_ID_GO) and not build_ids[mapping]:
                build_ids[mapping] = strings.row(one.text)
    return Mappings(
        id=_ids(max(len(table) - 1, 0)),
        start=table.numbers(fields.START)[1:],
        limit=table.numbers(fields.LIMIT)[1:],
        offset=table.numbers(fields.OFFSET)[1:],
        filename=table.rows(fields.FILENAME, strings.count, "string")[1:],
        build_id=build_ids[1:],
        has=has[1:],
    )


def _functions(table: Table, strings: Strings) -> Functions:
    fields = schema.Function
    names = (fields.NAME, fields.SYSTEM_NAME, fields.FILENAME)
    name, system_name, filename = (table.rows(field, strings.count, "string")[1:] for field in names)
    start_line = table.numbers(fields.START_LINE).view(np.int64)[1:]
    return Functions(_ids(max(len(table) - 1, 0)), name, system_name, filename, start_line)


def _locations(table: Table, mappings: int, functions: int, attributes: list[Attribute]) -> Locations:
    """Returns the locations but the empty one at index 0; what they refer to is then one row lower too."""
    fields = schema.Location
    lines = table.nested(fields.LINES)
    counts = np.bincount(lines.owner, minlength=len(table))[1:]
    starts = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    kept = lines.owner > 0
    folds = [row for row, one in enumerate(attributes) if one.key == schema.FOLDED and one.text == "true"]
    attribute_starts, rows = row_lists(table, fields.ATTRIBUTES, len(attributes), "attribute")
    folded = np.zeros(len(table), np.bool_)
    folded[np.repeat(np.arange(len(table)), np.diff(attribute_starts))[np.isin(rows, folds)]] = True
    return Locations(
        id=_ids(max(len(table) - 1, 0)),
        mapping=table.rows(fields.MAPPING, mappings + 1, "mapping")[1:] - np.int32(1),
        address=table.numbers(fields.ADDRESS)[1:],
        folded=folded[1:],
        line_starts=starts,
        line_function=lines.rows(schema.Line.FUNCTION, functions + 1, "function")[kept] - np.int32(1),
        line_number=lines.numbers(schema.Line.LINE).view(np.int64)[kept],
        line_column=lines.numbers(schema.Line.COLUMN).view(np.int64)[kept],
    )


class _Samples(NamedTuple):
    types: tuple[ValueType, ...]
    values: Int64
    stack_starts: Int64
    frames: NDArray[np.unsignedinteger]
    labels: Labels


def _samples(profiles: Table, stacks: Table, locations: int, attributes: list[Attribute], strings: Strings) -> _Samples:
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
    return _Samples(types, values, stack_starts, (frames[index] - 1).astype(width), labels)


def _check_size(frames: int, size_bytes: int) -> None:
    """Raises BadInput when stacks, each written once, would take far more room than the file."""
    if frames > _FRAMES_A_BYTE * size_bytes + _FRAMES_ANYWAY:
        raise BadInput(f"{size_bytes} bytes of profile spell out to {frames} frames. Give a smaller profile.")


def _columns(profiles: Table, strings: Strings) -> tuple[tuple[ValueType, ...], Int64]:
    """Returns the types of all profiles, each once, and which of them each profile counts."""
    kinds = profiles.nested(schema.Profile.SAMPLE_TYPE)
    named = dict(zip(kinds.owner.tolist(), _value_types(kinds, strings), strict=True))
    each = [named.get(row, ValueType("", "")) for row in range(len(profiles))]
    types = tuple(dict.fromkeys(each))
    if len(types) > _MOST_TYPES:
        raise BadInput(
            f"the profiles count {len(types)} different things, more than {_MOST_TYPES}. Give fewer of them."
        )
    return types, np.array([types.index(kind) for kind in each], np.int64)


def _value_types(table: Table, strings: Strings) -> list[ValueType]:
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


class _Header(NamedTuple):
    period_type: ValueType
    period: int
    time_nanos: int
    duration_nanos: int
    texts: dict[str, str]
    comments: tuple[str, ...]


def _header(profiles: Table, strings: Strings, attributes: list[Attribute]) -> _Header:
    """Returns what the profiles say of themselves: the earliest time, the longest duration, the first of the rest."""
    fields = schema.Profile
    times = [time for time in profiles.fixed64(fields.TIME_UNIX_NANO).tolist() if 0 < time < 1 << 63]
    durations = [one for one in profiles.numbers(fields.DURATION_NANO).tolist() if one < 1 << 63]
    kinds = _value_types(profiles.nested(fields.PERIOD_TYPE), strings)
    period = profiles.numbers(fields.PERIOD).view(np.int64)
    _, rows = row_lists(profiles, fields.ATTRIBUTES, len(attributes), "attribute")
    said = [attributes[row] for row in dict.fromkeys(rows.tolist())]
    texts = {one.key: one.text for one in reversed(said)}
    comments = tuple(text for one in said if one.key == schema.COMMENT for text in one.texts)
    return _Header(
        period_type=kinds[0] if kinds else ValueType("", ""),
        period=next((one for one in period.tolist() if one), 0),
        time_nanos=min(times, default=0),
        duration_nanos=max(durations, default=0),
        texts=texts,
        comments=comments,
    )
