"""Shares: how much of ln(candidate ÷ base) each factor carries, so that the shares add up to all of it.

The game is v(S) = ln y with the factors in S at the candidate's level and the others at the base's. The Shapley value
averages what a factor adds over all orders in which the factors could be changed. Written by dividends d_T (what the
set T adds beyond its subsets) it is a closed form,

    share_i = sum over T containing i of d_T / |T|:    own effect + half of each pair + a third of each triple,

linear in the coefficients of the surface. In the -1/+1 coding the same share is 2 sum_{i in T, |T| odd} b_T / |T|,
since a product of an even number of factors is the same at both corners: with two-factor interactions just 2 b_i. That
is why a plan that keeps main effects clear of pairs (resolution IV) gives shares that aliasing among pairs cannot
touch.

Where some cells cannot be built only orders that stay inside the buildable cells count, all equally likely (Faigle
and Kern's value). If all factors but one need that one, it comes first in each order: its share is (candidate with
all switches off ÷ base), and the others' are their Shapley values among the candidate's cells.

Sources: L. S. Shapley, Contributions to the Theory of Games II (1953); J. C. Harsanyi, Int. Econ. Rev. 4 (1963);
U. Faigle and W. Kern, Int. J. Game Theory 21 (1992); M. Grabisch and M. Roubens, Int. J. Game Theory 28 (1999).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from whence.stats.designs.aliases import Term
from whence.stats.designs.factors import Cell, Factor, all_cells, buildable
from whence.stats.surface import columns

Floats = NDArray[np.float64]
MOST_ENUMERATED = 12


def closed_form(dividends: Mapping[Term, float], count: int) -> tuple[float, ...]:
    """Returns the shares of `count` factors from the dividends d_T; they add up to sum of all d_T but the empty one."""
    shares = [0.0] * count
    for term, dividend in dividends.items():
        for factor in term:
            shares[factor] += dividend / len(term)
    return tuple(shares)


def interaction_index(dividends: Mapping[Term, float], pair: Term) -> float:
    """Returns Shapley's interaction index of a pair: sum over T containing both of d_T / (|T| - 1)."""
    return sum(value / (len(term) - 1) for term, value in dividends.items() if set(pair) <= set(term))


def enumerated(value: Callable[[Cell], float], factors: Sequence[Factor]) -> tuple[float, ...]:
    """Returns the shares from any surface, exactly, over all orders that stay inside the buildable cells.

    Raises ValueError above 12 factors, and when no order leads from base to candidate.
    """
    cells, weights = path_weights(factors)
    values = np.array([value(cell) for cell in cells])
    return tuple(float(share) for share in weights @ values)


def path_weights(factors: Sequence[Factor]) -> tuple[tuple[Cell, ...], Floats]:
    """Returns the buildable cells and, one row a factor, the weight of each cell's value in that factor's share.

    The number of orders through a step S -> S + i is (orders from the base to S) x (orders from S + i to the
    candidate), counted over the lattice of cells; the weights are those counts over the number of all orders.
    """
    count = len(factors)
    if count > MOST_ENUMERATED:
        raise ValueError(f"{count} factors: exact enumeration stops at {MOST_ENUMERATED}")
    cells = tuple(cell for cell in all_cells(count) if buildable(cell, factors))
    index = {cell: position for position, cell in enumerate(cells)}
    steps = [(index[c], index[up], i) for c in cells for i, up in _ups(c) if up in index]
    by_size = sorted(steps, key=lambda step: sum(cells[step[0]]))
    to, onward = np.zeros(len(cells)), np.zeros(len(cells))
    to[index[(0,) * count]] = 1.0
    for low, high, _ in by_size:
        to[high] += to[low]
    top = index.get((1,) * count)
    if top is None or to[top] == 0:
        raise ValueError("no order of changes leads from the base to the candidate")
    onward[top] = 1.0
    for low, high, _ in reversed(by_size):
        onward[low] += onward[high]
    weights = np.zeros((count, len(cells)))
    for low, high, factor in steps:
        share = to[low] * onward[high] / to[top]
        weights[factor, high] += share
        weights[factor, low] -= share
    return cells, weights


def _ups(cell: Cell) -> list[tuple[int, Cell]]:
    return [(i, (*cell[:i], 1, *cell[i + 1 :])) for i, level in enumerate(cell) if level == 0]


def share_weights(factors: Sequence[Factor], terms: Sequence[Term]) -> Floats:
    """Returns, one row a factor, the weights on the coefficients of `terms` (-1/+1 coding) that give its share.

    The rows add up to the weights of ln(candidate ÷ base), so the shares do for any coefficients. Without needs the
    closed form; with them the exact enumeration.
    """
    if any(factor.needs is not None for factor in factors):
        cells, weights = path_weights(factors)
        return np.asarray(weights @ columns(cells, terms), dtype=np.float64)
    rows = np.zeros((len(factors), len(terms)))
    for position, term in enumerate(terms):
        if len(term) % 2:
            rows[list(term), position] = 2.0 / len(term)
    return rows


def pair_weights(pair: Term, terms: Sequence[Term]) -> Floats:
    """Returns the weights on the coefficients (-1/+1 coding) that give the interaction index of a pair.

    A term T beyond the pair contributes its product over the other factors R averaged over the orders: by dividends,
    4 sum over S within R of 2^|S| (-1)^(|R|-|S|) / (|S| + 1), which is 4 / (|R| + 1) for even |R| and 0 for odd.
    """
    row = np.zeros(len(terms))
    for position, term in enumerate(terms):
        rest = len(term) - 2
        if set(pair) <= set(term):
            row[position] = sum(
                4.0 * 2.0**size * (-1.0) ** (rest - size) / (size + 1)
                for size in range(rest + 1)
                for _ in itertools.combinations(range(rest), size)
            )
    return row
