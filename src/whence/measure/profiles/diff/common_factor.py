"""What all shares change by when only a few functions changed.

Shares add up to 1: when one function grows by a tenth of the total, every other share shrinks by a tenth though nothing
happened to it. The factor is the median ratio, each function weighing with its events, so that half of the judged
self time may change without moving it. Source of the idea: S. Anders and W. Huber, Genome Biol. 11 (2010), size factors.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from whence.stats.share_tests import ShareTests

_FEWEST = 10


class Factor(NamedTuple):
    """Candidate share ÷ base share of what did not change, and the standard error of its logarithm."""

    ratio: float
    error: float


def common_factor(flat: ShareTests) -> Factor:
    """Returns the factor from the flat family; 1 with too few functions, or when it does not differ from 1."""
    usable = flat.enough & np.isfinite(flat.log_ratio)
    if int(usable.sum()) < _FEWEST:
        return Factor(1.0, 0.0)
    logs, weight = flat.log_ratio[usable], 1.0 / np.maximum(flat.standard_error[usable], 1e-6)
    order = np.argsort(logs, kind="stable")
    passed = np.cumsum(weight[order])
    middle = float(logs[order][np.searchsorted(passed, passed[-1] / 2.0)])
    # Weights 1/se make the weighted median's error about sqrt(pi/2) of that of a mean of as many functions.
    error = math.sqrt(math.pi / 2.0) * math.sqrt(len(logs)) / float(weight.sum())
    return Factor(math.exp(middle), error) if abs(middle) > 2.0 * error else Factor(1.0, error)
