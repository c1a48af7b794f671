"""The Mann–Whitney test against its definition (all ways of choosing the base's runs), SciPy, and by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from whence.stats import rank_sum
from whence.stats.rank_sum import RankSum

few = st.lists(st.integers(0, 5), min_size=1, max_size=5)


def choose_every_base(base: list[float], candidate: list[float]) -> float:
    """The definition of p: twice the smaller tail of the rank sum over all choices of which runs are the base's."""
    ranks = stats.rankdata([*base, *candidate])
    sums = np.asarray([sum(c) for c in itertools.combinations(ranks, len(base))])
    observed = ranks[: len(base)].sum()
    return min(1.0, 2 * min(float((sums <= observed + 1e-9).mean()), float((sums >= observed - 1e-9).mean())))


@given(few, few)
@settings(max_examples=150, deadline=None)
def test_p_is_exact_given_the_ties(base: list[float], candidate: list[float]) -> None:
    expected = choose_every_base(base, candidate) if len({*base, *candidate}) > 1 else 1.0
    p = RankSum(np.asarray(base, float), np.asarray(candidate, float)).p
    assert p == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("sizes", [(6, 6), (7, 12), (20, 25), (30, 30)])
def test_p_agrees_with_scipy_without_ties(sizes: tuple[int, int]) -> None:
    rng = np.random.default_rng(4)
    base, candidate = rng.normal(0, 1, sizes[0]), rng.normal(0.5, 1, sizes[1])
    expected = stats.mannwhitneyu(base, candidate, method="exact").pvalue
    assert RankSum(base, candidate).p == pytest.approx(float(expected), rel=1e-9)


def test_p_differs_from_scipys_exact_method_when_there_are_ties() -> None:
    base, candidate = [1.0, 1.0, 2.0, 2.0, 3.0, 3.0], [2.0, 2.0, 3.0, 3.0, 4.0, 4.0]
    p = RankSum(np.asarray(base), np.asarray(candidate)).p
    assert p == pytest.approx(choose_every_base(base, candidate))
    assert p != pytest.approx(float(stats.mannwhitneyu(base, candidate, method="exact").pvalue))


def test_large_samples_use_scipys_asymptotic_p() -> None:
    rng = np.random.default_rng(5)
    base, candidate = rng.normal(0, 1, 50).round(1), rng.normal(0.3, 1, 60).round(1)
    expected = stats.mannwhitneyu(base, candidate, method="asymptotic").pvalue
    assert RankSum(base, candidate).p == pytest.approx(float(expected), rel=1e-9)


def test_shift_and_interval_by_hand() -> None:
    # Differences of {3, 5} - {1, 2}: 1, 2, 3, 4; P(U = 0) = 1/6.
    test = RankSum(np.asarray([1.0, 2.0]), np.asarray([3.0, 5.0]))
    assert test.estimate == 2.5
    assert test.interval(0.34) == (1.0, 4.0)
    assert test.attained(0.34) == pytest.approx(2 / 3)
    assert test.interval(0.3) is None


def test_interval_is_that_of_the_published_table() -> None:
    # Mann–Whitney's two-sided 0.05 critical value for 10 and 10 is 23, so the 24th difference bounds the interval.
    assert rank_sum.critical_rank(10, 10, 0.05) == 24


def test_bisection_finds_the_same_differences_as_sorting(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(6)
    base, candidate = rng.normal(0, 1, 13).round(2), rng.normal(0, 1, 17).round(2)
    expected = RankSum(base, candidate)
    values = expected.estimate, expected.interval(0.05)
    monkeypatch.setattr(rank_sum, "DIRECT_UP_TO", 10)
    assert RankSum(base, candidate).estimate == pytest.approx(values[0], abs=1e-12)
    assert RankSum(base, candidate).interval(0.05) == pytest.approx(values[1], abs=1e-12)


def test_spread_of_one_run_is_unknown() -> None:
    assert RankSum(np.asarray([1.0]), np.asarray([2.0, 3.0])).spread is None
