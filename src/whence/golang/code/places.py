"""Do an address in one program and one in another mean the same thing?

They do when both lie at the same distance into a symbol of one name. Strings, type descriptors, function values and
constants have no names of their own: there the same content is what counts, as much of it as the instruction is known
to use. A type descriptor begins with its size, the bytes that hold pointers and a hash of its name; a function value
with the address of its code; a string kept in an interface with the address of its text. Text that begins alike is
taken for the same when its length, or three characters, agree.
"""

from __future__ import annotations

import struct

from whence.golang.code.program import Program, Section, Symbol

DESCRIPTOR_BYTES = 20
"""What identifies a type: size, pointer bytes, hash. Of anything else the first 8 bytes are proof enough."""
_READ = 24
_ALIGNMENTS = (1, 2, 4, 8)
_KINDS = range(1, 27)
_TEXT_BYTES = 3
_CODE = ".text"
_STANDS_FOR_MANY = ("go:string.*", "go.string.*", "type:*", "type.*", "go:func.*", "go.func.*", "runtime.")
"""Symbols whose extent holds many unnamed things; of the runtime, only those that begin a stretch (`runtime.types`)."""
_BEGINNINGS = frozenset({"runtime.types", "runtime.rodata", "runtime.gcbits.*", "runtime.etypes", "runtime.erodata"})


class Places:
    """Compares addresses of two programs, and remembers."""

    def __init__(self, first: Program, second: Program) -> None:
        self._first, self._second = first, second
        self._known: dict[tuple[int, int, int, frozenset[int]], bool] = {}

    def alike(self, x: int, y: int, used: int = DESCRIPTOR_BYTES, lengths: frozenset[int] = frozenset()) -> bool:
        """Tells whether `x` in the first program and `y` in the second mean the same.

        `used`: bytes that an instruction reads there, `DESCRIPTOR_BYTES` when it only takes the address; `lengths`:
        what may be the length of a string there.
        """
        key = (x, y, used, lengths)
        if key not in self._known:
            self._known[key] = False  # pointers that lead in a circle must end
            self._known[key] = self._same(x, y, used, lengths)
        return self._known[key]

    def _same(self, x: int, y: int, used: int, lengths: frozenset[int]) -> bool:
        one, other = _named(self._first, x), _named(self._second, y)
        if one is not None and other is not None and one.name == other.name:
            return x - one.address == y - other.address
        here, there = self._first.section_at(x), self._second.section_at(y)
        if here is None or there is None or here.name != there.name or here.name == _CODE:
            return False
        if one is None and other is None and (_starts_as_zeros(here, there) or (x == y and here.writable)):
            return True  # a variable without a name
        mine, theirs = self._first.read(x, _READ), self._second.read(y, _READ)
        if len(mine) < min(used, 8) or len(theirs) < min(used, 8):
            return False
        return mine[:used] == theirs[:used] or (used >= 8 and self._same_content(mine, theirs, used, lengths))

    def _same_content(self, mine: bytes, theirs: bytes, used: int, lengths: frozenset[int]) -> bool:
        """Compares what has no name and is only pointed to, or holds a pointer itself."""
        if used == DESCRIPTOR_BYTES and (_is_type(mine) or _is_type(theirs)):
            return False  # of which the bytes that identify it differ
        p, q = (struct.unpack_from("<Q", side.ljust(8, b"\0"))[0] for side in (mine, theirs))
        if p == q or self.alike(p, q, lengths=length_behind(mine, 0) & length_behind(theirs, 0)):
            return True
        if used < DESCRIPTOR_BYTES:
            return False
        text = mine[:_TEXT_BYTES]
        return any(mine[:n] == theirs[:n] for n in lengths) or (text == theirs[:_TEXT_BYTES] and text.isascii())


def _named(program: Program, address: int) -> Symbol | None:
    symbol = program.symbol_at(address)
    return None if symbol is None or _unnamed(symbol.name) else symbol


def _unnamed(name: str) -> bool:
    return name in _BEGINNINGS or (name.endswith("*") and name.startswith(_STANDS_FOR_MANY))


def _starts_as_zeros(here: Section, there: Section) -> bool:
    return here.offset is None and there.offset is None


def _is_type(content: bytes) -> bool:
    """Tells whether a type descriptor can begin so (internal/abi.Type; the same since Go 1.5)."""
    if len(content) < _READ:
        return False
    size, pointer_bytes = struct.unpack_from("<QQ", content)
    aligned = content[21] in _ALIGNMENTS and content[22] in _ALIGNMENTS
    return pointer_bytes <= size and aligned and content[23] & 0x1F in _KINDS


def length_behind(content: bytes, at: int) -> frozenset[int]:
    """Returns the length of the short string whose address stands at `at`, by the word behind; empty for others."""
    length = struct.unpack_from("<Q", content, at + 8)[0] if at + 16 <= len(content) else 0
    return frozenset({length} if 0 < length < DESCRIPTOR_BYTES else ())
