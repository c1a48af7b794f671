"""From profiles and a trace to `ProfileSites`: undo sampling, find the responsible, bound the tiny, fold in types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from whence.evidence.errors import BadInput
from whence.evidence.profile_sites import (
    Lifetime,
    ProfileSites,
    Range,
    Site,
    Slot,
    Through,
    TinySharing,
    Totals,
    TypeTotal,
)
from whence.golang.code.program import Program
from whence.golang.size_classes import NEWEST, TINY_BYTES
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.readers.trace_columns import Generation
from whence.measure.profiles.sites import assembling, costs, counts, folding, tiny, wording
from whence.measure.profiles.sites.asking import ALWAYS, NEVER, asked
from whence.measure.profiles.sites.assembling import ByPlace
from whence.measure.profiles.sites.buckets import buckets, rate_of
from whence.measure.profiles.sites.grouping import place, strata
from whence.measure.profiles.sites.responsible import package_of
from whence.measure.profiles.sites.same_stack import widened
from whence.measure.profiles.sites.through import range_of, through
from whence.measure.profiles.sites.trace_types import TracedTypes, traced_types
from whence.measure.profiles.sites.type_totals import type_totals

LEVEL = 0.99
MOST_SITES = 300
NOTHING = Range(value=0.0, low=0.0, high=0.0)


def sites(
    profiles: Sequence[Profile],
    trace: Iterable[Generation] | None = None,
    *,
    outside: Sequence[str] = (),
    go_version: str | None = None,
    runtime_totals: tiny.RuntimeTotals | None = None,
    standard_library: bool = True,
    program: Program | None = None,
    processors: int = 1,
    level: float = LEVEL,
    source: str = "",
) -> ProfileSites:
    """Returns who allocates. `profiles`: allocs or heap profiles, which add up; `trace`: its generations.

    `outside`: packages or modules whose functions are not held responsible, besides the runtime and, unless
    `standard_library` is false, the standard library. `go_version`: of the program, default the newest.
    `runtime_totals`: what the runtime counted by the time of the profile. `program`: the one that was profiled, whose
    code says which type and size its places ask for (64-bit x86, Go 1.17 and later, not position-independent).
    `processors`: GOMAXPROCS of the program.
    Raises BadInput when there is nothing to look at, or a profile of something else.
    """
    if not profiles and trace is None:
        raise BadInput("neither a profile nor a trace was given. Give an allocs profile, or --trace FILE.")
    version = go_version or NEWEST
    traced = traced_types(trace, go_version) if trace is not None else None
    if traced is not None and not traced.objects:
        raise BadInput(
            "the trace has no objects. Record it with GODEBUG=traceallocfree=1 in the environment (Go 1.23 or later)."
        )
    types = type_totals(traced, version) if traced is not None else ()
    data = buckets(profiles)
    placed = place(profiles, data, outside, standard_library)
    known = asked(profiles, data, program, version)
    of = assembling.by_place(profiles, data, placed, known, level, version)
    number = len(placed.sites)
    slowest = float(max((rate_of(profile) for profile in profiles), default=1))
    recorded = widened(of.sums.total(number), data, placed.site, profiles, slowest, level)
    opened = strata(data, placed.site, level, known.tiny != NEVER).total(number)
    joined = tiny.coalesced(recorded, opened, runtime_totals, traced if not profiles else _same_run(traced, recorded))
    kinds = _kinds(of, recorded, types)
    # What is known to be another type than a tiny one shares no block, whatever its slot.
    alone = np.array([name in kinds.never_tiny for name in placed.sites], np.bool_)
    sharing = counts.Estimates(*(np.where(alone, 0.0, column) for column in opened))
    whole, share = tiny.with_joined(recorded, sharing, joined.objects)
    totals = _totals(of, recorded, opened, joined, traced, types)
    found = _sites(of, kinds, recorded, whole, share, sharing, joined.objects, processors)
    passing: tuple[Through, ...] = (
        through(profiles, data, known.tiny != NEVER, joined.objects, level) if profiles else ()
    )
    names = {name: index for index, name in enumerate(placed.sites)}
    return ProfileSites(
        source=source,
        go_version=version,
        go_version_known=go_version is not None,
        level=level,
        rates=tuple(rate_of(profile) for profile in profiles),
        outside=tuple(outside),
        totals=totals,
        sites=tuple(sorted(found, key=lambda site: (-site.objects.value, names[site.function]))),
        through=passing,
        types=types,
        groups=folding.groups(types, _by_slot(found)),
        gc_model=costs.GC_MODEL,
        settle=wording.settle(found, totals, traced, [rate_of(profile) for profile in profiles], version),
        notes=wording.notes(profiles, traced, go_version, totals),
    )


def _same_run(traced: TracedTypes | None, recorded: counts.Estimates) -> TracedTypes | None:
    """Returns the trace where its total fits the profile's: only then are those that joined also the profile's."""
    if traced is None:
        return None
    opened = traced.objects - traced.coalesced
    low, high = float(recorded.low.sum()), float(recorded.high.sum())
    return traced if 0.9 * low <= opened <= 1.1 * high else None


def _totals(
    of: ByPlace,
    recorded: counts.Estimates,
    opened: counts.Estimates,
    joined: tiny.Coalesced,
    traced: TracedTypes | None,
    types: Sequence[TypeTotal],
) -> Totals:
    owner = np.zeros(len(recorded.value), np.int64)
    everything = counts.added(recorded, owner, 1)
    bytes_ = counts.added(of.sums.total(len(recorded.value), by_bytes=True), owner, 1)
    all_opened = counts.added(opened, owner, 1)
    if not of.profiles and traced is not None:
        made = Range(value=traced.objects, low=traced.objects, high=traced.objects)
        taken = sum(total.slot_total_bytes for total in types)
        slot_bytes, sure = Range(value=taken, low=taken, high=taken), sum(t.objects for t in types if t.tiny)
        part = sure / max(traced.objects, 1)
        tiny_share = Range(value=part, low=part, high=part)
    else:
        add = joined.objects
        made = Range(
            value=float(everything.value[0]) + add.value,
            low=float(everything.low[0]) + add.low,
            high=float(everything.high[0]) + add.high,
        )
        slot_bytes = range_of(bytes_, 0)
        tiny_share = _tiny_share(range_of(everything, 0), range_of(all_opened, 0), add)
    asked = [total.requested_bytes for total in types]
    wasted = [total.waste_bytes for total in types]
    return Totals(
        objects=made,
        profile_objects=float(of.data.shown_objects.sum()),
        slot_bytes=slot_bytes,
        sampled=int(of.data.recorded.sum()),
        coalesced=joined.objects,
        coalesced_from=joined.source,
        tiny_share=tiny_share,
        traced_objects=traced.objects if traced is not None else None,
        requested_bytes=_sum(asked) if asked else None,
        waste_bytes=_sum(wasted) if wasted else None,
    )


def _tiny_share(recorded: Range, opened: Range, joined: Range) -> Range:
    """Returns the share of tiny objects: those that joined surely, those that opened at most."""
    whole = max(recorded.value + joined.value, 1.0)
    # A block that others joined was opened by a tiny object: at least one opener for 15 that joined.
    least = joined.low + min(joined.low / (tiny.MOST_IN_BLOCK - 1), opened.low)
    most = joined.high + opened.high
    value = min(joined.value + min(opened.value, joined.value), recorded.value + joined.value) / whole
    high = min(most / max(recorded.value - opened.value + most, 1.0), 1.0)
    return Range(value=value, low=min(least / max(recorded.value + joined.low, 1.0), value), high=max(high, value))


def _sum(ranges: Sequence[Range]) -> Range:
    return Range(value=sum(r.value for r in ranges), low=sum(r.low for r in ranges), high=sum(r.high for r in ranges))


def _by_slot(found: Sequence[Site]) -> dict[int, dict[str, float]]:
    table: dict[int, dict[str, float]] = {}
    for site in found:
        for slot in site.slots:
            table.setdefault(slot.slot_bytes, {})[site.function] = slot.objects.value
    return table


class _Kinds(NamedTuple):
    """Slots and types of the places that are shown."""

    slots: dict[int, tuple[Slot, ...]]
    typed: dict[tuple[str, int], folding.Typed]
    never_tiny: set[str]


def _kinds(of: ByPlace, recorded: counts.Estimates, types: Sequence[TypeTotal]) -> _Kinds:
    """Returns the slots of the places with most objects and of those with most bytes, and what types they may have."""
    bytes_ = of.sums.total(len(of.placed.sites), by_bytes=True)
    chosen = {*np.argsort(-recorded.value)[:MOST_SITES].tolist(), *np.argsort(-bytes_.value)[:MOST_SITES].tolist()}
    slots = {site: assembling.slots(of, site) for site in sorted(chosen)}
    by_slot: dict[int, dict[str, float]] = {}
    for site, rows in slots.items():
        for row in rows:
            by_slot.setdefault(row.slot_bytes, {})[of.placed.sites[site]] = row.objects.value
    exact = all(rate_of(profile) <= 1 for profile in of.profiles)
    single = assembling.single_lines(of, slots) if exact else set()
    typed = folding.typed(types, by_slot, single) if types else {}
    never = {
        name
        for (name, slot), known in typed.items()
        if slot == TINY_BYTES and known.by is not None and not known.types[0].tiny
    }
    return _Kinds(slots, typed, never)


def _sites(
    of: ByPlace,
    kinds: _Kinds,
    recorded: counts.Estimates,
    whole: counts.Estimates,
    share: counts.Estimates,
    opened: counts.Estimates,
    joined: Range,
    processors: int,
) -> list[Site]:
    """Returns the places as the report has them."""
    number = len(of.placed.sites)
    bytes_ = of.sums.total(number, by_bytes=True)
    bytes_share = counts.shares(bytes_)
    live = of.sums.total(number, in_use=True)
    live_share = counts.shares(of.sums.total(number, in_use=True, by_bytes=True))
    shown = np.bincount(of.sums.owner, of.sums.shown, number)
    sampled = np.bincount(of.sums.owner, of.sums.recorded, number).astype(np.int64)
    found: list[Site] = []
    for site, rows in kinds.slots.items():
        name, typed = of.placed.sites[site], kinds.typed
        mine = {row.slot_bytes: typed[name, row.slot_bytes] for row in rows if (name, row.slot_bytes) in typed}
        taken = range_of(bytes_, site)
        wanted = assembling.requested_bytes(of, site, rows, mine)
        chains, seen = assembling.chains(of, site)
        members = tuple({t.name or "(no type)": t for known in mine.values() for t in known.types}.values())
        reasons = {known.by for known in mine.values()} if len(mine) == len(rows) else set()
        duration = sum(profile.duration_nanos for profile in of.profiles)
        objects, existing = range_of(recorded, site), range_of(live, site)
        may_be_tiny = _tiny(of, site, float(opened.value[site]), joined, mine)
        found.append(
            Site(
                function=name,
                package=package_of(name),
                allocators=assembling.allocators(of, site),
                sampled=int(sampled[site]),
                profile_objects=float(shown[site]),
                profile_share=float(shown[site] / max(shown.sum(), 1)),
                objects=range_of(whole, site),
                objects_share=range_of(share, site),
                slot_bytes=taken,
                bytes_share=range_of(bytes_share, site),
                requested_bytes=assembling.with_joined_bytes(of, site, wanted, objects, range_of(whole, site)),
                waste_bytes=assembling.waste(wanted, taken),
                tiny=may_be_tiny,
                tiny_opened=range_of(opened, site) if may_be_tiny != "no" else None,
                slots=rows,
                lines=assembling.lines(of, site),
                types=tuple(t.name or "(no type)" for t in members),
                typed_by=mine[rows[0].slot_bytes].by if len(reasons) == 1 else None,
                lifetime=_lifetime(members, objects, existing, duration),
                gc=costs.gc_cost(range_of(bytes_share, site), range_of(live_share, site), _pointers(rows, mine)),
                saving=costs.saving(objects, existing, processors, chains, objects.value, seen),
                growth=("seen" if seen else "inferred") if chains else None,
                stack=assembling.stack(of, site),
            )
        )
    return found


def _tiny(of: ByPlace, site: int, opened: float, joined: Range, types: dict[int, folding.Typed]) -> TinySharing:
    if opened <= 0 or joined.high <= 0:
        return "no"
    if (of.asked.tiny[of.rows[site]] == ALWAYS).any():
        return "certain"
    known = types.get(TINY_BYTES)
    if known is not None and known.by is not None:
        return "certain" if known.types[0].tiny else "no"
    return "possible"


def _pointers(rows: Sequence[Slot], types: dict[int, folding.Typed]) -> float | None:
    """Returns which part of a place's slot bytes is in types with pointers; None where a type is not known."""
    part = whole = 0.0
    for row in rows:
        known = types.get(row.slot_bytes)
        if known is None or not known.types or len({t.noscan for t in known.types}) > 1:
            return None
        weight = row.objects.value * row.slot_bytes
        whole += weight
        part += 0.0 if known.types[0].noscan else weight
    return part / whole if whole else None


def _lifetime(types: Sequence[TypeTotal], objects: Range, live: Range, duration_ns: int) -> Lifetime | None:
    if len(types) == 1 and types[0].lifetime is not None:
        return types[0].lifetime
    return costs.lifetime_in_use(objects, live, duration_ns)
