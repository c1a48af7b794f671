"""Shares: they add up, the closed form is the enumeration, and only buildable orders count."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whence.stats.designs.aliases import Term
from whence.stats.designs.factors import Cell, Factor
from whence.stats.shapley import closed_form, enumerated, interaction_index, pair_weights, share_weights
from whence.stats.surface import columns, difference, dividends, terms_up_to
from whence.stats.undo import undo_weights, undone_with

Surface = tuple[int, dict[Term, float]]


@st.composite
def surfaces(draw: st.DrawFn, most: int = 5, order: int = 3) -> Surface:
    count = draw(st.integers(1, most))
    terms = [t for size in range(1, order + 1) for t in itertools.combinations(range(count), size)]
    return count, {term: draw(st.floats(-1, 1)) for term in terms}


def value(coefficients: dict[Term, float], cell: Cell) -> float:
    return sum(c * math.prod(2 * cell[i] - 1 for i in term) for term, c in coefficients.items())


def by_orders(coefficients: dict[Term, float], count: int) -> list[float]:
    """The definition: the mean over all orders of what each factor adds."""
    shares = [0.0] * count
    orders = list(itertools.permutations(range(count)))
    for order in orders:
        cell = [0] * count
        for factor in order:
            before = value(coefficients, tuple(cell))
            cell[factor] = 1
            shares[factor] += (value(coefficients, tuple(cell)) - before) / len(orders)
    return shares


@given(surfaces())
@settings(max_examples=60, deadline=None)
def test_all_four_ways_give_the_same_shares_and_add_up(surface: Surface) -> None:
    count, coefficients = surface
    factors = [Factor(f"f{i}") for i in range(count)]
    terms, b = list(coefficients), np.array(list(coefficients.values()))
    expected = by_orders(coefficients, count)
    assert closed_form(dividends(coefficients), count) == pytest.approx(expected, abs=1e-12)
    assert enumerated(lambda cell: value(coefficients, cell), factors) == pytest.approx(expected, abs=1e-12)
    weights = share_weights(factors, terms)
    assert weights @ b == pytest.approx(expected, abs=1e-12)
    total = difference(terms, (1,) * count, (0,) * count)
    assert abs(float(sum(weights @ b) - total @ b)) < 1e-9
    assert sum(weights) == pytest.approx(total, abs=1e-12)


@given(surfaces(order=4))
@settings(max_examples=40, deadline=None)
def test_the_interaction_of_a_pair_is_its_index_in_either_coding(surface: Surface) -> None:
    count, coefficients = surface
    b = np.array(list(coefficients.values()))
    for pair in itertools.combinations(range(count), 2):
        by_dividends = interaction_index(dividends(coefficients), pair)
        assert float(pair_weights(pair, list(coefficients)) @ b) == pytest.approx(by_dividends, abs=1e-9)


def test_known_shares_of_two_factors_and_their_interaction() -> None:
    found = {(0,): 0.10, (1,): 0.02, (0, 1): 0.04}  # dividends
    assert closed_form(found, 2) == pytest.approx((0.12, 0.04))
    assert closed_form({(0, 1, 2): 0.3}, 3) == pytest.approx((0.1, 0.1, 0.1))
    assert interaction_index(found, (0, 1)) == pytest.approx(0.04)


def test_twelve_factors_are_enumerated_exactly() -> None:
    factors = [Factor(f"f{i}") for i in range(12)]
    shares = enumerated(lambda cell: sum(i * level for i, level in enumerate(cell)) + cell[0] * cell[11], factors)
    assert shares == pytest.approx([0.5, *range(1, 11), 11.5], abs=1e-9)
    with pytest.raises(ValueError, match="13 factors"):
        enumerated(lambda _: 0.0, [*factors, Factor("more")])


def test_a_release_with_its_switches_carries_the_step_with_all_switches_off() -> None:
    factors = [Factor("release", True), Factor("a", True, "release"), Factor("b", False, "release")]

    def surface(cell: Cell) -> float:
        release, a, b = cell
        assert release or not (a or b), "a cell that cannot be built was asked for"
        return 0.07 * release + 0.02 * a - 0.01 * b + 0.04 * a * b

    assert enumerated(surface, factors) == pytest.approx((0.07, 0.04, 0.01))


@given(st.lists(st.floats(-1, 1), min_size=20, max_size=20))
@settings(max_examples=30, deadline=None)
def test_restricted_shares_from_coefficients_add_up_and_match_the_enumeration(numbers: list[float]) -> None:
    factors = [Factor("r"), Factor("a", needs="r"), Factor("b", needs="r"), Factor("m")]
    terms = terms_up_to(factors)
    assert (0, 1) not in terms and (0, 3) in terms and (1, 2) in terms
    b = np.array(numbers[: len(terms)])
    weights = share_weights(factors, terms)
    assert float(sum(weights @ b)) == pytest.approx(float(difference(terms, (1,) * 4, (0,) * 4) @ b), abs=1e-9)
    direct = enumerated(lambda cell: float(columns([cell], terms)[0] @ b), factors)
    assert weights @ b == pytest.approx(direct, abs=1e-9)


def test_undoing_takes_back_what_hangs_on_it_and_differs_from_the_share_by_half_the_interaction() -> None:
    factors = [Factor("r"), Factor("a", needs="r"), Factor("b")]
    assert undone_with(0, factors) == (0, 1)
    assert undone_with(2, factors) == (2,)
    free = [Factor("a"), Factor("b")]
    terms = terms_up_to(free)
    b = np.array([0.06, 0.02, 0.01])  # in levels 0/1 the pair adds 0.04
    share = float(share_weights(free, terms)[0] @ b)
    undo = float(undo_weights(0, free, terms) @ b)
    assert undo == pytest.approx(-(share + 0.02))
