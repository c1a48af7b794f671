"""Plackett–Burman plans with foldover: which of many factors do anything, in few runs.

The rows are one published row of signs, shifted round, and a row of all -1. Any two columns are orthogonal. Main
effects are partly aliased with two-factor interactions, so each plan is *folded over*: repeated with all signs
reversed, which takes every two-factor interaction out of every main effect. Factors are never summed into groups: a
+5 % and a -5 % in one group would cancel and be missed.

Source: R. L. Plackett and J. P. Burman, Biometrika 33 (1946); G. E. P. Box and K. B. Wilson, JRSS B 13 (1951).
"""

from __future__ import annotations

from whence.stats.designs.factors import Cell

FIRST_ROWS = {
    12: "++-+++---+-",
    20: "++--++++-+-+----++-",
    24: "+++++-+-++--++--+-+----",
}
"""The first row of each plan of Plackett and Burman used here, by number of runs."""


def plackett_burman(count: int) -> tuple[Cell, ...]:
    """Returns the smallest plan for `count` factors: 12, 20 or 24 cells. Raises ValueError above 23 factors."""
    size = next((size for size in FIRST_ROWS if size > count), None)
    if size is None or count < 1:
        raise ValueError(f"{count} factors: Plackett–Burman plans here take 1 to 23")
    row = [1 if sign == "+" else 0 for sign in FIRST_ROWS[size]]
    shifted = [row[-shift:] + row[:-shift] if shift else row for shift in range(size - 1)]
    return tuple(tuple(levels[:count]) for levels in [*shifted, [0] * (size - 1)])


def folded_over(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """Returns the cells followed by the same cells with every level reversed; both corners are then in the plan."""
    return (*cells, *(tuple(1 - level for level in cell) for cell in cells))
