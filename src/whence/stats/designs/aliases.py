"""What a set of cells can tell apart, computed from the cells themselves and never from what made them.

Code levels 0/1 as -1/+1 and let J(S) be the absolute sum over the cells of the product of the columns in S (Deng and
Tang's J-characteristic). J(S) = n means that the product is constant: S is a word of the defining relation, and two
effects whose symmetric difference is S are one and the same column. 0 < J(S) < n is partial aliasing, as in
Plackett–Burman plans. The resolution is the length of the shortest word, and the generalised resolution
r + 1 - max J / n over sets of the smallest size r with any J > 0.

Sources: G. E. P. Box and J. S. Hunter, Technometrics 3 (1961); L.-Y. Deng and B. Tang, Statistica Sinica 9 (1999).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whence.stats.designs.factors import Cell

Floats = NDArray[np.float64]
Term = tuple[int, ...]
"""The positions of the factors whose product a column is: (i,) a main effect, (i, j) an interaction."""


def signs(cells: Sequence[Cell]) -> Floats:
    """Returns the cells as an array of -1 and +1, one row a cell."""
    return 2.0 * np.asarray(cells, dtype=np.float64) - 1.0


def column(coded: Floats, term: Term) -> Floats:
    """Returns the product of the columns in `term`; ones for the empty term."""
    return np.asarray(coded[:, list(term)].prod(axis=1), dtype=np.float64)


def words(cells: Sequence[Cell], longest: int | None = None) -> tuple[tuple[Term, int], ...]:
    """Returns the words of the defining relation up to length `longest`, shortest first, each with its sign."""
    coded, found = signs(cells), list[tuple[Term, int]]()
    count = coded.shape[1]
    for length in range(1, (count if longest is None else min(longest, count)) + 1):
        for term in itertools.combinations(range(count), length):
            total = float(column(coded, term).sum())
            if abs(total) > len(cells) - 0.5:
                found.append((term, 1 if total > 0 else -1))
    return tuple(found)


def resolution(cells: Sequence[Cell]) -> int | None:
    """Returns the length of the shortest word, None when there is none (nothing is fully aliased)."""
    coded = signs(cells)
    for length in range(1, coded.shape[1] + 1):
        for term in itertools.combinations(range(coded.shape[1]), length):
            if abs(float(column(coded, term).sum())) > len(cells) - 0.5:
                return length
    return None


def generalised_resolution(cells: Sequence[Cell]) -> float | None:
    """Returns r + 1 - max J/n for the smallest r with any J > 0, None when the cells are fully orthogonal."""
    coded, count = signs(cells), len(cells)
    for length in range(1, coded.shape[1] + 1):
        largest = max(
            abs(float(column(coded, term).sum())) for term in itertools.combinations(range(coded.shape[1]), length)
        )
        if largest > 0.5:
            return length + 1 - largest / count
    return None


def alias_groups(cells: Sequence[Cell], order: int = 2) -> tuple[tuple[Term, ...], ...]:
    """Returns groups of effects up to `order` factors that are one column (up to sign), groups of one left out."""
    coded = signs(cells)
    groups: dict[bytes, list[Term]] = {}
    for length in range(1, order + 1):
        for term in itertools.combinations(range(coded.shape[1]), length):
            values = column(coded, term)
            key = (values * values[0]).astype(np.int8).tobytes()
            groups.setdefault(key, []).append(term)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def aliased_pairs(cells: Sequence[Cell]) -> tuple[tuple[Term, ...], ...]:
    """Returns the groups of two-factor interactions that carry one coefficient together."""
    pairs = (tuple(term for term in group if len(term) == 2) for group in alias_groups(cells, 2))
    return tuple(group for group in pairs if len(group) > 1)


def main_effects_clear(cells: Sequence[Cell]) -> bool:
    """Returns whether main effects are orthogonal to each other and to every two-factor interaction."""
    coded = signs(cells)
    count = coded.shape[1]
    mains = coded
    others = [column(coded, pair) for pair in itertools.combinations(range(count), 2)]
    table = mains.T @ np.column_stack([np.ones(len(cells)), *others])
    gram = mains.T @ mains - len(cells) * np.eye(count)
    return bool(np.abs(table).max() < 0.5 and np.abs(gram).max() < 0.5)
