"""Full and fractional factorials of two levels, and the search for the best fraction.

A fraction of 2^m cells for k factors takes m *basic* factors in all combinations and makes each of the other k - m the
product of some basic ones. Its words are all products of those definitions; of the possible definitions the search
takes the one with the longest shortest word, then the fewest words of that length, then of the next (minimum
aberration). Build factors may be made of build factors only, so that 2^(basic build factors) is the number of builds.

The search is exhaustive up to `MOST_TRIED` choices, else greedy; `aliases` checks the result from the cells, which is
why a plan can never have a lower resolution than it says.

Sources: G. E. P. Box and J. S. Hunter, Technometrics 3 (1961); A. Fries and W. G. Hunter, Technometrics 22 (1980); D.
Bingham and R. R. Sitter, Technometrics 41 (1999) for split plots.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterable, Sequence

from whence.stats.designs.factors import Cell, all_cells

MOST_TRIED = 60_000
Pattern = tuple[int, ...]
"""How many words there are of length 1, 2, 3, …: smaller is better, compared from the left."""


def full_factorial(count: int) -> tuple[Cell, ...]:
    """Returns all 2**count cells. Raises ValueError above 12 factors."""
    if not 1 <= count <= 12:
        raise ValueError(f"a full factorial of {count} factors has no sensible size")
    return all_cells(count)


def fraction(count: int, generators: Sequence[tuple[int, Sequence[int]]]) -> tuple[Cell, ...]:
    """Returns the cells in which each generated factor is the product (in -1/+1) of the given basic ones.

    `generators`: (generated position, positions it is the product of). The sign of each product is chosen so that the
    cell with everything at 0, the base, is always in the plan. Raises ValueError when a generator is no product of
    basic factors.
    """
    made = {position: tuple(of) for position, of in generators}
    basic = [position for position in range(count) if position not in made]
    if any(not of or any(part not in basic for part in of) for of in made.values()):
        raise ValueError(f"generators {generators} must define factors as products of the basic ones {basic}")
    cells: list[Cell] = []
    for levels in all_cells(len(basic)):
        cell = dict(zip(basic, levels, strict=True))
        for position, of in made.items():
            # All at 0: the product of -1s, corrected by its own sign, is -1 again.
            cell[position] = sum(cell[part] for part in of) % 2
        cells.append(tuple(cell[position] for position in range(count)))
    return tuple(cells)


def word_pattern(count: int, masks: Sequence[int]) -> Pattern:
    """Returns the word length pattern of the group that the words `masks` (bit i: factor i) generate."""
    lengths, products = [0] * count, [0]
    for mask in masks:
        products += [product ^ mask for product in products]
    for product in products[1:]:
        lengths[product.bit_count() - 1] += 1
    return tuple(lengths)


@functools.lru_cache(maxsize=256)
def best_generators(
    is_build: tuple[bool, ...], basic_builds: int, basic_others: int
) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """Returns (generated position, positions it is the product of) of the best fraction found.

    Basic are the first `basic_builds` build factors and the first `basic_others` others. Raises ValueError when no
    fraction keeps main effects apart.
    """
    builds = [i for i, flag in enumerate(is_build) if flag]
    others = [i for i, flag in enumerate(is_build) if not flag]
    base_builds, base_others = builds[:basic_builds], others[:basic_others]
    made_builds, made_others = builds[basic_builds:], others[basic_others:]
    from_builds = list(_products(base_builds))
    from_all = list(_products([*base_builds, *base_others]))
    if len(made_builds) > len(from_builds) or len(made_builds) + len(made_others) > len(from_all):
        raise ValueError(f"{basic_builds} + {basic_others} basic factors cannot carry {len(is_build)} factors")
    best = _search(len(is_build), made_builds, made_others, from_builds, from_all)
    return tuple(zip([*made_builds, *made_others], best, strict=True))


def _products(basic: Sequence[int]) -> Iterable[Pattern]:
    """Yields products of two or more, longest first (so that a greedy choice starts well)."""
    for length in range(len(basic), 1, -1):
        yield from itertools.combinations(basic, length)


def _search(
    count: int, made_builds: list[int], made_others: list[int], from_builds: list[Pattern], from_all: list[Pattern]
) -> list[Pattern]:
    choices = math.comb(len(from_builds), len(made_builds)) * math.comb(len(from_all), len(made_others))
    if choices > MOST_TRIED:
        return _greedy(count, made_builds, made_others, from_builds, from_all)
    best: tuple[Pattern, list[Pattern]] | None = None
    for first in itertools.combinations(from_builds, len(made_builds)):
        for second in itertools.combinations(from_all, len(made_others)):
            chosen = [*first, *second]
            if len(set(chosen)) < len(chosen):
                continue
            pattern = _pattern_of(count, [*made_builds, *made_others], chosen)
            if best is None or pattern < best[0]:
                best = pattern, chosen
    if best is None:
        raise ValueError(f"no fraction keeps {count} factors apart")
    return best[1]


def _greedy(
    count: int, made_builds: list[int], made_others: list[int], from_builds: list[Pattern], from_all: list[Pattern]
) -> list[Pattern]:
    chosen: list[Pattern] = []
    made = [*made_builds, *made_others]
    for index in range(len(made)):
        pool = from_builds if index < len(made_builds) else from_all
        free = [product for product in pool if product not in chosen]
        if not free:
            raise ValueError(f"no fraction keeps {count} factors apart")
        chosen.append(min(free, key=lambda product: _pattern_of(count, made, [*chosen, product])))
    return chosen


def _pattern_of(count: int, made: list[int], chosen: list[Pattern]) -> Pattern:
    masks = [sum(1 << part for part in of) | 1 << position for position, of in zip(made, chosen, strict=False)]
    return word_pattern(count, masks)
