"""What of a Go release matters for memory given back, a row each.

Read at src/runtime of 1.19.13, 1.20.14, 1.21.13, 1.22.12 and 1.27.4: memoryLimitHeapGoal in mgcpacer.go (headroom),
gcPaceScavenger in mgcscavenge.go (the background goal under a limit), shouldScavenge in mgcscavenge.go (dense chunks).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from whence.evidence.errors import BadInput


class GoRelease(NamedTuple):
    first_minor: int
    has_memory_limit: bool
    headroom_percent: int
    limit_target: float
    """Share of the limit that the background scavenger aims at; up to 1.21 a slip made it 95 times the limit."""
    spares_dense_chunks: bool


ROWS = (
    GoRelease(18, False, 0, 1.0, False),
    GoRelease(19, True, 0, 95.0, False),
    GoRelease(21, True, 3, 95.0, True),
    GoRelease(22, True, 3, 0.95, True),
)
NEWEST_MINOR = 27


def release_of(go: str) -> GoRelease:
    """Returns the row of a release such as `1.27` or `1.27.4`. Raises BadInput outside 1.18 to 1.27."""
    match = re.fullmatch(r"(?:go)?1\.(\d+)(?:\.\d+)?", go)
    minor = int(match[1]) if match is not None else 0
    if not ROWS[0].first_minor <= minor <= NEWEST_MINOR:
        raise BadInput(
            f"the node model knows Go 1.{ROWS[0].first_minor} to 1.{NEWEST_MINOR}, not {go}. Choose one of them."
        )
    return [row for row in ROWS if row.first_minor <= minor][-1]
