"""An ELF executable as functions and data by name: from its symbols, or, stripped, from Go's own function table."""

from __future__ import annotations

import bisect
import struct
from pathlib import Path

import msgspec

from whence.golang.code.pclntab import functions_in

_SYMBOL = struct.Struct("<IBBHQQ")
_SECTION = struct.Struct("<IIQQQQIIQQ")
_NO_BITS, _SYMBOL_TABLE = 8, 2
_OBJECT, _FUNCTION = 1, 2
_WRITE, _LOADED = 1, 2
_X86_64 = 62
_FUNCTION_TABLES = (".gopclntab", ".data.rel.ro.gopclntab")
_PADDING = b"\xcc"


class Symbol(msgspec.Struct, frozen=True, kw_only=True):
    """A named stretch of the program."""

    name: str
    address: int
    size: int


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A loaded stretch of the file; `offset` is None where the file holds no bytes of it (.bss)."""

    name: str
    address: int
    size: int
    offset: int | None
    writable: bool = False


class Program:
    """The functions and data of one executable."""

    def __init__(self, content: bytes, sections: list[Section], symbols: list[tuple[int, Symbol]]) -> None:
        self.content = content
        self.sections = sorted(sections, key=lambda s: s.address)
        self._starts = [s.address for s in self.sections]
        self.functions = {s.name: s for kind, s in symbols if kind == _FUNCTION and s.size > 0}
        self.data = {s.name: s for kind, s in symbols if kind == _OBJECT and s.size > 0}
        ordered = sorted((s for _, s in symbols if s.size > 0), key=lambda s: (s.address, -s.size))
        self._symbols = ordered
        self._addresses = [s.address for s in ordered]

    @property
    def has_symbols(self) -> bool:
        return bool(self.functions)

    def bytes_of(self, symbol: Symbol) -> bytes:
        """Returns the content of a symbol; empty where the file holds none."""
        return self.read(symbol.address, symbol.size)

    def read(self, address: int, size: int) -> bytes:
        """Returns up to `size` bytes at an address; fewer at the end of a section, none outside of all."""
        section = self.section_at(address)
        if section is None or section.offset is None:
            return b""
        start = section.offset + address - section.address
        return self.content[start : min(start + size, section.offset + section.size)]

    def section_at(self, address: int) -> Section | None:
        index = bisect.bisect_right(self._starts, address) - 1
        if index < 0:
            return None
        section = self.sections[index]
        return section if address < section.address + section.size else None

    def symbol_at(self, address: int) -> Symbol | None:
        """Returns the smallest named stretch that holds an address."""
        index = bisect.bisect_right(self._addresses, address) - 1
        for i in range(index, max(-1, index - 4), -1):
            symbol = self._symbols[i]
            if symbol.address <= address < symbol.address + symbol.size:
                return symbol
        return None


def read_program(path: Path) -> Program | None:
    """Returns the program, None for what is no ELF executable of a 64-bit x86 machine. Raises OSError."""
    content = path.read_bytes()
    if content[:6] != b"\x7fELF\x02\x01" or struct.unpack_from("<H", content, 18)[0] != _X86_64:
        return None
    section_offset = struct.unpack_from("<Q", content, 40)[0]
    entry_size, count, names_index = struct.unpack_from("<HHH", content, 58)
    raw: list[tuple[int, ...]] = [_SECTION.unpack_from(content, section_offset + i * entry_size) for i in range(count)]
    names_at = raw[names_index][4] if names_index < len(raw) else 0
    sections = [
        Section(
            name=_text(content, names_at + r[0]),
            address=r[3],
            size=r[5],
            offset=None if r[1] == _NO_BITS else r[4],
            writable=bool(r[2] & _WRITE),
        )
        for r in raw
        if r[3] and r[5] and r[2] & _LOADED
    ]
    symbols: list[tuple[int, Symbol]] = []
    for r in raw:
        if r[1] == _SYMBOL_TABLE and r[6] < len(raw):
            symbols += _symbols(content, r[4], r[5], raw[r[6]][4])
    return Program(content, sections, symbols or _stripped(content, sections))


def _symbols(content: bytes, offset: int, size: int, names_at: int) -> list[tuple[int, Symbol]]:
    found: list[tuple[int, Symbol]] = []
    for name_offset, info, _, _, value, length in _SYMBOL.iter_unpack(content[offset : offset + size]):
        kind = info & 0xF
        if kind in (_OBJECT, _FUNCTION):
            found.append((kind, Symbol(name=_text(content, names_at + name_offset), address=value, size=length)))
    return found


def _stripped(content: bytes, sections: list[Section]) -> list[tuple[int, Symbol]]:
    table = next((s for s in sections if s.name in _FUNCTION_TABLES and s.offset is not None), None)
    code = next((s for s in sections if s.name == ".text" and s.offset is not None), None)
    if table is None or code is None or table.offset is None or code.offset is None:
        return []
    by_name: dict[str, list[tuple[int, int]]] = {}
    for name, address, size in functions_in(content[table.offset : table.offset + table.size], code.address):
        start = code.offset + address - code.address
        by_name.setdefault(name, []).append((len(content[start : start + size].rstrip(_PADDING)), address))
    # A function and what adapts its calling convention share a name there: numbered by size, whichever comes first.
    return [
        (_FUNCTION, Symbol(name=name if number == 0 else f"{name}#{number + 1}", address=address, size=size))
        for name, places in by_name.items()
        for number, (size, address) in enumerate(sorted(places))
    ]


def _text(content: bytes, at: int) -> str:
    return content[at : content.index(b"\0", at)].decode(errors="replace")
