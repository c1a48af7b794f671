"""Do two programs hold the same instructions? Function by function, addresses aside.

Functions of one name are the same when their bytes are, but for fields that hold addresses. Such a field (4 bytes,
relative to the end of its instruction, with up to 4 bytes of an immediate value behind it, or absolute) is the same
when both point to the same place in a symbol of one name, or, in read-only data that has no names of its own (strings,
type descriptors, function values), to the same content. So a program whose functions were only moved compares as the
same, and one in which a constant changed does not. The initial values of variables are compared likewise.

Not decoded, so not proven: a constant that happens to look like an address of the same thing would pass. On x86-64.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import msgspec

from whence.golang.code.program import Program, Symbol, read_program

_BEHIND = (0, 1, 4, 2)
"""Bytes of an immediate value behind a relative field, the most frequent first."""
_TYPE_HEAD = 20
"""Size, pointer bytes and hash of a type descriptor: what does not depend on where other things lie."""
_STRINGS = frozenset({"go:string.*", "go.string.*"})
_MERGED = _STRINGS | {"type:*", "type.*", "go:func.*", "go.func.*", "runtime.types", "runtime.etypes", "runtime.rodata"}
"""Symbols that stand for many things without names of their own."""
LINKER_MADE = ("runtime.buildVersion", "runtime.modinfo", "runtime.defaultGOROOT", "runtime.firstmoduledata")
"""Variables that hold the version, or where the linker put things."""


class CodeDifference(msgspec.Struct, frozen=True, kw_only=True):
    """`same`: identical instructions and initial values; None when a program has no symbols to tell by."""

    same: bool | None
    moved: bool = False
    """Functions lie at other addresses."""
    changed: tuple[str, ...] = ()
    """Functions of both with other instructions, and variables with other initial values."""
    only_first: tuple[str, ...] = ()
    only_second: tuple[str, ...] = ()

    def words(self) -> str:
        """Returns the difference for people."""
        if self.same is None:
            return "the programs hold no symbols to compare them by"
        if self.same:
            return "identical instructions, " + ("other addresses" if self.moved else "the same addresses")
        parts = [
            f"{len(names)} {what} ({', '.join(names[:3])}{', …' if len(names) > 3 else ''})"
            for names, what in (
                (self.changed, "functions changed"),
                (self.only_first, "only in the first"),
                (self.only_second, "only in the second"),
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
    changed = [n for n in a.functions if n in b.functions and not comparer.same_function(n)]
    changed += [n for n in a.data if n in b.data and n not in LINKER_MADE and not comparer.same_data(n)]
    only_first = tuple(sorted(a.functions.keys() - b.functions.keys()))
    only_second = tuple(sorted(b.functions.keys() - a.functions.keys()))
    moved = any(s.address != b.functions[n].address for n, s in a.functions.items() if n in b.functions)
    return CodeDifference(
        same=not (changed or only_first or only_second),
        moved=moved,
        changed=tuple(sorted(changed)),
        only_first=only_first,
        only_second=only_second,
    )


class _Comparer:
    def __init__(self, a: Program, b: Program) -> None:
        self._a, self._b = a, b
        self._pointed: dict[tuple[int, int], bool] = {}

    def same_function(self, name: str) -> bool:
        return self._same(self._a.functions[name], self._b.functions[name], code=True)

    def same_data(self, name: str) -> bool:
        one, other = self._a.data[name], self._b.data[name]
        section = self._a.section_at(one.address)
        if section is None or section.name not in (".data", ".noptrdata"):
            return True  # read-only data is compared where code points to it
        return self._same(one, other, code=False)

    def _same(self, one: Symbol, other: Symbol, *, code: bool) -> bool:
        mine, theirs = self._a.bytes_of(one), self._b.bytes_of(other)
        if mine == theirs:
            # Equal bytes with relative fields point elsewhere when the function was moved: rare, and then equal only
            # if everything moved together.
            return True
        if len(mine) != len(theirs):
            return False
        done = 0
        for at in _differing(mine, theirs):
            if at < done:
                continue
            end = self._field(one, other, mine, theirs, at, done) if code else self._pointer(mine, theirs, at)
            if end is None:
                return False
            done = end
        return True

    def _field(self, one: Symbol, other: Symbol, mine: bytes, theirs: bytes, at: int, done: int) -> int | None:
        """Returns the end of a 4-byte address field that holds byte `at` and is the same on both sides."""
        for start in range(at, max(done, at - 3) - 1, -1):
            if start + 4 > len(mine):
                continue
            x, y = (struct.unpack_from("<i", side, start)[0] for side in (mine, theirs))
            for behind in _BEHIND:
                end = start + 4 + behind
                if self._points_alike(one.address + end + x, other.address + end + y):
                    return start + 4
            if x > 0 and y > 0 and self._points_alike(x, y):
                return start + 4
        return None

    def _pointer(self, mine: bytes, theirs: bytes, at: int) -> int | None:
        """Returns the end of an 8-byte pointer in data that holds byte `at` and is the same on both sides."""
        start = at - at % 8
        if start + 8 > len(mine):
            return None
        x, y = (struct.unpack_from("<Q", side, start)[0] for side in (mine, theirs))
        return start + 8 if self._points_alike(x, y) else None

    def _points_alike(self, x: int, y: int, depth: int = 0) -> bool:
        key = (x, y)
        if key not in self._pointed:
            self._pointed[key] = False  # a cycle of pointers must end
            self._pointed[key] = self._alike(x, y, depth)
        return self._pointed[key]

    def _alike(self, x: int, y: int, depth: int) -> bool:
        one, other = self._a.symbol_at(x), self._b.symbol_at(y)
        if one is not None and other is not None and one.name == other.name and one.name not in _MERGED:
            return x - one.address == y - other.address
        here, there = self._a.section_at(x), self._b.section_at(y)
        if here is None or there is None or here.name != there.name or here.name == ".text":
            return False
        if here.offset is None:
            return one is None and other is None  # unnamed memory that starts as zeros
        mine, theirs = self._a.read(x, _TYPE_HEAD), self._b.read(y, _TYPE_HEAD)
        if mine[:8] == theirs[:8]:
            return True
        if mine[:4] == theirs[:4] and one is not None and one.name in _STRINGS:
            return True
        if depth == 0 and len(mine) >= 8 and len(theirs) >= 8:
            p, q = (struct.unpack_from("<Q", side, 0)[0] for side in (mine, theirs))
            return self._points_alike(p, q, 1)
        return False


def _differing(mine: bytes, theirs: bytes) -> Iterator[int]:
    """Yields the positions at which two texts of one length differ."""
    if len(mine) < 64:
        yield from (i for i, (x, y) in enumerate(zip(mine, theirs, strict=True)) if x != y)
        return
    import numpy as np

    difference = np.frombuffer(mine, np.uint8) != np.frombuffer(theirs, np.uint8)
    yield from (int(i) for i in np.flatnonzero(difference))
