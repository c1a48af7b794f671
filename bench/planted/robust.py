"""Shares from many runs on a busy host: a neighbour's bursts must not move the truth.

The same surface as the product's (blocks, single effects, pairs), fitted by Huber's M-estimator instead of least
squares: a run that lies further off than 1.345 robust standard deviations pulls with that weight only. Ten times the
runs last ten times as long, so now and then they meet a burst that the explanation did not; by least squares the truth
would then be less certain than the answer that is held against it. Source: P. J. Huber, Ann. Math. Statist. 35 (1964).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from whence.stats.designs import Factor
from whence.stats.split_plot import Observation, block_columns
from whence.stats.surface import columns, terms_up_to

HUBER = 1.345
"""95 % as efficient as least squares where noise is normal."""
MOST_STEPS = 50


def robust_shares(observations: Sequence[Observation], factors: Sequence[Factor]) -> dict[str, tuple[float, float]]:
    """Returns (share in ln points, its standard error) of each factor: twice its coefficient, as pairs cancel in it.

    A pair that the plan cannot tell from another one is fitted together with it; single effects must be clear of pairs.
    """
    cells = [o.cell for o in observations]
    x = np.column_stack([block_columns([o.block for o in observations]), columns(cells, terms_up_to(factors, 2))])
    y = np.array([o.value for o in observations])
    first = x.shape[1] - len(terms_up_to(factors, 2))
    weights = np.ones(y.size)
    for _ in range(MOST_STEPS):
        weighted = x * weights[:, None]
        found, *_ = np.linalg.lstsq(x.T @ weighted, weighted.T @ y, rcond=1e-10)
        rest = y - x @ found
        scale = max(float(np.median(np.abs(rest))) / 0.6745, 1e-12)
        before, weights = weights, np.minimum(1.0, HUBER * scale / np.maximum(np.abs(rest), 1e-300))
        if np.abs(weights - before).max() < 1e-4:
            break
    left = max(1, y.size - int(np.linalg.matrix_rank(x)))
    pull = np.clip(rest / scale, -HUBER, HUBER)
    linear = float((np.abs(rest) <= HUBER * scale).mean())
    error = 2 * scale * float(np.sqrt((pull**2).sum() / left)) / linear / np.sqrt(y.size)
    return {factor.name: (2 * float(found[first + i]), error) for i, factor in enumerate(factors)}
