"""A profile as OpenTelemetry's ProfilesData (OTLP, v1development), one of its profiles for each column of values.

All of them share the tables of one dictionary. Numbers and names are those of readers/otlp_schema.py.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

import numpy as np

from whence.measure.profiles.alike import Alike, alike, columns_alike
from whence.measure.profiles.readers import otlp_schema as schema
from whence.measure.profiles.readers.profile import Int64, Profile, ValueType, take_runs
from whence.measure.profiles.writers.messages import (
    Part,
    field_of,
    flat,
    grouped,
    nested,
    packed,
    scalar,
    strings,
    utf8,
    varint,
)

_HEXADECIMAL = frozenset("0123456789abcdef")


def write_otlp(profile: Profile) -> bytes:
    """Returns the profile as a protobuf message, uncompressed.

    Ids have no place there: rows of tables stand for them. A sample is written where its value is not zero.
    """
    table = _Dictionary(profile)
    stacks = alike(profile.stack_starts, profile.frames)
    labels = _labels(profile, table)
    scope = field_of(schema.Scope.SCOPE_NAME, b"whence")
    if profile.default_sample_type:
        value = _text(profile.default_sample_type)
        pair = field_of(schema.KeyValue.KEY, utf8(schema.DEFAULT_SAMPLE_TYPE)) + field_of(schema.KeyValue.VALUE, value)
        scope += field_of(schema.Scope.SCOPE_ATTRIBUTES, pair)
    profiles = field_of(schema.Scope.SCOPE, scope)
    header = _header(profile, table)
    for column, kind in enumerate(profile.sample_types):
        body = field_of(schema.Profile.SAMPLE_TYPE, table.value_type(kind))
        body += _samples(profile, column, stacks, labels) + header
        profiles += field_of(schema.Scope.PROFILES, body)
    resource = field_of(schema.Resource.SCOPES, profiles)
    return field_of(schema.Data.RESOURCES, resource) + field_of(schema.Data.DICTIONARY, table.encoded(stacks))


class _Dictionary:
    """The tables that everything refers to by index; index 0 of each is empty."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.texts = list(profile.strings)
        self._rows = {text: row for row, text in reversed(list(enumerate(self.texts)))}
        self._attributes: dict[bytes, int] = {b"": 0}

    def row(self, text: str) -> int:
        if text not in self._rows:
            self._rows[text] = len(self.texts)
            self.texts.append(text)
        return self._rows[text]

    def attribute(self, key: int, value: bytes, unit: int = 0) -> int:
        """Returns the index of an attribute; `key` and `unit` are rows of strings."""
        entry = field_of(schema.Attribute.KEY, key) + field_of(schema.Attribute.VALUE, value)
        entry += field_of(schema.Attribute.UNIT, unit)
        return self._attributes.setdefault(entry, len(self._attributes))

    def value_type(self, kind: ValueType) -> bytes:
        unit = field_of(schema.ValueType.UNIT, self.row(kind.unit))
        return field_of(schema.ValueType.TYPE, self.row(kind.type)) + unit

    def encoded(self, stacks: Alike) -> bytes:
        kinds = schema.Dictionary
        pieces = [
            field_of(kinds.MAPPINGS, b"") + self._mappings(),
            field_of(kinds.LOCATIONS, b"") + self._locations(),
            field_of(kinds.FUNCTIONS, b"") + self._functions(),
            field_of(kinds.LINKS, b""),
            field_of(kinds.STACKS, b"") + self._stacks(stacks),
            strings(kinds.ATTRIBUTES, list(self._attributes)),
        ]
        pieces.append(strings(kinds.STRINGS, [utf8(text) for text in self.texts]))
        return b"".join(pieces)

    def _mappings(self) -> bytes:
        table, fields = self.profile.mappings, schema.Mapping
        lists: list[list[int]] = []
        for has, build_id in zip(table.has.tolist(), table.build_id.tolist(), strict=True):
            names = [name for bit, name in enumerate(schema.HAS) if has >> bit & 1]
            found = [self.attribute(self.row(name), _truth()) for name in names]
            if text := self.texts[build_id]:
                kind = schema.BUILD_ID_GNU if _HEXADECIMAL.issuperset(text) else schema.BUILD_ID_GO
                found.append(self.attribute(self.row(kind), _text(text)))
            lists.append(found)
        body = scalar(fields.START, table.start) + scalar(fields.LIMIT, table.limit)
        body += scalar(fields.OFFSET, table.offset) + scalar(fields.FILENAME, table.filename)
        return _bytes(nested(schema.Dictionary.MAPPINGS, body + packed(fields.ATTRIBUTES, *_ragged(lists))))

    def _locations(self) -> bytes:
        table, fields = self.profile.locations, schema.Location
        lines = scalar(schema.Line.FUNCTION, table.line_function + np.int64(1))
        lines += scalar(schema.Line.LINE, table.line_number) + scalar(schema.Line.COLUMN, table.line_column)
        body = scalar(fields.MAPPING, table.mapping + np.int64(1)) + scalar(fields.ADDRESS, table.address)
        body.append(grouped(table.line_starts, nested(fields.LINES, lines)))
        if table.folded.any():
            folded = self.attribute(self.row(schema.FOLDED), _truth())
            starts = np.append(np.int64(0), np.cumsum(table.folded, dtype=np.int64))
            body += packed(fields.ATTRIBUTES, starts, np.full(int(starts[-1]), folded))
        return _bytes(nested(schema.Dictionary.LOCATIONS, body))

    def _functions(self) -> bytes:
        table, fields = self.profile.functions, schema.Function
        body = scalar(fields.NAME, table.name) + scalar(fields.SYSTEM_NAME, table.system_name)
        body += scalar(fields.FILENAME, table.filename) + scalar(fields.START_LINE, table.start_line)
        return _bytes(nested(schema.Dictionary.FUNCTIONS, body))

    def _stacks(self, stacks: Alike) -> bytes:
        profile = self.profile
        first = profile.take(stacks.first)
        frames = packed(schema.Stack.LOCATIONS, first.stack_starts, first.frames.astype(np.int64) + 1)
        return _bytes(nested(schema.Dictionary.STACKS, frames))


