"""What the surface leaves unexplained: the change measured directly, less the sum of the shares.

Measured directly means by other runs (an independent A/B), or, for want of these, by the plan's own runs of the base
and the candidate. In the second case both numbers come from the same runs; the surface is the efficient one of the
two, so the variance of their difference is the difference of their variances.

Source of that rule: J. A. Hausman, Econometrica 46 (1978).
"""

from __future__ import annotations

import math

import msgspec
import numpy as np

from whence.stats.mixed_model import UNBOUNDED, MixedModel, t_interval
from whence.stats.split_plot import Estimate, SplitPlot, block_columns, numbered
from whence.stats.surface import difference


class Unexplained(msgspec.Struct, frozen=True, kw_only=True):
    """ln points. `own_runs`: held against the plan's own base and candidate runs, not an independent measurement."""

    share: float
    low: float
    high: float
    own_runs: bool


def against_independent(total: Estimate, independent: Estimate, level: float = 0.95) -> Unexplained:
    """Returns independent - total; degrees of freedom after Welch and Satterthwaite."""
    first, second = total.error**2, independent.error**2
    spread = sum(v**2 / e.degrees for v, e in ((first, total), (second, independent)) if math.isfinite(e.degrees))
    degrees = (first + second) ** 2 / spread if 0 < spread < math.inf else math.inf
    value = independent.value - total.value
    low, high = t_interval(value, math.sqrt(first + second), degrees, level)
    return Unexplained(share=value, low=low, high=high, own_runs=False)


def against_corners(fit: SplitPlot, level: float = 0.95) -> Unexplained | None:
    """Returns (candidate's cell - base's cell) - total. None: a corner was not run, or the surface is saturated."""
    count = len(fit.factors)
    base, candidate = (0,) * count, (1,) * count
    if base not in fit.cells or candidate not in fit.cells or fit.model.exact or fit.model.ratio >= UNBOUNDED:
        return None
    groups = numbered([observation.build for observation in fit.observations])
    cells = [base, *(cell for cell in dict.fromkeys(fit.cells) if cell != base)]
    indicators = np.array([[cell == other for other in cells[1:]] for cell in fit.cells], dtype=np.float64)
    x = np.column_stack([block_columns([o.block for o in fit.observations]), indicators])
    if x.shape[0] <= x.shape[1] or np.linalg.matrix_rank(x) < x.shape[1]:
        return None
    means = MixedModel(x, fit.values, groups, ratio=fit.model.ratio)
    contrast = np.zeros(x.shape[1])
    contrast[x.shape[1] - len(cells) + cells.index(candidate)] = 1.0
    weights = difference(fit.terms, candidate, base)
    total = fit.estimate(weights, level)
    direct = float(contrast @ means.coefficients)
    scale = fit.model.variance / means.variance
    variance = scale * float(contrast @ means.covariance @ contrast) - total.error**2
    if variance <= 1e-9 * total.error**2:
        return None
    low, high = t_interval(direct - total.value, math.sqrt(variance), total.degrees, level)
    return Unexplained(share=direct - total.value, low=low, high=high, own_runs=True)
