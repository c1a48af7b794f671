"""Does the surface fit? A test of everything that the cells' means hold beyond the model's terms.

The cells' own means are the largest model there is; the terms that the fitted surface lacks are contrasts of it, and
"all of them are zero" is tested by F against the right error: runs of the same cell (and, where a build setting has
several builds, builds of the same setting). Where each build setting has one build, the scatter between builds cannot
be told from a missing term among build factors; then only terms that vary within builds are tested.

A small p says that a term is missing, most often a three-factor interaction: the answer is more runs (a fold, or the
full factorial), not another model for the same ones. Source: N. R. Draper and H. Smith, Applied Regression Analysis.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whence.stats.mixed_model import MixedModel
from whence.stats.split_plot import SplitPlot, block_columns, numbered
from whence.stats.surface import columns

Floats = NDArray[np.float64]


def lack_of_fit(fit: SplitPlot) -> float | None:
    """Returns the p of "no term is missing"; None where the runs hold no replicates or no cells to spare."""
    builds = numbered([observation.build for observation in fit.observations])
    blocks = block_columns([observation.block for observation in fit.observations])
    cells = numbered(list(fit.cells))
    indicators = (cells[:, None] == np.arange(int(cells.max()) + 1)[None, :]).astype(np.float64)
    terms = columns(fit.cells, fit.terms)
    p = _test(np.column_stack([blocks, terms]), indicators, fit.values, builds)
    if p is not None or fit.model.single_level:
        return p
    by_build = (builds[:, None] == np.arange(int(builds.max()) + 1)[None, :]).astype(np.float64)
    apart = np.arange(len(builds), dtype=np.int64)
    return _test(np.column_stack([blocks, by_build, terms]), indicators, fit.values, apart)


def _test(smaller: Floats, indicators: Floats, values: Floats, groups: NDArray[np.int64]) -> float | None:
    known = _basis(smaller)
    rest = indicators - known @ (known.T @ indicators)
    extra = _basis(rest)
    size, count = len(values), known.shape[1]
    if extra.shape[1] == 0 or size <= count + extra.shape[1]:
        return None
    model = MixedModel(np.column_stack([known, extra]), values, groups)
    if model.ratio > 1e8 or (not model.single_level and model.between == 0):
        return None
    contrasts = np.zeros((extra.shape[1], count + extra.shape[1]))
    contrasts[:, count:] = np.eye(extra.shape[1])
    return model.f_test(contrasts)


def _basis(matrix: Floats) -> Floats:
    left, sizes, _ = np.linalg.svd(matrix, full_matrices=False)
    return np.asarray(left[:, sizes > 1e-8 * max(float(sizes[0]), 1.0)], dtype=np.float64)
