"""What all shares change by when only a few functions changed.

Shares add up to 1: when one function grows by a tenth of the total, every other share shrinks by a tenth though nothing
happened to it. The factor is the median ratio, each steady function weighing with its events, so that half of the
judged self time may change without moving it. What the collector and the scheduler do is left out: it varies by itself.

Source of the idea: S. Anders and W. Huber, Genome Biol. 11 (2010), size factors.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whence.stats.share_tests import ShareTests

_FEWEST = 10


class Factor(NamedTuple):
    """Candidate share ÷ base share of what did not change, and the standard error of its logarithm."""

    ratio: float
    error: float


def common_factor(flat: ShareTests, steady: NDArray[np.bool_], steady_total: Factor) -> Factor:
    """Returns the factor from the steady functions of the flat family; `steady_total` with too few of them."""
    usable = flat.enough & np.isfinite(flat.log_ratio) & steady
    if int(usable.sum()) < _FEWEST:
        return steady_total
    logs, weight = flat.log_ratio[usable], 1.0 / np.maximum(flat.standard_error[usable], 1e-6)
    order = np.argsort(logs, kind="stable")
    passed = np.cumsum(weight[order])
    middle = float(logs[order][np.searchsorted(passed, passed[-1] / 2.0)])
    # Weights 1/se make the weighted median's error about sqrt(pi/2) of that of a mean of as many functions.
    error = math.sqrt(math.pi / 2.0) * math.sqrt(len(logs)) / float(weight.sum())
    return Factor(math.exp(middle), error)


def of_totals(base: tuple[float, float], candidate: tuple[float, float]) -> Factor:
    """Returns the factor from each side's (share, events) of all that is steady, taken as one function."""
    if min(base[0], candidate[0]) <= 0:
        return Factor(1.0, 0.0)
    parts = [(1.0 - share) / max(share * events, 1e-9) for share, events in (base, candidate)]
    return Factor(candidate[0] / base[0], math.sqrt(sum(max(part, 0.0) for part in parts)))
