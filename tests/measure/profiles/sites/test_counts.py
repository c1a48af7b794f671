"""Sampling is undone exactly, and the intervals hold the truth as often as they say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from whence.measure.profiles.sites import counts


@pytest.mark.parametrize("rate", [100, 4096, 524288])
@pytest.mark.parametrize("size", [8, 16, 1024, 106496])
def test_what_runtime_pprof_scaled_is_turned_back_to_the_integer(rate: int, size: int) -> None:
    recorded = np.unique(np.concatenate([np.arange(1, 500), np.random.default_rng(1).integers(1, 10**7, 500)]))
    # scaleHeapSample of runtime/pprof/protomem.go, in its own arithmetic.
    scale = 1 / (1 - math.exp(-size / rate))
    written = np.array([int(float(k) * scale) for k in recorded.tolist()])
    probability = counts.recording_probability(np.full(len(written), float(size)), rate)
    assert (counts.recorded(written, probability) == recorded).all()


@pytest.mark.parametrize("k", [1, 3, 400])
@pytest.mark.parametrize("p", [1e-4, 0.02, 0.5])
def test_the_interval_holds_the_numbers_under_which_the_count_is_no_surprise(k: int, p: float) -> None:
    found = counts.objects(np.array([k]), np.array([p]), 0.99)
    low, high = math.floor(found.low[0]), math.ceil(found.high[0])
    assert stats.binom.sf(k - 1, low - 1, p) <= 0.005 + 1e-4
    assert stats.binom.cdf(k, high + 1, p) <= 0.005 + 1e-4
    assert stats.binom.sf(k - 1, low + 1, p) >= 0.005 - 2e-3 * (k == 1)
    assert found.value[0] == pytest.approx(k / p)


def test_a_full_profile_is_exact() -> None:
    found = counts.objects(np.array([0, 7]), np.array([1.0, 1.0]), 0.99)
    assert [column.tolist() for column in found] == [[0, 7]] * 3


@pytest.mark.parametrize("true", [[3000] * 3, [400] * 40, [5, 900, 20000]])
@pytest.mark.parametrize("p", [0.001, 0.05])
def test_sums_hold_the_truth_as_often_as_they_say(true: list[int], p: float) -> None:
    random = np.random.default_rng(7)
    probability = p * (1 + np.arange(len(true)) % 3)
    k = random.binomial(true, probability, size=(400, len(true)))
    draw = np.repeat(np.arange(400), len(true))
    found = counts.summed(k.ravel(), np.tile(probability, 400), np.ones(k.size), draw, 400, 0.99)
    hits = (found.low <= sum(true)) & (sum(true) <= found.high)
    # Of 400 at 99 %, fewer than 386 would be one in 5,000.
    assert hits.sum() >= 386


def test_shares_add_up_and_stay_inside_their_limits() -> None:
    parts = counts.objects(np.array([900, 90, 10]), np.full(3, 0.01), 0.99)
    found = counts.shares(parts)
    assert found.value.sum() == pytest.approx(1)
    assert ((found.low <= found.value) & (found.value <= found.high)).all()
    # The largest is the surest, measured by its own size.
    assert (found.high[0] - found.low[0]) / found.value[0] < (found.high[2] - found.low[2]) / found.value[2]
