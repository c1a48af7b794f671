"""How much memory one process holds at which age: a staircase, and the interface of whatever can tell it."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from whence.evidence.errors import BadInput

MOST_STEPS = 1_000_000


class Residency(Protocol):
    """What a node needs to know of a process: any simulator of a process can stand behind it."""

    def resident_bytes(self, age_ns: int) -> int: ...

    def live_bytes(self, age_ns: int) -> int: ...


class Curve(NamedTuple):
    """A staircase: from `ages_ns[i]` until the next age the process holds `resident[i]` bytes, `live[i]` of them alive.

    ages_ns: int64, ascending, the first is 0; resident, live: int64 of the same shape.
    """

    ages_ns: NDArray[np.int64]
    resident: NDArray[np.int64]
    live: NDArray[np.int64]

    def resident_bytes(self, age_ns: int) -> int:
        return int(self.resident[self._at(age_ns)])

    def live_bytes(self, age_ns: int) -> int:
        return int(self.live[self._at(age_ns)])

    def _at(self, age_ns: int) -> int:
        return max(0, int(np.searchsorted(self.ages_ns, age_ns, side="right")) - 1)


def curve(steps: list[tuple[int, int, int]]) -> Curve:
    """Returns the staircase of (age in ns, resident, live) by age; of several at one age the last counts."""
    kept: list[tuple[int, int, int]] = []
    for step in steps:
        if kept and kept[-1][0] == step[0]:
            kept.pop()
        if not kept or kept[-1][1:] != step[1:]:
            kept.append(step)
    table = np.array(kept, dtype=np.int64).reshape(-1, 3)
    return Curve(
        np.ascontiguousarray(table[:, 0]), np.ascontiguousarray(table[:, 1]), np.ascontiguousarray(table[:, 2])
    )


def constant(resident_bytes: int) -> Curve:
    """Returns the curve of a process that always holds the same memory, all of it alive."""
    return curve([(0, resident_bytes, resident_bytes)])


def sampled(residency: Residency, until_ns: int, every_ns: int) -> Curve:
    """Returns what `residency` tells at regular ages as a staircase; what holds still takes no steps.

    Raises BadInput when that would be more than a million readings.
    """
    if every_ns <= 0 or until_ns // every_ns > MOST_STEPS:
        raise BadInput(f"{until_ns} ns in steps of {every_ns} ns are too many readings. Take longer steps.")
    ages = range(0, until_ns + 1, every_ns)
    return curve([(age, residency.resident_bytes(age), residency.live_bytes(age)) for age in ages])
