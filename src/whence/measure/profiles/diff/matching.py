"""Which function of the base is which of the candidate, when names alone do not say.

In this order; every match of two different names is told with its rule:

- `name`: the same name (type parameters taken out on both sides).
- `closure`: when a function's closures differ between the sides, their numbers mean nothing; they are paired by what
  they call and who calls them, in the order in which they stand in the source where that does not tell.
- `module version`, `receiver`, `spelling`, `package`: the name without `/v2`, without the receiver's `*`, without case
  and punctuation, or in another package.
- `renamed`: in the same file, with the same callers and callees (cosine of 0.7 and more), unlike any other.

A function seen on one side only may have been missed by chance on the other. All rules but `module version` and
`receiver` therefore ask for so many events that chance cannot be why.

Functions inlined on one side need no rule: a profile has a line for each inlined function, so names meet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import NamedTuple

from whence.measure.profiles.diff.names import (
    closure_shape,
    parts,
    symbol,
    without_pointer,
    without_version,
)
from whence.measure.profiles.diff.neighbours import Side, likeness
from whence.measure.profiles.diff.roles import is_runtime

ALIKE = 0.7
ENOUGH_EVENTS = 20.0
_CLEARLY = 0.1
"""A renamed function must be that much more alike than the next."""
_WITHIN = 4.0
"""A renamed function's cumulative share may not have changed by more than this factor."""


class Matched(NamedTuple):
    """A base name, the candidate's name for it, and the rule."""

    base: str
    candidate: str
    rule: str


def match(base: Side, candidate: Side, *, least_share: float = 0.001) -> tuple[Matched, ...]:
    """Returns the matches between different names; all other functions match by name or not at all.

    Functions below `least_share` of the total are left alone by the rules that look at neighbours.
    """
    seen = _Seen(base, least_share), _Seen(candidate, least_share)
    found = _closures(base, candidate, seen)
    for rule, key, surely in (
        ("module version", without_version, False),
        ("receiver", without_pointer, False),
        ("spelling", _spelling, True),
        ("package", _last_package_symbol, True),
    ):
        found += _by_key(base, candidate, found, rule, key, seen if surely else None)
    return tuple(found + _renamed(base, candidate, found, seen))


class _Seen:
    """Which functions of a side have been seen often enough that the other side cannot have missed them by chance."""

    def __init__(self, side: Side, least_share: float) -> None:
        self._cum = side.cum
        self.total = max(side.cum.values(), default=0.0)
        self._least = max(least_share * self.total, ENOUGH_EVENTS * side.event)

    def surely(self, name: str) -> bool:
        return self._cum.get(name, 0.0) >= self._least


def _left(base: Side, candidate: Side, found: Iterable[Matched]) -> tuple[list[str], list[str]]:
    """Returns the names of each side that have no partner yet."""
    taken = {one.base for one in found}, {one.candidate for one in found}
    gone = [name for name in base.cum if name not in candidate.cum and name not in taken[0]]
    new = [name for name in candidate.cum if name not in base.cum and name not in taken[1]]
    return gone, new


def _by_key(
    base: Side,
    candidate: Side,
    found: list[Matched],
    rule: str,
    key: Callable[[str], str],
    seen: tuple[_Seen, _Seen] | None,
) -> list[Matched]:
    gone, new = _left(base, candidate, found)
    if seen is not None:
        gone, new = [n for n in gone if seen[0].surely(n)], [n for n in new if seen[1].surely(n)]
    groups: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for side, names in enumerate((gone, new)):
        for name in names:
            groups[key(name)][side].append(name)
    return [Matched(one[0], other[0], rule) for one, other in groups.values() if len(one) == len(other) == 1]


def _spelling(name: str) -> str:
    """Returns the letters and digits alone: `ctrlGroupMatchH2` became `ctrlGroup.matchH2`."""
    split = parts(name)
    return f"{split.package}\0{''.join(c for c in symbol(split.parent) if c.isalnum()).lower()}{split.closure}"


