"""After a screening plan: which factors go on to the next one.

In a folded-over Plackett–Burman plan every main effect is clear of every pair, so each factor is tested alone. The
level is generous, 10 % each: letting an idle factor through costs some precision, losing an active one costs the
answer. What is left behind keeps its share and interval from these runs, so nothing is ever assumed to be zero.
"""

from __future__ import annotations

from collections.abc import Sequence

from whence.stats.attribution import attribute
from whence.stats.designs.factors import Factor
from whence.stats.split_plot import Observation

ENTRY_LEVEL = 0.10
MOST_SURVIVORS = 5


def survivors(
    observations: Sequence[Observation], factors: Sequence[Factor], *, most: int = MOST_SURVIVORS
) -> tuple[str, ...]:
    """Returns the names of at most `most` factors that may do something, in the order of `factors`; never none.

    Raises ValueError as `attribute` does.
    """
    shares = attribute(observations, factors, order=1).shares
    ranked = sorted(shares, key=lambda share: share.p)
    chosen = {share.name for share in ranked[:most] if share.p <= ENTRY_LEVEL} or {ranked[0].name}
    return tuple(factor.name for factor in factors if factor.name in chosen)
