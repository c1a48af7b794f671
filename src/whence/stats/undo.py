"""What is gained by taking one thing back, everything else staying as in the candidate.

The undo effect of i is v(all but i) - v(all), ln of (candidate without i ÷ candidate). It differs from the share with
its sign reversed by half of each interaction: the share is fair to all orders of change, the undo effect answers the
one question a user acts on. What needs i goes with it: taking a release back takes its switches back.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whence.stats.designs.aliases import Term
from whence.stats.designs.factors import Factor
from whence.stats.surface import difference

Floats = NDArray[np.float64]


def undone_with(position: int, factors: Sequence[Factor]) -> tuple[int, ...]:
    """Returns the positions that go back to 0 when `position` does: itself, and what needs it."""
    name = factors[position].name
    return tuple(i for i, factor in enumerate(factors) if i == position or factor.needs == name)


def undo_weights(position: int, factors: Sequence[Factor], terms: Sequence[Term]) -> Floats:
    """Returns the weights on the coefficients of `terms` (-1/+1 coding) that give the undo effect of `position`."""
    gone = undone_with(position, factors)
    candidate = (1,) * len(factors)
    return difference(terms, tuple(0 if i in gone else 1 for i in range(len(factors))), candidate)
