"""Which locks and shared words each release takes to refill a cache, 1.0 to 1.27, with the place it was read at."""

from __future__ import annotations

import bisect
from enum import IntEnum

import msgspec

from whence.evidence.errors import BadInput
from whence.golang.versions import Version, parse_version


class Central(IntEnum):
    """What protects the spans of a class that no processor holds."""

    MUTEX = 0  # one lock for each class
    ATOMICS = 1  # 1.15+: sets whose ends are moved by atomic instructions


class Mutex(IntEnum):
    """How many processors spin on a taken lock of the runtime."""

    ALL_SPIN = 0  # each that waits, until it sleeps
    ONE_SPINS = 1  # 1.24+: the others sleep at once


class ContentionRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a refill contends for, of all releases from `since` on."""

    since: str
    source: str
    """Release, files and lines the row was read at."""
    central: Central
    mutex: Mutex = Mutex.ALL_SPIN
    batch_bytes: int = 0
    """1.0 and 1.1: bytes that a refill moves, as 2 to 32 objects; 0: all free slots of a span."""
    page_cache_pages: int = 0
    """1.14+: pages that a processor takes from the heap at a time, for spans below a quarter of them."""
    class_words: int = 0
    """Atomic changes of words shared by the users of a class, for one refill."""
    heap_words: int = 0
    """Atomic changes of words shared by all processors, for one refill."""
    padded: bool = True
    """False in 1.11 to 1.21: the map of arenas, which all read, shares a cache line with what others write."""


_replace = msgspec.structs.replace
_BATCHES = ContentionRow(
    since="1.0",
    source="public descriptions of 1.0 and 1.1; locks of go1.2.2 src/pkg/runtime/mcentral.c:43, mheap.c:92",
    central=Central.MUTEX,
    batch_bytes=65536,
)
_LISTS = _replace(
    _BATCHES, since="1.2", source="go1.2.2 src/pkg/runtime/mcentral.c:43-200, mheap.c:92-490", batch_bytes=0
)
_PAGES = _replace(
    _LISTS,
    since="1.14",
    source="go1.14.15 src/runtime/mcentral.go:45,110,178,225, mheap.go:1087,1118,1346",
    heap_words=3,
    page_cache_pages=64,
    padded=False,
)
_SETS = _replace(
    _PAGES,
    since="1.15",
    source="go1.15.15 src/runtime/mcentral.go:95, mspanset.go push and pop, mcache.go:122",
    central=Central.ATOMICS,
    class_words=4,
)
ROWS = (
    _BATCHES,
    _LISTS,
    _replace(_LISTS, since="1.3", source="go1.3.3 src/pkg/runtime/mcentral.c:42-285, mheap.c"),
    _replace(
        _LISTS,
        since="1.6",
        source="go1.6.4 and go1.10.8 src/runtime/mcentral.go:40, mheap.go (heap_live, sweep credit)",
        heap_words=3,
    ),
    _replace(
        _LISTS,
        since="1.11",
        source="go1.13.15 src/runtime/mcentral.go:40, mheap.go:1015,1077,1330 (arenas behind written fields)",
        heap_words=3,
        padded=False,
    ),
    _PAGES,
    _SETS,
    _replace(
        _SETS, since="1.22", source="go1.22.12 src/runtime/mheap.go (padding before arenas, b45b00162b)", padded=True
    ),
    _replace(
        _SETS,
        since="1.24",
        source="go1.24.13 and go1.27.4 src/runtime/lock_spinbit.go:164, mheap.go:1235,1668, mspanset.go:83,150",
        padded=True,
        mutex=Mutex.ONE_SPINS,
    ),
)
_BOUNDS = [parse_version(row.since) for row in ROWS]
_END = parse_version("1.28")


def contention_row(version: Version) -> ContentionRow:
    """Returns the locks of a release or a line of releases. Raises BadInput outside 1.0 to 1.27."""
    line = parse_version(version.line)
    place = bisect.bisect_right(_BOUNDS, line) - 1
    if place < 0 or line >= _END:
        raise BadInput(f"Go {version.text} has no contention model. Choose a release from 1.0 to 1.27.")
    return ROWS[place]
