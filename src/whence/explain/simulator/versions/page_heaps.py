"""Which page heap each release has: where spans are placed, how the heap grows, what is said about huge pages.

One row for each group of releases with the same rules, 1.0 to 1.27, with the place it was read at; a row holds from its
`since` up to the next row's. The rules are those of `simulator.pages.layout` and its kernels.
"""

from __future__ import annotations

import bisect

import msgspec

from whence.evidence.errors import BadInput
from whence.explain.simulator.pages import layout as at
from whence.golang.versions import Version, parse_version

NONE = -1
MIB = 1 << 20


class PageHeapRow(msgspec.Struct, frozen=True, kw_only=True):
    """The page heap of all releases from `since` on."""

    since: str
    source: str
    """Release, file and line the row was read at."""
    verified: bool
    """True where the placement was compared with the real runtime, page by page."""
    bitmap: bool
    """True for the page allocator of 1.14 and later, False for the heaps of `kernels_older`."""
    page_bytes: int = 8192
    placement: int = NONE
    """LISTS, LISTS_AND_TREAP, TWO_TREAPS or ADDRESS_TREAP, for older heaps."""
    list_count: int = 0
    """Free lists by number of pages; list i holds spans of i pages, larger ones have one list or tree."""
    grows_by_bytes: int = 0
    """Least growth of an older heap; 64 MiB: a whole arena."""
    from_arena: bool = False
    """1.13.3 and later: growth takes no more of an arena than it needs."""
    fresh_is_scavenged: bool = True
    """New memory counts as given back until its first use (1.13 and later)."""
    scavenge_by: int = NONE
    growth_rule: int = NONE
    huge_rule: int = at.HUGE_SPLIT
    lazy: bool = False
    """Released pages stay until the system needs them: MADV_FREE, 1.12 to 1.15, the default on Linux."""
    heap_sys_by_arena: bool = False
    """HeapSys and HeapReleased count an arena when it is reserved, not when it is used (1.13.3 to 1.16)."""
    random_base: bool = False
    """The heap begins at a random chunk and page of its first arena (1.26 and later)."""


