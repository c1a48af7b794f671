"""Proportional sweeping, Go 1.5 and later: how many pages must be swept before a span may be allocated.

Read at mgcsweep.go deductSweepCredit and mgc.go gcSweep, gcSetTriggerRatio (gcPaceSweeper from 1.18 on).
"""

from __future__ import annotations

from numba import njit

from whence.explain.simulator.pacer.kernels_numbers import to_int64
from whence.explain.simulator.pacer.state import PacerRecord
from whence.explain.simulator.versions.pacers import SweepDistance

_MARGIN_BYTES = 1 << 20
_PAGE_BYTES = 8192
_ALWAYS_SCALED = int(SweepDistance.ALWAYS_SCALED)


@njit(cache=True, error_model="numpy")
def pace_sweeper(c: PacerRecord, trigger: int) -> None:
    """Sets the pages to sweep per byte allocated, so that all is swept 1 MiB before `trigger`."""
    if c.sweep_done == 1:
        c.sweep_pages_per_byte = 0.0
        return
    distance = max(trigger - c.heap_live - _MARGIN_BYTES, _PAGE_BYTES)
    if c.sweep_distance_rule == _ALWAYS_SCALED:
        c.sweep_pages_per_byte = float(c.pages_in_use) / float(distance)
        c.span_bytes_allocated = 0
        return
    pages = c.pages_in_use - c.pages_swept
    if pages <= 0:
        c.sweep_pages_per_byte = 0.0
        return
    c.sweep_pages_per_byte = float(pages) / float(distance)
    c.sweep_heap_live_basis = c.heap_live
    c.pages_swept_basis = c.pages_swept


@njit(cache=True, error_model="numpy")
def sweep_debt(c: PacerRecord, span_bytes: int, caller_pages: int) -> int:
    """Returns how many pages must still be swept before a span of `span_bytes` is allocated; 0 or less: none.

    caller_pages: pages that the caller is about to sweep anyway. Ask again after each span swept, with
    `c.pages_swept` raised by its pages; when nothing is left to sweep, set `c.sweep_pages_per_byte` to 0. Up to 1.8
    call `note_span` once before.
    """
    if c.sweep_pages_per_byte == 0.0:
        return 0
    if c.sweep_distance_rule == _ALWAYS_SCALED:
        owed = to_int64(c.sweep_pages_per_byte * float(c.span_bytes_allocated))
        return owed - c.pages_swept - caller_pages
    allocated = span_bytes + max(c.heap_live - c.sweep_heap_live_basis, 0)
    owed = to_int64(c.sweep_pages_per_byte * float(allocated)) - caller_pages
    return owed - (c.pages_swept - c.pages_swept_basis)


@njit(cache=True, error_model="numpy")
def note_span(c: PacerRecord, span_bytes: int) -> None:
    """Counts a span allocated while sweeping is unfinished (used by 1.5-1.8)."""
    c.span_bytes_allocated += span_bytes
