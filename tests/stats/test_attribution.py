"""The whole analysis: right shares, honest about what it cannot say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whence.stats.attribution import attribute
from whence.stats.designs import Factor, choose, follow_up, schedule
from whence.stats.designs.factors import Cell, all_cells
from whence.stats.screening import survivors
from whence.stats.split_plot import Estimate, Observation


def runs_of(
    factors: list[Factor], effects: dict[tuple[int, ...], float], seed: int, blocks: int = 2
) -> list[Observation]:
    rng = np.random.default_rng(seed)
    return [
        Observation(run.cell, f"{run.build}/{run.layout}", run.block, surface(run.cell, effects) + rng.normal(0, 0.01))
        for run in schedule(choose(factors), blocks=blocks, layouts=None, seed=seed)
    ]


def surface(cell: Cell, effects: dict[tuple[int, ...], float]) -> float:
    return sum(effect for term, effect in effects.items() if all(cell[i] for i in term))


@given(st.lists(st.floats(-3, 3), min_size=24, max_size=24), st.integers(1, 3))
@settings(max_examples=50, deadline=None)
def test_shares_add_up_to_the_total_whatever_was_measured(values: list[float], order: int) -> None:
    factors = [Factor("a", True), Factor("b"), Factor("c")]
    runs = [
        Observation(c, f"{c[0]}/{i % 3}", i // 8, v)
        for i, (c, v) in enumerate(zip(all_cells(3) * 3, values, strict=True))
    ]
    found = attribute(runs, factors, order=order)
    assert abs(math.fsum(s.share for s in found.shares) - math.log(found.total.ratio)) < 1e-9


def test_a_masked_pair_is_named_though_the_whole_moves_little() -> None:
    factors = [Factor(f"f{i}", i < 4) for i in range(6)]
    found = attribute(runs_of(factors, {(0,): 0.05, (4,): -0.05, (2,): 0.02}, 1), factors)
    assert {s.name for s in found.shares if s.blamed} == {"f0", "f4", "f2"}
    assert found.total.low < math.exp(0.02) < found.total.high
    assert not found.warnings and found.layout_sd is None


def test_an_interaction_is_shown_and_shared_half_and_half() -> None:
    factors = [Factor(f"f{i}") for i in range(4)]
    found = attribute(runs_of(factors, {(0,): 0.05, (0, 1): 0.06}, 2, blocks=4), factors)
    real = [i.between for i in found.interactions if i.real]
    assert real == [("f0", "f1")]
    assert [s.share for s in found.shares] == pytest.approx([0.08, 0.03, 0, 0], abs=0.01)
    undo = {u.names: u.share for u in found.undo}
    assert undo["f0",] == pytest.approx(-0.11, abs=0.015) and undo["f1",] == pytest.approx(-0.06, abs=0.015)


def test_a_release_without_its_switches_carries_the_whole() -> None:
    factors = [Factor("release", True), *(Factor(f"s{i}", i < 2, "release") for i in range(3))]
    found = attribute(runs_of(factors, {(0,): 0.16}, 3, blocks=3), factors)
    assert [s.blamed for s in found.shares] == [True, False, False, False]
    assert found.shares[0].low < 0.16 < found.shares[0].high
    assert found.undo[0].names == ("release", "s0", "s1", "s2")


def test_factors_that_move_together_have_one_share() -> None:
    factors = [Factor("a"), Factor("twin"), Factor("b")]
    cells = [(a, a, b) for a in (0, 1) for b in (0, 1)] * 4
    runs = [Observation(c, i, 0, 0.1 * c[0] + 0.001 * (i % 5)) for i, c in enumerate(cells)]
    found = attribute(runs, factors)
    assert [s.name for s in found.shares] == ["a + twin", "b"]
    assert any("only varied together" in w for w in found.warnings)


def test_a_factor_that_was_never_varied_has_no_share() -> None:
    factors = [Factor("a"), Factor("still")]
    runs = [Observation((i % 2, 0), i, 0, 0.1 * (i % 2) + 0.001 * (i % 3)) for i in range(12)]
    found = attribute(runs, factors)
    assert [s.name for s in found.shares] == ["a"]
    assert any("never varied" in w for w in found.warnings)


def test_a_factor_that_moved_with_time_is_refused_by_name() -> None:
    factors = [Factor("a"), Factor("b")]
    runs = [Observation((i % 2, i // 8), i, i // 8, 0.001 * (i % 3)) for i in range(16)]
    with pytest.raises(ValueError, match="b cannot be told from blocks"):
        attribute(runs, factors)


def test_aliased_interactions_name_each_other() -> None:
    factors = [Factor(f"f{i}", True) for i in range(6)]
    found = attribute(runs_of(factors, {(0,): 0.05}, 4, blocks=3), factors)
    assert any(i.or_between for i in found.interactions)
    assert found.shares[0].low < 0.05 < found.shares[0].high


def test_what_an_independent_measurement_adds_is_unexplained() -> None:
    factors = [Factor("a"), Factor("b")]
    runs = runs_of(factors, {(0,): 0.05}, 5, blocks=8)
    other = Estimate(value=0.15, low=0.14, high=0.16, error=0.004, degrees=20, p=0.0)
    found = attribute(runs, factors, independent=other)
    assert found.unexplained is not None and not found.unexplained.own_runs
    assert found.unexplained.low < 0.10 < found.unexplained.high and found.unexplained.low > 0.07
    assert any("outside all of these factors" in w for w in found.warnings)


def test_the_plans_own_corners_show_a_missing_triple() -> None:
    factors = [Factor("a"), Factor("b"), Factor("c")]
    found = attribute(runs_of(factors, {(0, 1, 2): 0.2}, 6, blocks=6), factors)
    assert found.unexplained is not None and found.unexplained.own_runs and found.unexplained.low > 0
    assert found.lack_of_fit is not None and found.lack_of_fit < 1e-6
    assert any("lack of fit" in w for w in found.warnings)
    better = attribute(runs_of(factors, {(0, 1, 2): 0.2}, 6, blocks=6), factors, order=3)
    assert [s.share for s in better.shares] == pytest.approx([0.2 / 3] * 3, abs=0.01)
    assert better.unexplained is None


def test_own_corners_cover_zero_when_the_surface_is_right() -> None:
    factors = [Factor("a"), Factor("b"), Factor("c"), Factor("d")]
    inside = 0
    for seed in range(150):
        u = attribute(runs_of(factors, {(0,): 0.05}, seed), factors).unexplained
        assert u is not None
        inside += u.low <= 0 <= u.high
    assert inside >= 134  # 95 % of 150 less three standard deviations


def test_a_screening_keeps_what_acts_and_its_runs_count_on() -> None:
    factors = [Factor(f"f{i}", i < 3) for i in range(8)]
    effects = {(0,): 0.05, (1,): -0.05, (5,): 0.03, (0, 5): 0.03}
    first = runs_of(factors, effects, 7)
    kept = survivors(first, factors)
    assert {"f0", "f1", "f5"} <= set(kept) and len(kept) <= 5
    rng = np.random.default_rng(8)
    second = [
        Observation(r.cell, f"second/{r.build}/{r.layout}", "second", surface(r.cell, effects) + rng.normal(0, 0.01))
        for r in schedule(follow_up(factors, kept), blocks=1, layouts=None, seed=8)
    ]
    found = attribute([*first, *second], factors, interacting=kept)
    assert {s.name for s in found.shares if s.blamed} == {"f0", "f1", "f5"}
    assert [i.between for i in found.interactions if i.real] == [("f0", "f5")]


def test_disturbed_runs_are_counted() -> None:
    factors = [Factor("a"), Factor("b")]
    runs = runs_of(factors, {}, 9, blocks=20)
    runs[3] = Observation(runs[3].cell, runs[3].build, runs[3].block, 1.0)
    assert any("1 of 80 runs" in w for w in attribute(runs, factors).warnings)
