"""A described program as curves over its own time: bytes allocated, bytes alive, objects, all in slots of a release."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whence.explain.simulator.engine.workload import ObjectKind, Workload
from whence.explain.simulator.versions.allocators import slots_of_span
from whence.explain.simulator.versions.table import Model
from whence.golang.size_classes import class_of, table_of

POINTS = 512

# Columns of a program's curves.
SECONDS = 0
ALLOCATED = 1
"""Bytes of slots allocated since the start."""
ALIVE = 2
"""Bytes of slots alive."""
KEPT = 3
"""Those of ALIVE that were made at the start or by a step and lie by themselves."""
OBJECTS = 4
"""Objects alive."""
SCAN = 5
"""Scannable bytes alive."""
BIRTHS = 6
"""Objects allocated since the start."""
COLUMNS = 7


class Growth(NamedTuple):
    """A program in the slots of a release."""

    curves: NDArray[np.float64]
    """[COLUMNS, points], ascending in SECONDS; between points everything changes evenly."""
    mixes: dict[int, tuple[float, float]]
    """Slots of the spans that replaced objects lie in (1 for large objects) → share of allocated and of live bytes."""
    cached_bytes: float
    """Half of a span of each class in use: what is counted live and not allocated yet, for each processor."""
    scan_share: float
    """Scannable share of allocated bytes."""
    page_factor: float
    """Bytes of spans for each byte of slots."""
    unit_bytes: float
    """Bytes of the spans that caches are refilled with, or of large objects, mean over allocated bytes."""


class _Slot(NamedTuple):
    bytes: float
    scan_bytes: float
    slots_per_span: int
    span_bytes: int
    span_class: int
    page_factor: float


def _slot_of(model: Model, size: int, pointers: bool) -> _Slot:
    version = model.version.text
    chosen = class_of(size, version, noscan=not pointers)
    scan = float(size) if pointers else 0.0
    if chosen.large:
        return _Slot(float(chosen.slot_bytes), scan, 1, chosen.slot_bytes, -1, 1.0)
    table = table_of(model.version.line)
    span_bytes = table.span_bytes[chosen.number]
    slots = slots_of_span(model.allocator, chosen.slot_bytes, span_bytes, not pointers)
    share = max(1, 16 // size) if chosen.tiny else 1
    factor = span_bytes / (slots * chosen.slot_bytes)
    return _Slot(chosen.slot_bytes / share, scan, slots, span_bytes, 2 * chosen.number + (not pointers), factor)


def _replaced(kind: ObjectKind, since: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns how many objects of a kind are alive `since` seconds after it began, filling up to its live number."""
    if kind.live == 0:
        return np.zeros_like(since)
    made = kind.rate * since
    if kind.lifetimes == "fixed":
        return np.minimum(made, kind.live)
    return kind.live * -np.expm1(-made / kind.live)


def growth_of(workload: Workload, model: Model, duration_seconds: float) -> Growth:
    """Returns the curves of a described program up to a duration."""
    start = min(workload.start_seconds, duration_seconds)
    seconds = np.unique(
        np.concatenate(
            [
                np.linspace(0.0, start, 33),
                np.linspace(start, duration_seconds, POINTS),
                start + np.geomspace(1e-3, max(duration_seconds - start, 2e-3), 64),
                [step.at_seconds for step in workload.live_over_time],
            ]
        )
    )
    seconds = seconds[seconds <= duration_seconds]
    curves = np.zeros((COLUMNS, len(seconds)))
    curves[SECONDS] = seconds
    share_done = np.minimum(seconds / start, 1.0) if start > 0 else np.ones_like(seconds)
    since = np.maximum(seconds - start, 0.0)
    weight = scan = cached = units = 0.0
    slot_bytes = page_bytes = 0.0
    seen: set[int] = set()
    mixes: dict[int, tuple[float, float]] = {}
    replaced = 0.0
    for kind in workload.kinds:
        slot = _slot_of(model, kind.size_bytes, kind.pointers)
        held = (kind.live + kind.rate) * slot.bytes
        slot_bytes += held
        page_bytes += held * slot.page_factor
        if kind.rate == 0:
            alive = made = kind.live * share_done
            curves[KEPT] += alive * slot.bytes
        else:
            alive, made = _replaced(kind, since), kind.rate * since
            rate = kind.rate * slot.bytes
            weight += rate
            before = mixes.get(slot.slots_per_span, (0.0, 0.0))
            mixes[slot.slots_per_span] = (before[0] + rate, before[1] + kind.live * slot.bytes)
            replaced += kind.live * slot.bytes
            units += rate * slot.span_bytes
            scan += kind.rate * slot.scan_bytes
            if slot.span_class >= 0 and slot.span_class not in seen:
                seen.add(slot.span_class)
                cached += slot.span_bytes / 2
        _add(curves, alive, made, slot)
    _add_steps(curves, workload, model, share_done)
    factor = page_bytes / slot_bytes if slot_bytes else 1.0
    if not weight:
        return Growth(curves, {1: (1.0, 1.0)}, cached, 0.0, factor, float(workload.start_peak_object_bytes))
    shares = {k: (made / weight, live / replaced if replaced else made / weight) for k, (made, live) in mixes.items()}
    return Growth(curves, shares, cached, scan / weight, factor, units / weight)


def _add(curves: NDArray[np.float64], alive: NDArray[np.float64], made: NDArray[np.float64], slot: _Slot) -> None:
    curves[ALLOCATED] += made * slot.bytes
    curves[ALIVE] += alive * slot.bytes
    curves[OBJECTS] += alive
    curves[SCAN] += alive * slot.scan_bytes
    curves[BIRTHS] += made


def _add_steps(curves: NDArray[np.float64], workload: Workload, model: Model, share_done: NDArray[np.float64]) -> None:
    """Adds the start-up peak and the steps of what is kept."""
    slot = _slot_of(model, workload.start_peak_object_bytes, False)
    each = workload.start_peak_object_bytes
    if workload.start_peak_bytes:
        made = workload.start_peak_bytes / each * share_done
        _add(curves, np.where(share_done < 1.0, made, 0.0), made, slot)
        curves[KEPT] += np.where(share_done < 1.0, made, 0.0) * slot.bytes
    before = 0
    for step in sorted(workload.live_over_time, key=lambda step: step.at_seconds):
        after = curves[SECONDS] >= step.at_seconds
        change = step.bytes - before
        count = abs(change) / each
        _add(curves, math.copysign(count, change) * after, (count if change > 0 else 0.0) * after, slot)
        curves[KEPT] += math.copysign(count, change) * after * slot.bytes
        before = step.bytes
