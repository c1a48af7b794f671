"""Many protobuf messages of one kind, encoded at once: a column of numbers in, the bytes of every row out.

A `Part` is one field of all rows: how many bytes each row has, and all of them end to end. The parts of a message lie
side by side until `flat` interleaves them, so that every byte is moved once.

Source of the encoding: the protocol buffers documentation, "Encoding" (base-128 varints, wire types 0, 1 and 2).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Int64 = NDArray[np.int64]
UInt64 = NDArray[np.uint64]
VARINT, FIXED64, DELIMITED = 0, 1, 2
_LIMITS = [np.uint64(1 << (7 * groups)) for groups in range(1, 10)]


class Part(NamedTuple):
    """One field of every row: `lengths` in bytes, an entry a row; `content` holds all rows end to end."""

    lengths: Int64
    content: Bytes


def varint_lengths(values: UInt64) -> Int64:
    """Returns how many bytes each number takes as a varint, 1 to 10."""
    lengths = np.ones(len(values), np.int64)
    highest = int(values.max(initial=0))
    for limit in _LIMITS:
        if highest < limit:
            break
        lengths += values >= limit
    return lengths


def varints(values: NDArray[np.integer]) -> Part:
    """Returns each number as a varint; negative ones as their two's complement of 64 bits."""
    unsigned: UInt64 = values.astype(np.uint64)
    lengths = varint_lengths(unsigned)
    width = int(lengths.max(initial=1))
    groups = np.empty((len(unsigned), width), np.uint8)
    rest = unsigned.copy()
    for group in range(width):
        groups[:, group] = rest & np.uint64(0x7F)
        groups[:, group] |= np.where(lengths > group + 1, np.uint8(0x80), np.uint8(0))
        rest >>= np.uint64(7)
    return Part(lengths, groups[np.arange(width) < lengths[:, None]])


def scalar(field: int, values: NDArray[np.integer], *, zero: bool = False) -> list[Part]:
    """Returns a number a row; a row whose number is 0 has no field, unless `zero`."""
    present = np.ones(len(values), np.bool_) if zero else np.not_equal(values, 0)
    numbers = varints(values[present])
    return [_tags(field, VARINT, present), Part(_spread(numbers.lengths, present), numbers.content)]


def fixed64(field: int, values: UInt64) -> list[Part]:
    """Returns a number of 8 bytes a row; none for 0."""
    present = np.not_equal(values, 0)
    content = values[present].astype("<u8").view(np.uint8)
    return [_tags(field, FIXED64, present), Part(present * np.int64(8), content)]


def packed(field: int, starts: Int64, values: NDArray[np.integer] | Part) -> list[Part]:
    """Returns the numbers starts[i] to starts[i + 1] of row i as one packed list; none for an empty one.

    `values` may be encoded already: a Part with an entry a number.
    """
    numbers = values if isinstance(values, Part) else varints(values)
    return nested(field, [Part(_sums(starts, numbers.lengths), numbers.content)], keep_empty=False)


def nested(field: int, parts: list[Part], *, keep_empty: bool = True) -> list[Part]:
    """Returns each row's parts as one submessage of `field`."""
    lengths = _total(parts)
    present = np.ones(len(lengths), np.bool_) if keep_empty else np.greater(lengths, 0)
    sizes = varints(lengths[present])
    return [_tags(field, DELIMITED, present), Part(_spread(sizes.lengths, present), sizes.content), *parts]


def grouped(starts: Int64, parts: list[Part]) -> Part:
    """Returns rows starts[i] to starts[i + 1] of `parts` laid end to end as row i."""
    part = flat(parts)
    return Part(_sums(starts, part.lengths), part.content)


def flat(parts: list[Part]) -> Part:
    """Returns all parts of a row side by side."""
    if len(parts) == 1:
        return parts[0]
    total = _total(parts)
    content = np.empty(int(total.sum()), np.uint8)
    at = np.cumsum(total) - total
    for part in parts:
        source = np.cumsum(part.lengths) - part.lengths
        index = np.repeat(at - source, part.lengths)
        index += np.arange(len(index))
        content[index] = part.content
        at = at + part.lengths
    return Part(total, content)


def strings(field: int, texts: list[bytes]) -> bytes:
    """Returns a repeated field of byte strings."""
    tag = bytes([field << 3 | DELIMITED])
    return b"".join([tag + varint(len(text)) + text for text in texts])


def varint(value: int) -> bytes:
    """Returns one number as a varint; a negative one as its two's complement of 64 bits."""
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field_of(field: int, value: int | bytes) -> bytes:
    """Returns one field of one message: a number (nothing for 0) or content with its length."""
    if isinstance(value, int):
        return bytes([field << 3 | VARINT]) + varint(value) if value else b""
    return bytes([field << 3 | DELIMITED]) + varint(len(value)) + value


def utf8(text: str) -> bytes:
    """Returns the bytes a reader took the text from, also those that were no UTF-8."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _total(parts: list[Part]) -> Int64:
    total = parts[0].lengths.copy()
    for part in parts[1:]:
        total += part.lengths
    return total


def _tags(field: int, kind: int, present: NDArray[np.bool_]) -> Part:
    count = int(np.count_nonzero(present))
    return Part(present.astype(np.int64), np.full(count, field << 3 | kind, np.uint8))


def _spread(lengths: Int64, present: NDArray[np.bool_]) -> Int64:
    spread = np.zeros(len(present), np.int64)
    spread[present] = lengths
    return spread


def _sums(starts: Int64, lengths: Int64) -> Int64:
    ends = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=ends[1:])
    return ends[starts[1:]] - ends[starts[:-1]]
