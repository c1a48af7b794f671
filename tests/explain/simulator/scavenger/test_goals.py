"""What is retained, by release: 110 % of what was in use, and 95 % (or 95 times) of the memory limit."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.explain.simulator.pages import layout as at
from whence.explain.simulator.scavenger import kernels_goals as goals
from whence.explain.simulator.scavenger import rules

SIZES = st.integers(1 << 20, 1 << 40)


@given(last=SIZES, goal=SIZES, last_goal=SIZES, retained=st.integers(0, 1 << 50))
def test_the_percent_goal_is_110_percent_of_what_was_in_use_scaled_by_the_heap_goal(
    last: int, goal: int, last_goal: int, retained: int
) -> None:
    got = goals.percent_goal(last, goal, last_goal, retained)
    exact = Fraction(last) * Fraction(goal, last_goal) * Fraction(11, 10)
    if got == at.NO_GOAL:
        assert retained <= exact * (1 + Fraction(1, 10**12)) + 2 * at.PHYSICAL_PAGE_BYTES
    else:
        assert got % at.PHYSICAL_PAGE_BYTES == 0
        assert abs(got - exact) <= at.PHYSICAL_PAGE_BYTES + 2 + exact / 10**12
        assert retained - got >= at.PHYSICAL_PAGE_BYTES


def test_there_is_no_goal_before_the_first_collection_has_ended() -> None:
    assert goals.percent_goal(64 << 20, 4 << 20, 0, 71 << 20) == at.NO_GOAL


def test_less_than_a_physical_page_above_the_goal_is_left_alone() -> None:
    assert goals.percent_goal(10 << 20, 1, 1, (11 << 20) + 4095) == at.NO_GOAL
    assert goals.percent_goal(10 << 20, 1, 1, (11 << 20) + 4096) == 11 << 20


@pytest.mark.parametrize(
    ("rule", "limit", "ready", "want"),
    [
        (rules.LIMIT_NEVER, 100 << 20, 200 << 20, at.NO_GOAL),
        (rules.LIMIT_TIMES_95, 100 << 20, 99 << 20, at.NO_GOAL),
        (rules.LIMIT_TIMES_95, 1 << 20, 96 << 20, 95 << 20),
        (rules.LIMIT_95_PERCENT, 100 << 20, 96 << 20, 95 << 20),
        (rules.LIMIT_95_PERCENT, 100 << 20, 95 << 20, at.NO_GOAL),
        (rules.LIMIT_95_PERCENT, at.NO_GOAL, 1 << 40, at.NO_GOAL),
        (rules.LIMIT_TIMES_95, at.NO_GOAL, 1 << 40, at.NO_GOAL),
    ],
)
def test_the_memory_limit_counts_from_1_22_on(rule: int, limit: int, ready: int, want: int) -> None:
    assert goals.limit_goal(rule, limit, ready) == want
