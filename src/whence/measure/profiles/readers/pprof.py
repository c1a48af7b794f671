"""pprof's profile.proto, gzipped or not: every field, packed and unpacked lists, ids of any kind.

The samples of a large profile are most of it; they are decoded some thousands at a time, so that no array is much
larger than a cache and nothing but the columns stays.
"""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.readers import wire
from whence.measure.profiles.readers.damage import DamagedInput
from whence.measure.profiles.readers.profile import (
    Functions,
    Int64,
    Labels,
    Locations,
    Mappings,
    Profile,
    Rows,
    ValueType,
)

_SAMPLES_AT_ONCE = 8192
_SAMPLE_TYPE, _SAMPLE, _MAPPING, _LOCATION, _FUNCTION, _STRING = 1, 2, 3, 4, 5, 6
_DROP, _KEEP, _TIME, _DURATION, _PERIOD_TYPE, _PERIOD, _COMMENT, _DEFAULT, _DOC = 7, 8, 9, 10, 11, 12, 13, 14, 15
_SAMPLE_TAG = _SAMPLE << 3 | wire.BYTES
_Messages = dict[int, tuple[Int64, Int64]]


def is_pprof(head: bytes | bytearray) -> bool:
    """Tells whether decompressed content may be a profile: it begins with a field that one has."""
    if len(head) < 2 or head[0] >> 3 not in range(1, 16):
        return False
    kind, number = head[0] & 7, head[0] >> 3
    return kind == (0 if number in (_DROP, _KEEP, _TIME, _DURATION, _PERIOD, _DEFAULT, _DOC) else 2) or (
        number == _COMMENT and kind in (0, 2)
    )


def read_pprof(content: bytes | bytearray | memoryview) -> Profile:
    """Returns the profile in `content`, decompressed bytes. Raises DamagedInput with the offset where it breaks.

    A bytearray is used as it is and must not be used by the caller again: a large profile is held once.
    """
    data = wire.padded(content)
    del content
    messages, numbers = _index(data)
    strings = _strings(data, messages)
    types = _value_types(data, messages.get(_SAMPLE_TYPE), strings)
    mappings = _mappings(data, messages.get(_MAPPING), len(strings))
    functions = _functions(data, messages.get(_FUNCTION), len(strings))
    locations = _locations(data, messages.get(_LOCATION), functions, mappings)
    values, stack_starts, frames, labels = _samples(data, messages.get(_SAMPLE), len(types), locations, len(strings))
    period = _value_types(data, messages.get(_PERIOD_TYPE), strings)

    def text(number: int) -> str:
        return strings[_string_row(numbers.get(number, [0])[-1], len(strings))]

    def integer(number: int) -> int:
        value = numbers.get(number, [0])[-1]
        return value - (1 << 64) if value >> 63 else value

    return Profile(
        sample_types=types,
        values=values,
        stack_starts=stack_starts,
        frames=frames,
        labels=labels,
        locations=locations,
        functions=functions,
        mappings=mappings,
        strings=strings,
        default_sample_type=text(_DEFAULT),
        period_type=period[-1] if period else ValueType("", ""),
        period=integer(_PERIOD),
        time_nanos=integer(_TIME),
        duration_nanos=integer(_DURATION),
        drop_frames=text(_DROP),
        keep_frames=text(_KEEP),
        comments=tuple(strings[_string_row(row, len(strings))] for row in numbers.get(_COMMENT, [])),
        doc_url=text(_DOC),
    )


