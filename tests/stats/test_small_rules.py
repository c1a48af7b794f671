"""Power, geometric mean and the A/A band."""

from __future__ import annotations

import math

import numpy as np
import pytest

from whence.stats.aa_band import aa_band
from whence.stats.geometric import geometric_mean
from whence.stats.power import detectable, pairs_for, pairs_to_decide


def test_detectable_is_the_contracts_formula() -> None:
    # 3 % spread and 20 pairs see 1.9 %.
    assert detectable(0.03, 20) == pytest.approx(2.8 * 0.03 / math.sqrt(20))
    assert detectable(0.03, 0) is None


def test_pairs_for_turns_detectable_round() -> None:
    assert pairs_for(0.03, 0.01) == 71
    assert pairs_for(0.001, 0.5) == 6
    assert pairs_for(0.03, 0.0) is None
    assert pairs_for(0.03, 1e-9) is None


def test_pairs_to_decide_takes_the_cheaper_of_difference_and_equivalence() -> None:
    towards_difference = pairs_to_decide(effect=0.02, sd_log=0.02, log_margin=0.01, alpha=0.01)
    assert towards_difference == 13  # ((2.576 + 0.842) * 0.02 / 0.02)^2 / 0.955
    towards_equivalence = pairs_to_decide(effect=0.0001, sd_log=0.02, log_margin=0.01, alpha=0.01)
    assert towards_equivalence is not None and 20 < towards_equivalence < 60
    assert pairs_to_decide(effect=0.0, sd_log=0.02, log_margin=0.0, alpha=0.01) is None


def test_geometric_mean() -> None:
    assert geometric_mean([2.0, 8.0]) == pytest.approx(4.0)
    assert geometric_mean([2.0, None, 8.0]) == pytest.approx(4.0)
    assert geometric_mean([]) is None and geometric_mean([None]) is None
    assert geometric_mean([1.0, 0.0]) is None and geometric_mean([1.0, math.inf]) is None


def test_band_covers_what_an_aa_comparison_shows() -> None:
    rng = np.random.default_rng(9)
    inside = 0
    for _ in range(600):
        drift = np.linspace(0, 0.1, 12)
        base = np.exp(drift + rng.normal(0, 0.01, 12))
        again = np.exp(drift + rng.normal(0, 0.01, 12))
        band = aa_band(base.tolist())
        assert band is not None
        inside += band[0] <= math.exp(float(np.median(np.log(again / base)))) <= band[1]
    assert inside / 600 >= 0.90


def test_band_narrows_with_the_number_of_pairs() -> None:
    base = np.exp(np.random.default_rng(10).normal(0, 0.01, 20)).tolist()
    ten, forty = aa_band(base, 10), aa_band(base, 40)
    assert ten is not None and forty is not None
    assert math.log(ten[1]) == pytest.approx(2 * math.log(forty[1]))
    assert ten[0] == pytest.approx(1 / ten[1])


@pytest.mark.parametrize("base", [[1.0] * 6, [1.0] * 6 + [0.0], [math.nan] * 20, []])
def test_no_band_without_enough_positive_values(base: list[float]) -> None:
    assert aa_band(base) is None


def test_constant_base_has_a_band_of_no_width() -> None:
    assert aa_band([5.0] * 8) == (1.0, 1.0)
