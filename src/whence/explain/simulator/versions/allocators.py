"""How each release keeps small objects: size classes, slots of a span, caches, central lists, sweepers.

One row for each group of releases with the same rules, 1.0 to 1.27, with the place it was read at; a row holds from its
`since` up to the next row's. The tables of size classes are those of `whence.golang.size_classes`.
"""

from __future__ import annotations

import bisect
from enum import IntEnum

import msgspec
import numpy as np

from whence.evidence.errors import BadInput
from whence.explain.simulator.allocator import layout as at
from whence.golang.size_classes import HEADERS_ABOVE_BYTES, table_of
from whence.golang.versions import Version, parse_version

INLINE_MARK_BYTES = 128
"""Mark bits that Green Tea keeps inside spans of slots from 16 to 512 bytes (mgcmark_greenteagc.go)."""


class Cache(IntEnum):
    """What a thread or processor keeps for itself."""

    BATCHES = 0  # 1.0-1.1: lists of objects, refilled by a batch
    SPAN_LISTS = 1  # 1.2: lists of objects, refilled by all free ones of a span
    SPAN = 2  # 1.3+: one span of each class


class Central(IntEnum):
    """How spans of a class wait."""

    LISTS = 0  # 1.0-1.14: nonempty and empty, under a lock
    SETS = 1  # 1.15+: partial and full, swept and unswept, first in first out


class Sweeper(IntEnum):
    """In what order spans are swept."""

    STOPPED = 0  # 1.0-1.2: all at once, in the order of their making
    ALL_SPANS = 1  # 1.3-1.7: in the order of their making, beside the program
    SWEEP_STACKS = 2  # 1.8-1.14: a stack of spans, the last pushed first
    BY_CLASS = 3  # 1.15+: class by class, full ones before partial ones


class AllocatorRow(msgspec.Struct, frozen=True, kw_only=True):
    """The allocator of all releases from `since` on."""

    since: str
    source: str
    """Release, files and lines the row was read at."""
    verified: bool = False
    """True where the slots of real objects were compared with the simulated ones."""
    exact: bool = False
    """True where the kernels follow the release's own order of spans; else they use that of SETS and BY_CLASS."""
    cache: Cache = Cache.SPAN
    by_processor: bool = True
    """False: a cache for each thread (1.0)."""
    central: Central = Central.SETS
    sweeper: Sweeper = Sweeper.BY_CLASS
    tiny: bool = True
    splits_noscan: bool = True
    """1.9 and later: spans of their own for objects without pointers."""
    span_budget: int = at.SPAN_BUDGET
    """Spans that a refill sweeps before it takes fresh pages; 0: until none is left."""
    heap_bits_in_span: bool = False
    """1.22 and later: a bit for each word at the end of spans of slots up to 512 bytes with pointers."""
    inline_marks: bool = False
    """1.26 and later (Green Tea): 128 bytes at the end of spans of slots from 16 to 512 bytes."""
    live_by_span: bool = True
    """1.6 and later: a refill counts the whole span as allocated."""
    flushes_lazily: bool = True
    """1.12 and later: each processor empties its caches itself after a collection."""
    clears_scavenged: bool = True
    """Before 1.26 memory that comes from the system again is cleared once more."""


