"""Which functions and source lines an address of a Go program belongs to, with what was inlined there.

Read from the tables that the runtime itself uses for tracebacks, so that a stripped program has them too. Source of
the layouts: runtime/symtab.go, runtime/runtime2.go (_func), runtime/symtabinl.go (inlinedCall) of Go 1.18 to 1.27.
"""

from __future__ import annotations

import bisect
import struct
from collections.abc import Iterator
from typing import NamedTuple

from whence.golang.code.elf import Elf
from whence.golang.code.module_data import SINCE_1_18, SINCE_1_20, function_table, go_func, module_data, text_start

_WORD = struct.Struct("<Q")
_INT = struct.Struct("<i")
_ENTRY = struct.Struct("<II")
_INLINE_INDEX, _INLINE_TREE = 2, 3
"""Numbers of PCDATA and FUNCDATA (internal/abi/symtab.go)."""
_NOT_THERE = 0xFFFFFFFF


class Frame(NamedTuple):
    """A function at a source line; `start_line` is 0 where the program does not tell it (before Go 1.20)."""

    function: str
    file: str
    line: int
    start_line: int


class _Layout(NamedTuple):
    """Where a function's record holds what, and an inlined call's."""

    start_line: int | None
    counts: int
    pcdata: int
    inlined_size: int
    inlined_name: int
    inlined_parent: int
    inlined_start: int | None


_LAYOUTS = {
    SINCE_1_18: _Layout(None, 39, 40, 20, 12, 16, None),
    SINCE_1_20: _Layout(36, 43, 44, 16, 4, 8, 12),
}


class _Function(NamedTuple):
    """One function's tables; each table is where its values end, and the values."""

    entry: int
    record: int
    files: tuple[list[int], list[int]]
    lines: tuple[list[int], list[int]]
    inlined: tuple[list[int], list[int]]
    tree: int