def _labels(profile: Profile, table: _Dictionary) -> Int64:
    """Returns the index of every label's attribute."""
    labels = profile.labels
    same = columns_alike(labels.key, labels.text, labels.number, labels.unit)
    columns = (labels.key, labels.text, labels.number, labels.unit)
    rows = zip(*(column[same.first].tolist() for column in columns), strict=True)
    indexes = [
        table.attribute(key, _text(table.texts[text]) if text else _number(number), unit)
        for key, text, number, unit in rows
    ]
    return np.array(indexes, np.int64)[same.group]


def _samples(profile: Profile, column: int, stacks: Alike, attributes: Int64) -> bytes:
    chosen = np.flatnonzero(profile.values[:, column])
    starts, index = take_runs(profile.labels.starts, chosen)
    values = profile.values[chosen, column]
    body = scalar(schema.Sample.STACK, stacks.group[chosen] + 1)
    body += packed(schema.Sample.ATTRIBUTES, starts, attributes[index])
    body += packed(schema.Sample.VALUES, np.arange(len(values) + 1, dtype=np.int64), values)
    return _bytes(nested(schema.Profile.SAMPLES, body))


def _header(profile: Profile, table: _Dictionary) -> bytes:
    fields = schema.Profile
    body = b""
    if profile.time_nanos:
        body += bytes([fields.TIME_UNIX_NANO << 3 | 1]) + struct.pack("<q", profile.time_nanos)
    body += field_of(fields.DURATION_NANO, profile.duration_nanos)
    if any(profile.period_type):
        body += field_of(fields.PERIOD_TYPE, table.value_type(profile.period_type))
    body += field_of(fields.PERIOD, profile.period)
    texts = (
        (schema.DOC_URL, profile.doc_url),
        (schema.DROP_FRAMES, profile.drop_frames),
        (schema.KEEP_FRAMES, profile.keep_frames),
    )
    attributes = [table.attribute(table.row(key), _text(text)) for key, text in texts if text]
    if profile.comments:
        attributes.append(table.attribute(table.row(schema.COMMENT), _texts(profile.comments)))
    return body + (field_of(fields.ATTRIBUTES, b"".join(map(varint, attributes))) if attributes else b"")


def _text(text: str) -> bytes:
    return field_of(schema.Value.STRING, utf8(text))


def _texts(texts: Iterable[str]) -> bytes:
    values = b"".join(field_of(schema.Value.ARRAY_VALUES, _text(text)) for text in texts)
    return field_of(schema.Value.ARRAY, values)


def _number(number: int) -> bytes:
    return bytes([schema.Value.INT << 3]) + varint(number)


def _truth() -> bytes:
    return bytes([schema.Value.BOOL << 3, 1])


def _ragged(lists: list[list[int]]) -> tuple[Int64, Int64]:
    starts = np.zeros(len(lists) + 1, np.int64)
    np.cumsum([len(one) for one in lists], out=starts[1:])
    return starts, np.array([number for one in lists for number in one], np.int64)


def _bytes(parts: list[Part]) -> bytes:
    return flat(parts).content.tobytes()
