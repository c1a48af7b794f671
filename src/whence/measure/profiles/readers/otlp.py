"""OpenTelemetry's ProfilesData (OTLP, v1development, binary): all its profiles as the columns of one.

Each of its profiles counts one thing; those that count the same are added, the others stand side by side. Samples of
one stack and one set of attributes are one row. Numbers and names of the schema are in otlp_schema.py.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.readers import otlp_schema as schema
from whence.measure.profiles.readers import wire
from whence.measure.profiles.readers.otlp_attributes import Attribute, Strings, attributes_of, scope_attributes
from whence.measure.profiles.readers.otlp_samples import samples_of, value_types
from whence.measure.profiles.readers.otlp_tables import Table, row_lists, table_of
from whence.measure.profiles.readers.profile import (
    Functions,
    Locations,
    Mappings,
    Profile,
    ValueType,
)


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
    samples = samples_of(profiles, tables[schema.Dictionary.STACKS], len(locations), attributes, strings)
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
    kinds = value_types(profiles.nested(fields.PERIOD_TYPE), strings)
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
