"""Where the runtime's own tables lie in an executable, stripped or not, loaded at a fixed address or anywhere.

Source of the layout: struct moduledata in runtime/symtab.go of Go 1.18 to 1.27.
"""

from __future__ import annotations

import struct

from whence.golang.code.elf import Elf

SINCE_1_18, SINCE_1_20 = 0xFFFFFFF0, 0xFFFFFFF1
"""How function tables begin, by the release that introduced the layout."""
_TABLES = (".gopclntab", ".data.rel.ro.gopclntab")
_SHARED_BY = ".data.rel.ro"
_STEPS = (1, 2, 4)
"""Bytes that instructions are multiples of, by machine."""
_MODULE_SECTIONS = (".go.module", ".noptrdata", ".data", ".data.rel.ro", ".data.rel.ro.go.module")
_WORD = struct.Struct("<Q")
_MODULE_WORDS = 50
_TEXT_WORD = 22
_GO_FUNC_WORDS = {SINCE_1_18: (38,), SINCE_1_20: (40, 43)}
"""Which word of the description is where FUNCDATA begins: 1.27 moved it, and has a small number where it was."""


def function_table(elf: Elf) -> tuple[int, bytes]:
    """Returns the address and the content of the function table, empty when there is none."""
    section = elf.section(*_TABLES)
    if section is not None:
        return section.address, elf.content[section.offset : section.offset + section.size]
    section = elf.section(_SHARED_BY)
    if section is None:
        return 0, b""
    # The system's linker has put it among other data: it is found by how it begins.
    block = elf.content[section.offset : section.offset + section.size]
    begins = (block.find(struct.pack("<IHBB", magic, 0, step, 8)) for magic in _GO_FUNC_WORDS for step in _STEPS)
    at = next((at for at in begins if at >= 0), None)
    return (0, b"") if at is None else (section.address + at, block[at:])


def module_data(elf: Elf, table_address: int) -> bytes:
    """Returns the runtime's description of the program, which begins with where this table lies; empty if not found."""
    wanted = _WORD.pack(table_address)
    size = 8 * _MODULE_WORDS
    for section in elf.sections:
        if section.name not in _MODULE_SECTIONS or not section.size:
            continue
        block = elf.content[section.offset : section.offset + section.size]
        at = block.find(wanted)
        while at >= 0:
            module = block[at : at + size]
            if at % 8 == 0 and len(module) == size and _is_module(elf, module):
                return module
            at = block.find(wanted, at + 1)
    return b""


def _is_module(elf: Elf, module: bytes) -> bool:
    """Tells whether this is it: the code's lowest address lies behind its start, and the code is there."""
    low, high, start, end = (_WORD.unpack_from(module, 8 * word)[0] for word in (20, 21, 22, 23))
    return start <= low < high <= end and bool(elf.read(start, 1))


def text_start(elf: Elf, module: bytes, told: int) -> int:
    """Returns the address that functions' entries count from; `told`: what the table says itself, 0 since Go 1.26."""
    if module:
        return _WORD.unpack_from(module, _TEXT_WORD * 8)[0]
    section = elf.section(".text")
    return elf.symbol("runtime.text") or told or (section.address if section else 0)


def go_func(elf: Elf, module: bytes, magic: int) -> int:
    """Returns the address that FUNCDATA offsets count from, 0 when it is not known."""
    for word in _GO_FUNC_WORDS[magic] if module else ():
        address = _WORD.unpack_from(module, 8 * word)[0]
        if elf.read(address, 1):
            return address
    return elf.symbol("go:func.*", "go.func.*") or 0
