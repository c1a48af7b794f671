"""Cost constants of the runtime's work by release, in CPU-nanoseconds and bytes, with the runs they were fitted to.

They are costs only: no rule of the runtime is replaced by them. What a release does not name it takes from the release
before. `costs.fitting` makes a row anew on another machine.
"""

from __future__ import annotations

import bisect

import msgspec

from whence.golang.versions import Version, parse_version


class Costs(msgspec.Struct, frozen=True, kw_only=True):
    """What the runtime's work costs on one machine, of all releases from `since` on."""

    since: str
    runs: str
    """Which runs the numbers come from."""
    allocate_ns: float = 42.0
    """A small object, without clearing its memory."""
    allocate_byte_ns: float = 0.12
    """Clearing and first use of an allocated byte."""
    large_ns: float = 1500.0
    """An object with pages of its own, beside its bytes."""
    mark_object_ns: float = 40.0
    """Finding and marking one object."""
    mark_byte_ns: float = 0.6
    """Looking through one scannable byte."""
    sweep_page_ns: float = 120.0
    """Sweeping one page of 8 KiB."""
    release_page_ns: float = 3100.0
    """Giving a page of 8 KiB back."""
    fault_page_ns: float = 1800.0
    """First touch of a physical page of 4 KiB."""
    pause_ns: float = 35_000.0
    """One stop of the world on an idle host, without stack scans."""
    mark_latency_ns: float = 150_000.0
    """Least time of a marking phase on an idle host: workers are woken, every processor agrees that it is over."""
    cycle_ns: float = 150_000.0
    """CPU of a cycle beside marking and sweeping: both stops, waking workers, flushing caches."""
    resident_bytes: int = 2_800_000
    """Resident beside the heap in a small program."""
    ready_bytes: int = 3_300_000
    """What the memory limit counts beside heap and stacks: mapped by the runtime for itself."""
    span_metadata_bytes: int = 168
    """The runtime's notes on one span: mspan, its mark and allocation bits."""
    heap_bitmap_share: float = 0.0
    """Bytes of pointer bitmap beside the heap for each byte of it."""
    base_live_bytes: int = 80_000
    """Heap of a program that has not done anything yet."""
    base_spans: int = 46
    """Spans that this heap lies in, one of a class."""


_replace = msgspec.structs.replace
_PLAYER = (
    "resident, ready and live bytes by bench/simulator_cadence/player on 2 shared CPUs (AMD EPYC, Linux 6.18, THP "
    "madvise); times from one fit under 1.24.13 there, marking from 1.26 on assumed a fifth cheaper"
)
_FIRST = Costs(
    since="1.0",
    runs="taken over from 1.5; the bitmap from 4 bits a word",
    heap_bitmap_share=1 / 16,
    ready_bytes=8_300_000,
    resident_bytes=1_860_000,
    base_live_bytes=39_000,
)
_BITS_2 = _replace(
    _FIRST, since="1.5", runs="taken over from 1.19; the bitmap from 2 bits a word", heap_bitmap_share=1 / 32
)
_MEASURED = _replace(_BITS_2, since="1.19", runs=f"1.19.13: {_PLAYER}")
_BITS_1 = _replace(
    _MEASURED,
    since="1.20",
    runs=f"1.21.13: {_PLAYER}",
    heap_bitmap_share=1 / 64,
    ready_bytes=3_050_000,
    resident_bytes=1_790_000,
    base_live_bytes=36_000,
)
_IN_SPAN = _replace(
    _BITS_1,
    since="1.22",
    runs=f"1.22.12, 1.24.13: {_PLAYER}",
    heap_bitmap_share=0.0,
    ready_bytes=1_990_000,
    resident_bytes=1_940_000,
    base_live_bytes=38_000,
)
_LATER = _replace(_IN_SPAN, since="1.24", runs=f"1.24.13: {_PLAYER}", resident_bytes=2_040_000, base_live_bytes=53_000)
_GREEN_TEA = _replace(
    _LATER,
    since="1.26",
    runs=f"1.26.11: {_PLAYER}",
    mark_object_ns=32.0,
    mark_byte_ns=0.5,
    ready_bytes=3_430_000,
    resident_bytes=2_490_000,
    base_live_bytes=65_000,
)
_NEWEST = _replace(
    _GREEN_TEA,
    since="1.27",
    runs=f"1.27.4: {_PLAYER}",
    ready_bytes=3_760_000,
    resident_bytes=2_900_000,
    base_live_bytes=73_000,
)
ROWS = (_FIRST, _BITS_2, _MEASURED, _BITS_1, _IN_SPAN, _LATER, _GREEN_TEA, _NEWEST)
_BOUNDS = [parse_version(row.since) for row in ROWS]


def costs_of(version: Version) -> Costs:
    """Returns the constants of a release."""
    return ROWS[max(0, bisect.bisect_right(_BOUNDS, parse_version(version.line)) - 1)]


UNCERTAINTY = {
    "allocate_ns": 0.25,
    "allocate_byte_ns": 0.3,
    "large_ns": 0.4,
    "mark_object_ns": 0.3,
    "mark_byte_ns": 0.3,
    "sweep_page_ns": 0.4,
    "release_page_ns": 0.3,
    "fault_page_ns": 0.4,
    "pause_ns": 0.6,
    "mark_latency_ns": 0.6,
    "cycle_ns": 0.5,
    "resident_bytes": 0.05,
    "ready_bytes": 0.05,
    "base_live_bytes": 0.15,
}
"""Relative standard deviations of the constants between programs and runs, on a logarithmic scale."""
