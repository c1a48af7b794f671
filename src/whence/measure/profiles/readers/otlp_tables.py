"""Repeated messages as columns: numbers, rows of other tables, lists, messages within."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.readers import wire
from whence.measure.profiles.readers.damage import DamagedInput
from whence.measure.profiles.readers.profile import Int64, Rows


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Messages of one kind; `owner` is the row of the message that each lies in."""

    data: wire.Bytes
    owner: Int64
    start: Int64
    stop: Int64
    fields: dict[int, wire.Spans]

    def __len__(self) -> int:
        return len(self.start)

    def nested(self, field: int) -> Table:
        """Returns the messages of a field, those of row 0 first."""
        spans = self.fields.get(field, wire.NO_SPANS)
        _check(spans, wire.BYTES, "a message")
        return Table(self.data, spans.row, spans.start, spans.stop, wire.fields(self.data, spans.start, spans.stop))

    def numbers(self, field: int) -> NDArray[np.uint64]:
        """Returns a number a row, 0 where it is missing; of several the last counts."""
        column = np.zeros(len(self), np.uint64)
        spans = self.fields.get(field, wire.NO_SPANS)
        _check(spans, wire.VARINT, "a number")
        values, _ = wire.varints(self.data, spans)
        column[spans.row] = values
        return column

    def rows(self, field: int, count: int, what: str) -> Rows:
        """Returns a row of another table of `count` rows. Raises DamagedInput where it has no such row."""
        values = self.numbers(field)
        _check_rows(values, count, self.start, what)
        return values.astype(np.int32)

    def lists(self, field: int) -> tuple[Int64, NDArray[np.uint64]]:
        """Returns the numbers of all rows and where each row's start; packed or one by one."""
        spans = self.fields.get(field, wire.NO_SPANS)
        values, counts = wire.varints(self.data, spans)
        each = np.zeros(len(self), np.int64)
        np.add.at(each, spans.row, counts)
        return _starts(each), values

    def fixed64(self, field: int) -> NDArray[np.uint64]:
        """Returns a number of 8 bytes a row, 0 where it is missing."""
        column = np.zeros(len(self), np.uint64)
        spans = self.fields.get(field, wire.NO_SPANS)
        _check(spans, wire.FIXED64, "a time")
        bytes_of = self.data[spans.start[:, None] + np.arange(8)] if len(spans) else np.zeros((0, 8), np.uint8)
        column[spans.row] = np.ascontiguousarray(bytes_of).view("<u8").reshape(-1)
        return column

    def fixed64_counts(self, field: int) -> Int64:
        """Returns how many numbers of 8 bytes each row's list has."""
        spans = self.fields.get(field, wire.NO_SPANS)
        each = np.zeros(len(self), np.int64)
        np.add.at(each, spans.row, (spans.stop - spans.start) // 8)
        return each

    def texts(self, field: int) -> list[str]:
        """Returns all texts of a field."""
        spans = self.fields.get(field, wire.NO_SPANS)
        _check(spans, wire.BYTES, "a text")
        edges = zip(spans.start.tolist(), spans.stop.tolist(), strict=True)
        return [self.data[a:b].tobytes().decode("utf-8", "replace") for a, b in edges]


def table_of(data: wire.Bytes, start: Int64, stop: Int64) -> Table:
    """Returns the messages at these places."""
    return Table(data, np.zeros(len(start), np.int64), start, stop, wire.fields(data, start, stop))


def row_lists(table: Table, field: int, count: int, what: str) -> tuple[Int64, Int64]:
    """Returns lists of rows of another table of `count` rows. Raises DamagedInput where it has no such row."""
    starts, values = table.lists(field)
    owner = np.repeat(np.arange(len(table)), np.diff(starts))
    _check_rows(values, count, table.start[owner], what)
    return starts, values.astype(np.int64)


def _starts(lengths: Int64) -> Int64:
    starts = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts


def _check(spans: wire.Spans, kind: int, what: str) -> None:
    wrong = np.flatnonzero(spans.wire_type != kind)
    if len(wrong):
        raise DamagedInput(f"{what} is stored as something else", int(spans.start[wrong[0]]), f"{wrong[0]} fields")


def _check_rows(values: NDArray[np.uint64], count: int, at: Int64, what: str) -> None:
    wrong = np.flatnonzero((values >= np.uint64(count)) & (values != 0))
    if len(wrong):
        said = f"{what} {values[wrong[0]]} does not exist"
        raise DamagedInput(said, int(at[wrong[0]]), f"{count} {what}s")
