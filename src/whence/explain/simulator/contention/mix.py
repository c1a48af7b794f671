"""Which sizes a program allocates, and what that asks of central lists and heap in a release."""

from __future__ import annotations

import math
from typing import NamedTuple

from whence.evidence.errors import BadInput
from whence.evidence.units import parse_bytes
from whence.explain.simulator.versions.allocators import allocator_row, slots_of_span
from whence.explain.simulator.versions.contention import ContentionRow
from whence.golang.size_classes import class_of, table_of
from whence.golang.versions import Version

LEAST_BATCH, LARGEST_BATCH = 2, 32
POINTERS = "/pointers"


class Part(NamedTuple):
    """Objects of one size."""

    bytes: int
    share: float
    """Of all allocations; those of a mix add up to 1."""
    pointers: bool = False


class ClassDemand(NamedTuple):
    """What the objects of one span class ask for, for each allocation of the whole mix."""

    name: str
    refills: float
    """Refills of a cache, or large objects."""
    pages: int
    """Pages of a span."""
    large: bool


def parse_mix(text: str) -> tuple[Part, ...]:
    """Reads `64B:0.7,1KiB:0.3`; a size may end in `/pointers`. Shares are scaled to add up to 1.

    Raises BadInput for what is no such list.
    """
    found = []
    for item in text.split(","):
        size, colon, share = item.strip().partition(":")
        try:
            weight = float(share) if colon else 1.0
        except ValueError:
            weight = math.nan
        if not size or not math.isfinite(weight) or weight <= 0:
            raise BadInput(f"--objects: {item.strip()!r} is no size and share. Write 64B:0.7,1KiB/pointers:0.3.")
        number = parse_bytes(size.removesuffix(POINTERS))
        if not 0 < number <= 1 << 40:
            raise BadInput(f"--objects: {size} is no size of an object. Choose 1B to 1TiB.")
        found.append(Part(number, weight, size.endswith(POINTERS)))
    total = sum(part.share for part in found)
    return tuple(part._replace(share=part.share / total) for part in found)


def demands(version: Version, row: ContentionRow, mix: tuple[Part, ...]) -> tuple[ClassDemand, ...]:
    """Returns what each span class asks for, parts of one class joined, in the order of the mix."""
    found: dict[tuple[int, bool], ClassDemand] = {}
    for part in mix:
        key, demand = _of(version, row, part)
        if key in found:
            demand = demand._replace(refills=demand.refills + found[key].refills)
        found[key] = demand
    return tuple(found.values())


def _of(version: Version, row: ContentionRow, part: Part) -> tuple[tuple[int, bool], ClassDemand]:
    slot = class_of(part.bytes, version.text, not part.pointers)
    table, allocator = table_of(version.line), allocator_row(version)
    if slot.large:
        pages = slot.slot_bytes // table.page_bytes
        return (-pages, False), ClassDemand(f"{slot.slot_bytes} B", part.share, pages, True)
    noscan = allocator.splits_noscan and not part.pointers
    span_bytes = table.span_bytes[slot.number]
    objects = slots_of_span(allocator, slot.slot_bytes, span_bytes, not part.pointers)
    if row.batch_bytes:
        objects = min(LARGEST_BATCH, max(LEAST_BATCH, row.batch_bytes // slot.slot_bytes))
    share = part.share * (part.bytes / slot.slot_bytes if slot.tiny else 1.0)
    return (slot.number, noscan), ClassDemand(
        f"{slot.slot_bytes} B", share / objects, span_bytes // table.page_bytes, False
    )
