"""What a place asks the runtime for, read from the program's code in front of the call: which function, type, size.

A frame's address lies in the call instruction. In front of it the compiler loads the type's address, and often a
constant size, into the registers of Go's calling convention (cmd/compile/abi-internal.md: AX, BX, CX, DI, SI), since
Go 1.17 on amd64. The head of a type descriptor (internal/abi/type.go: size, length of the part with pointers, …,
kind) is the same in all of these releases. Whatever does not look like that is left unknown.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from whence.evidence.errors import BadInput
from whence.golang.code.elf import Elf
from whence.golang.code.program import Program, read_program
from whence.golang.size_classes import TINY_BYTES
from whence.golang.versions import at_least
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.sites import requested

REGISTERS_SINCE = "1.17"
GROWSLICE = "runtime.growslice"
_CALL, _CALL_BYTES = 0xE8, 5
_WINDOW_BYTES = 64
_LOAD_TYPE = {"AX": b"\x48\x8d\x05", "BX": b"\x48\x8d\x1d", "SI": b"\x48\x8d\x35"}
_LOAD_NUMBER = {"AX": b"\xb8", "BX": b"\xbb", "CX": b"\xb9"}
_BX_TO_CX = b"\x48\x89\xd9"
_OBJECTS = re.compile(r"runtime\.(newobject|convT|convTnoptr)$")
_SIZED = re.compile(r"runtime\.malloc(gc|Tiny|NoScan|Scan)\w*$")
_SLICES = re.compile(r"runtime\.makeslice(64)?$")
_TEXT = re.compile(
    r"runtime\.(slicebytetostring|slicerunetostring|stringtoslice\w+|concatstring\w*|rawstring\w*|intstring)$"
)
_BOXED = {"runtime.convT16": 2, "runtime.convT32": 4, "runtime.convT64": 8}
_TYPE_HEAD = struct.Struct("<QQIBBBB")
_MOST_BYTES = 1 << 40
_KINDS = range(1, 27)


class TypeHead(NamedTuple):
    """A type descriptor's address and what its head says."""

    address: int
    size_bytes: int
    pointer_bytes: int


class Call(NamedTuple):
    """A call of the runtime that allocates. `size_bytes`: of the request where it is a constant."""

    function: str
    type: TypeHead | None
    size_bytes: int | None
    noscan: bool | None

    @property
    def tiny(self) -> bool | None:
        """Whether its objects go into tiny blocks; None where the size or the pointers are not known."""
        if self.noscan is False:
            return False
        if self.size_bytes is None:
            return False if self.type is not None and self.type.size_bytes >= TINY_BYTES else None
        return self.size_bytes < TINY_BYTES if self.noscan else None

    def asked(self, slot_bytes: int, go_version: str) -> requested.Requested:
        """Returns what one object in such a slot was asked for."""
        if self.size_bytes is not None:
            return requested.Requested(self.size_bytes, self.size_bytes, self.size_bytes)
        element = self.type.size_bytes if self.type is not None else 0
        if self.function == GROWSLICE and 0 < element <= slot_bytes:
            # append asks for the whole slot and uses as many elements as fit.
            usable = slot_bytes // element * element
            return requested.Requested(usable, usable, slot_bytes)
        return requested.of_type(element, bool(self.noscan), slot_bytes, False, go_version)


def program_of(path: Path, profiles: Sequence[Profile]) -> Program:
    """Returns the program that was profiled, for `sites(program=…)`.

    Raises BadInput for a file that is no such program, was not the one profiled by its build id, or may be loaded
    anywhere, so that a profile's addresses do not say where in the file they lie.
    """
    try:
        elf, program = Elf(path.read_bytes(), str(path)), read_program(path)
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}). Give the executable that was profiled.") from error
    if program is None or elf.moves:
        raise BadInput(f"{path} is no fixed-address program for 64-bit x86. Leave --binary out.")
    own = set(elf.build_ids())
    for profile in profiles:
        told = {profile.strings[row] for row in profile.mappings.build_id.tolist()[:1]} - {""}
        if told and own and not told & own:
            raise BadInput(f"{path} is not the program that was profiled (build id {min(told)}). Give that one.")
    return program


def calls_at(program: Program, addresses: Iterable[int], go_version: str) -> dict[int, Call]:
    """Returns the allocating calls at these frames' addresses; those that are none, or unknown, are left out."""
    if not at_least(go_version, REGISTERS_SINCE):
        return {}
    found: dict[int, Call] = {}
    for address in set(addresses):
        call = _call_at(program, address, go_version)
        if call is not None:
            found[address] = call
    return found


def _call_at(program: Program, address: int, go_version: str) -> Call | None:
    # runtime/pprof writes the return address less one, which is the last byte of the call.
    after = address + 1
    code = program.read(after - _CALL_BYTES, _CALL_BYTES)
    if len(code) < _CALL_BYTES or code[0] != _CALL:
        return None
    symbol = program.symbol_at(after + int.from_bytes(code[1:], "little", signed=True))
    if symbol is None:
        return None
    start = after - _CALL_BYTES - _WINDOW_BYTES
    return _understood(
        program, symbol.name.removesuffix(".abi0"), start, program.read(start, _WINDOW_BYTES), go_version
    )


def _understood(program: Program, name: str, start: int, window: bytes, go_version: str) -> Call | None:
    if name in _BOXED:
        return Call(name, None, _BOXED[name], True)
    if _TEXT.match(name):
        return Call(name, None, None, True)
    if _OBJECTS.match(name):
        kind = _type(program, start, window, "AX")
        return None if kind is None else Call(name, kind, kind.size_bytes, kind.pointer_bytes == 0)
    if _SIZED.match(name):
        kind, size = _type(program, start, window, "BX"), _number(window, "AX")
        noscan = None if kind is None else kind.pointer_bytes == 0
        return Call(name, kind, size, noscan)
    if _SLICES.match(name):
        kind, count = _type(program, start, window, "AX"), _number(window, "CX")
        if count is None and _BX_TO_CX in window:
            count = _number(window, "BX")
        if kind is None:
            return None
        size = None if count is None or not kind.size_bytes else count * kind.size_bytes
        return Call(name, kind, size, kind.pointer_bytes == 0)
    if name == GROWSLICE:
        kind = _type(program, start, window, "SI" if at_least(go_version, "1.20") else "AX")
        return Call(name, kind, None, None if kind is None else kind.pointer_bytes == 0)
    return None


def _type(program: Program, start: int, window: bytes, register: str) -> TypeHead | None:
    """Returns the type whose address was last loaded into a register, if it looks like one."""
    at = window.rfind(_LOAD_TYPE[register])
    if at < 0 or at + 7 > len(window):
        return None
    address = start + at + 7 + int.from_bytes(window[at + 3 : at + 7], "little", signed=True)
    head = program.read(address, _TYPE_HEAD.size)
    if len(head) < _TYPE_HEAD.size:
        return None
    size, pointers, _, _, alignment, _, kind = _TYPE_HEAD.unpack(head)
    if size > _MOST_BYTES or pointers > size or alignment not in (1, 2, 4, 8) or kind & 31 not in _KINDS:
        return None
    return TypeHead(address, size, pointers)


def _number(window: bytes, register: str) -> int | None:
    """Returns the constant last loaded into a register, close before the call; None where it is none."""
    at = window.rfind(_LOAD_NUMBER[register], len(window) - 32)
    if at < 0 or at + 5 > len(window) or window[at - 1] & 0xF0 == 0x40:
        return None
    value = int.from_bytes(window[at + 1 : at + 5], "little")
    return value if 0 < value < 1 << 31 else None
