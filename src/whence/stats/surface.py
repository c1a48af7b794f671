"""The log-linear response surface: which terms it has, and what it says about any cell.

ln y = b0 + sum over terms T of b_T prod_{i in T} x_i, with x = -1 at level 0 and +1 at level 1. Terms are main effects
and two-factor interactions (more if asked); none holds a factor together with what it needs, because such a product is
no different from the factor itself. A prediction, and any difference of two predictions, is linear in b: a vector of
weights, so that its interval follows from the covariance of b alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from whence.stats.designs.aliases import Term, column, signs
from whence.stats.designs.factors import Cell, Factor

Floats = NDArray[np.float64]


def terms_up_to(factors: Sequence[Factor], order: int = 2) -> tuple[Term, ...]:
    """Returns all terms with 1 … `order` factors, main effects first, that the factors' needs allow."""
    names = [factor.name for factor in factors]
    pairs = {frozenset({i, names.index(f.needs)}) for i, f in enumerate(factors) if f.needs is not None}
    return tuple(
        term
        for size in range(1, order + 1)
        for term in itertools.combinations(range(len(factors)), size)
        if not any(pair <= set(term) for pair in pairs)
    )


def columns(cells: Sequence[Cell], terms: Sequence[Term]) -> Floats:
    """Returns the model's columns, one row a cell, one column a term (no intercept)."""
    coded = signs(cells)
    return np.column_stack([column(coded, term) for term in terms]) if terms else np.zeros((len(cells), 0))


def difference(terms: Sequence[Term], to: Cell, start: Cell) -> Floats:
    """Returns the weights on the coefficients of `terms` that give ln(y at `to` ÷ y at `start`)."""
    rows = columns([to, start], terms)
    return np.asarray(rows[0] - rows[1], dtype=np.float64)


def dividends(coefficients: Mapping[Term, float]) -> dict[Term, float]:
    """Returns the same surface in levels 0/1: what each set adds beyond all of its subsets (Harsanyi's dividends).

    prod (2 z_i - 1) over T = sum over subsets S of T of 2^|S| (-1)^(|T|-|S|) prod z_i over S.
    """
    found: dict[Term, float] = {}
    for term, coefficient in coefficients.items():
        for size in range(len(term) + 1):
            for part in itertools.combinations(term, size):
                step = coefficient * 2.0**size * (-1.0) ** (len(term) - size)
                found[part] = found.get(part, 0.0) + step
    return found
