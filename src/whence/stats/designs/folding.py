"""Taking aliased interactions apart by folding over, only where they matter.

Reversing the factors F in a copy of the plan breaks each word that has an odd number of factors in F and keeps the
others. Two pairs are one column exactly when their four factors are a word; so to separate the pairs that matter from
what they are aliased with, F must meet each of those words in an odd number. The smallest such F is taken, one of
factors that need no build where there is one: then no new build is needed.

Source: D. C. Montgomery and G. C. Runger, Qual. Reliab. Eng. Int. 12 (1996).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import msgspec

from whence.stats.designs import aliases
from whence.stats.designs.factors import Cell, Design


def fold(design: Design, matter: Sequence[tuple[str, str]]) -> Design:
    """Returns the plan with the cells added that separate the pairs in `matter` from every pair they are aliased with.

    The same plan when nothing is aliased with them. Raises ValueError for pairs of unknown factors, or (never seen
    for resolution IV) when no fold separates them all.
    """
    names = [factor.name for factor in design.factors]
    wanted = [frozenset({names.index(first), names.index(second)}) for first, second in matter]
    groups = [[frozenset(pair) for pair in group] for group in aliases.aliased_pairs(design.cells)]
    words = {pair ^ other for group in groups for pair in wanted if pair in group for other in group if other != pair}
    if not words:
        return design
    chosen = _reversal(words, [factor.is_build for factor in design.factors])
    added: tuple[Cell, ...] = tuple(
        tuple(1 - level if i in chosen else level for i, level in enumerate(cell)) for cell in design.cells
    )
    cells = (*design.cells, *added)
    return msgspec.structs.replace(
        design,
        cells=cells,
        words=aliases.words(cells, 5),
        resolution=aliases.resolution(cells),
        aliased=tuple(tuple((names[i], names[j]) for i, j in group) for group in aliases.aliased_pairs(cells)),
    )


def _reversal(words: set[frozenset[int]], is_build: list[bool]) -> frozenset[int]:
    subsets = (
        frozenset(subset)
        for size in range(1, len(is_build) + 1)
        for subset in itertools.combinations(range(len(is_build)), size)
    )
    fitting = [subset for subset in subsets if all(len(subset & word) % 2 for word in words)]
    if not fitting:
        raise ValueError("no single fold separates all of these pairs; fold for some of them first")
    return min(fitting, key=lambda subset: (sum(is_build[i] for i in subset), len(subset), sorted(subset)))
