"""One profile a side: which shares differ by more than sampling and the spread of the pair itself explain.

What sampling gives is a lower bound of how much two runs of one program differ. Two things are added to it. `floor` is
a run-to-run spread τ that is granted to every function without being seen (`docs/methods/profile-diff.md` says where
the numbers come from). And when the pair's own functions scatter wider than sampling and the floor, their scatter takes
the floor's place. Both leave small shares, where sampling dominates, almost as they are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whence.stats.run_spread import pair_spread
from whence.stats.scipy_calls import student_p_values
from whence.stats.share_counts import Scores, Weighed, ratio_intervals, scores, widened
from whence.stats.share_tests import ShareTests

Floats = NDArray[np.float64]

ENOUGH_EVENTS = 30.0
"""Effective events of both sides together below which a function is not judged."""
SPREAD_EVENTS = 60.0
"""Functions with fewer say little of the spread: sampling hides it."""
_NORMAL = 1.959963984540054


def spread_of_pair(found: Scores) -> float | None:
    """Returns τ as the pair's flat shares show it, or None with too few functions."""
    usable = (found.events >= SPREAD_EVENTS) & np.isfinite(found.log_ratio)
    return pair_spread(found.log_ratio[usable], found.variance[usable])


def judge_pair(base: Weighed, candidate: Weighed, *, floor: Floats, spread: float = 0.0) -> ShareTests:
    """Returns the tests of all functions. `floor`: τ granted to each; `spread`: τ seen in the pair, or 0."""
    found = scores(base, candidate)
    tau = np.maximum(floor, spread) * (1.0 - np.minimum(found.share, 1.0))
    extra = 2.0 * tau**2
    score = widened(found, extra)
    low, high = ratio_intervals(found, extra, np.full_like(score, _NORMAL))
    return ShareTests(
        log_ratio=found.log_ratio,
        low=low,
        high=high,
        score=score,
        p=student_p_values(score, np.full_like(score, np.inf)),
        events=found.events,
        share=found.share,
        standard_error=np.sqrt(found.variance + extra),
        enough=found.events >= ENOUGH_EVENTS,
    )
