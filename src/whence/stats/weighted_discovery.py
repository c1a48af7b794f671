"""Benjamini–Hochberg over many functions of which a few carry most of the cost.

Each p-value is divided by a weight before the usual step-up rule. Weights that average 1 and do not depend on the
p-values keep the false discovery rate; here a weight is the share of both sides together, up to 5 %, which says
how much could be seen and nothing of the difference. A function with a large share is
then not held to the threshold of a list of hundreds that no profile of this length could tell apart.

Source: C. R. Genovese, K. Roeder and L. Wasserman, Biometrika 93 (2006).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LARGE_SHARE = 0.05


def share_weights(share: Floats) -> Floats:
    """Returns weights that average 1, from each function's share of both sides together."""
    if share.size == 0:
        return np.ones(0)
    grown = np.clip(share, 1e-12, _LARGE_SHARE)
    return grown / grown.mean()


def adjusted(p: Floats, weights: Floats) -> Floats:
    """Returns the adjusted p-values, in the order given: the smallest rate at which each is still a finding."""
    if p.size == 0:
        return np.ones(0)
    weighted = np.minimum(1.0, p / weights)
    order = np.argsort(weighted)
    steps = weighted[order] * p.size / np.arange(1, p.size + 1)
    result = np.empty(p.size)
    result[order] = np.minimum.accumulate(steps[::-1])[::-1]
    return np.minimum(1.0, result)