def _index(data: wire.Bytes) -> tuple[_Messages, dict[int, list[int]]]:
    """Returns where the messages of every field begin and end, and the numbers that stand outside messages."""
    content = data.data  # indexing it gives plain integers
    end = len(data) - wire.PADDING
    spans: dict[int, tuple[array[int], array[int]]] = {n: (array("q"), array("q")) for n in range(1, 16)}
    numbers: dict[int, list[int]] = {}
    at = field_at = 0
    begin = [spans[max(n, 1)][0].append for n in range(16)]
    finish = [spans[max(n, 1)][1].append for n in range(16)]
    samples = array("q")
    sample = samples.append
    while at < end:
        field_at = at
        tag = content[at]
        if tag == _SAMPLE_TAG:  # nearly always: its place alone is kept, where it ends is decoded for all at once
            sample(at)
            size = content[at + 1]
            if size < 0x80:
                at += 2 + size
                continue
            byte = content[at + 2]
            if byte < 0x80:
                at += 3 + size - 0x80 + (byte << 7)
                continue
            size, at = _long(content, at + 2, size)
            at += min(size, len(data))  # more than there is breaks off below
        elif tag & 0x87 == wire.BYTES and tag >= 8:
            size = content[at + 1]
            at += 2
            if size >= 0x80:
                size, at = _long(content, at, size)
                size = min(size, len(data))
            begin[tag >> 3](at)
            at += size
            finish[tag >> 3](at)
        else:
            tag, at = _long(content, at, 0x80, 0)
            kind, number = tag & 7, tag >> 3
            if kind == wire.BYTES:
                size, at = _long(content, at, 0x80, 0)
                size = min(size, len(data))
                if number in spans:
                    spans[number][0].append(at)
                    spans[number][1].append(at + size)
                at += size
            elif kind == wire.VARINT:
                value, at = _long(content, at, 0x80, 0)
                numbers.setdefault(number, []).append(value)
            elif kind in (wire.FIXED64, wire.FIXED32):
                at += 8 if kind == wire.FIXED64 else 4
            else:
                at = end + 1
        if at > end:
            break
    if at > end:
        whole = len(samples) - (len(samples) > 0 and samples[-1] == field_at)
        raise DamagedInput("the profile breaks off in a field", field_at, f"{whole} samples")
    found = {n: (np.frombuffer(b, np.int64), np.frombuffer(e, np.int64)) for n, (b, e) in spans.items() if len(b)}
    if len(samples):
        size, first = wire.varint_at(data, np.frombuffer(samples, np.int64) + 1)
        found[_SAMPLE] = (first, first + size.astype(np.int64))
    if _COMMENT in found:
        packed, _ = wire.varints(data, _spans(*found[_COMMENT]))
        numbers.setdefault(_COMMENT, []).extend(packed.tolist())
    return found, numbers


def _long(content: memoryview, at: int, byte: int, shift: int = 7) -> tuple[int, int]:
    """Returns a varint whose bytes before `at` gave `byte`, and the position behind it."""
    value = byte & 0x7F
    limit = len(content)
    while byte >= 0x80 and shift < 70 and at < limit:
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
    return value & 0xFFFFFFFFFFFFFFFF, at


def _spans(start: Int64, stop: Int64) -> wire.Spans:
    return wire.Spans(np.arange(len(start)), start, stop, np.full(len(start), wire.BYTES, np.uint8))


def _strings(data: wire.Bytes, messages: _Messages) -> list[str]:
    start, stop = messages.get(_STRING, (np.zeros(0, np.int64), np.zeros(0, np.int64)))
    if not len(start):
        return [""]
    low = int(start[0])
    block = data[low : int(stop[-1])].tobytes()
    edges = zip((start - low).tolist(), (stop - low).tolist(), strict=True)
    strings = [block[a:b].decode("utf-8", "replace") for a, b in edges]
    if strings[0]:
        raise DamagedInput(
            "the first string is not empty, as every profile's is,", int(start[0]), f"{len(start)} strings"
        )
    return strings


def _string_row(row: int, count: int) -> int:
    if row >= count:
        raise DamagedInput(f"string {row} does not exist", 0, f"{count} strings")
    return row


class _Table:
    """The scalar fields of all messages of one kind."""

    def __init__(self, data: wire.Bytes, where: tuple[Int64, Int64] | None) -> None:
        nothing = np.zeros(0, np.int64)
        self.start, self.stop = where if where is not None else (nothing, nothing)
        self.data = data
        self.fields = wire.fields(data, self.start, self.stop)

    def __len__(self) -> int:
        return len(self.start)

    def unsigned(self, number: int) -> NDArray[np.uint64]:
        """Returns a field of every message, 0 where it is missing; the last counts."""
        column = np.zeros(len(self), np.uint64)
        spans = self.fields.get(number)
        if spans is not None:
            values, counts = wire.varints(self.data, spans)
            if (counts != 1).any():
                wrong = int(np.flatnonzero(counts != 1)[0])
                raise DamagedInput("a list stands for a number", int(spans.start[wrong]), f"{wrong} messages")
            column[spans.row] = values
        return column

    def signed(self, number: int) -> Int64:
        return self.unsigned(number).view(np.int64)

    def strings(self, number: int, count: int) -> Rows:
        """Returns a field of rows of the string table."""
        return _rows(self.unsigned(number), count, self.start, "string")


