"""The types of a trace folded into the places of a profile: they meet in the slots of one size.

A trace says which types there were and a profile which stacks, and only the slot stands in both. With one type in the
slots of a size all places there have it; with one place all types there are its. Else types and places match where
the counts of a full profile agree with one type and no other; what is left stays one group.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from whence.evidence.profile_sites import Group, TypedBy, TypeTotal

MAIN_PART = 0.99
"""A type with this part of a size's objects is its only one: the rest is the runtime's and the tracer's own."""
COUNT_TOLERANCE = 0.005
COUNT_SLACK = 20


@dataclass(frozen=True, slots=True)
class Typed:
    """The types of a place in slots of one size, and why they are."""

    types: tuple[TypeTotal, ...]
    by: TypedBy | None


def groups(types: Sequence[TypeTotal], sites: Mapping[int, Mapping[str, float]]) -> tuple[Group, ...]:
    """Returns one group for each slot size. `sites`: slot bytes → place → objects."""
    found: list[Group] = []
    for slot, members in sorted(_by_slot(types).items(), key=lambda item: -sum(t.objects for t in item[1])):
        places = sites.get(slot, {})
        main = _main(members)
        tiny = sum(member.objects for member in members if member.tiny)
        split = (
            "one place"
            if len(places) == 1
            else "one type"
            if main is not None and not main.tiny
            else "no split"
            if tiny or not places
            else "by sampled counts"
        )
        found.append(
            Group(
                slot_bytes=slot,
                objects=sum(member.objects for member in members),
                tiny_objects=tiny,
                types=tuple(member.name or "(no type)" for member in members),
                sites=tuple(sorted(places, key=lambda name: -places[name])),
                split=split,
            )
        )
    return tuple(found)


def typed(
    types: Sequence[TypeTotal],
    sites: Mapping[int, Mapping[str, float]],
    single: Container[tuple[str, int]],
) -> dict[tuple[str, int], Typed]:
    """Returns, by place and slot bytes, the types that its objects there may have.

    `single`: the places and slots of a full profile that a single line allocates; only their counts are compared, as
    the sum of several lines agrees with some type by chance.
    """
    result: dict[tuple[str, int], Typed] = {}
    by_slot = _by_slot(types)
    for slot, places in sites.items():
        members = by_slot.get(slot, [])
        main = _main(members)
        for name, number in places.items():
            if main is not None:
                result[name, slot] = Typed((main,), "only type of its slot")
                continue
            compared = members if (name, slot) in single else []
            alike = [member for member in compared if not member.tiny and _agree(member.objects, number)]
            rivals = [
                other for other, count in places.items() if other != name and alike and _agree(alike[0].objects, count)
            ]
            if len(alike) == 1 and not rivals:
                result[name, slot] = Typed((alike[0],), "equal counts")
            else:
                result[name, slot] = Typed(tuple(members), None)
    return result


def _by_slot(types: Sequence[TypeTotal]) -> dict[int, list[TypeTotal]]:
    found: dict[int, list[TypeTotal]] = {}
    for total in types:
        if total.slot_bytes:
            found.setdefault(total.slot_bytes, []).append(total)
    return found


def _main(members: Sequence[TypeTotal]) -> TypeTotal | None:
    """Returns the type that has nearly all objects, if one has."""
    if not members:
        return None
    largest = max(members, key=lambda member: member.objects)
    return largest if largest.objects >= MAIN_PART * sum(member.objects for member in members) else None


def _agree(traced: int, profiled: float) -> bool:
    return abs(traced - profiled) <= COUNT_TOLERANCE * traced + COUNT_SLACK
