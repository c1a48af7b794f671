"""Which slot of the heap an object gets: size classes, malloc headers, tiny blocks and large objects by release.

Sizes are bytes of 64-bit Linux. The tables are `data/sizeclasses.json`; the rules are those of runtime/malloc.go
(`mallocgc`), runtime/msize.go (`roundupsize`) and runtime/mheap.go (`initSpan`) of the release asked for:

- pointer-free objects below 16 bytes share 16-byte blocks since Go 1.3 (`maxTinySize`; exactly 16 is no tiny object);
- since Go 1.22 an object with pointers above 512 bytes carries a header of 8 bytes inside its slot
  (`MinSizeForMallocHeader`), and small objects end at 32760 bytes, with or without pointers;
- what is larger gets pages of its own.
"""

from __future__ import annotations

import bisect
import functools
from importlib import resources

import msgspec

from whence.golang.versions import Version, parse_version

NEWEST = "1.27"
"""The last line of releases that the table was checked with; later ones are taken to be like it."""
TINY_BYTES = 16
"""Bytes of a tiny block; pointer-free objects below it share one (runtime/malloc.go, maxTinySize)."""
TINY_CLASS = 2
HEADER_BYTES = 8
HEADERS_ABOVE_BYTES = 512
"""Objects with pointers above this have a header since Go 1.22 (MinSizeForMallocHeader on 64 bit)."""
_TINY_SINCE = parse_version("1.3")
_HEADERS_SINCE = parse_version("1.22rc1")
_CLASSIC_SMALL_BYTES = 32768


class SizeClass(msgspec.Struct, frozen=True):
    """A slot. `number` 0: a large object with pages of its own; then `slot_bytes` is that of the pages."""

    number: int
    slot_bytes: int
    header_bytes: int = 0
    """Bytes of the slot that the runtime keeps for itself."""
    tiny: bool = False
    """The object shares its 16-byte block with others; only the one that opens a block is charged."""

    @property
    def large(self) -> bool:
        return self.number == 0


class Table(msgspec.Struct, frozen=True):
    """The classes of some releases. `slots[i]` are the bytes of class i; slots[0] is 0, as class 0 means large."""

    first_version: str
    last_version: str
    page_bytes: int
    slots: tuple[int, ...]
    span_bytes: tuple[int, ...]


class _Row(msgspec.Struct, frozen=True):
    object_bytes: int
    span_bytes: int


class _FileTable(msgspec.Struct, frozen=True):
    first_version: str
    last_version: str
    page_bytes: int
    classes: tuple[_Row, ...]


class _File(msgspec.Struct, frozen=True):
    tables: tuple[_FileTable, ...]


@functools.cache
def tables() -> tuple[Table, ...]:
    """Returns the tables of all releases, oldest first."""
    data = resources.files("whence.golang").joinpath("data/sizeclasses.json").read_bytes()
    return tuple(
        Table(
            table.first_version,
            table.last_version,
            table.page_bytes,
            (0, *(row.object_bytes for row in table.classes)),
            (0, *(row.span_bytes for row in table.classes)),
        )
        for table in msgspec.json.decode(data, type=_File).tables
    )


@functools.cache
def table_of(version: str = NEWEST) -> Table:
    """Returns the table of a release; the newest known for later ones. Raises BadVersion for what is no release."""
    line = parse_version(parse_version(version).line)
    return next((table for table in tables() if line <= parse_version(table.last_version)), tables()[-1])


@functools.cache
def _parsed(version: str) -> Version:
    parsed = parse_version(version)
    # A line stands before its own release candidates; what is meant by it are its releases.
    return parse_version(f"{version}.0") if parsed.kind == "line" else parsed


def small_limit_bytes(version: str = NEWEST) -> int:
    """Returns the largest request that still gets a slot of a class (without the header of an object with pointers)."""
    return _CLASSIC_SMALL_BYTES - (HEADER_BYTES if _parsed(version) >= _HEADERS_SINCE else 0)


@functools.lru_cache(maxsize=65536)
def class_of(size: int, version: str = NEWEST, noscan: bool = True) -> SizeClass:
    """Returns the slot that a request of `size` bytes gets. `noscan`: the object holds no pointers.

    A request of 0 bytes allocates nothing: class 0 with a slot of 0. Raises ValueError for a negative size.
    """
    if size < 0:
        raise ValueError(f"a size of {size} bytes")
    if size == 0:
        return SizeClass(0, 0)
    release, table = _parsed(version), table_of(version)
    if noscan and size < TINY_BYTES and release >= _TINY_SINCE:
        return SizeClass(TINY_CLASS, TINY_BYTES, tiny=True)
    if size > small_limit_bytes(version):
        return SizeClass(0, -(-size // table.page_bytes) * table.page_bytes)
    header = HEADER_BYTES if not noscan and size > HEADERS_ABOVE_BYTES and release >= _HEADERS_SINCE else 0
    number = bisect.bisect_left(table.slots, size + header)
    return SizeClass(number, table.slots[number], header)


def class_of_slot(slot_bytes: int, version: str = NEWEST) -> int:
    """Returns the class whose slots have exactly these bytes, 0 when there is none: a large object."""
    slots = table_of(version).slots
    number = bisect.bisect_left(slots, slot_bytes)
    return number if number < len(slots) and slots[number] == slot_bytes else 0


@functools.lru_cache(maxsize=4096)
def requests_for(slot_bytes: int, version: str = NEWEST, noscan: bool | None = None) -> tuple[int, int]:
    """Returns the smallest and the largest request that end in a slot of these bytes.

    `noscan` None: not known, so the widest range. A 16-byte slot may be a tiny block that one object of 1 byte opened.
    For bytes that no class has, those of a large object: one page less a byte, to all of it.
    """
    if noscan is None:
        both = requests_for(slot_bytes, version, True), requests_for(slot_bytes, version, False)
        return min(low for low, _ in both), max(high for _, high in both)
    table, number, limit = table_of(version), class_of_slot(slot_bytes, version), small_limit_bytes(version)
    headers = not noscan and _parsed(version) >= _HEADERS_SINCE
    if number == 0:
        return max(slot_bytes - table.page_bytes + 1, limit + 1 if slot_bytes > limit else 1), slot_bytes
    if noscan and slot_bytes == TINY_BYTES and _parsed(version) >= _TINY_SINCE:
        return 1, slot_bytes
    low, high = table.slots[number - 1] + 1, slot_bytes
    if noscan and slot_bytes == table.slots[1] and _parsed(version) >= _TINY_SINCE:
        return slot_bytes, slot_bytes
    if headers and high - HEADER_BYTES > HEADERS_ABOVE_BYTES:
        low, high = max(low - HEADER_BYTES, HEADERS_ABOVE_BYTES + 1), high - HEADER_BYTES
    # The slot of the largest class is also what a large object of just as many bytes fills.
    return low, slot_bytes if slot_bytes > limit else high
