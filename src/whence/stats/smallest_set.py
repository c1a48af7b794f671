"""The smallest set of parts (hunks of a source difference) that carries a change, found with a noisy oracle.

Delta debugging: split the set into n chunks; if one chunk alone carries the change go on in it, else if the set
without one chunk still does go on in that, else split finer, until no single part can be left out. The result is
*1-minimal*: each of its parts is needed. Parts that are needed together stay together.

How many questions that takes is not known beforehand, so the error is spent as it goes: half of alpha evenly over
the first 4 log2(m) + 8 questions, the other half over all further ones, the j-th getting 1/(j (j + 1)) of it. The
chance of any wrong answer is at most alpha, however long the search. Sets that cannot be built answer neither way.

Source: A. Zeller and R. Hildebrandt, IEEE Trans. Softw. Eng. 28 (2002).
"""

from __future__ import annotations

import math
from collections.abc import Generator

import msgspec

from whence.stats.oracle import Ask, Decision, Pairs, Rules, decide

Parts = frozenset[int]


class SmallestSet(msgspec.Struct, frozen=True, kw_only=True):
    """The set found (None: even all parts together do not carry the change), and every decision on the way.

    `needed`: the parts shown to be needed (without them the change is gone). Others of the set could not be decided
    or built without.
    """

    parts: tuple[int, ...] | None
    needed: tuple[int, ...]
    decisions: tuple[Decision[Parts], ...]


class _Questions:
    """Asks each set once, and shares out the error."""

    def __init__(self, count: int, rules: Rules, most: int) -> None:
        self._rules, self._most = rules, most
        self._even = 4 * math.ceil(math.log2(max(count, 2))) + 8
        self.answers: dict[Parts, Decision[Parts]] = {}

    def error(self) -> float:
        asked = len(self.answers)
        if asked < self._even:
            return self._rules.alpha / 2 / self._even
        further = asked - self._even + 1
        return self._rules.alpha / 2 / (further * (further + 1))

    def carries(self, parts: Parts) -> Generator[Ask[Parts], Pairs, bool]:
        if parts not in self.answers:
            if len(self.answers) >= self._most:
                return False
            self.answers[parts] = yield from decide(parts, self._rules, self.error())
        return self.answers[parts].outcome == "carries"


def smallest_set(count: int, rules: Rules, *, most_questions: int = 400) -> Generator[Ask[Parts], Pairs, SmallestSet]:
    """Searches parts 0 … count-1 for a 1-minimal set that carries the change. The empty set is the base itself.

    After `most_questions` no new set is measured and what is left is returned. Raises ValueError for no parts.
    """
    if count < 1:
        raise ValueError("no parts to search among")
    questions = _Questions(count, rules, most_questions)
    current = tuple(range(count))
    if not (yield from questions.carries(frozenset(current))):
        return SmallestSet(parts=None, needed=(), decisions=tuple(questions.answers.values()))
    chunks = 2
    while len(current) > 1:
        smaller = yield from _smaller(current, chunks, questions)
        if smaller is not None:
            current, chunks = smaller[0], max(min(smaller[1], len(smaller[0])), 2)
        elif chunks < len(current):
            chunks = min(2 * chunks, len(current))
        else:
            break
    answers = questions.answers
    without = {part: answers.get(frozenset(current) - {part}) for part in current}
    needed = tuple(part for part, seen in without.items() if seen is not None and seen.outcome == "clear")
    needed = current if len(current) == 1 else needed
    return SmallestSet(parts=current, needed=needed, decisions=tuple(answers.values()))


def _smaller(
    current: tuple[int, ...], chunks: int, questions: _Questions
) -> Generator[Ask[Parts], Pairs, tuple[tuple[int, ...], int] | None]:
    """Returns a smaller set that carries the change and the number of chunks to go on with, None when none does."""
    pieces = _split(current, chunks)
    for piece in pieces:
        if (yield from questions.carries(frozenset(piece))):
            return piece, 2
    if chunks > 2:
        for piece in pieces:
            rest = tuple(part for part in current if part not in piece)
            if (yield from questions.carries(frozenset(rest))):
                return rest, chunks - 1
    return None


def _split(parts: tuple[int, ...], chunks: int) -> list[tuple[int, ...]]:
    bounds = [round(i * len(parts) / chunks) for i in range(chunks + 1)]
    return [parts[bounds[i] : bounds[i + 1]] for i in range(chunks) if bounds[i] < bounds[i + 1]]
