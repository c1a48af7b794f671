"""The noun's places from sums by place: each function fills one part of a Site."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whence.evidence.profile_sites import Line, Range, Slot
from whence.golang.size_classes import TINY_BYTES, class_of_slot
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.sites import counts, growth, requested
from whence.measure.profiles.sites.asking import NEVER, Asked
from whence.measure.profiles.sites.buckets import Buckets
from whence.measure.profiles.sites.folding import Typed
from whence.measure.profiles.sites.grouping import Placed, Strata, strata
from whence.measure.profiles.sites.responsible import lines_of
from whence.measure.profiles.sites.through import range_of

Int64 = NDArray[np.int64]
MOST_LINES = 20
MOST_ALLOCATORS = 8
STACK_FRAMES = 24


@dataclass(frozen=True, slots=True, eq=False)
class ByPlace:
    """The buckets of each place, and their sums."""

    profiles: Sequence[Profile]
    data: Buckets
    placed: Placed
    sums: Strata
    rows: list[Int64]
    """Buckets of each place."""
    level: float
    go_version: str
    asked: Asked


def by_place(
    profiles: Sequence[Profile], data: Buckets, placed: Placed, asked: Asked, level: float, go_version: str
) -> ByPlace:
    """Returns the buckets sorted into places."""
    order = np.argsort(placed.site, kind="stable")
    ends = np.searchsorted(placed.site[order], np.arange(len(placed.sites) + 1))
    rows = [order[ends[i] : ends[i + 1]] for i in range(len(placed.sites))]
    return ByPlace(profiles, data, placed, strata(data, placed.site, level), rows, level, go_version, asked)


def slots(of: ByPlace, site: int) -> tuple[Slot, ...]:
    """Returns the slot sizes of a place, most objects first."""
    mine = np.flatnonzero(of.sums.owner == site)
    sizes, place = np.unique(of.sums.size_bytes[mine], return_inverse=True)
    k, probability = of.sums.recorded[mine], of.sums.probability[mine]
    objects = counts.summed(k, probability, np.ones(len(mine)), place, len(sizes), of.level)
    recorded = np.bincount(place, of.sums.recorded[mine], len(sizes)).astype(np.int64)
    found: list[Slot] = []
    for i in np.argsort(-objects.value, kind="stable").tolist():
        size = int(sizes[i])
        each = requested.of_slot(size, of.go_version)
        found.append(
            Slot(
                slot_bytes=size,
                size_class=class_of_slot(size, of.go_version),
                sampled=int(recorded[i]),
                objects=range_of(objects, i),
                requested_low_bytes=int(each.low),
                requested_high_bytes=int(each.high),
            )
        )
    return tuple(found)


def single_lines(of: ByPlace, sites: Iterable[int]) -> set[tuple[str, int]]:
    """Returns the places and slot bytes whose objects come from one line of one allocator."""
    found: set[tuple[str, int]] = set()
    for site in sites:
        rows = of.rows[site]
        keys = np.stack([of.data.size_bytes[rows], of.placed.allocator[rows], of.placed.line[rows]])
        sizes, number = np.unique(np.unique(keys, axis=1)[0], return_counts=True)
        found |= {(of.placed.sites[site], size) for size in sizes[number == 1].tolist()}
    return found


def lines(of: ByPlace, site: int) -> tuple[Line, ...]:
    """Returns the lines of a place with most objects."""
    rows = of.rows[site]
    numbers, owner = np.unique(of.placed.line[rows], return_inverse=True)
    sums = strata(of.data.take(rows), owner, of.level)
    objects, bytes_ = sums.total(len(numbers)), sums.total(len(numbers), by_bytes=True)
    recorded = np.bincount(sums.owner, sums.recorded, len(numbers)).astype(np.int64)
    return tuple(
        Line(
            file=of.placed.files[site],
            line=int(numbers[i]),
            sampled=int(recorded[i]),
            objects=range_of(objects, i),
            slot_bytes=range_of(bytes_, i),
            slots=tuple(np.unique(sums.size_bytes[sums.owner == i]).tolist()),
        )
        for i in np.argsort(-objects.value, kind="stable")[:MOST_LINES].tolist()
    )


def allocators(of: ByPlace, site: int) -> tuple[str, ...]:
    """Returns the functions right above the runtime that allocated for a place, most objects first."""
    rows = of.rows[site]
    weight = np.bincount(of.placed.allocator[rows], of.data.shown_objects[rows])
    order = np.argsort(-weight, kind="stable")
    return tuple(of.placed.allocators[i] for i in order[:MOST_ALLOCATORS].tolist() if weight[i] > 0)


def stack(of: ByPlace, site: int) -> tuple[str, ...]:
    """Returns the stack with most objects, leaf first."""
    rows = of.rows[site]
    bucket = int(rows[np.argmax(of.data.shown_objects[rows])])
    profile = of.profiles[int(of.data.profile[bucket])]
    _, found = lines_of(profile, of.data.sample[bucket : bucket + 1])
    names, text, table = profile.function_names(), profile.strings, profile.functions
    frames: list[str] = []
    for line in found[:STACK_FRAMES].tolist():
        function = int(profile.locations.line_function[line])
        if function >= 0:
            number = int(profile.locations.line_number[line])
            frames.append(f"{names[function]} {text[int(table.filename[function])]}:{number}")
    return tuple(frames)


def requested_bytes(of: ByPlace, site: int, objects: Sequence[Slot], types: dict[int, Typed]) -> Range:
    """Returns what a place asked for: by its calls or types where they are known, else between its slots' limits."""
    value = low = high = 0.0
    for slot in objects:
        each, told = _asked(of, site, slot.slot_bytes)
        known = types.get(slot.slot_bytes)
        if known is not None and known.types and not told:
            # Several types may be meant: then the widest of them.
            options = [
                (
                    t.requested_bytes.value / t.objects,
                    t.requested_bytes.low / t.objects,
                    t.requested_bytes.high / t.objects,
                )
                for t in known.types
                if t.objects
            ]
            weight = [t.objects for t in known.types if t.objects]
            if options:
                mean = sum(o[0] * w for o, w in zip(options, weight, strict=True)) / sum(weight)
                each = requested.Requested(mean, min(o[1] for o in options), max(o[2] for o in options))
        value += slot.objects.value * each.value
        low += slot.objects.low * each.low
        high += slot.objects.high * each.high
    return Range(value=value, low=low, high=high)


