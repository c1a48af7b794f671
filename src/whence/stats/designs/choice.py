"""Which plan for which factors.

- Up to 5 factors, up to 4 of them builds: the full factorial.
- 6 factors, up to 4 builds: half of the full factorial, resolution VI; all build settings occur.
- More than 4 build factors (and up to 6 in all): 16 builds, resolution IV or better; aliased pairs are named, and
  `folding` separates those that matter.
- More than 6: a folded-over Plackett–Burman plan to find which do anything, then `follow_up`.

Factors that exist only where another is at 1 (a switch of the new release) get a plan of their own at that setting;
where the other is at 0 they stay at 0. What the other thing itself carries is then the step between two corners, (all
switches off ÷ base); so the cells on both sides of that step are repeated until each weighs a quarter of the rest.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from whence.stats.designs import aliases
from whence.stats.designs.factors import Cell, Design, Factor, Kind, check_factors
from whence.stats.designs.plackett_burman import folded_over, plackett_burman
from whence.stats.designs.two_level import best_generators, fraction, full_factorial

MOST_FULL = 5
MOST_UNSCREENED = 6
MOST_FREE_BUILDS = 4
FRACTION_BITS = 5
"""A fraction has 2**5 = 32 cells, or more where that keeps it at resolution IV."""


def choose(factors: Sequence[Factor]) -> Design:
    """Returns the plan for all factors by the rule above. Raises ValueError on malformed factors or above 23."""
    return _assemble(factors, keep=None)


def follow_up(factors: Sequence[Factor], survivors: Sequence[str]) -> Design:
    """Returns the plan after screening: survivors apart, all other factors moving together as one.

    What the others do singly is known from the screening, whose runs are analysed together with these; moving them
    here keeps base and candidate in the plan and shows when the others together do more than their sum.
    """
    unknown = set(survivors) - {factor.name for factor in factors}
    if unknown or not survivors:
        raise ValueError(f"survivors must be one or more of the factors, not {sorted(unknown) or 'none'}")
    return _assemble(factors, keep=frozenset(survivors))


def _assemble(factors: Sequence[Factor], keep: frozenset[str] | None) -> Design:
    check_factors(factors)
    parents = [factor for factor in factors if any(other.needs == factor.name for other in factors)]
    kinds: list[Kind] = []
    parts: list[tuple[Cell, ...]] = []
    for levels in itertools.product((0, 1), repeat=len(parents)):
        on = {parent.name for parent, level in zip(parents, levels, strict=True) if level}
        free = [factor for factor in factors if factor not in parents and (factor.needs is None or factor.needs in on)]
        kind, cells = _part(free, keep)
        kinds.append(kind)
        parts.append(tuple(_widen(cell, free, on, factors) for cell in cells))
    largest = max(len(part) for part in parts)
    richest = parts[-1]
    nested = [i for i, factor in enumerate(factors) if factor.needs is not None]
    off = tuple(cell for cell in richest if nested and not any(cell[i] for i in nested))
    repeated = [part * max(1, round(largest / 4 / len(part))) for part in parts[:-1]]
    extra = off * (max(1, round(largest / 4 / len(off))) - 1) if off else ()
    varied = [i for i in range(len(factors)) if len({cell[i] for cell in richest}) == 2]
    view = [tuple(cell[i] for i in varied) for cell in richest]
    names = [factors[i].name for i in varied]
    pairs = aliases.aliased_pairs(view) if keep is None else ()
    words = aliases.words(view, 5) if keep is None else ()
    return Design(
        kind="nested" if parents else kinds[-1],
        factors=tuple(factors),
        cells=tuple(cell for part in (*repeated, richest, extra) for cell in part),
        words=tuple((tuple(varied[i] for i in word), sign) for word, sign in words),
        resolution=aliases.resolution(view) if keep is None and view[0] else None,
        aliased=tuple(tuple((names[i], names[j]) for i, j in group) for group in pairs),
    )


def _widen(cell: Cell, free: Sequence[Factor], on: set[str], factors: Sequence[Factor]) -> Cell:
    levels = dict(zip([factor.name for factor in free], cell, strict=True))
    return tuple(1 if factor.name in on else levels.get(factor.name, 0) for factor in factors)


def _part(free: Sequence[Factor], keep: frozenset[str] | None) -> tuple[Kind, tuple[Cell, ...]]:
    if not free:
        return "full", ((),)
    if keep is None:
        return _plain([factor.is_build for factor in free])
    apart = [factor for factor in free if factor.name in keep]
    rest = [factor for factor in free if factor.name not in keep]
    flags = [factor.is_build for factor in apart] + ([any(f.is_build for f in rest)] if rest else [])
    _, cells = _plain(flags, screen=False)
    position = {factor.name: i for i, factor in enumerate(apart)}
    group = len(apart)
    return "follow-up", tuple(tuple(cell[position.get(factor.name, group)] for factor in free) for cell in cells)


def _plain(is_build: Sequence[bool], *, screen: bool = True) -> tuple[Kind, tuple[Cell, ...]]:
    count, builds = len(is_build), sum(is_build)
    if count <= MOST_FULL and builds <= MOST_FREE_BUILDS:
        return "full", full_factorial(count)
    if screen and count > MOST_UNSCREENED:
        return "screen", folded_over(plackett_burman(count))
    return "fraction", _fraction(tuple(is_build))


def _fraction(is_build: tuple[bool, ...]) -> tuple[Cell, ...]:
    """Returns the smallest fraction with at least 32 cells, 16 builds and resolution IV, growing either if needed."""
    count, builds = len(is_build), sum(is_build)
    others = count - builds
    for bits in range(FRACTION_BITS, count + 1):
        for basic_builds in range(min(builds, MOST_FREE_BUILDS), builds + 1):
            basic_others = min(others, max(bits - basic_builds, 0))
            try:
                cells = fraction(count, best_generators(is_build, basic_builds, basic_others))
            except ValueError:
                continue
            if (aliases.resolution(cells) or count + 1) >= 4:
                return cells
    return full_factorial(count)
