"""Do two programs hold the same instructions? Function by function, wherever the linker put them.

Functions of one name are the same when their bytes are, but for fields that hold addresses: 4 bytes behind the opcode
of a call or jump, or behind the byte that says "relative to this instruction", counted from the instruction's end (a
constant of up to 4 bytes may stand in between). Such fields are the same when what they point to is (`places`). So a
program whose functions were only moved compares as the same, and one in which a constant changed does not. Variables
with initial values are compared likewise, by name; read-only data only where code points to it, and its beginning.

Instructions are not decoded: a constant that stands where an address could, and looks like one of the same thing in
both programs, would pass. On x86-64 (Intel's manual, volume 2: ModR/M with mod 00 and r/m 101).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import msgspec

from whence.golang.code.places import DESCRIPTOR_BYTES, Places, length_behind
from whence.golang.code.program import Program, Symbol, read_program

_BEHIND = (1, 4, 0, 2)
"""Bytes of a constant behind a relative field, for instructions that take one; the most frequent first."""
_TAKES_CONSTANT = frozenset(b"\x80\x81\x83\xc6\xc7\x69\x6b\xf6\xf7\xc0\xc1\xba\x70\xc2\xc4\xc5")
_THREE_BYTES = 0x3A
"""Second byte of opcodes of vector instructions, all with a constant behind."""
_CALL_OR_JUMP = (0xE8, 0xE9)
_LOAD_ADDRESS = 0x8D
_ONE_BYTE = frozenset(b"\x80\x84\x88\x8a\xc6\x38\x3a\xf6")
_EXTENDING = {0xB6: 1, 0xBE: 1, 0xB7: 2, 0xBF: 2}
"""Opcodes behind 0F that load less than a word: bytes, and halves."""
_NEAR = 64
"""A string's length is loaded that close to its address."""
_WITH_VALUES = (".data", ".noptrdata")
LINKER_MADE = ("runtime.buildVersion", "runtime.modinfo", "runtime.defaultGOROOT", "runtime.firstmoduledata")
"""Variables that hold the version, or where the linker put things."""


class CodeDifference(msgspec.Struct, frozen=True, kw_only=True):
    """`same`: identical instructions and initial values; None when a program cannot be read for them."""

    same: bool | None
    moved: bool = False
    """Functions lie at other addresses."""
    changed: tuple[str, ...] = ()
    """Functions of both with other instructions."""
    only_first: tuple[str, ...] = ()
    only_second: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    """Variables of both with other initial values."""

    def words(self) -> str:
        """Returns the difference for people."""
        if self.same is None:
            return "programs whose instructions cannot be read (no x86-64 ELF file of Go, or no names in it)"
        if self.same:
            return "identical instructions, " + ("other addresses" if self.moved else "the same addresses")
        parts = [
            f"{len(names)} {what} ({', '.join(names[:3])}{', …' if len(names) > 3 else ''})"
            for names, what in (
                (self.changed, "functions changed"),
                (self.only_first, "only in the first"),
                (self.only_second, "only in the second"),
                (self.variables, "variables start otherwise"),
            )
            if names
        ]
        return ", ".join(parts)


def compare_code(first: Path, second: Path) -> CodeDifference:
    """Returns what differs in the machine code of two executables. Raises OSError when one cannot be read."""
    a, b = read_program(first), read_program(second)
    if a is None or b is None or not a.has_symbols or not b.has_symbols:
        return CodeDifference(same=None)
    comparer = _Comparer(a, b)
    changed = tuple(sorted(n for n in a.functions if n in b.functions and not comparer.same_function(n)))
    variables = tuple(sorted(n for n in a.data if n in b.data and not comparer.same_variable(n)))
    only_first = tuple(sorted(a.functions.keys() - b.functions.keys()))
    only_second = tuple(sorted(b.functions.keys() - a.functions.keys()))
    return CodeDifference(
        same=not (changed or only_first or only_second or variables),
        moved=any(s.address != b.functions[n].address for n, s in a.functions.items() if n in b.functions),
        changed=changed,
        only_first=only_first,
        only_second=only_second,
        variables=variables,
    )