def _last_package_symbol(name: str) -> str:
    """Returns the symbol with the last element of its package; a name without package, and the runtime's, as it is."""
    package = parts(name).package
    return name if not package or is_runtime(name) else f"{package.rsplit('/', 1)[-1]}\0{symbol(name)}"


def _closures(base: Side, candidate: Side, seen: tuple[_Seen, _Seen]) -> list[Matched]:
    """Returns closures of functions whose sets of closures differ, where the pairing is not that of the names."""
    families = [_families(side) for side in (base, candidate)]
    found: list[Matched] = []
    for parent in families[0].keys() & families[1].keys():
        ours, theirs = families[0][parent], families[1][parent]
        alone = any(seen[0].surely(n) for n in ours if n not in theirs)
        alone = alone or any(seen[1].surely(n) for n in theirs if n not in ours)
        if not alone:
            continue
        pairs = [
            (_closure_likeness(base, candidate, one, other), one == other, -abs(i - j), one, other)
            for i, one in enumerate(ours)
            for j, other in enumerate(theirs)
            if closure_shape(parts(one).closure) == closure_shape(parts(other).closure)
        ]
        done: set[str] = set()
        taken: set[str] = set()
        for score, _, _, one, other in sorted(pairs, reverse=True):
            if one in done or other in taken or score < ALIKE:
                continue
            done.add(one)
            taken.add(other)
            if one != other:
                found.append(Matched(one, other, "closure"))
    return found


def _families(side: Side) -> dict[str, list[str]]:
    families: dict[str, list[str]] = defaultdict(list)
    for name in side.cum:
        split = parts(name)
        if split.closure and split.package:
            families[split.parent].append(name)
    for names in families.values():
        names.sort(key=lambda name: (side.line.get(name, 0), name))
    return families


def _closure_likeness(base: Side, candidate: Side, one: str, other: str) -> float:
    first, second = base.near.get(one, {}), candidate.near.get(other, {})
    callees = {k: v for k, v in first.items() if k[0] == ">"}, {k: v for k, v in second.items() if k[0] == ">"}
    return likeness(*callees) if any(callees) else likeness(first, second)


def _renamed(base: Side, candidate: Side, found: list[Matched], seen: tuple[_Seen, _Seen]) -> list[Matched]:
    gone, new = _left(base, candidate, found)
    totals = seen[0].total, seen[1].total
    gone, new = [n for n in gone if seen[0].surely(n)], [n for n in new if seen[1].surely(n)]
    called = {one.base: one.candidate for one in found}
    scores: list[tuple[float, str, str]] = []
    for one in gone:
        near = _renamed_neighbours(base.near.get(one, {}), called)
        for other in new:
            if _same_place(base, candidate, one, other) and _similar_size(base, candidate, one, other, totals):
                scores.append((likeness(near, candidate.near.get(other, {})), one, other))
    scores.sort(reverse=True)
    result: list[Matched] = []
    done: set[str] = set()
    for score, one, other in scores:
        if score < ALIKE or one in done or other in done:
            continue
        rivals = [s for s, a, b in scores if (a == one) != (b == other) and a not in done and b not in done]
        if not rivals or score - max(rivals) >= _CLEARLY:
            result.append(Matched(one, other, "renamed"))
            done |= {one, other}
    return result


def _renamed_neighbours(near: dict[str, float], called: dict[str, str]) -> dict[str, float]:
    return {key[0] + called.get(key[1:], key[1:]): value for key, value in near.items()}


def _same_place(base: Side, candidate: Side, one: str, other: str) -> bool:
    files = base.file.get(one, ""), candidate.file.get(other, "")
    if parts(one).package == parts(other).package:
        return files[0].rsplit("/", 1)[-1] == files[1].rsplit("/", 1)[-1] or not all(files)
    return bool(files[0]) and files[0] == files[1]


def _similar_size(base: Side, candidate: Side, one: str, other: str, totals: tuple[float, float]) -> bool:
    first, second = base.cum[one] / totals[0], candidate.cum[other] / totals[1]
    return first <= _WITHIN * second and second <= _WITHIN * first
