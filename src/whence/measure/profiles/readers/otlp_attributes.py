"""OpenTelemetry's attributes as pprof's labels: a key with a text, or with a whole number and a unit."""

from __future__ import annotations

import struct
from typing import NamedTuple

from whence.measure.profiles.readers import otlp_schema as schema
from whence.measure.profiles.readers import wire
from whence.measure.profiles.readers.damage import DamagedInput
from whence.measure.profiles.readers.otlp_tables import Table

_DEEPEST = 4
"""How far arrays within arrays are followed."""


class Strings:
    """The string table, growing by what attributes hold themselves; it begins with the empty text."""

    def __init__(self, texts: list[str]) -> None:
        self.count = max(len(texts), 1)
        """How many there were."""
        self.texts = texts or [""]
        if self.texts[0]:
            raise DamagedInput("the first string is not empty, as it always is,", 0, f"{len(texts)} strings")
        self._rows = {text: row for row, text in reversed(list(enumerate(self.texts)))}

    def row(self, text: str) -> int:
        if text not in self._rows:
            self._rows[text] = len(self.texts)
            self.texts.append(text)
        return self._rows[text]


class Attribute(NamedTuple):
    """One entry of the dictionary; `texts` are the elements of a list."""

    key: str
    text: str
    number: int
    unit: str
    texts: tuple[str, ...] = ()


class _Value(NamedTuple):
    text: str
    number: int | None = None
    texts: tuple[str, ...] = ()


def attributes_of(table: Table, strings: Strings) -> list[Attribute]:
    """Returns the attributes of a dictionary. Raises DamagedInput."""
    keys = table.rows(schema.Attribute.KEY, strings.count, "string").tolist()
    units = table.rows(schema.Attribute.UNIT, strings.count, "string").tolist()
    values = [_Value("")] * len(table)
    spans = table.fields.get(schema.Attribute.VALUE, wire.NO_SPANS)
    for row, start, stop in zip(spans.row.tolist(), spans.start.tolist(), spans.stop.tolist(), strict=True):
        values[row] = _value(table.data[start:stop].tobytes(), start, strings.texts, strings.count)
    texts = strings.texts
    return [
        Attribute(texts[key], value.text, value.number or 0, texts[unit], value.texts)
        for key, value, unit in zip(keys, values, units, strict=True)
    ]


def scope_attributes(scopes: Table) -> dict[str, str]:
    """Returns the attributes of scopes that are texts, the first of each key."""
    pairs = scopes.nested(schema.Scope.SCOPE_ATTRIBUTES)
    found: dict[str, str] = {}
    keys = pairs.texts(schema.KeyValue.KEY)
    spans = pairs.fields.get(schema.KeyValue.VALUE, wire.NO_SPANS)
    owners = pairs.fields.get(schema.KeyValue.KEY, wire.NO_SPANS).row.tolist()
    by_row = dict(zip(owners, keys, strict=True))
    for row, start, stop in zip(spans.row.tolist(), spans.start.tolist(), spans.stop.tolist(), strict=True):
        value = _value(pairs.data[start:stop].tobytes(), start, [""], 1)
        found.setdefault(by_row.get(row, ""), value.text)
    return found


def _value(content: bytes, offset: int, texts: list[str], count: int, depth: int = 0) -> _Value:
    """Returns an AnyValue: what is neither text nor whole number becomes a text."""
    value, at = _Value(""), 0
    while at < len(content):
        begin = at
        tag, at = wire.plain_varint(content, at)
        kind, field = tag & 7, tag >> 3
        payload, number = b"", 0
        if kind == wire.VARINT:
            number, at = wire.plain_varint(content, at)
        elif kind == wire.FIXED64:
            payload, at = content[at : at + 8], at + 8
        elif kind == wire.BYTES:
            size, at = wire.plain_varint(content, at)
            payload, at = content[at : at + size], at + size
        else:
            at = len(content) + 1
        if at > len(content):
            raise DamagedInput("an attribute's value runs past its end", offset + begin, "its key")
        value = _decoded(field, number, payload, texts, count, depth, offset + begin) or value
    return value


def _decoded(
    field: int, number: int, payload: bytes, texts: list[str], count: int, depth: int, offset: int
) -> _Value | None:
    kinds = schema.Value
    if field == kinds.STRING:
        return _Value(payload.decode("utf-8", "replace"))
    if field == kinds.BOOL:
        return _Value("true" if number else "false")
    if field == kinds.INT:
        return _Value("", number - (1 << 64) if number >> 63 else number)
    if field == kinds.DOUBLE and len(payload) == 8:
        return _Value(repr(struct.unpack("<d", payload)[0]))
    if field == kinds.STRING_ROW:
        if number >= count:
            raise DamagedInput(f"string {number} does not exist", offset, f"{count} strings")
        return _Value(texts[number])
    if field == kinds.ARRAY and depth < _DEEPEST:
        parts = _elements(payload, offset, texts, count, depth)
        return _Value(", ".join(parts), None, parts)
    return None


def _elements(content: bytes, offset: int, texts: list[str], count: int, depth: int) -> tuple[str, ...]:
    parts: list[str] = []
    at = 0
    while at < len(content):
        tag, at = wire.plain_varint(content, at)
        size, at = wire.plain_varint(content, at)
        if tag != schema.Value.ARRAY_VALUES << 3 | wire.BYTES or at + size > len(content):
            raise DamagedInput("an attribute's list is damaged", offset, f"{len(parts)} elements")
        value = _value(content[at : at + size], offset, texts, count, depth + 1)
        parts.append(value.text if value.number is None else str(value.number))
        at += size
    return tuple(parts)
