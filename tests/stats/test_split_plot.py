"""Two error levels: known answers of the analysis of variance, coverage, and what cannot be told apart."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from whence.stats.attribution import attribute
from whence.stats.designs import Factor, choose, schedule
from whence.stats.designs.factors import all_cells as grid
from whence.stats.lack_of_fit import lack_of_fit
from whence.stats.mixed_model import MixedModel, t_interval, t_p
from whence.stats.shapley import share_weights
from whence.stats.split_plot import Observation, SplitPlot
from whence.stats.surface import terms_up_to

TWO = (Factor("build", True), Factor("run"))


def split_plot(
    rng: np.random.Generator, builds: int, repeats: int, layout_sd: float, run_sd: float
) -> list[Observation]:
    """`builds` links of each of two build settings, each run `repeats` times at both run-time settings; no effects."""
    found: list[Observation] = []
    for setting, link in itertools.product((0, 1), range(builds)):
        shift = rng.normal(0, layout_sd)
        for level, block in itertools.product((0, 1), range(repeats)):
            found.append(Observation((setting, level), f"{setting}/{link}", block, shift + rng.normal(0, run_sd)))
    return found


def test_a_balanced_split_plot_gets_the_anova_answer_at_each_level() -> None:
    runs = split_plot(np.random.default_rng(3), builds=5, repeats=4, layout_sd=0.03, run_sd=0.01)
    fit = SplitPlot(runs, TWO, terms_up_to(TWO))
    whole, sub = (fit.estimate(row) for row in share_weights(TWO, fit.terms))
    means = {b: np.mean([o.value for o in runs if o.build == b]) for b in dict.fromkeys(o.build for o in runs)}
    first, second = [m for b, m in means.items() if b[0] == "0"], [m for b, m in means.items() if b[0] == "1"]
    pooled = math.sqrt((np.var(first, ddof=1) + np.var(second, ddof=1)) / 5)
    assert whole.value == pytest.approx(np.mean(second) - np.mean(first), abs=1e-12)
    assert whole.error == pytest.approx(pooled, rel=1e-5)
    assert whole.degrees == pytest.approx(8, rel=1e-4)
    assert sub.degrees == pytest.approx(80 - 10 - 3 - 2, rel=1e-4)  # runs less builds, blocks, run-time terms
    assert sub.error < whole.error / 3


def test_a_between_build_scatter_below_the_run_scatter_is_not_cut_at_zero() -> None:
    for seed in range(20):
        runs = split_plot(np.random.default_rng(seed), builds=3, repeats=4, layout_sd=0.0, run_sd=0.01)
        fit = SplitPlot(runs, TWO, terms_up_to(TWO))
        assert fit.estimate(share_weights(TWO, fit.terms)[0]).degrees == pytest.approx(4, rel=1e-3)


def test_a_fresh_link_each_run_is_least_squares() -> None:
    rng = np.random.default_rng(1)
    design = choose([Factor(f"f{i}", i < 2) for i in range(3)])
    runs = [Observation(cell, i, 0, rng.normal()) for i, cell in enumerate(design.cells * 3)]
    fit = SplitPlot(runs, design.factors, terms_up_to(design.factors))
    x = np.column_stack([np.ones(24), *(2 * np.array([o.cell for o in runs]).T - 1)])
    b, *_ = np.linalg.lstsq(x, fit.values, rcond=None)
    assert fit.coefficients[:3] == pytest.approx(b[1:], abs=1e-12)
    assert fit.estimate(np.eye(6)[0]).degrees == 24 - 7


@pytest.mark.parametrize("links", [None, 1, 2])
def test_intervals_cover_and_harmless_build_switches_are_acquitted(links: int | None) -> None:
    """Nominal 95 %; 800 to 1,200 intervals. Treating all runs alike blames build switches several times too often."""
    rng = np.random.default_rng(5)
    factors = [Factor(f"f{i}", i < 4) for i in range(6)]
    design = choose(factors)
    covered, alike_blamed, trials = 0, 0, 150
    for _ in range(trials):
        shift: dict[tuple[int, int], float] = {}
        runs: list[Observation] = []
        for number, run in enumerate(schedule(design, blocks=2, layouts=links, seed=int(rng.integers(1e9)))):
            layout = shift.setdefault((run.build, run.layout), rng.normal(0, 0.02))
            value = layout + rng.normal(0, 0.01) + 0.02 * run.block
            runs.append(Observation(run.cell, f"{run.build}/{run.layout}", run.block, value))
            assert number < 64
        shares = attribute(runs, factors).shares
        covered += sum(share.low <= 0 <= share.high for share in shares)
        alike = attribute([Observation(o.cell, i, o.block, o.value) for i, o in enumerate(runs)], factors).shares
        alike_blamed += sum(share.p < 0.05 for share in alike[:4])
    assert 0.925 < covered / (6 * trials) < 0.975
    if links == 1:
        assert alike_blamed / (4 * trials) > 0.15


def test_lack_of_fit_sees_a_missing_triple_and_is_calm_without() -> None:
    rng = np.random.default_rng(8)
    factors = [Factor(f"f{i}") for i in range(3)]
    false = seen = 0
    for _ in range(200):
        noise = [(cell, i, i % 2, rng.normal(0, 0.01)) for i, cell in enumerate(grid(3) * 3)]
        calm = [Observation(*run) for run in noise]
        bent = [Observation(cell, b, k, v + 0.06 * math.prod(cell)) for cell, b, k, v in noise]
        false += (lack_of_fit(SplitPlot(calm, factors, terms_up_to(factors))) or 1) < 0.05
        seen += (lack_of_fit(SplitPlot(bent, factors, terms_up_to(factors))) or 1) < 0.05
    assert false <= 22 and seen >= 180


def test_lack_of_fit_is_silent_without_replicates() -> None:
    factors = [Factor("a"), Factor("b"), Factor("c")]
    runs = [Observation(cell, i, 0, float(i % 3)) for i, cell in enumerate(grid(3))]
    assert lack_of_fit(SplitPlot(runs, factors, terms_up_to(factors))) is None


def test_one_link_a_build_setting_cannot_judge_a_build_switch() -> None:
    rng = np.random.default_rng(2)
    runs = [Observation((b, r), b, k, rng.normal()) for b, r, k in itertools.product((0, 1), (0, 1), range(5))]
    found = attribute(runs, TWO)
    assert math.isinf(found.shares[0].high) and not found.shares[0].blamed
    assert math.isfinite(found.shares[1].high)
    assert any("link each at least twice" in warning for warning in found.warnings)


def test_exact_metrics_have_exact_shares() -> None:
    factors = [Factor("a", True), Factor("b")]
    effects = {(0, 0): 0.0, (0, 1): 0.1, (1, 0): 0.2, (1, 1): 0.4}
    runs = [Observation(cell, cell[0], k, value) for cell, value in effects.items() for k in range(2)]
    found = attribute(runs, factors)
    assert [s.share for s in found.shares] == pytest.approx([0.25, 0.15])
    assert all(s.high - s.low == 0 and s.blamed for s in found.shares)
    assert found.interactions[0].share == pytest.approx(0.1)


def test_a_model_needs_more_runs_than_coefficients() -> None:
    with pytest.raises(ValueError, match="cannot carry"):
        MixedModel(np.eye(3), np.zeros(3), np.arange(3))
    assert t_interval(1.0, math.inf, 5, 0.95) == (-math.inf, math.inf)
    assert t_p(1.0, math.inf, 5) == 1.0 and t_p(0.5, 0.0, 5) == 0.0 and t_p(0.0, 0.0, 5) == 1.0


@pytest.mark.parametrize(("cell", "value"), [((0,), 1.0), ((0, 2), 1.0), ((0, 1), math.nan), ((1, 0, 1), 1.0)])
def test_malformed_observations_are_refused(cell: tuple[int, ...], value: float) -> None:
    with pytest.raises(ValueError, match="cell"):
        SplitPlot([Observation(cell, 0, 0, value)] * 9, TWO, terms_up_to(TWO))