def _asked(of: ByPlace, site: int, slot_bytes: int) -> tuple[requested.Requested, bool]:
    """Returns one object's request among a place's buckets of a slot size, and whether calls say it for all of them."""
    rows = of.rows[site]
    rows = rows[of.data.size_bytes[rows] == slot_bytes]
    made = of.data.recorded[rows] / of.data.probability[rows]
    mean, low, high = (
        float((column[rows] * made).sum() / made.sum()) for column in (of.asked.value, of.asked.low, of.asked.high)
    )
    return requested.Requested(mean, low, high), all(of.asked.calls[row] is not None for row in rows.tolist())


def with_joined_bytes(of: ByPlace, site: int, asked: Range, recorded: Range, whole: Range) -> Range:
    """Returns the bytes asked for with those of objects that joined tiny blocks, each as large as one that opens."""
    rows = of.rows[site]
    rows = rows[of.asked.tiny[rows] != NEVER]
    if not len(rows) or whole.high <= recorded.high:
        return asked
    made = of.data.recorded[rows] / of.data.probability[rows]
    size = float((of.asked.value[rows] * made).sum() / made.sum())
    largest = min(float(of.asked.high[rows].max()), TINY_BYTES - 1)
    return Range(
        value=asked.value + (whole.value - recorded.value) * min(size, largest),
        low=asked.low,
        high=asked.high + (whole.high - recorded.high) * largest,
    )


def waste(asked: Range, taken: Range) -> Range:
    """Returns slot minus requested bytes; both grow with the same counts, so it is their quotient that is uncertain."""
    value = taken.value - asked.value
    low = taken.low * (1 - min(asked.high / max(taken.high, 1e-300), 1.0))
    high = taken.high * (1 - asked.low / max(taken.low, 1e-300)) if taken.low > 0 else taken.high
    return Range(value=value, low=max(min(low, value), 0.0), high=max(high, value))


def grown(of: ByPlace, site: int) -> list[growth.Chain]:
    """Returns the growing slices of a place that its calls of growslice tell."""
    stacks: dict[tuple[int, bytes], list[tuple[int, float]]] = {}
    for bucket in of.rows[site].tolist():
        call = of.asked.calls[bucket]
        if call is not None and call.function == growth.GROWSLICE:
            index = int(of.data.profile[bucket])
            key = (index, of.profiles[index].stack(int(of.data.sample[bucket])).tobytes())
            number = float(of.data.recorded[bucket] / of.data.probability[bucket])
            stacks.setdefault(key, []).append((int(of.data.size_bytes[bucket]), number))
    return [chain for sizes in stacks.values() if (chain := growth.known_chain(sizes)) is not None]


def chains(of: ByPlace, site: int) -> tuple[list[growth.Chain], bool]:
    """Returns the growing slices among the stacks of a place, and whether `growslice` stands in them."""
    known = grown(of, site)
    if known:
        return known, True
    stacks: dict[tuple[int, bytes], list[tuple[int, float]]] = {}
    for bucket in of.rows[site].tolist():
        index = int(of.data.profile[bucket])
        key = (index, of.profiles[index].stack(int(of.data.sample[bucket])).tobytes())
        number = float(of.data.recorded[bucket] / of.data.probability[bucket])
        stacks.setdefault(key, []).append((int(of.data.size_bytes[bucket]), number))
    long = {key: sizes for key, sizes in stacks.items() if len(sizes) >= growth.SHORTEST_CHAIN}
    found = {key: chain for key, sizes in long.items() if (chain := growth.chain_of(sizes)) is not None}
    seen = any(
        _grows(of.profiles[index], np.frombuffer(frames, of.profiles[index].frames.dtype)) for index, frames in found
    )
    return list(found.values()), seen


def _grows(profile: Profile, locations: NDArray[np.unsignedinteger]) -> bool:
    names = profile.function_names()
    for location in locations[:4].astype(np.int64).tolist():
        begin, end = profile.locations.line_starts[location : location + 2].tolist()
        for line in range(begin, end):
            function = int(profile.locations.line_function[line])
            if function >= 0 and names[function] == growth.GROWSLICE:
                return True
    return False
