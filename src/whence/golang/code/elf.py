"""What an ELF file of 64 bits says about itself: sections, segments, symbols of functions, build ids; any machine."""

from __future__ import annotations

import bisect
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from whence.evidence.errors import BadInput

_HEADER = struct.Struct("<HHIQQQIHHHHHH")
_SECTION = struct.Struct("<IIQQQQIIQQ")
_SEGMENT = struct.Struct("<IIQQQQQQ")
_SYMBOL = struct.Struct("<IBBHQQ")
_NOTE = struct.Struct("<III")
_NO_BITS, _SYMBOL_TABLE, _NOTES, _LOAD, _SHARED = 8, 2, 7, 1, 3
_FUNCTION = 2
_GNU_BUILD_ID, _GO_BUILD_ID = ("GNU", 3), ("Go", 4)


class Stretch(NamedTuple):
    """A section: where it lies in memory and in the file; `size` 0 where the file holds nothing of it."""

    name: str
    kind: int
    address: int
    offset: int
    size: int
    link: int


class Elf:
    """One file, read once."""

    def __init__(self, content: bytes, name: str) -> None:
        """Raises BadInput for what is no such file."""
        self.content = content
        if content[:6] != b"\x7fELF\x02\x01":
            raise BadInput(f"{name} is no ELF file of 64 bits. Give the executable that was profiled.")
        try:
            file_kind, _, _, _, segments, sections, *rest = _HEADER.unpack_from(content, 16)
            _, _, segment_size, segment_count, section_size, section_count, names = rest
            places = range(sections, sections + section_count * section_size, section_size or 1)
            raw: list[tuple[int, ...]] = [_SECTION.unpack_from(content, at) for at in places]
            names_at = raw[int(names)][4] if raw else 0
            self.sections = [
                Stretch(self.text(names_at + name), kind, address, offset, 0 if kind == _NO_BITS else size, link)
                for name, kind, _, address, offset, size, link, *_ in raw
            ]
            found = (_SEGMENT.unpack_from(content, segments + i * segment_size) for i in range(segment_count))
            self._loads = [(offset, address, size) for tag, _, offset, address, _, size, *_ in found if tag == _LOAD]
        except (struct.error, IndexError, ValueError, OverflowError) as error:
            raise BadInput(f"{name} is a damaged ELF file. Give the executable that was profiled.") from error
        self.moves = file_kind == _SHARED
        """Whether it may be loaded anywhere, so that addresses count from where it is mapped."""
        self._functions: tuple[list[int], list[tuple[int, int]]] | None = None

    def text(self, at: int) -> str:
        """Returns the text that begins at an offset of the file. Raises ValueError where it does not end."""
        return self.content[at : self.content.index(b"\0", at)].decode("utf-8", "replace")

    def section(self, *names: str) -> Stretch | None:
        return next((one for one in self.sections if one.name in names and one.size), None)

    def read(self, address: int, size: int) -> bytes:
        """Returns up to `size` bytes of the file that lie at an address; none where the file holds none."""
        for offset, start, length in self._loads:
            if start <= address < start + length:
                at = offset + address - start
                return self.content[at : min(at + size, offset + length)]
        return b""

    def address_of_offset(self, offset: int) -> int | None:
        """Returns the address of what lies at an offset of the file, when it is loaded."""
        for begins, start, length in self._loads:
            if begins <= offset < begins + length:
                return start + offset - begins
        return None

    def build_ids(self) -> tuple[str, ...]:
        """Returns the linker's build id in hexadecimal and Go's own, those there are."""
        ids: list[str] = []
        for section in self.sections:
            for owner, content in self._notes(section) if section.kind == _NOTES else ():
                if owner == _GNU_BUILD_ID:
                    ids.append(content.hex())
                elif owner == _GO_BUILD_ID:
                    ids.append(content.decode("utf-8", "replace"))
        return tuple(ids)

    def _notes(self, section: Stretch) -> Iterator[tuple[tuple[str, int], bytes]]:
        at, end = section.offset, section.offset + section.size
        while at + _NOTE.size <= min(end, len(self.content)):
            name_size, size, kind = _NOTE.unpack_from(self.content, at)
            begin = at + _NOTE.size + (name_size + 3 & ~3)
            name = self.content[at + _NOTE.size : at + _NOTE.size + name_size].rstrip(b"\0")
            yield (name.decode("latin-1"), kind), self.content[begin : begin + size]
            at = begin + (size + 3 & ~3)

    def symbol(self, *names: str) -> int | None:
        """Returns the address of the first symbol of one of these names."""
        wanted = {name.encode() for name in names}
        for table, texts in self._symbol_tables():
            block = self.content[texts.offset : texts.offset + texts.size]
            at = {block.find(b"\0" + name + b"\0") + 1 for name in wanted} - {0}
            for name_at, _, _, _, value, _ in self._symbols(table) if at else ():
                if name_at in at:
                    return value
        return None

    def function_at(self, address: int) -> str:
        """Returns the name of the symbol of a function that holds an address, empty when there is none."""
        if self._functions is None:
            places = sorted(
                (value, size, texts.offset + name_at)
                for table, texts in self._symbol_tables()
                for name_at, info, _, _, value, size in self._symbols(table)
                if info & 0xF == _FUNCTION and size
            )
            self._functions = [place[0] for place in places], [(size, name_at) for _, size, name_at in places]
        starts, rest = self._functions
        row = bisect.bisect_right(starts, address) - 1
        if row < 0 or address >= starts[row] + rest[row][0]:
            return ""
        try:
            return self.text(rest[row][1])
        except ValueError:
            return ""

    def _symbol_tables(self) -> Iterator[tuple[Stretch, Stretch]]:
        for section in self.sections:
            if section.kind == _SYMBOL_TABLE and section.link < len(self.sections):
                yield section, self.sections[section.link]

    def _symbols(self, table: Stretch) -> Iterator[tuple[int, ...]]:
        block = self.content[table.offset : table.offset + table.size]
        return _SYMBOL.iter_unpack(block[: len(block) // _SYMBOL.size * _SYMBOL.size])


def read_elf(path: Path) -> Elf:
    """Returns the file. Raises BadInput when it cannot be read or is none."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}). Give the executable that was profiled.") from error
    return Elf(content, str(path))
