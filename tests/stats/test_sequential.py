"""Looks: published O'Brien–Fleming bounds, spending that adds up to alpha, and how a run is extended."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from whence.stats.sequential import NOTHING, Look, extend, spending, spent_until


def bounds(nominal: tuple[float, ...]) -> list[float]:
    return [-NormalDist().inv_cdf(alpha / 2) for alpha in nominal]


def test_five_equal_looks_have_the_published_bounds() -> None:
    # Lan–DeMets spending of O'Brien–Fleming type, two-sided 0.05, five equal looks.
    assert bounds(spending((1, 2, 3, 4, 5), 0.05)) == pytest.approx([4.8769, 3.3569, 2.6803, 2.2898, 2.0310], abs=2e-4)


@pytest.mark.parametrize("alpha", [0.01, 0.05])
def test_one_look_spends_everything(alpha: float) -> None:
    assert spending((10,), alpha)[0] == pytest.approx(alpha)


def test_paths_of_brownian_motion_cross_with_probability_alpha() -> None:
    looks = (6, 12, 20)
    rng = np.random.default_rng(7)
    steps = rng.normal(size=(200_000, 20)).cumsum(axis=1)
    crossed = np.zeros(len(steps), dtype=bool)
    for count, bound in zip(looks, bounds(spending(looks, 0.05)), strict=True):
        crossed |= np.abs(steps[:, count - 1]) / count**0.5 > bound
    assert crossed.mean() == pytest.approx(0.05, abs=4 * (0.05 * 0.95 / len(steps)) ** 0.5)


def test_spending_rises_from_nothing_to_alpha() -> None:
    spent = [spent_until(t, 0.05) for t in (0.0, 0.1, 0.5, 0.9, 1.0)]
    assert spent == sorted(spent) and spent[0] == 0 and spent[-1] == 0.05


def test_a_very_early_look_spends_nothing_and_harms_nothing() -> None:
    nominal = spending((1, 100), 0.01)
    assert nominal[0] == NOTHING
    assert nominal[1] == pytest.approx(0.01, rel=1e-3)


@pytest.mark.parametrize("looks", [(), (0, 5), (5, 5), (7, 3)])
def test_malformed_looks_are_refused(looks: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="looks"):
        spending(looks, 0.01)


def test_a_look_knows_its_level() -> None:
    assert Look((10, 20), 1).nominal(0.05) == spending((10, 20), 0.05)[1]


def test_extending_a_run_that_has_alpha_left_replans_the_rest() -> None:
    extension = extend((10, 20), 1, 40, 0.05)
    assert (extension.kind, extension.looks, extension.first_block) == ("replan", (25, 40), 0)
    assert extension.alpha_in_all == 0.05
    # All bounds together, the one taken included, are still crossed with probability alpha.
    rng = np.random.default_rng(8)
    steps = rng.normal(size=(200_000, 40)).cumsum(axis=1)
    crossed = np.abs(steps[:, 9]) / 10**0.5 > bounds(spending((10, 20), 0.05))[0]
    for count, bound in zip(extension.looks, bounds(extension.nominal), strict=True):
        crossed |= np.abs(steps[:, count - 1]) / count**0.5 > bound
    assert crossed.mean() == pytest.approx(0.05, abs=4 * (0.05 * 0.95 / len(steps)) ** 0.5)


def test_extending_a_finished_run_starts_anew() -> None:
    extension = extend((10,), 1, 30, 0.01)
    assert (extension.kind, extension.looks, extension.first_block) == ("anew", (10, 20), 10)
    assert extension.nominal == spending((10, 20), 0.01)
    assert extension.alpha_in_all == 0.02


def test_extending_by_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="adds nothing"):
        extend((10,), 1, 10, 0.01)
