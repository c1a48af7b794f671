"""The analysis of a split plot: builds are whole plots, run-time settings sub-plots, blocks are fixed effects.

    ln y = b0 + block + sum of b_T x_T + build + run,    build ~ N(0, sb2), run ~ N(0, s2)

A build (one link of one compilation, with its own code layout) shifts all of its runs alike. So a build switch is
judged against the scatter between builds and a run-time switch against the scatter between runs of one build; taking
all runs as equal blames harmless build switches several times too often. With a fresh link for each run there is one
level, and the analysis is that of least squares.

Coefficients that the runs cannot tell apart are found by rank, not from the plan: a term that is a combination of
earlier ones is left out and named. Sources: see `mixed_model`; for split plots in industry G. E. P. Box and S. Jones,
J. Appl. Statist. 19 (1992).
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from whence.stats.designs.aliases import Term
from whence.stats.designs.factors import Cell, Factor, buildable, check_factors
from whence.stats.mixed_model import MixedModel, t_interval, t_p
from whence.stats.surface import columns

Floats = NDArray[np.float64]
_SAME = 1e-8


class Observation(msgspec.Struct, frozen=True):
    """One run: its cell, its build (equal ids share a code layout), its block, and ln of the value."""

    cell: Cell
    build: str | int
    block: str | int
    value: float


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """A linear combination of coefficients: ln of a ratio. Infinite ends: the runs cannot say."""

    value: float
    low: float
    high: float
    error: float
    degrees: float
    p: float


class SplitPlot:
    """The fitted surface.

    `terms`: those with a coefficient of their own, in the order of `coefficients`. `dropped`: each term left out, with
    the names of what it cannot be told from (`block` for the blocks). `covariance` is that of `coefficients`.
    """

    def __init__(self, observations: Sequence[Observation], factors: Sequence[Factor], terms: Sequence[Term]) -> None:
        check_observations(observations, factors)
        self.factors, self.observations = tuple(factors), tuple(observations)
        self.cells = tuple(observation.cell for observation in observations)
        self._nuisance = block_columns([observation.block for observation in observations])
        wanted = columns(self.cells, terms)
        kept, self.dropped = _independent(self._nuisance, wanted, terms)
        self.terms = tuple(terms[i] for i in kept)
        self.values = np.array([observation.value for observation in observations])
        x = np.column_stack([self._nuisance, wanted[:, kept]])
        self.model = MixedModel(x, self.values, numbered([o.build for o in observations]))
        self._skip = self._nuisance.shape[1]
        self.coefficients: Floats = self.model.coefficients[self._skip :]
        self.covariance: Floats = self.model.covariance[self._skip :, self._skip :]

    def names(self, term: Term) -> tuple[str, ...]:
        return tuple(self.factors[i].name for i in term)

    def estimate(self, weights: Floats, level: float = 0.95) -> Estimate:
        """Returns weights @ coefficients with its interval at the right error level."""
        value = float(weights @ self.coefficients)
        error, degrees = self.model.error_of(np.concatenate([np.zeros(self._skip), weights]))
        low, high = t_interval(value, error, degrees, level)
        return Estimate(value=value, low=low, high=high, error=error, degrees=degrees, p=t_p(value, error, degrees))


def check_observations(observations: Sequence[Observation], factors: Sequence[Factor]) -> None:
    """Raises ValueError for no observations, cells of another length, levels but 0 and 1, or values not finite."""
    check_factors(factors)
    if not observations:
        raise ValueError("no observations")
    for observation in observations:
        cell = observation.cell
        if len(cell) != len(factors) or any(level not in (0, 1) for level in cell):
            raise ValueError(f"cell {cell} is no setting (0 or 1) of {len(factors)} factors")
        if not buildable(cell, factors):
            raise ValueError(f"cell {cell} has a factor at 1 whose need is at 0")
        if not math.isfinite(observation.value):
            raise ValueError(f"cell {cell} has the value {observation.value}: leave missing runs out")


def numbered(labels: Sequence[Hashable]) -> NDArray[np.int64]:
    """Returns 0 … g-1 for the labels, in order of first appearance."""
    numbers = {label: number for number, label in enumerate(dict.fromkeys(labels))}
    return np.array([numbers[label] for label in labels], dtype=np.int64)


def block_columns(blocks: Sequence[Hashable]) -> Floats:
    """Returns an intercept and, for each block but the first, an indicator less its mean."""
    numbers = numbered(blocks)
    indicators = np.column_stack([numbers == number for number in range(1, int(numbers.max()) + 1)] or [numbers < 0])
    found = indicators.astype(np.float64)[:, : int(numbers.max())]
    return np.column_stack([np.ones(len(blocks)), found - found.mean(axis=0)])


def _independent(
    nuisance: Floats, wanted: Floats, terms: Sequence[Term]
) -> tuple[list[int], dict[Term, tuple[Term | None, ...]]]:
    """Returns the positions of columns that no earlier ones make up; for the others, what makes them up.

    None among the makers stands for the blocks (and the intercept: a factor that was never varied).
    """
    basis = _orthonormal(nuisance)
    kept: list[int] = []
    dropped: dict[Term, tuple[Term | None, ...]] = {}
    for position in range(wanted.shape[1]):
        full = wanted[:, position]
        rest = full - basis @ (basis.T @ full)
        rest -= basis @ (basis.T @ rest)
        norm = float(np.linalg.norm(rest))
        if norm > _SAME * float(np.linalg.norm(full)):
            kept.append(position)
            basis = np.column_stack([basis, rest / norm])
            continue
        makers, *_ = np.linalg.lstsq(np.column_stack([nuisance, wanted[:, kept]]), full, rcond=None)
        by = [terms[kept[i]] for i in range(len(kept)) if abs(makers[nuisance.shape[1] + i]) > 1e-6]
        blocks = bool(np.abs(makers[1 : nuisance.shape[1]]).max(initial=0.0) > 1e-6)
        dropped[terms[position]] = (*by, *([None] if blocks or not by else []))
    return kept, dropped


def _orthonormal(matrix: Floats) -> Floats:
    left, sizes, _ = np.linalg.svd(matrix, full_matrices=False)
    return np.asarray(left[:, sizes > _SAME * sizes[0]], dtype=np.float64)
