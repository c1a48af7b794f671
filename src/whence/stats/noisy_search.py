"""Bisection when each measurement is noisy: which of a row of states is the first that carries the change.

States are in order (releases along a path); the first is known not to carry the change and the last to carry it, or
the reverse when looking for where a change went away. Each step decides about the state in the middle (`oracle`),
with the error alpha divided by the number of steps: the chance that the whole search names a wrong state is at most
alpha, if the states change once.

A state that cannot be measured or decided is left out and the next nearest to the middle taken; when nothing is left
to try, the answer is the range that remains. A change that came in two halves has a state near half of the target,
which stays undecided: the range then says so.
"""

from __future__ import annotations

import math
from collections.abc import Generator

import msgspec

from whence.stats.oracle import Ask, Decision, Pairs, Rules, decide

SPARE_STEPS = 2
"""Steps beyond those of a clean bisection that share in the error, for states that cannot be decided."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where the change is: after state `after`, by state `by` at the latest. `steps`: all decisions, in order."""

    after: int
    by: int
    steps: tuple[Decision[int], ...]

    @property
    def first(self) -> int | None:
        """The one state that brought the change; None when a range is left."""
        return self.by if self.by == self.after + 1 else None


class Path(msgspec.Struct, frozen=True, kw_only=True):
    """Where along all releases the change came, and went: `still_there` is the decision about the newest."""

    introduced: Place
    still_there: Decision[int] | None
    fixed: Place | None


def steps_for(states: int) -> int:
    """Returns how many decisions a search between two known ends `states` apart may take."""
    return (math.ceil(math.log2(states)) if states > 1 else 0) + SPARE_STEPS


def bisect(
    low: int, high: int, rules: Rules, *, appears: bool = True, error: float | None = None
) -> Generator[Ask[int], Pairs, Place]:
    """Searches (low, high] for the first state that carries the change, or with `appears` false the first without.

    `error`: the chance of a wrong answer over the whole search, `rules.alpha` when None. Raises ValueError unless low
    < high.
    """
    if low >= high:
        raise ValueError(f"nothing lies between {low} and {high}")
    left = steps_for(high - low)
    each = (rules.alpha if error is None else error) / left
    steps: list[Decision[int]] = []
    tried: set[int] = set()
    while left > 0 and (index := _middle(low, high, tried)) is not None:
        decision = yield from decide(index, rules, each)
        steps.append(decision)
        tried.add(index)
        left -= decision.outcome != "unmeasurable"
        if decision.outcome in ("carries", "clear"):
            if (decision.outcome == "carries") == appears:
                high = index
            else:
                low = index
    return Place(after=low, by=high, steps=tuple(steps))


def _middle(low: int, high: int, tried: set[int]) -> int | None:
    free = [index for index in range(low + 1, high) if index not in tried]
    return min(free, key=lambda index: (abs(2 * index - low - high), index)) if free else None


def release_path(states: int, candidate: int, rules: Rules) -> Generator[Ask[int], Pairs, Path]:
    """Searches states 0 (the base) … `candidate` for where the change came, and the newer ones for where it went.

    A third of alpha each for coming, for whether the newest still carries it, and for going. Raises ValueError unless
    0 < candidate < states.
    """
    if not 0 < candidate < states:
        raise ValueError(f"the candidate {candidate} must lie behind the base among {states} states")
    part = rules.alpha / 3
    introduced = yield from bisect(0, candidate, rules, error=part)
    if candidate == states - 1:
        return Path(introduced=introduced, still_there=None, fixed=None)
    newest = yield from decide(states - 1, rules, part)
    fixed = None
    if newest.outcome == "clear":
        fixed = yield from bisect(candidate, states - 1, rules, appears=False, error=part)
    return Path(introduced=introduced, still_there=newest, fixed=fixed)
