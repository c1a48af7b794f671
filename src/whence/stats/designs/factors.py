"""What is varied, and the cells (settings of everything that is varied) of a plan."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Literal

import msgspec

Cell = tuple[int, ...]
"""One level (0: as in the base, 1: as in the candidate) for each factor, in the order of the factors."""

Kind = Literal["full", "fraction", "screen", "follow-up", "nested"]


class Factor(msgspec.Struct, frozen=True):
    """One thing that differs. `is_build`: changing it needs another build. `needs`: exists only where that is at 1."""

    name: str
    is_build: bool = False
    needs: str | None = None


class Design(msgspec.Struct, frozen=True, kw_only=True):
    """The cells to run, each at least once.

    `resolution`: length of the shortest word in the defining relation (None: nothing is fully aliased). `words`: those
    of up to five factors, as tuples of factor positions, each with its sign. `aliased`: groups of two-factor
    interactions that carry one coefficient together.
    """

    kind: Kind
    factors: tuple[Factor, ...]
    cells: tuple[Cell, ...]
    words: tuple[tuple[tuple[int, ...], int], ...] = ()
    resolution: int | None = None
    aliased: tuple[tuple[tuple[str, str], ...], ...] = ()

    @property
    def builds(self) -> tuple[Cell, ...]:
        """The different settings of the build factors (other positions 0), in order of first use."""
        return tuple(dict.fromkeys(build_part(cell, self.factors) for cell in self.cells))

    @property
    def base(self) -> Cell:
        return (0,) * len(self.factors)

    @property
    def candidate(self) -> Cell:
        return (1,) * len(self.factors)


def build_part(cell: Cell, factors: Sequence[Factor]) -> Cell:
    """Returns the cell with everything that needs no build set to 0: equal parts share a build."""
    return tuple(level if factor.is_build else 0 for level, factor in zip(cell, factors, strict=True))


def check_factors(factors: Sequence[Factor]) -> None:
    """Raises ValueError when names repeat, or `needs` names no other factor or one that needs something itself."""
    names = [factor.name for factor in factors]
    if not names or len(set(names)) != len(names):
        raise ValueError(f"factors must be one or more with different names, not {names}")
    roots = {factor.name for factor in factors if factor.needs is None}
    for factor in factors:
        if factor.needs is not None and factor.needs not in roots:
            raise ValueError(f"{factor.name} needs {factor.needs}, which is no factor that stands by itself")


def buildable(cell: Cell, factors: Sequence[Factor]) -> bool:
    """Returns whether each factor at 1 has what it needs at 1."""
    on = {factor.name for level, factor in zip(cell, factors, strict=True) if level}
    return all(factor.needs is None or factor.needs in on for factor in factors if factor.name in on)


def all_cells(count: int) -> tuple[Cell, ...]:
    """Returns the 2**count cells, the last factor changing fastest."""
    return tuple(itertools.product((0, 1), repeat=count))
