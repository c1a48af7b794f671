"""What a trace with GODEBUG=traceallocfree=1 says of each type: objects, slots, tiny blocks, lifetimes, peak.

Up to Go 1.23 the trace lacks objects that join a tiny block: `mallocgc` of runtime/malloc.go returns before it writes
their event. From Go 1.24 on (`mallocgcTiny`, then `postMallocgcDebug`) every object has one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.readers.trace_columns import Allocations, Generation, Types, kinds_mask
from whence.measure.profiles.sites.trace_lives import Lives
from whence.measure.profiles.sites.trace_spans import Spans

Int64 = NDArray[np.int64]
COALESCED_SINCE = "1.24"
TINY_SPAN_CLASS = 5
"""Class 2 without pointers: 16-byte slots, tiny blocks and others."""
_CLASSES = 256
_MOST_PAGES = (1 << 22) - 1
_MADE, _FREED = kinds_mask(["HeapObjectAlloc"]), kinds_mask(["HeapObjectFree"])


@dataclass(slots=True, eq=False)
class TypeRow:
    """One type in slots of one kind. `span_class`: size class × 2 + 1 for no pointers; -1 where no span was known."""

    name: str
    size_bytes: int
    pointer_bytes: int
    span_class: int
    span_bytes: int
    objects: int
    blocks: int
    """Of 16-byte slots: those that its objects opened; for all others as many as objects."""
    certainly_tiny: int
    """Objects that joined a block, or whose block another joined."""
    freed: int = 0
    alive: int = 0
    peak: int = 0
    lifetimes: Int64 = field(default_factory=lambda: np.zeros(0, np.int64))
    """Counts by eighths of octaves of nanoseconds."""


@dataclass(slots=True, eq=False)
class TracedTypes:
    """All types of a trace. `has_coalesced`: the trace also has the objects that joined tiny blocks."""

    rows: list[TypeRow]
    objects: int
    coalesced: int
    has_coalesced: bool
    format_version: int
    duration_ns: int
    complete: bool


def traced_types(generations: Iterable[Generation], go_version: str | None = None) -> TracedTypes:
    """Returns the objects that a trace saw being made, by type and slot."""
    fold = _Fold()
    for generation in generations:
        fold.begin(generation)
        for block in generation.allocation_blocks():
            fold.add(block)
    return fold.result(go_version)


class _Fold:
    """Follows the heap through the blocks of a trace."""

    def __init__(self) -> None:
        self.spans: Spans | None = None
        self.page_bytes = 1
        self.lives = Lives()
        self.types = Types()
        self.version, self.complete = 0, True
        self.objects: dict[int, int] = {}
        self.blocks: dict[int, int] = {}
        self.tiny: dict[int, int] = {}
        self.large: dict[int, int] = {}
        self.coalesced = 0
        self.first_ns, self.last_ns = None, 0

    def begin(self, generation: Generation) -> None:
        self.version, self.types = generation.version, generation.types
        self.complete &= generation.complete
        if self.spans is None:
            self.page_bytes = max(generation.layout.page_bytes, 1)
            self.spans = Spans(self.page_bytes)

    def add(self, block: Allocations) -> None:
        """Counts one block."""
        if not len(block) or self.spans is None:
            return
        self.first_ns = int(block.time_ns[0]) if self.first_ns is None else self.first_ns
        self.last_ns = int(block.time_ns[-1])
        rows = np.flatnonzero(_MADE[block.kind] | _FREED[block.kind])
        classes, sizes = self.spans.classes_of(block, rows)
        made = _MADE[block.kind[rows]]
        shared = classes == TINY_SPAN_CLASS
        slot = block.address[rows].astype(np.uint64)
        slot = np.where(shared, slot & ~np.uint64(15), slot)
        # Large objects of one type keep their sizes apart by pages: they are few kinds.
        kind = (block.type_row[rows].astype(np.int64) + 1) * _CLASSES + (classes & (_CLASSES - 1))
        kind = np.where(classes >> 1 == 0, kind + (np.clip(sizes // self.page_bytes, 0, _MOST_PAGES) << 40), kind)
        seen = self.lives.follow(slot, block.time_ns[rows], kind, made)
        self._count(kind[made], shared[made], seen)

    def _count(
        self, kind: Int64, shared: NDArray[np.bool_], joined: tuple[NDArray[np.bool_], NDArray[np.bool_]]
    ) -> None:
        joins, has_company = joined
        joins, has_company = joins & shared, has_company & shared
        self.coalesced += int(joins.sum())
        for into, chosen in ((self.objects, None), (self.blocks, ~joins), (self.tiny, joins | has_company)):
            keys, numbers = np.unique(kind if chosen is None else kind[chosen], return_counts=True)
            for key, number in zip(keys.tolist(), numbers.tolist(), strict=True):
                into[key] = into.get(key, 0) + number

    def result(self, go_version: str | None) -> TracedTypes:
        lives = self.lives.ended()
        rows = [self._row(kind, objects, lives) for kind, objects in self.objects.items()]
        rows.sort(key=lambda row: -row.objects)
        has_coalesced = self.coalesced > 0 or _newer(self.version, go_version)
        duration = self.last_ns - (self.first_ns or 0)
        objects = sum(self.objects.values())
        return TracedTypes(rows, objects, self.coalesced, has_coalesced, self.version, duration, self.complete)

    def _row(self, kind: int, objects: int, lives: dict[int, tuple[int, int, int, Int64]]) -> TypeRow:
        span_bytes, rest = (kind >> 40) * self.page_bytes, kind & ((1 << 40) - 1)
        type_row, span_class = rest // _CLASSES - 1, rest % _CLASSES
        known = 0 <= type_row < len(self.types)
        freed, alive, peak, lifetimes = lives.get(kind, (0, 0, 0, np.zeros(0, np.int64)))
        return TypeRow(
            self.types.name[type_row] if known else "?",
            self.types.size_bytes[type_row] if known else 0,
            self.types.pointer_bytes[type_row] if known else 0,
            -1 if span_class == _CLASSES - 1 else span_class,
            span_bytes,
            objects,
            self.blocks.get(kind, 0),
            self.tiny.get(kind, 0),
            freed,
            alive,
            peak,
            lifetimes,
        )


def _newer(format_version: int, go_version: str | None) -> bool:
    from whence.golang.versions import at_least

    return at_least(go_version, COALESCED_SINCE) if go_version else format_version > 23
