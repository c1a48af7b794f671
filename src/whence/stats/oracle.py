"""One step of a search among noisy measurements: does this state carry the change, or not?

The change is known: `target`, ln(candidate ÷ base) as the comparison found it. A state in between is measured in pairs
against the base; each pair is a log ratio d. It *carries* the change when d lies above half of the target, and does
not when below. The question is put to the signed-rank test of d - target/2, at several looks; the test must be
significant in either direction to answer, so the chance of a wrong answer is at most half of its two-sided level.

The level is shared equally by the looks. (Shares of O'Brien–Fleming type would give the first look almost nothing,
and a signed-rank p is never below 2/2^n: large effects, the common case here, would then have to wait for the last
look.) The first look comes as soon as n pairs can answer at all.

Searches are generators: they yield an `Ask` and are sent the pairs measured, or None when the state cannot be
measured. So a search can be stopped, replayed from a journal, and tested without measuring.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from typing import Generic, Literal, TypeVar

import msgspec
import numpy as np

from whence.stats.signed_rank import SignedRank

LOOKS = 3
Outcome = Literal["carries", "clear", "undecided", "unmeasurable"]
What = TypeVar("What")
Result = TypeVar("Result")
Pairs = Sequence[float] | None
"""All log ratios (state ÷ base) measured so far for what was asked, or None when it cannot be measured."""


class Ask(msgspec.Struct, Generic[What], frozen=True):
    """What to measure next: `what`, until there are `pairs` pairs of it in all."""

    what: What
    pairs: int


class Decision(msgspec.Struct, Generic[What], frozen=True, kw_only=True):
    """The answer about one state. `estimate`: ln(state ÷ base), None when unmeasurable."""

    what: What
    outcome: Outcome
    pairs: int
    estimate: float | None


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What a search works towards. `alpha`: the chance of any wrong step over the whole search.

    `exact`: the metric repeats exactly, so one pair answers. `most_pairs`: no state gets more.
    """

    target: float
    alpha: float = 0.05
    exact: bool = False
    most_pairs: int = 64


def looks_for(error: float, most_pairs: int) -> tuple[int, ...]:
    """Returns up to three pair counts: the fewest that can answer with that chance of error, twice that, the most."""
    first = math.ceil(math.log2(LOOKS / error))
    last = max(most_pairs, first)
    return tuple(dict.fromkeys((first, min(2 * first, last), last)))


def decide(what: What, rules: Rules, error: float) -> Generator[Ask[What], Pairs, Decision[What]]:
    """Asks for pairs of one state until it can be said whether it carries the change.

    `error`: the chance of a wrong answer, in either direction. Raises ValueError for a target of zero, an error
    outside (0, 1/2), or fewer pairs than asked for.
    """
    if rules.target == 0 or not math.isfinite(rules.target) or not 0 < error < 0.5:
        raise ValueError(f"nothing can be searched for with target {rules.target} and error {error}")
    looks = (1,) if rules.exact else looks_for(error, rules.most_pairs)
    estimate, pairs = 0.0, 0
    for look in looks:
        measured = yield Ask(what, look)
        if measured is None:
            return Decision(what=what, outcome="unmeasurable", pairs=pairs, estimate=None)
        if len(measured) < look:
            raise ValueError(f"{len(measured)} pairs of {what} were given where {look} were asked for")
        pairs = len(measured)
        test = SignedRank((np.asarray(measured, dtype=np.float64) - rules.target / 2) * math.copysign(1, rules.target))
        estimate = test.estimate * math.copysign(1, rules.target) + rules.target / 2
        if test.estimate != 0 and (rules.exact or test.p / 2 <= error / LOOKS):
            outcome: Outcome = "carries" if test.estimate > 0 else "clear"
            return Decision(what=what, outcome=outcome, pairs=pairs, estimate=estimate)
    return Decision(what=what, outcome="undecided", pairs=pairs, estimate=estimate)


def run(search: Generator[Ask[What], Pairs, Result], measure: Callable[[What, int], Pairs]) -> Result:
    """Runs a search by calling measure(what, pairs in all) for each of its questions."""
    try:
        ask = next(search)
        while True:
            ask = search.send(measure(ask.what, ask.pairs))
    except StopIteration as finished:
        return finished.value
