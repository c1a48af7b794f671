"""What an A/A comparison of this size would have shown: the band behind the effects in the forest plot.

No extra runs are needed. Two runs of the base in neighbouring blocks differ by what the instrument does on its own, so
the log ratio of block b and block b + 1, signed alternately as a random order would, stands for a pair of an A/A
comparison; drift, which such a pair hardly sees, cancels as it does inside a block. The band is centred on 1 and as
wide as the 95 % signed-rank interval of these log ratios, scaled to the number of pairs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from whence.stats.reading import FEWEST_PAIRS
from whence.stats.signed_rank import SignedRank


def aa_band(base: Sequence[float], pairs: int | None = None, alpha: float = 0.05) -> tuple[float, float] | None:
    """Returns (low, high) ratios around 1. `base`: one run a block in block order; `pairs`: default as many.

    None with fewer than 7 usable values, or when a value is not above zero.
    """
    values = np.asarray([value for value in base if math.isfinite(value)], dtype=np.float64)
    if values.size <= FEWEST_PAIRS or values.min() <= 0:
        return None
    steps = np.diff(np.log(values))
    steps[1::2] *= -1
    interval = SignedRank(steps).interval(alpha)
    size = int(values.size) if pairs is None else pairs
    if interval is None or size < 1:
        return None
    half_width = (interval[1] - interval[0]) / 2 * math.sqrt(steps.size / size)
    return math.exp(-half_width), math.exp(half_width)
