"""Tests of shares: against exact distributions, and by how often they are wrong."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from whence.stats.profile_runs import Runs, judge_runs, relabelled
from whence.stats.run_spread import fit_prior, pair_spread
from whence.stats.share_counts import Weighed, ratio_intervals, scores, widened
from whence.stats.two_profiles import judge_pair
from whence.stats.weighted_discovery import adjusted, share_weights


def counted(*counts: float, total: float = 10_000.0) -> Weighed:
    return Weighed(np.array(counts, float), np.array(counts, float), total, total)


@pytest.mark.parametrize(("first", "second"), [(10, 20), (0, 8), (25, 5), (200, 300), (3, 3)])
@pytest.mark.parametrize("other_total", [10_000.0, 25_000.0])
def test_the_score_is_that_of_the_exact_mid_p(first: int, second: int, other_total: float) -> None:
    found = scores(counted(first), counted(second, total=other_total))
    law = stats.binom(first + second, 10_000.0 / (10_000.0 + other_total))
    few = law.cdf(first) - 0.5 * law.pmf(first)
    tail = min(few, 1 - few)
    assert abs(found.score[0]) == pytest.approx(abs(stats.norm.isf(tail)), rel=1e-6, abs=1e-9)
    assert np.sign(found.score[0]) == np.sign(0.5 - few) or abs(few - 0.5) < 1e-12


def test_values_in_another_unit_give_the_same_score() -> None:
    plain = scores(counted(40), counted(70))
    base, candidate = (Weighed(np.array([n * 10.0]), np.array([n * 100.0]), 1e5, 1e6) for n in (40, 70))
    scaled = scores(base, candidate)
    assert scaled.score == pytest.approx(plain.score)
    assert scaled.events == pytest.approx(plain.events)


def test_a_score_beyond_the_range_of_numbers_is_that_of_the_log_ratio() -> None:
    found = scores(counted(1e6, total=1e8), counted(2e6, total=1e8))
    assert found.score[0] == pytest.approx(np.log(2) / np.sqrt(2 / 1.5e6), rel=0.01)


def test_intervals_cover() -> None:
    rng = np.random.default_rng(1)
    base, candidate = rng.poisson(40, 4000).astype(float), rng.poisson(60, 4000).astype(float)
    found = scores(Weighed(base, base, 1e5, 1e5), Weighed(candidate, candidate, 1e5, 1e5))
    low, high = ratio_intervals(found, np.zeros(4000), np.full(4000, 1.96))
    assert np.mean((low <= 1.5) & (high >= 1.5)) == pytest.approx(0.95, abs=0.012)


def test_what_stands_in_every_stack_does_not_differ() -> None:
    found = scores(counted(10_000.0), counted(9_999.999999, total=9_999.999999))
    assert abs(widened(found, np.zeros(1))[0]) < 0.01


def test_nothing_there_is_no_event() -> None:
    assert scores(counted(0.0), counted(0.0)).events[0] == 0


def test_the_granted_spread_widens_large_shares_most() -> None:
    base, candidate = counted(30, 3000, total=1e5), counted(60, 3600, total=1e5)
    bare = judge_pair(base, candidate, floor=np.zeros(2))
    granted = judge_pair(base, candidate, floor=np.full(2, 0.05))
    lost = 1 - granted.score / bare.score
    assert lost[0] < 0.1 < 0.5 < lost[1]


def test_the_spread_of_a_pair_is_found_beside_a_few_that_changed() -> None:
    rng = np.random.default_rng(2)
    variance = np.full(200, 0.002)
    ratios = rng.normal(0.3, np.sqrt(0.002 + 2 * 0.1**2), 200)
    ratios[:30] += 2.0
    assert pair_spread(ratios, variance) == pytest.approx(0.1, rel=0.4)
    assert pair_spread(rng.normal(0, np.sqrt(variance)), variance) == pytest.approx(0.0, abs=0.02)
    assert pair_spread(ratios[:5], variance[:5]) is None


def test_the_prior_finds_the_common_spread_and_how_far_to_trust_it() -> None:
    rng = np.random.default_rng(3)
    expected = 0.001 + 0.05**2
    alike = expected * rng.chisquare(8, 400) / 8
    assert fit_prior(alike, np.full(400, 0.001), 8).spread == pytest.approx(0.05, rel=0.15)
    assert fit_prior(alike, np.full(400, 0.001), 8).degrees > 50
    unlike = alike * 6 / rng.chisquare(6, 400)
    assert fit_prior(unlike, np.full(400, 0.001), 8).degrees == pytest.approx(6, rel=0.5)


def made_runs(rng: np.random.Generator, runs: int, spread: float, grown: float = 1.0) -> Runs:
    chance = 1.0 / np.arange(3, 123)
    counts = []
    for _ in range(runs):
        one = chance * np.exp(rng.normal(0, spread, chance.size))
        one[5] *= grown
        counts.append(rng.multinomial(6000, one / one.sum()))
    values = np.array(counts, float)
    return Runs(values, values, values.sum(axis=1), values.sum(axis=1))


def any_found(base: Runs, candidate: Runs) -> np.ndarray:
    tests = judge_runs(base, candidate)
    p = np.ones(tests.p.size)
    p[tests.enough] = adjusted(tests.p[tests.enough], share_weights(tests.share[tests.enough]))
    return p <= 0.05


@pytest.mark.parametrize("runs", [2, 5])
def test_runs_of_one_program_seldom_differ(runs: int) -> None:
    rng = np.random.default_rng(4)
    wrong = [any_found(made_runs(rng, runs, 0.08), made_runs(rng, runs, 0.08)).any() for _ in range(120)]
    assert np.mean(wrong) <= 0.10  # 0.05 expected at most; 0.10 is 2.5 standard errors above


def test_runs_find_what_grew() -> None:
    rng = np.random.default_rng(5)
    found = [any_found(made_runs(rng, 6, 0.03), made_runs(rng, 6, 0.03, grown=1.4))[5] for _ in range(40)]
    assert np.mean(found) >= 0.9


def test_functions_that_are_not_steady_stand_on_their_own_variance() -> None:
    rng = np.random.default_rng(6)
    base, candidate = made_runs(rng, 3, 0.02), made_runs(rng, 3, 0.02)
    alone = judge_runs(base, candidate, steady=np.zeros(120, np.bool_))
    drawn = judge_runs(base, candidate, steady=np.ones(120, np.bool_))
    assert (alone.high / alone.low).mean() > 1.5 * (drawn.high / drawn.low).mean()


def test_relabelling_finds_little_where_runs_are_independent() -> None:
    rng = np.random.default_rng(7)
    tried, found = relabelled(
        made_runs(rng, 5, 0.05), made_runs(rng, 5, 0.05), np.ones(120, np.bool_), alpha=0.05, times=60, seed=1
    )
    assert tried >= 55 and found <= 9


def test_equal_weights_are_benjamini_hochberg() -> None:
    p = np.array([0.001, 0.02, 0.03, 0.8])
    assert adjusted(p, np.ones(4)) == pytest.approx(stats.false_discovery_control(p))


def test_weights_average_one_and_favour_large_shares() -> None:
    weights = share_weights(np.array([0.5, 0.04, 0.01]))
    assert weights.mean() == pytest.approx(1.0)
    assert weights[0] > weights[1] > weights[2]
