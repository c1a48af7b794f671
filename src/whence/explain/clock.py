"""How much of the budget is left. What the search decided from it is stored with each stage, so that a search that
goes on later decides the same."""

from __future__ import annotations

import time

BUILD_S = 12.0
"""A build with a switch for the first time: the standard library is compiled anew."""


class Clock:
    """`earlier_s`: what earlier sessions of this search took in runs."""

    def __init__(self, budget_s: float, *, earlier_s: float = 0.0) -> None:
        self.budget_s = budget_s
        self._began = time.monotonic() - earlier_s

    @property
    def used_s(self) -> float:
        return time.monotonic() - self._began

    @property
    def left_s(self) -> float:
        return max(0.0, self.budget_s - self.used_s)

    def share(self, of_left: float) -> float:
        """Returns that share of what is left, in seconds."""
        return of_left * self.left_s
