"""Protocol buffer messages decoded in step: many messages of one kind at once, field by field, as NumPy vectors.

All messages of a kind advance together: one round reads the next tag of every message that is not at its end, so the
number of rounds is the number of fields of the longest message, not the number of messages. What a field holds is not
decoded here but kept as a span of bytes; `varints` decodes all spans of a kind at once, for a span is either one
varint or a packed list of them.

The bytes are padded (`padded`), so that reading a varint never needs a bound of its own; spans are checked afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.readers.damage import DamagedInput

Bytes = NDArray[np.uint8]
Index = NDArray[np.int64]
PADDING = 16
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_MOST_VARINT_BYTES = 10
_FEW = 8
"""Messages still running for which plain Python is faster than vectors."""


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Bytes `start` to `stop` belong to message `row`; in file order within a message."""

    row: Index
    start: Index
    stop: Index
    wire_type: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.row)


NO_SPANS = Spans(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.uint8))


def padded(content: bytes | bytearray | memoryview) -> Bytes:
    """Returns the content as bytes followed by padding; a bytearray is padded where it is, anything else copied."""
    whole = content if isinstance(content, bytearray) else bytearray(content)
    whole += bytes(PADDING)
    return np.frombuffer(whole, np.uint8)


def varint_at(data: Bytes, position: Index) -> tuple[NDArray[np.uint64], Index]:
    """Returns the varints that begin at these positions, and the positions behind them.

    A varint of more than ten bytes ends after ten; the caller's bound check finds it.
    """
    first = data[position]
    value = (first & 0x7F).astype(np.uint64)
    behind = position + 1
    going_on = np.flatnonzero(first & 0x80)
    shift = 7
    while len(going_on) and shift < 7 * _MOST_VARINT_BYTES:
        byte = data[np.minimum(behind[going_on], len(data) - 1)]
        value[going_on] |= (byte & 0x7F).astype(np.uint64) << np.uint64(shift)
        behind[going_on] += 1
        going_on = going_on[(byte & 0x80) != 0]
        shift += 7
    return value, behind


def fields(data: Bytes, starts: Index, stops: Index) -> dict[int, Spans]:
    """Returns the spans of every field number that these messages hold.

    Raises DamagedInput where a message contradicts its own length; its `readable` counts the messages before it.
    """
    found: dict[int, list[tuple[Index, Index, Index, int]]] = {}
    rows = np.flatnonzero(starts < stops)
    position, end = starts[rows].copy(), stops[rows]
    while len(rows):
        if len(rows) <= _FEW:
            for row, at, stop in zip(rows.tolist(), position.tolist(), end.tolist(), strict=True):
                _read_one(data, row, at, stop, found)
            break
        tag, behind = varint_at(data, position)
        kind, number = (tag & np.uint64(7)).astype(np.int64), (tag >> np.uint64(3)).astype(np.int64)
        begin, finish = _span(data, kind, behind)
        wrong = (finish > end) | (finish < begin) | (begin > end)
        if wrong.any():
            worst = int(np.flatnonzero(wrong)[0])
            raise DamagedInput("a field runs past its message", int(position[worst]), f"{int(rows[worst])} messages")
        together = number * 8 + kind
        lowest = int(together[0])
        if (together == lowest).all():
            found.setdefault(lowest >> 3, []).append((rows, begin, finish, lowest & 7))
        else:
            for key in np.unique(together).tolist():
                chosen = together == key
                found.setdefault(key >> 3, []).append((rows[chosen], begin[chosen], finish[chosen], key & 7))
        going_on = finish < end
        if going_on.all():
            position = finish
        else:
            rows, position, end = rows[going_on], finish[going_on], end[going_on]
    return {number: _joined(parts) for number, parts in found.items()}


def _span(data: Bytes, kind: Index, behind: Index) -> tuple[Index, Index]:
    """Returns where the payload of each field begins and ends; a kind that does not exist ends before it begins."""
    if (kind == BYTES).all():
        length, begin = varint_at(data, behind)
        return begin, begin + np.minimum(length, np.uint64(1 << 60)).astype(np.int64)
    finish = np.full(len(kind), -1, np.int64)
    begin = behind.copy()
    chosen = np.flatnonzero(kind == VARINT)
    if len(chosen):
        finish[chosen] = varint_at(data, behind[chosen])[1]
    chosen = np.flatnonzero(kind == BYTES)
    if len(chosen):
        length, begin[chosen] = varint_at(data, behind[chosen])
        finish[chosen] = begin[chosen] + np.minimum(length, np.uint64(1 << 60)).astype(np.int64)
    finish[kind == FIXED64] = behind[kind == FIXED64] + 8
    finish[kind == FIXED32] = behind[kind == FIXED32] + 4
    return begin, finish