def _rows(values: NDArray[np.uint64], count: int, at: Int64, what: str) -> Rows:
    wrong = values >= np.uint64(count)
    if wrong.any():
        worst = int(np.flatnonzero(wrong)[0])
        where = int(at[worst]) if worst < len(at) else 0
        raise DamagedInput(f"{what} {values[worst]} does not exist", where, f"{count} {what}s")
    return values.astype(np.int32)


def _value_types(data: wire.Bytes, where: tuple[Int64, Int64] | None, strings: list[str]) -> tuple[ValueType, ...]:
    table = _Table(data, where)
    kinds, units = table.strings(1, len(strings)), table.strings(2, len(strings))
    return tuple(ValueType(strings[k], strings[u]) for k, u in zip(kinds.tolist(), units.tolist(), strict=True))


def _mappings(data: wire.Bytes, where: tuple[Int64, Int64] | None, strings: int) -> Mappings:
    table = _Table(data, where)
    has = np.zeros(len(table), np.uint8)
    for bit, number in enumerate((7, 8, 9, 10)):
        has |= ((table.unsigned(number) != 0) << bit).astype(np.uint8)
    return Mappings(
        id=table.unsigned(1),
        start=table.unsigned(2),
        limit=table.unsigned(3),
        offset=table.unsigned(4),
        filename=table.strings(5, strings),
        build_id=table.strings(6, strings),
        has=has,
    )


def _functions(data: wire.Bytes, where: tuple[Int64, Int64] | None, strings: int) -> Functions:
    table = _Table(data, where)
    return Functions(
        id=table.unsigned(1),
        name=table.strings(2, strings),
        system_name=table.strings(3, strings),
        filename=table.strings(4, strings),
        start_line=table.signed(5),
    )


def _locations(
    data: wire.Bytes, where: tuple[Int64, Int64] | None, functions: Functions, mappings: Mappings
) -> Locations:
    table = _Table(data, where)
    spans = table.fields.get(4, wire.NO_SPANS)
    lines = _Table(data, (spans.start, spans.stop))
    starts = np.zeros(len(table) + 1, np.int64)
    np.cumsum(np.bincount(spans.row, minlength=len(table)), out=starts[1:])
    return Locations(
        id=table.unsigned(1),
        mapping=_by_id(table.unsigned(2), mappings.id, table.start, "mapping", none=True),
        address=table.unsigned(3),
        folded=table.unsigned(5) != 0,
        line_starts=starts,
        line_function=_by_id(lines.unsigned(1), functions.id, lines.start, "function", none=True),
        line_number=lines.signed(2),
        line_column=lines.signed(3),
    )


def _by_id(values: NDArray[np.uint64], ids: NDArray[np.uint64], at: Int64, what: str, *, none: bool = False) -> Rows:
    """Returns the row of each id; with `none`, id 0 is row -1. Raises DamagedInput for an id that no row has."""
    rows, known = Ids(ids).rows(values)
    wrong = ~known & (values != 0) if none else ~known
    if wrong.any():
        worst = int(np.flatnonzero(wrong)[0])
        raise DamagedInput(f"{what} {values[worst]} does not exist", int(at[worst]), f"{len(ids)} {what}s")
    if none:
        rows[values == 0] = -1
    return rows


