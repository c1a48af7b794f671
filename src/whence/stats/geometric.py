"""The geometric mean: the one average of ratios that does not depend on which side is called the base."""

from __future__ import annotations

import math
from collections.abc import Iterable


def geometric_mean(ratios: Iterable[float | None]) -> float | None:
    """Returns the geometric mean of the known ratios; None when none is known, or one is not above zero or infinite."""
    known = [ratio for ratio in ratios if ratio is not None]
    if not known or any(not math.isfinite(ratio) or ratio <= 0 for ratio in known):
        return None
    return math.exp(math.fsum(math.log(ratio) for ratio in known) / len(known))
