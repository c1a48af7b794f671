"""The signed-rank test against its definition (all sign flips), against SciPy, and against numbers done by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from whence.stats import signed_rank
from whence.stats.signed_rank import SignedRank, critical_rank, lower_tail, sign_flip_p, signed_ranks

small_integers = st.lists(st.integers(-6, 6), min_size=1, max_size=9)


def flip_every_sign(values: list[float]) -> float:
    """The definition of p: the share of all sign patterns whose rank sum is at least as far from the middle."""
    scores = signed_ranks(np.asarray(values, dtype=float))
    sums = [float(np.dot(np.abs(scores), signs)) for signs in itertools.product((-1, 1), repeat=len(scores))]
    return float(np.mean([abs(s) >= abs(float(scores.sum())) - 1e-9 for s in sums]))


@given(small_integers)
@settings(max_examples=150, deadline=None)
def test_p_is_the_share_of_sign_flips_as_extreme_also_with_ties_and_zeros(values: list[int]) -> None:
    assert SignedRank(np.asarray(values, dtype=float)).p == pytest.approx(flip_every_sign(values), abs=1e-12)


def test_p_agrees_with_scipy_without_ties() -> None:
    rng = np.random.default_rng(1)
    for size in (6, 10, 17, 40):
        values = rng.normal(0.3, 1, size)
        expected = stats.wilcoxon(values, method="exact").pvalue
        assert SignedRank(values).p == pytest.approx(float(expected), rel=1e-9)


def test_p_agrees_with_scipys_permutation_test_of_the_rank_sum() -> None:
    values = np.asarray([1.0, 1.0, -2.0, 3.0, 3.0, 5.0, -1.0, 4.0])
    scores = signed_ranks(values)
    expected = stats.permutation_test((scores,), lambda x, axis: np.sum(x, axis=axis), permutation_type="samples")
    assert sign_flip_p(scores) == pytest.approx(float(expected.pvalue))


def test_p_above_the_exact_range_agrees_with_scipys_approximation() -> None:
    values = np.random.default_rng(2).normal(0.2, 1, 150)
    expected = stats.wilcoxon(values, method="asymptotic", correction=True).pvalue
    assert SignedRank(values).p == pytest.approx(float(expected), rel=1e-6)


@pytest.mark.parametrize("size", [6, 10, 60, 100])
def test_the_smallest_p_is_two_over_two_to_the_n_and_never_zero(size: int) -> None:
    assert SignedRank(np.arange(1.0, size + 1)).p == pytest.approx(2.0 ** (1 - size))


@pytest.mark.parametrize("size", [500, 3000])
def test_p_is_never_zero_for_many_values(size: int) -> None:
    assert 0 < SignedRank(np.arange(1.0, size + 1)).p < 1e-50


def test_ranks_of_zeros_and_ties_follow_pratt() -> None:
    assert signed_ranks(np.asarray([0.0, -1.0, 1.0, 3.0])).tolist() == [0.0, -2.5, 2.5, 4.0]


def test_ties_survive_the_rounding_of_logarithms() -> None:
    values = np.log([50.0, 100.0, 10.0]) - np.log([40.0, 80.0, 8.0])
    assert signed_ranks(values).tolist() == [2.0, 2.0, 2.0]


def test_hodges_lehmann_and_interval_by_hand() -> None:
    # Walsh averages of 1, 2, 4: 1, 1.5, 2, 2.5, 3, 4.
    test = SignedRank(np.asarray([4.0, 1.0, 2.0]))
    assert test.estimate == 2.25
    assert test.interval(0.25) == (1.0, 4.0)
    assert test.attained(0.25) == 0.75
    assert test.interval(0.2) is None


@pytest.mark.parametrize(
    ("size", "rank", "level"), [(6, 1, 0.96875), (8, 4, 0.9609375), (10, 9, 0.951171875), (20, 53, 0.9516)]
)
def test_ninety_five_percent_ranks_are_those_of_the_published_tables(size: int, rank: int, level: float) -> None:
    # Wilcoxon's critical values for two-sided 0.05: n=6: 0, n=8: 3, n=10: 8, n=20: 52; the rank is one more.
    assert critical_rank(size, 0.05) == rank
    assert 1 - 2 * lower_tail(size, rank - 1) == pytest.approx(level, abs=1e-4)


@given(st.integers(0, 10**6), st.integers(6, 14), st.sampled_from([0.01, 0.05, 0.1]))
@settings(max_examples=150, deadline=None)
def test_interval_holds_exactly_the_effects_that_the_test_does_not_reject(seed: int, size: int, alpha: float) -> None:
    values = np.random.default_rng(seed).normal(0, 1, size)
    interval = SignedRank(values).interval(alpha)
    if interval is None:
        assert SignedRank(values).smallest_p > alpha
        return
    low, high = interval
    for effect in (low - 1e-9, high + 1e-9):
        assert SignedRank(values - effect).p <= alpha
    for effect in (low + 1e-9, (low + high) / 2, high - 1e-9):
        assert SignedRank(values - effect).p > alpha


def test_normal_approximation_joins_the_exact_distribution() -> None:
    size = signed_rank.EXACT_UP_TO
    exact = critical_rank(size, 0.05)
    mean, deviation = size * (size + 1) / 4, (size * (size + 1) * (2 * size + 1) / 24) ** 0.5
    assert abs(exact - (mean + 0.5 - 1.959964 * deviation)) < 2
    assert critical_rank(size + 1, 0.05) > exact


def test_bisection_finds_the_same_walsh_averages_as_sorting(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(3).normal(0, 1, 41).round(2)
    direct = SignedRank(values)
    expected = direct.estimate, direct.interval(0.05)
    monkeypatch.setattr(signed_rank, "DIRECT_UP_TO", 10)
    bisected = SignedRank(values)
    assert bisected.estimate == pytest.approx(expected[0], abs=1e-12)
    assert bisected.interval(0.05) == pytest.approx(expected[1], abs=1e-12)
