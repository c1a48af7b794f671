"""What a test of many shares gives, whichever way the variance was found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ShareTests:
    """An element a function; ratios are candidate share ÷ base share."""

    log_ratio: Floats
    """Infinite or NaN where a side has nothing."""
    low: Floats
    high: Floats
    """The uncorrected 95 % interval of the ratio."""
    score: Floats
    """Positive where the candidate's share is larger; normal or Student's when nothing differs."""
    p: Floats
    """Two-sided, uncorrected."""
    events: Floats
    """Effective events of both sides."""
    share: Floats
    """Of both sides together."""
    standard_error: Floats
    """Of the log ratio."""
    enough: NDArray[np.bool_]
    """Enough events of both sides to be judged."""