class _Comparer:
    def __init__(self, a: Program, b: Program) -> None:
        self._a, self._b = a, b
        self._places = Places(a, b)

    def same_function(self, name: str) -> bool:
        one, other = self._a.functions[name], self._b.functions[name]
        mine, theirs = self._a.bytes_of(one), self._b.bytes_of(other)
        if mine == theirs:
            return True
        if len(mine) != len(theirs):
            return False
        done = 0
        for at in _differing(mine, theirs):
            if at < done:
                continue
            end = self._field(one, other, mine, theirs, at, done)
            if end is None:
                return False
            done = end
        return True

    def same_variable(self, name: str) -> bool:
        one, other = self._a.data[name], self._b.data[name]
        section = self._a.section_at(one.address)
        if section is None or section.name not in _WITH_VALUES or name in LINKER_MADE:
            return True
        mine, theirs = self._a.bytes_of(one), self._b.bytes_of(other)
        if mine == theirs:
            return True
        if len(mine) != len(theirs):
            return False
        return all(self._pointer(mine, theirs, start) for start in {at - at % 8 for at in _differing(mine, theirs)})

    def _field(self, one: Symbol, other: Symbol, mine: bytes, theirs: bytes, at: int, done: int) -> int | None:
        """Returns the end of an address field that holds byte `at` and means the same on both sides, else None."""
        for start in range(at, max(done, at - 3) - 1, -1):
            if not 1 <= start <= len(mine) - 4 or not _may_hold_address(mine, start):
                continue
            x, y = (struct.unpack_from("<i", side, start)[0] for side in (mine, theirs))
            used = _used(mine, start)
            lengths = _lengths(mine, start) if used == DESCRIPTOR_BYTES else frozenset[int]()
            for behind in _BEHIND if _takes_constant(mine, start) else (0,):
                end = start + 4 + behind
                if self._places.alike(one.address + end + x, other.address + end + y, used, lengths):
                    return start + 4
        return None

    def _pointer(self, mine: bytes, theirs: bytes, start: int) -> bool:
        """Tells whether two variables hold pointers to the same at `start`; a string's length is the word behind."""
        if start + 8 > len(mine):
            return False
        x, y = (struct.unpack_from("<Q", side, start)[0] for side in (mine, theirs))
        return self._places.alike(x, y, lengths=length_behind(mine, start))


def _may_hold_address(code: bytes, start: int) -> bool:
    before = code[start - 1]
    if before & 0xC7 == 0x05 or before in _CALL_OR_JUMP:
        return True
    return start >= 2 and code[start - 2] == 0x0F and 0x80 <= before <= 0x8F


def _takes_constant(code: bytes, start: int) -> bool:
    if start < 3 or code[start - 1] in _CALL_OR_JUMP or code[start - 2] == _LOAD_ADDRESS:
        return False
    return code[start - 2] in _TAKES_CONSTANT or code[start - 3] == _THREE_BYTES


def _used(code: bytes, start: int) -> int:
    """Returns how many bytes at an address an instruction reads at least; for one that keeps the address, all that
    identifies a type. Vector registers count as 8."""
    if start < 4 or code[start - 2] == _LOAD_ADDRESS or code[start - 1] in _CALL_OR_JUMP:
        return DESCRIPTOR_BYTES
    prefix, escape, opcode = code[start - 4], code[start - 3], code[start - 2]
    if escape == 0x0F:
        return _EXTENDING.get(opcode, 4 if prefix == 0xF3 else 8)
    if opcode in _ONE_BYTE:
        return 1
    if escape & 0xF8 == 0x48:  # REX.W: an operand of 8 bytes
        return 8
    return 2 if 0x66 in (escape, prefix) else 4


def _lengths(code: bytes, start: int) -> frozenset[int]:
    """Returns the small constants that are loaded near an address: one may be the length of the string there."""
    found: set[int] = set()
    for at in range(max(0, start - _NEAR), min(len(code) - 4, start + _NEAR)):
        if 0 < code[at] < DESCRIPTOR_BYTES and code[at + 1 : at + 4] == b"\0\0\0" and _loads_constant(code, at):
            found.add(code[at])
    return frozenset(found)


def _loads_constant(code: bytes, at: int) -> bool:
    """Tells whether a 4-byte constant may stand at `at` that a MOV takes to a register or to memory."""
    return at >= 7 and (code[at - 1] & 0xF8 == 0xB8 or any(code[at - n] == 0xC7 for n in (2, 3, 4, 6, 7)))


def _differing(mine: bytes, theirs: bytes) -> Iterator[int]:
    """Yields the positions at which two texts of one length differ."""
    if len(mine) < 64:
        yield from (i for i, (x, y) in enumerate(zip(mine, theirs, strict=True)) if x != y)
        return
    import numpy as np

    difference = np.frombuffer(mine, np.uint8) != np.frombuffer(theirs, np.uint8)
    yield from (int(i) for i in np.flatnonzero(difference))