class GoLines:
    """The function table of one Go program; functions are decoded when first asked for."""

    def __init__(self, elf: Elf) -> None:
        """Finds the table; `known` tells whether there is one of a layout that is read here."""
        self._elf = elf
        address, self.table = function_table(elf)
        magic = struct.unpack_from("<I", self.table)[0] if len(self.table) >= 72 and self.table[7] == 8 else 0
        self.known = magic in _LAYOUTS
        if not self.known:
            return
        self._layout = _LAYOUTS[magic]
        self._step = self.table[6]
        self._names, self._units, self._paths, self._values, self._records = (self._word(i) for i in range(4, 9))
        module = module_data(elf, address)
        self._text = text_start(elf, module, self._word(3))
        self._go_func = go_func(elf, module, magic)
        self._starts = self._entries()
        self._functions: dict[int, _Function | None] = {}

    def frames(self, address: int) -> tuple[Frame, ...]:
        """Returns what an address belongs to, the innermost inlined function first; empty for what is no Go code.

        Of a call this is the address within the call instruction, not the one it returns to.
        """
        if not self.known:
            return ()
        row = bisect.bisect_right(self._starts, address - self._text) - 1
        if row < 0 or row >= len(self._starts) - 1:
            return ()
        if row not in self._functions:
            try:
                self._functions[row] = self._function(row)
            except (struct.error, IndexError):
                self._functions[row] = None
        function = self._functions[row]
        try:
            frames = tuple(self._unwound(function, address)) if function else ()
        except (struct.error, IndexError, ValueError):
            return ()
        # Tracebacks, and so the profiles that the runtime writes itself, leave out what only adapts a call.
        return tuple(frame for frame in frames if not _adapts(frame)) or frames

    def _unwound(self, function: _Function, address: int) -> Iterator[Frame]:
        layout = self._layout
        for _ in range(1000):  # a tree that leads in a circle ends too
            file, line = self._file(function, address), _at(function.lines, address, 0)
            index = _at(function.inlined, address, -1)
            if index < 0 or not function.tree:
                break
            call = self._elf.read(function.tree + index * layout.inlined_size, layout.inlined_size)
            name, parent = (_INT.unpack_from(call, at)[0] for at in (layout.inlined_name, layout.inlined_parent))
            start = _INT.unpack_from(call, layout.inlined_start)[0] if layout.inlined_start else 0
            yield Frame(self._name(name), file, line, start)
            address = function.entry + parent
        else:
            return
        name = _INT.unpack_from(self.table, function.record + 4)[0]
        at = layout.start_line
        start = _INT.unpack_from(self.table, function.record + at)[0] if at else 0
        yield Frame(self._name(name), file, line, start)

    def _function(self, row: int) -> _Function:
        start, record = _ENTRY.unpack_from(self.table, self._records + row * _ENTRY.size)
        record += self._records
        layout: _Layout = self._layout
        files, lines, pcdata_count = struct.unpack_from("<III", self.table, record + 20)
        funcdata_count = self._byte(record + layout.counts)
        entry, end = start + self._text, self._starts[row + 1] + self._text
        inlined, tree = 0, _NOT_THERE
        if pcdata_count > _INLINE_INDEX:
            inlined = struct.unpack_from("<I", self.table, record + layout.pcdata + 4 * _INLINE_INDEX)[0]
        if funcdata_count > _INLINE_TREE:
            tree = struct.unpack_from("<I", self.table, record + layout.pcdata + 4 * (pcdata_count + _INLINE_TREE))[0]
        return _Function(
            entry=entry,
            record=record,
            files=self._decoded(files, entry, end),
            lines=self._decoded(lines, entry, end),
            inlined=self._decoded(inlined, entry, end),
            tree=self._go_func + tree if self._go_func and tree != _NOT_THERE else 0,
        )

    def _decoded(self, offset: int, address: int, end: int) -> tuple[list[int], list[int]]:
        """Returns a table of values by address: pairs of differences, each a varint, the first one zigzag."""
        ends: list[int] = []
        values: list[int] = []
        if not offset:
            return ends, values
        at, value, most = self._values + offset, -1, end - address
        while len(ends) <= most:  # so that a damaged table ends too
            change, at = self._varint(at)
            if change == 0 and ends:
                break
            value += change >> 1 ^ -(change & 1)
            length, at = self._varint(at)
            address += length * self._step
            ends.append(address)
            values.append(value)
        return ends, values

    def _byte(self, at: int) -> int:
        return self.table[at]

    def _varint(self, at: int) -> tuple[int, int]:
        value = shift = 0
        while True:
            byte = self.table[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value, at
            shift += 7

    def _file(self, function: _Function, address: int) -> str:
        number = _at(function.files, address, -1)
        if number < 0:
            return "?"
        unit = struct.unpack_from("<I", self.table, function.record + 32)[0]
        at = struct.unpack_from("<I", self.table, self._units + 4 * (unit + number))[0]
        return "?" if at == _NOT_THERE else self._string(self._paths + at)

    def _name(self, offset: int) -> str:
        return self._string(self._names + offset)

    def _string(self, at: int) -> str:
        return self.table[at : self.table.index(b"\0", at)].decode("utf-8", "replace")

    def _entries(self) -> list[int]:
        """Returns where every function begins, counted from the start of the code, and where the last one ends."""
        if self._records + 4 > len(self.table):
            return []
        count = min(self._word(1), max(len(self.table) - self._records - 4, 0) // _ENTRY.size)
        block = self.table[self._records : self._records + count * _ENTRY.size + 4]
        return [start for start, _ in _ENTRY.iter_unpack(block[:-4])] + list(struct.unpack("<I", block[-4:]))

    def _word(self, index: int) -> int:
        return _WORD.unpack_from(self.table, 8 * index)[0]


def _adapts(frame: Frame) -> bool:
    """Tells whether a function is one that the compiler made to call a method; of types it makes others too."""
    return frame.file == "<autogenerated>" and not frame.function.startswith(("type:.", "type.."))


def _at(table: tuple[list[int], list[int]], address: int, otherwise: int) -> int:
    ends, values = table
    row = bisect.bisect_right(ends, address)
    return values[row] if row < len(ends) else otherwise
