"""The verdict, by rules in plain words (docs/methods/explain.md):

- Nothing is asked about causes unless the total differs: `no-effect`, or `undetermined` when more runs would tell.
- A part *carries* the change when it is blamed (its corrected interval excludes nothing) and its share is at least a
  tenth of the change, or of the largest share where shares cancel.
- No switch, module, line, flag or setting carries it and the release does: `none-of-the-switches`.
- Some carry it, and what has no name (the release's own rest, and the unexplained) is below a tenth: `explained`;
  otherwise `partly-explained`.
- Nothing carries it: `undetermined`, with what it would take.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from whence.evidence.attribution import AttributionVerdict, Cause, Leftover

TENTH = 0.10
RELEASE_KINDS = frozenset({"toolchain", "toolchain-patch"})


def verdict_of(causes: Sequence[Cause], total_points: float, unexplained: Leftover | None) -> AttributionVerdict:
    """Returns the verdict on a total that differs. `total_points`: ln(candidate ÷ base)."""
    own = [cause for cause in causes if cause.part_of is None]
    carriers = carrying(own, total_points)
    release = [cause for cause in carriers if cause.kind in RELEASE_KINDS]
    named = [cause for cause in carriers if cause.kind not in RELEASE_KINDS]
    if not carriers:
        return "undetermined"
    if not named:
        return "none-of-the-switches"
    if release or _is_large(unexplained, scale_of(own, total_points)):
        return "partly-explained"
    return "explained"


def carrying(causes: Sequence[Cause], total_points: float) -> list[Cause]:
    """Returns the causes that carry the change."""
    least = TENTH * scale_of(causes, total_points)
    return [cause for cause in causes if cause.blamed and abs(cause.share or 0.0) >= least]


def scale_of(causes: Sequence[Cause], total_points: float) -> float:
    """Returns what a tenth is meant of: the change, or the largest share where shares cancel."""
    return max([abs(total_points), *(abs(cause.share or 0.0) for cause in causes)])


def _is_large(unexplained: Leftover | None, scale: float) -> bool:
    if unexplained is None or unexplained.share is None or unexplained.low is None or unexplained.high is None:
        return False
    surely = unexplained.low > 0 or unexplained.high < 0
    return surely and abs(unexplained.share) >= TENTH * scale


def runs_to_tell(half_width: float, wanted: float, runs: int) -> int | None:
    """Returns how many runs in all would bring a share's half-width to `wanted`; None when that cannot be said."""
    if not (wanted > 0 and math.isfinite(half_width) and half_width > 0):
        return None
    return math.ceil(runs * (half_width / wanted) ** 2)