_replace = msgspec.structs.replace
_BATCHES = AllocatorRow(
    since="1.0",
    source="public descriptions of 1.0 and 1.1; rules of go1.2.2 src/pkg/runtime/malloc.goc, mcache.c, mcentral.c",
    cache=Cache.BATCHES,
    by_processor=False,
    central=Central.LISTS,
    sweeper=Sweeper.STOPPED,
    tiny=False,
    splits_noscan=False,
    span_budget=0,
    live_by_span=False,
    flushes_lazily=False,
)
_SPANS = _replace(
    _BATCHES,
    since="1.3",
    source="go1.3.3 src/pkg/runtime/mcache.c, mcentral.c:36, mgc0.c:1830; go1.4.3 src/runtime/mcentral.c",
    cache=Cache.SPAN,
    by_processor=True,
    sweeper=Sweeper.ALL_SPANS,
    tiny=True,
)
_SETS = AllocatorRow(
    since="1.15",
    source="go1.15.15 src/runtime/mcentral.go:100, mspanset.go:75, mgcsweep.go:60",
    exact=True,
)
_IN_SPAN = _replace(
    _SETS,
    since="1.22",
    source="go1.22.12 src/runtime/mheap.go initSpan, mbitmap_allocheaders.go heapBitsInSpan",
    heap_bits_in_span=True,
)
ROWS = (
    _BATCHES,
    _replace(_BATCHES, since="1.1", by_processor=True),
    _replace(
        _BATCHES,
        since="1.2",
        source="go1.2.2 src/pkg/runtime/mcache.c, mcentral.c, mgc0.c sweepspan",
        cache=Cache.SPAN_LISTS,
        by_processor=True,
    ),
    _SPANS,
    _replace(_SPANS, since="1.6", source="go1.6.4 src/runtime/mcentral.go:38, mgcsweep.go", live_by_span=True),
    _replace(
        _SPANS,
        since="1.8",
        source="go1.8.7 src/runtime/mcentral.go:40, mgcsweep.go:100, mgcsweepbuf.go",
        live_by_span=True,
        sweeper=Sweeper.SWEEP_STACKS,
    ),
    _replace(
        _SPANS,
        since="1.9",
        source="go1.9.7 src/runtime/mcentral.go:40, mheap.go makeSpanClass",
        live_by_span=True,
        sweeper=Sweeper.SWEEP_STACKS,
        splits_noscan=True,
    ),
    _replace(
        _SPANS,
        since="1.12",
        source="go1.12.17 src/runtime/mcache.go prepareForSweep, mcentral.go:40",
        live_by_span=True,
        sweeper=Sweeper.SWEEP_STACKS,
        splits_noscan=True,
        flushes_lazily=True,
    ),
    _SETS,
    _IN_SPAN,
    _replace(
        _IN_SPAN,
        since="1.23",
        source="go1.23.12 and go1.25.5 src/runtime/mcentral.go:80, mgcsweep.go:88, mheap.go:829, mspanset.go:80",
        verified=True,
    ),
    _replace(
        _IN_SPAN,
        since="1.26",
        source="go1.27.4 src/runtime/mheap.go initSpan, mgcmark_greenteagc.go gcUsesSpanInlineMarkBits",
        verified=True,
        inline_marks=True,
        clears_scavenged=False,
    ),
)
_BOUNDS = [parse_version(row.since) for row in ROWS]
_END = parse_version("1.28")


def allocator_row(version: Version) -> AllocatorRow:
    """Returns the allocator of a release or a line of releases. Raises BadInput outside 1.0 to 1.27."""
    line = parse_version(version.line)
    place = bisect.bisect_right(_BOUNDS, line) - 1
    if place < 0 or line >= _END:
        raise BadInput(f"Go {version.text} has no simulated allocator. Choose a release from 1.0 to 1.27.")
    return ROWS[place]


def slots_of_span(row: AllocatorRow, slot_bytes: int, span_bytes: int, noscan: bool) -> int:
    """Returns how many slots a span holds (runtime/mheap.go, initSpan)."""
    reserved = 0
    if slot_bytes <= HEADERS_ABOVE_BYTES:
        if row.inline_marks and slot_bytes >= 16:
            reserved += INLINE_MARK_BYTES
        if row.heap_bits_in_span and not noscan:
            reserved += span_bytes // 64
    return (span_bytes - reserved) // slot_bytes


def span_classes(version: Version) -> np.ndarray:
    """Returns the span classes of a release: int64 [SPAN_CLASSES, CLASS_FIELDS], row = size class × 2 + noscan.

    Rows of large objects (0 and 1) and of classes that the release lacks are zero.
    """
    row, table = allocator_row(version), table_of(version.line)
    classes = np.zeros((at.SPAN_CLASSES, at.CLASS_FIELDS), np.int64)
    for number in range(1, len(table.slots)):
        for noscan in (0, 1):
            inline = row.inline_marks and 16 <= table.slots[number] <= HEADERS_ABOVE_BYTES
            unmarked_up_to = (table.span_bytes[number] if noscan else 1) if inline else 0
            slots = slots_of_span(row, table.slots[number], table.span_bytes[number], bool(noscan))
            classes[2 * number + noscan] = (
                table.slots[number],
                table.span_bytes[number] // table.page_bytes,
                slots,
                -(-slots // 64),
                unmarked_up_to,
            )
    return classes
