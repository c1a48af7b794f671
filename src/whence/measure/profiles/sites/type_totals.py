"""The types of a trace as the report has them: requested bytes, rounding, lifetimes."""

from __future__ import annotations

import msgspec
import numpy as np

from whence.evidence.profile_sites import Lifetime, Range, TypeTotal
from whence.golang.size_classes import TINY_BYTES, table_of
from whence.measure.profiles.sites import requested
from whence.measure.profiles.sites.trace_lives import nanoseconds_at
from whence.measure.profiles.sites.trace_types import TINY_SPAN_CLASS, TracedTypes, TypeRow


def type_totals(trace: TracedTypes, go_version: str) -> tuple[TypeTotal, ...]:
    """Returns the types, most objects first."""
    totals = [_total(row, go_version, trace.has_coalesced) for row in trace.rows]
    return tuple(_sharing(totals))


def _sharing(totals: list[TypeTotal]) -> list[TypeTotal]:
    """Returns the totals with the bytes of tiny blocks divided by what was asked for; who opened one is chance."""
    taken = sum(total.slot_total_bytes for total in totals if total.tiny)
    asked = sum(total.requested_bytes.value for total in totals if total.tiny)
    found: list[TypeTotal] = []
    for total in totals:
        if not total.tiny or asked <= 0:
            found.append(total)
            continue
        mine, wanted = taken * total.requested_bytes.value / asked, total.requested_bytes
        wasted = Range(
            value=mine - wanted.value,
            low=min(max(mine - wanted.high, 0.0), mine - wanted.value),
            high=max(mine - wanted.low, mine - wanted.value),
        )
        found.append(msgspec.structs.replace(total, slot_total_bytes=mine, waste_bytes=wasted))
    return found


def is_tiny(row: TypeRow, has_coalesced: bool) -> bool:
    """Tells whether the objects of a row live in tiny blocks. `has_coalesced`: the trace would show that they share."""
    if row.span_class != TINY_SPAN_CLASS or row.size_bytes >= TINY_BYTES:
        return False
    if row.size_bytes == 0 or TINY_BYTES % row.size_bytes == 0:
        # Also two int64 have 16 bytes, and those are no tiny object; what shares a block is one.
        return row.certainly_tiny > 0 or (row.size_bytes > 0 and not has_coalesced)
    return True


def slot_of(row: TypeRow, go_version: str) -> int:
    """Returns the bytes of the slot; 0 where the trace did not say which span held the object."""
    number = row.span_class >> 1
    if row.span_class < 0:
        return 0
    slots = table_of(go_version).slots
    return row.span_bytes if number == 0 else slots[number] if number < len(slots) else 0


def _total(row: TypeRow, go_version: str, has_coalesced: bool) -> TypeTotal:
    slot, noscan, tiny = slot_of(row, go_version), bool(row.span_class & 1), is_tiny(row, has_coalesced)
    each = requested.of_type(row.size_bytes, noscan, slot, tiny, go_version)
    if row.name == "" and not tiny and slot > 0:
        # Memory without a type is a string, or a slice that append grew, which asks for all of its slot.
        each = requested.of_slot(slot, go_version, noscan)
    asked = Range(
        value=row.objects * each.value, low=float(row.objects * each.low), high=float(row.objects * each.high)
    )
    taken = float(row.blocks * slot) if row.span_class == TINY_SPAN_CLASS else float(row.objects * slot)
    return TypeTotal(
        name=row.name,
        size_bytes=row.size_bytes,
        pointer_bytes=row.pointer_bytes,
        slot_bytes=slot,
        size_class=max(row.span_class >> 1, 0),
        noscan=noscan,
        objects=row.objects,
        tiny=tiny,
        slot_total_bytes=taken,
        requested_bytes=asked,
        waste_bytes=Range(
            value=taken - asked.value,
            low=max(taken - asked.high, 0.0) if not tiny else taken - asked.high,
            high=taken - asked.low,
        ),
        lifetime=_lifetime(row),
    )


def _lifetime(row: TypeRow) -> Lifetime | None:
    if not row.objects:
        return None
    cumulative = np.cumsum(row.lifetimes) if len(row.lifetimes) else np.zeros(1)

    def quantile(part: float) -> float | None:
        wanted = part * (row.freed + row.alive)
        return nanoseconds_at(int(np.searchsorted(cumulative, wanted))) if 0 < wanted <= row.freed else None

    return Lifetime(
        source="trace",
        freed=row.freed,
        alive=row.alive,
        median_ns=quantile(0.5),
        p90_ns=quantile(0.9),
        p99_ns=quantile(0.99),
        peak_objects=row.peak,
    )