def _read_one(
    data: Bytes, row: int, at: int, stop: int, found: dict[int, list[tuple[Index, Index, Index, int]]]
) -> None:
    """Reads the rest of one message, field by field."""
    content = data[at : stop + PADDING].tobytes()
    base, at, length = at, 0, stop - at
    spans: dict[tuple[int, int], tuple[list[int], list[int]]] = {}
    while at < length:
        field_at = at
        tag, at = plain_varint(content, at)
        kind = tag & 7
        if kind == VARINT:
            begin, at = at, plain_varint(content, at)[1]
        elif kind == BYTES:
            size, begin = plain_varint(content, at)
            at = begin + size
        elif kind in (FIXED32, FIXED64):
            begin, at = at, at + (4 if kind == FIXED32 else 8)
        else:
            begin, at = at, length + 1
        if at > length:
            raise DamagedInput("a field runs past its message", base + field_at, f"{row} messages")
        begins, ends = spans.setdefault((tag >> 3, kind), ([], []))
        begins.append(base + begin)
        ends.append(base + at)
    for (number, kind), (begins, ends) in spans.items():
        rows = np.full(len(begins), row, np.int64)
        found.setdefault(number, []).append((rows, np.array(begins, np.int64), np.array(ends, np.int64), kind))


def plain_varint(content: bytes, at: int) -> tuple[int, int]:
    """Returns one varint and the position behind it; what runs past the content is taken as zeros."""
    value = shift = 0
    while shift < 7 * _MOST_VARINT_BYTES and at < len(content):
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
    return value & 0xFFFFFFFFFFFFFFFF, at


def _joined(parts: list[tuple[Index, Index, Index, int]]) -> Spans:
    """Returns the parts as one set of spans, those of a message together and in file order."""
    row = np.concatenate([part[0] for part in parts])
    start = np.concatenate([part[1] for part in parts])
    stop = np.concatenate([part[2] for part in parts])
    wire_type = np.repeat(np.array([part[3] for part in parts], np.uint8), [len(part[0]) for part in parts])
    if (start[1:] < start[:-1]).any():
        order = np.argsort(start, kind="stable")
        row, start, stop, wire_type = row[order], start[order], stop[order], wire_type[order]
    return Spans(row, start, stop, wire_type)


def varints(data: Bytes, spans: Spans) -> tuple[NDArray[np.uint64], Index]:
    """Returns all varints in the spans, in order, and how many each span holds.

    Spans must not overlap and must ascend. Every byte below 0x80 ends a varint; spans that fill most of the region
    from the first to the last are read there, others are laid end to end first.
    """
    if not len(spans):
        return np.zeros(0, np.uint64), np.zeros(0, np.int64)
    if ((spans.wire_type != VARINT) & (spans.wire_type != BYTES)).any():
        wrong = int(np.flatnonzero((spans.wire_type != VARINT) & (spans.wire_type != BYTES))[0])
        raise DamagedInput("a number is stored as something else", int(spans.start[wrong]), f"{wrong} fields")
    if (spans.wire_type == VARINT).all():
        return varint_at(data, spans.start)[0], np.ones(len(spans), np.int64)
    low, starts, stops = _region(spans)
    if low < 0:
        index = np.repeat(spans.start - starts, stops - starts)
        index += np.arange(len(index))
        region = data[index]
    else:
        region = data[low : low + int(stops[-1])]
    ends = np.flatnonzero(region < 0x80)
    first = np.searchsorted(ends, starts)
    count = np.searchsorted(ends, stops) - first
    whole = stops == starts
    if len(ends):
        last = ends[np.clip(first + count - 1, 0, len(ends) - 1)]
        whole |= (count > 0) & (last == stops - 1)
    if not whole.all():
        wrong = int(np.flatnonzero(~whole)[0])
        raise DamagedInput("a list of numbers breaks off", int(spans.start[wrong]), f"{wrong} lists")
    total = int(count.sum())
    chosen: Index | slice
    if total == len(ends):
        chosen = slice(None)
    else:
        before = np.cumsum(count) - count
        chosen = np.repeat(first - before, count)
        chosen += np.arange(total)
    stop = ends[chosen]
    start = np.empty(total, np.int64)
    if total:
        start[1:] = stop[:-1] + 1
        heads = (np.cumsum(count) - count)[count > 0]
        start[heads] = starts[count > 0]
    return _values(region, start, stop), count


def _region(spans: Spans) -> tuple[int, Index, Index]:
    """Returns where the region of the spans begins and the spans within it; -1 and the spans end to end when they are
    scattered.
    """
    low, size = int(spans.start[0]), spans.stop - spans.start
    if 2 * int(size.sum()) >= int(spans.stop[-1]) - low:
        return low, spans.start - low, spans.stop - low
    stops = np.cumsum(size)
    return -1, stops - size, stops


def _values(region: Bytes, start: Index, stop: Index) -> NDArray[np.uint64]:
    """Returns the varints between these positions, both inclusive; those over ten bytes are cut to ten."""
    length = stop - start
    longest = int(length.max(initial=0))
    width = np.uint32 if longest <= 3 else np.uint64
    value = (region[start] & 0x7F).astype(width)
    for byte in range(1, min(longest, _MOST_VARINT_BYTES - 1) + 1):
        longer = np.flatnonzero(length >= byte)
        value[longer] |= (region[start[longer] + byte] & 0x7F).astype(width) << width(7 * byte)
    return value.astype(np.uint64, copy=False)
