"""Searches with a noisy oracle: right states and sets, bounded error, replayable, honest when they cannot say."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whence.stats.noisy_search import bisect, release_path, steps_for
from whence.stats.oracle import Ask, Pairs, Rules, decide, looks_for, run
from whence.stats.smallest_set import smallest_set


class Measured:
    """Answers with effect(state) plus noise, keeping what was measured; None stays None."""

    def __init__(self, effect: Callable[[object], float | None], sd: float, seed: int = 1) -> None:
        self._effect, self._sd, self._rng = effect, sd, np.random.default_rng(seed)
        self.pairs: dict[Hashable, list[float]] = {}

    def __call__(self, what: Hashable, count: int) -> Pairs:
        effect = self._effect(what)
        if effect is None:
            return None
        known = self.pairs.setdefault(what, [])
        known += (effect + self._rng.normal(0, self._sd, count - len(known))).tolist()
        return known


@given(first=st.integers(1, 30), states=st.integers(31, 40), target=st.sampled_from([0.2, -0.2, 3.0]))
@settings(max_examples=40, deadline=None)
def test_bisection_finds_the_state_that_brought_the_change(first: int, states: int, target: float) -> None:
    measured = Measured(lambda i: target * (i >= first), 0.02)
    place = run(bisect(0, states - 1, Rules(target=target)), measured)
    assert (place.first, place.after) == (first, first - 1)
    assert len(place.steps) <= steps_for(states - 1)


def test_the_path_tells_where_a_change_came_and_went() -> None:
    path = run(release_path(24, 12, Rules(target=4.3)), Measured(lambda i: 4.3 * (7 <= i < 15), 0.1))
    assert path.introduced.first == 7 and path.fixed is not None and path.fixed.first == 15
    still = run(release_path(24, 12, Rules(target=4.3)), Measured(lambda i: 4.3 * (i >= 7), 0.1))
    assert still.fixed is None and still.still_there is not None and still.still_there.outcome == "carries"
    newest = run(release_path(13, 12, Rules(target=4.3)), Measured(lambda i: 4.3 * (i >= 7), 0.1))
    assert newest.still_there is None


def test_wrong_answers_stay_below_alpha_where_noise_is_as_large_as_the_effect() -> None:
    wrong = 0
    for seed in range(200):
        first = 1 + seed % 11
        place = run(bisect(0, 12, Rules(target=0.1)), Measured(lambda i, k=first: 0.1 * (i >= k), 0.12, seed))
        wrong += not place.after < first <= place.by
    assert wrong <= 10  # 5 % of 200


def test_a_state_that_does_not_build_is_stepped_over() -> None:
    place = run(bisect(0, 10, Rules(target=1.0)), Measured(lambda i: None if i == 5 else float(i >= 8), 0.05))
    assert place.first == 8
    hidden = run(bisect(0, 10, Rules(target=1.0)), Measured(lambda i: None if i in (4, 5, 6) else float(i >= 5), 0.05))
    assert hidden.first is None and (hidden.after, hidden.by) == (3, 7)


def test_a_change_in_two_halves_leaves_a_range() -> None:
    place = run(bisect(0, 12, Rules(target=1.0)), Measured(lambda i: 0.5 * (i >= 3) + 0.5 * (i >= 9), 0.3))
    assert place.first is None and place.after <= 3 and place.by >= 9


def test_exact_metrics_need_one_pair() -> None:
    measured = Measured(lambda i: 0.2 * (i >= 6), 0.0)
    assert run(bisect(0, 16, Rules(target=0.2, exact=True)), measured).first == 6
    assert {len(pairs) for pairs in measured.pairs.values()} == {1}


def test_a_search_replays_from_what_was_measured() -> None:
    first = Measured(lambda i: 0.2 * (i >= 6), 0.05)
    place = run(bisect(0, 16, Rules(target=0.2)), first)
    again = run(bisect(0, 16, Rules(target=0.2)), lambda what, count: first.pairs[what][:count])
    assert again == place


def test_the_first_look_can_answer_and_later_ones_follow() -> None:
    for error in (0.02, 0.003, 0.0001):
        looks = looks_for(error, 64)
        assert 2.0 ** -looks[0] <= error / 3 < 2.0 ** -(looks[0] - 1)
        assert looks == tuple(sorted(set(looks))) and looks[-1] == 64
    assert looks_for(0.001, 5) == (12,)


def test_decisions_are_wrong_at_most_as_often_as_promised_at_the_hardest_place() -> None:
    """At exactly half of the target every answer is a guess; either direction may come up `error` of the time."""
    either = sum(
        run(decide("x", Rules(target=0.2), 0.05), Measured(lambda _: 0.1, 0.1, seed)).outcome != "undecided"
        for seed in range(400)
    )
    assert either <= 55  # 2 x 5 % of 400 plus three standard deviations


@pytest.mark.parametrize("needed", [{3}, {3, 17}, {0, 1, 2}, {0, 19}])
def test_the_smallest_set_is_found_alone_and_together(needed: set[int]) -> None:
    found = run(smallest_set(20, Rules(target=1.0)), Measured(lambda parts: 1.0 * (needed <= set(parts)), 0.2))
    assert found.parts == tuple(sorted(needed)) == found.needed


def test_parts_that_only_build_together_stay_together() -> None:
    def effect(parts: object) -> float | None:
        assert isinstance(parts, frozenset)
        return None if (2 in parts) != (3 in parts) else 1.0 * (2 in parts)

    found = run(smallest_set(12, Rules(target=1.0)), Measured(effect, 0.1))
    assert found.parts == (2, 3) and found.needed == ()


def test_no_set_is_named_when_all_parts_together_do_nothing() -> None:
    found = run(smallest_set(8, Rules(target=1.0)), Measured(lambda _: 0.0, 0.1))
    assert found.parts is None and len(found.decisions) == 1


def test_malformed_searches_are_refused() -> None:
    for search in (bisect(3, 3, Rules(target=1)), bisect(0, 4, Rules(target=0)), release_path(3, 3, Rules(target=1)),
                   smallest_set(0, Rules(target=1)), bisect(0, 4, Rules(target=math.nan))):  # fmt: skip
        with pytest.raises(ValueError):
            next(search)
    asked = bisect(0, 4, Rules(target=1.0))
    question = next(asked)
    assert isinstance(question, Ask)
    with pytest.raises(ValueError, match="asked for"):
        asked.send([1.0])
