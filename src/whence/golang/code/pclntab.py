"""Function names and addresses from Go's own table, which the runtime needs, so that a stripped program has it too.

Layouts: runtime/symtab.go of Go 1.2, 1.16, 1.18 and 1.20, told apart by the first four bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_SINCE_1_2, _SINCE_1_16 = 0xFFFFFFFB, 0xFFFFFFFA
_SINCE_1_18 = (0xFFFFFFF0, 0xFFFFFFF1)
_WORD = 8
_NAME_IN_FUNCTION = {_SINCE_1_2: 8, _SINCE_1_16: 8}
"""Where a function's record holds the offset of its name: behind its entry address, of 4 bytes since Go 1.18."""


def functions_in(table: bytes, text_start: int) -> list[tuple[str, int, int]]:
    """Returns (name, address, size) of every function. `text_start`: address of the section with the code.

    Empty when the table is of no layout known here. The size includes what fills up to the next function.
    """
    if len(table) < 16 or table[7] != _WORD:
        return []
    magic = struct.unpack_from("<I", table)[0]
    try:
        entries = list(_entries(table, magic, text_start))
    except (struct.error, IndexError, ValueError):
        return []
    named = entries[:-1]
    return [(name, at, entries[i + 1][1] - at) for i, (name, at) in enumerate(named)]


def _entries(table: bytes, magic: int, text_start: int) -> Iterator[tuple[str, int]]:
    """Yields (name, address) in order of address; the last one has no name, it is the end of the code."""
    count = _word(table, 1)
    if magic == _SINCE_1_2:
        at, names_at, records_at, entry, start = 2 * _WORD, 0, 0, struct.Struct("<QQ"), 0
    elif magic == _SINCE_1_16:
        at = records_at = _word(table, 7)
        names_at, entry, start = _word(table, 3), struct.Struct("<QQ"), 0
    elif magic in _SINCE_1_18:
        at = records_at = _word(table, 8)
        # The linkers of some releases leave the start of the code to be filled in by the runtime: zero.
        names_at, entry, start = _word(table, 4), struct.Struct("<II"), _word(table, 3) or text_start
    else:
        return
    for i in range(count):
        address, record = entry.unpack_from(table, at + i * entry.size)
        name_at = records_at + record + _NAME_IN_FUNCTION.get(magic, 4)
        begins = names_at + struct.unpack_from("<i", table, name_at)[0]
        yield table[begins : table.index(b"\0", begins)].decode(errors="replace"), start + address
    kind = "<Q" if entry.size == 2 * _WORD else "<I"
    yield "", start + struct.unpack_from(kind, table, at + count * entry.size)[0]


def _word(table: bytes, index: int) -> int:
    return struct.unpack_from("<Q", table, index * _WORD)[0]
