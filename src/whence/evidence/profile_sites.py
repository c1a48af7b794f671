"""Who allocates: the places of a program with their objects, bytes, rounding, tiny blocks, lifetimes and savings.

The JSON form of `ProfileSites` is `whence.profile-sites/1`; fields may be added, their meaning never changes. Numbers
are totals over the input, in objects and bytes, nanoseconds where a name says `_ns`; shares and fractions are 0 to 1.
Every estimate is a `Range` with the confidence of `level`; `low == high` means known exactly. What the input cannot
tell is null, never NaN.
"""

from __future__ import annotations

from typing import Literal

import msgspec

TinySharing = Literal["no", "possible", "certain"]
Growth = Literal["seen", "inferred"]
TypedBy = Literal["only type of its slot", "equal counts"]


class Range(msgspec.Struct, frozen=True, kw_only=True):
    """An estimate and what it may be instead: `low` ≤ `value` ≤ `high`."""

    value: float
    low: float
    high: float

    @property
    def exact(self) -> bool:
        return self.low == self.high


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """The objects of one place that got slots of one size. `size_class` 0: large objects with pages of their own."""

    slot_bytes: int
    size_class: int
    sampled: int
    """Objects that the profiler recorded: before any scaling."""
    objects: Range
    """Recorded objects, scaled; objects that share a tiny block with another are not among them."""
    requested_low_bytes: int
    requested_high_bytes: int
    """Smallest and largest request that gets such a slot."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a place. `objects` as in Slot: without those that share a tiny block."""

    file: str
    line: int
    sampled: int
    objects: Range
    slot_bytes: Range
    slots: tuple[int, ...]


class Lifetime(msgspec.Struct, frozen=True, kw_only=True):
    """How long objects lived. `source` says from what: events of a trace, or what is in use against what was made.

    A trace knows an object's end only when the sweeper frees it, which is later than its last use."""

    source: Literal["trace", "in use"]
    freed: int | None = None
    alive: int | None = None
    """Objects that were not freed when the trace ended."""
    median_ns: float | None = None
    p90_ns: float | None = None
    p99_ns: float | None = None
    """Over all objects, those alive counted as the longest; null where that falls among them."""
    mean_ns: float | None = None
    """In use ÷ (made ÷ duration), Little's law; null when the profile does not say how long it took."""
    mean_of_run: float | None = None
    """The same as a fraction of the time that the profile covers."""
    peak_objects: int | None = None


class GcCost(msgspec.Struct, frozen=True, kw_only=True):
    """What of the collector's work a place causes, under the model in `ProfileSites.gc_model`."""

    cycles_share: Range
    """Share of the bytes that bring the next cycle nearer."""
    scan_share: Range | None = None
    """Share of the bytes in use that the collector may have to look into."""


class Saving(msgspec.Struct, frozen=True, kw_only=True):
    """The fraction of the place's objects that would not be made."""

    pooled: Range
    """With a pool: low keeps one object for each that is in use, high one for each processor."""
    preallocated: Range | None = None
    """With the final capacity given at once, where a growing slice was seen or is inferred."""


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """One place: the first function above the runtime, the standard library and the packages set aside."""

    function: str
    package: str
    allocators: tuple[str, ...]
    """The functions right above the runtime that allocated on its behalf, most objects first; itself among them."""
    sampled: int
    profile_objects: float
    """What a profile viewer shows."""
    profile_share: float
    objects: Range
    """All objects, with those that share tiny blocks."""
    objects_share: Range
    slot_bytes: Range
    bytes_share: Range
    requested_bytes: Range
    waste_bytes: Range
    """Slot minus requested: rounding and headers."""
    tiny: TinySharing
    tiny_opened: Range | None = None
    """Recorded objects in 16-byte slots, each of which may have opened a tiny block."""
    slots: tuple[Slot, ...] = ()
    lines: tuple[Line, ...] = ()
    types: tuple[str, ...] = ()
    """Types that its objects may have, from a trace."""
    typed_by: TypedBy | None = None
    lifetime: Lifetime | None = None
    gc: GcCost | None = None
    saving: Saving | None = None
    growth: Growth | None = None
    stack: tuple[str, ...] = ()
    """The stack with most objects, leaf first: `function file:line`."""


class Through(msgspec.Struct, frozen=True, kw_only=True):
    """What passes through a function: everything allocated while it was on the stack."""

    function: str
    profile_share: float
    objects: Range
    objects_share: Range
    slot_bytes: Range


class TypeTotal(msgspec.Struct, frozen=True, kw_only=True):
    """The objects of one type in slots of one size, from a trace. An empty name: memory without a type."""

    name: str
    size_bytes: int
    pointer_bytes: int
    slot_bytes: int
    size_class: int
    noscan: bool
    objects: int
    tiny: bool
    slot_total_bytes: float
    """Bytes of heap they took; a tiny block is divided among those who share it."""
    requested_bytes: Range
    waste_bytes: Range
    lifetime: Lifetime | None = None


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Places and types that meet in slots of one size: what a trace alone cannot tell apart."""

    slot_bytes: int
    objects: int
    """Of the trace."""
    tiny_objects: int
    types: tuple[str, ...]
    sites: tuple[str, ...]
    split: Literal["one type", "one place", "by sampled counts", "no split"]


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """The whole input. `coalesced`: objects that joined a tiny block which another had opened; no profile has them."""

    objects: Range
    profile_objects: float
    slot_bytes: Range
    sampled: int
    coalesced: Range
    coalesced_from: Literal["runtime totals", "trace", "bound"]
    tiny_share: Range
    """Of all objects: those in tiny blocks."""
    traced_objects: int | None = None
    requested_bytes: Range | None = None
    waste_bytes: Range | None = None


class ProfileSites(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was found, most objects first."""

    schema: str = "whence.profile-sites/1"
    source: str = ""
    go_version: str
    go_version_known: bool
    """False: taken to be the newest, which decides headers and size classes."""
    level: float
    """Confidence of every Range that comes from sampling."""
    rates: tuple[int, ...]
    """MemProfileRate of each profile; empty for a trace alone."""
    outside: tuple[str, ...]
    totals: Totals
    sites: tuple[Site, ...] = ()
    through: tuple[Through, ...] = ()
    types: tuple[TypeTotal, ...] = ()
    groups: tuple[Group, ...] = ()
    gc_model: str = ""
    settle: str | None = None
    """The command whose result would settle what is left open; null when nothing is."""
    notes: tuple[str, ...] = ()