_replace = msgspec.structs.replace
_LISTS = PageHeapRow(
    since="1.0",
    source="public descriptions of 1.0 and 1.1; rules of go1.2.2 src/pkg/runtime/mheap.c:110, 225",
    verified=False,
    bitmap=False,
    page_bytes=4096,
    placement=at.LISTS,
    list_count=256,
    grows_by_bytes=MIB,
    fresh_is_scavenged=False,
    huge_rule=at.HUGE_NOTHING,
)
_LISTS_8K = _replace(
    _LISTS,
    since="1.3",
    source="go1.3.3 src/pkg/runtime/mheap.c:201, 303; go1.4.3 src/runtime/mheap.c:282",
    page_bytes=8192,
    list_count=128,
)
_LISTS_HUGE = _replace(
    _LISTS_8K,
    since="1.5",
    source="go1.10.8 src/runtime/mem_linux.go sysUnused for the advice, go1.4.3 src/runtime/mheap.c:282 for placement",
    huge_rule=at.HUGE_SPLIT,
)
_TREAP = _replace(
    _LISTS_HUGE,
    since="1.9",
    source="go1.10.8 src/runtime/mheap.go:804, mgclarge.go remove",
    placement=at.LISTS_AND_TREAP,
)
_TREAP_ARENA = _replace(
    _TREAP, since="1.11", source="go1.11.13 src/runtime/mheap.go:832, grow", grows_by_bytes=64 * MIB
)
_TWO = _replace(
    _TREAP_ARENA,
    since="1.12",
    source="go1.12.17 src/runtime/mheap.go:1121, 1142, 1220, mgclarge.go:307",
    placement=at.TWO_TREAPS,
    list_count=0,
    lazy=True,
)
_ADDRESS = _replace(
    _TWO,
    since="1.13",
    source="go1.13.15 src/runtime/mheap.go:1165, mgclarge.go:531; growth as described of commit 951dbb1e5b",
    placement=at.ADDRESS_TREAP,
    fresh_is_scavenged=True,
    heap_sys_by_arena=True,
)
_ADDRESS_ARENA = _replace(
    _ADDRESS, since="1.13.3", source="go1.13.15 src/runtime/mheap.go:1165, 1247, 1304", from_arena=True
)
_BITMAP = PageHeapRow(
    since="1.14",
    source="go1.14.15 src/runtime/mpagealloc.go:794, mheap.go:1075, 1276, mgcscavenge.go:435",
    verified=True,
    bitmap=True,
    from_arena=True,
    scavenge_by=at.BY_ADDRESS,
    growth_rule=at.GROWTH_BEFORE,
    lazy=True,
    heap_sys_by_arena=True,
)
_RESERVING = _replace(
    _BITMAP,
    since="1.15",
    source="go1.15.15 src/runtime/mpagealloc.go:789, mheap.go:1111, 1331, mgcscavenge.go:554",
    scavenge_by=at.BY_RESERVATION,
)
_AT_ONCE = _replace(
    _RESERVING,
    since="1.16",
    source="go1.16.15 src/runtime/mheap.go grow; runtime1.go madvdontneed",
    lazy=False,
)
_BY_CHUNK = _replace(_AT_ONCE, since="1.17", source="go1.17.13 src/runtime/mheap.go grow", heap_sys_by_arena=False)
_AFTER = _replace(
    _BY_CHUNK,
    since="1.18",
    source="go1.18.10 src/runtime/mheap.go:1127, 1348, mgcscavenge.go:604, 714",
    growth_rule=at.GROWTH_AFTER,
)
_LIMIT = _replace(
    _AFTER,
    since="1.19",
    source="go1.19.13 src/runtime/mheap.go:1125, 1399, mgcscavenge.go:695, 997",
    scavenge_by=at.BY_BITS_WHOLE,
    growth_rule=at.GROWTH_AND_LIMIT,
)
_CURSOR = _replace(_LIMIT, since="1.20", source="go1.20.14 src/runtime/mgcscavenge.go:706", scavenge_by=at.BY_BITS)
_DENSE = _replace(
    _CURSOR,
    since="1.21",
    source="go1.21.0 src/runtime/mgcscavenge.go:732, 1090, 1340, mpagealloc.go:876",
    scavenge_by=at.BY_DENSITY,
    huge_rule=at.HUGE_CHUNKS,
)
_COLLAPSE = _replace(
    _DENSE, since="1.21.1", source="go1.21.1 src/runtime/mgcscavenge.go:732, 1087", huge_rule=at.HUGE_COLLAPSE
)
_PLAIN = _replace(
    _COLLAPSE, since="1.21.4", source="go1.21.4 src/runtime/mgcscavenge.go:1087", huge_rule=at.HUGE_NOTHING
)
_RANDOM = _replace(
    _PLAIN, since="1.26", source="go1.26.3 and go1.27.4 src/runtime/mheap.go:1544, mpagealloc.go:879", random_base=True
)
ROWS = (
    _LISTS,
    _LISTS_8K,
    _LISTS_HUGE,
    _TREAP,
    _TREAP_ARENA,
    _TWO,
    _ADDRESS,
    _ADDRESS_ARENA,
    _BITMAP,
    _RESERVING,
    _AT_ONCE,
    _BY_CHUNK,
    _AFTER,
    _LIMIT,
    _CURSOR,
    _DENSE,
    _COLLAPSE,
    _PLAIN,
    _RANDOM,
)
_BOUNDS = [parse_version(row.since) for row in ROWS]
_END = parse_version("1.28")


def page_heap_row(version: Version) -> PageHeapRow:
    """Returns the page heap of a release, or of the last release of a line (`1.21`).

    Raises BadInput outside 1.0 to 1.27.
    """
    if version.kind == "line":
        version = Version(version.major, version.minor, parse_version("1.0.0").stage, 1 << 20)
    place = bisect.bisect_right(_BOUNDS, version) - 1
    if place < 0 or version >= _END:
        raise BadInput(f"Go {version.text} has no simulated page heap. Choose a release from 1.0 to 1.27.")
    return ROWS[place]