class Ids:
    """Finds the row of an id: by a table when the ids are small, else by search."""

    def __init__(self, ids: NDArray[np.uint64]) -> None:
        self.highest = int(ids.max(initial=0))
        self.table: Rows | None = None
        if self.highest <= 4 * len(ids) + 1024:
            self.table = np.full(self.highest + 2, -1, np.int32)
            self.table[ids.astype(np.int64)] = np.arange(len(ids), dtype=np.int32)
        else:
            self.order = np.argsort(ids, kind="stable").astype(np.int32)
            self.sorted = ids[self.order]

    def rows(self, values: NDArray[np.uint64]) -> tuple[Rows, NDArray[np.bool_]]:
        """Returns the row of each id and whether there is one."""
        if self.table is not None:
            rows = self.table[np.minimum(values, np.uint64(self.highest + 1)).astype(np.int64)]
            return rows, rows >= 0
        found = np.minimum(np.searchsorted(self.sorted, values), len(self.sorted) - 1)
        known = self.sorted[found] == values
        return np.where(known, self.order[found], np.int32(-1)), known


def _samples(
    data: wire.Bytes, where: tuple[Int64, Int64] | None, types: int, locations: Locations, strings: int
) -> tuple[Int64, Int64, NDArray[np.unsignedinteger], Labels]:
    nothing = np.zeros(0, np.int64)
    start, stop = where if where is not None else (nothing, nothing)
    ids = Ids(locations.id)
    width = np.uint16 if len(locations) <= 1 << 16 else np.uint32
    values = np.zeros((len(start), types), np.int64)
    depth = np.zeros(len(start) + 1, np.int64)
    labelled = np.zeros(len(start) + 1, np.int64)
    # a frame takes a byte of the file or more; pages that are never written take no memory
    frames = np.empty(int((stop - start).sum()), width)
    filled = 0
    labels: list[tuple[Rows, Rows, Int64, Rows]] = []
    for low in range(0, len(start), _SAMPLES_AT_ONCE):
        chunk = slice(low, low + _SAMPLES_AT_ONCE)
        found = wire.fields(data, start[chunk], stop[chunk])
        _fill_values(data, found.get(2, wire.NO_SPANS), values[chunk], start[chunk], low)
        spans = found.get(1, wire.NO_SPANS)
        numbers, counts = wire.varints(data, spans)
        rows, known = ids.rows(numbers)
        if not known.all():
            span = int(np.searchsorted(np.cumsum(counts), np.flatnonzero(~known)[0], side="right"))
            at = int(spans.start[span])
            raise DamagedInput(
                "a sample has a location that does not exist", at, f"{low + int(spans.row[span])} samples"
            )
        frames[filled : filled + len(rows)] = rows
        filled += len(rows)
        _count(depth[1:], low, spans.row, counts)
        spans = found.get(3)
        if spans is not None:
            _count(labelled[1:], low, spans.row, None)
            table = _Table(data, (spans.start, spans.stop))
            labels.append(
                (table.strings(1, strings), table.strings(2, strings), table.signed(3), table.strings(4, strings))
            )
    np.cumsum(depth, out=depth)
    np.cumsum(labelled, out=labelled)
    frames.resize(filled, refcheck=False)
    return values, depth, frames, _joined_labels(labelled, labels)


def _fill_values(data: wire.Bytes, spans: wire.Spans, into: Int64, start: Int64, before: int) -> None:
    numbers, counts = wire.varints(data, spans)
    each = np.zeros(len(into), np.int64)
    np.add.at(each, spans.row, counts)
    if (each != into.shape[1]).any():
        wrong = int(np.flatnonzero(each != into.shape[1])[0])
        what = f"a sample has {each[wrong]} values where the profile has {into.shape[1]} types"
        raise DamagedInput(what, int(start[wrong]), f"{before + wrong} samples")
    into[...] = numbers.view(np.int64).reshape(into.shape)


def _count(into: Int64, low: int, rows: Int64, counts: Int64 | None) -> None:
    if counts is None or (rows[1:] == rows[:-1]).any():  # rows ascend
        np.add.at(into, low + rows, 1 if counts is None else counts)
    else:
        into[low + rows] = counts


def _joined_labels(starts: Int64, parts: list[tuple[Rows, Rows, Int64, Rows]]) -> Labels:
    if not parts:
        none = np.zeros(0, np.int32)
        return Labels(starts, none, none, np.zeros(0, np.int64), none)
    key, text, number, unit = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Labels(starts, key, text, number, unit)
