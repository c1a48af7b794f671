"""The truth that real planted programs are held against."""

import numpy as np
import pytest
from bench.planted.robust import robust_shares

from whence.stats.attribution import attribute
from whence.stats.designs import Factor, choose, schedule
from whence.stats.split_plot import Observation

FACTORS = tuple(Factor(f"s{i}") for i in range(7))


def measured(rng: np.random.Generator, *, burst: float, sd: float = 0.004) -> list[Observation]:
    """Seven switches, of which two do something, and more together; some blocks are run beside a neighbour."""
    found: list[Observation] = []
    for run in schedule(choose(FACTORS), blocks=12, layouts=None, seed=1):
        a, b = run.cell[0], run.cell[1]
        disturbed = burst * rng.exponential() if run.block < 4 and rng.random() < 0.3 else 0.0
        value = 0.10 * a - 0.04 * b + 0.08 * a * b + rng.normal(0, sd) + disturbed
        found.append(Observation(run.cell, len(found), run.block, value))
    return found


@pytest.mark.parametrize("burst", [0.0, 0.3])
def test_bursts_do_not_move_the_truth_and_pairs_count_half(burst):
    found = robust_shares(measured(np.random.default_rng(1), burst=burst), FACTORS)
    planted = [0.14, 0.0, 0, 0, 0, 0, 0]
    assert [share for share, _ in found.values()] == pytest.approx(planted, abs=0.003)


def test_least_squares_would_be_moved():
    found = attribute(measured(np.random.default_rng(1), burst=0.3), FACTORS, order=1)
    assert max(abs(s.share - t) for s, t in zip(found.shares, [0.14, 0, 0, 0, 0, 0, 0], strict=True)) > 0.003


def test_its_standard_error_is_what_repetitions_scatter_by():
    repeated = [robust_shares(measured(np.random.default_rng(seed), burst=0.2), FACTORS)["s4"] for seed in range(20)]
    scatter = float(np.std([share for share, _ in repeated]))
    assert np.mean([error for _, error in repeated]) == pytest.approx(scatter, rel=0.45)
