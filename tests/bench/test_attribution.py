"""The simulated programs with planted causes: their noise, their truth, and how answers are counted."""

import json
import math

import numpy as np
import pytest
from bench.attribution import dowhy_rival, links, noise
from bench.attribution.answers import Answer
from bench.attribution.beside import side_by_side
from bench.attribution.experiments import one_at_a_time
from bench.attribution.explained import Named, explain_one
from bench.attribution.lab import SimulatedLab
from bench.attribution.scenarios import KINDS, Machine, Scenario, draw

from whence.evidence.variant import Setting, Variant
from whence.measure.trials import Row
from whence.stats.designs import Factor


def even(sd: float, seed: int = 1) -> noise.Noise:
    values = np.random.default_rng(seed).normal(0, sd, (5, 20))
    return noise.Noise(source="made up", residuals=tuple(values - values.mean(axis=1, keepdims=True)))


def scenario(effects: dict[tuple[int, ...], float], sd: float = 0.01, count: int = 6) -> Scenario:
    factors = tuple(Factor(f"s{i}", i < 2) for i in range(count))
    return Scenario(
        kind="single",
        asked="cpu",
        factors=factors,
        effects={"cpu": effects, "memory": {}, "tail": {}},
        fresh_links=True,
        noise=dict.fromkeys(("cpu", "memory", "tail"), even(sd)),
    )


def named(share: float, *, blamed: bool = True, half: float = 0.01) -> Named:
    return Named(share=share, low=share - half, high=share + half, blamed=blamed)


def test_noise_keeps_what_was_recorded_and_what_stays_for_several_runs():
    lasting = noise.Noise(source="x", residuals=(np.repeat([-0.1, 0.1, -0.1, 0.1, -0.1], 4),))
    drawn = lasting.sequence(np.random.default_rng(1), 4000)
    assert set(np.round(drawn, 6)) == {-0.1, 0.1}
    assert np.corrcoef(drawn[:-1], drawn[1:])[0, 1] > 0.3
    assert lasting.scaled(0.02).sd == pytest.approx(0.02)


def test_recorded_noise_is_free_of_the_workload_s_own_level():
    for sources in noise.SOURCES.values():
        for source in sources:
            for residuals in noise.residuals_of(*source):
                assert abs(residuals.mean()) < 1e-9
    assert noise.fitted("heapshape", "cpu").sd > noise.fitted("heapshape", "rss").sd


@pytest.mark.parametrize("between", [0.0, 0.05])
def test_links_are_told_from_runs_that_were_disturbed(between):
    rng = np.random.default_rng(3)
    level = rng.normal(0, between, 16)
    runs = [
        links.Run("w", link, block, math.exp(level[link] + 0.002 * rng.standard_normal() + 0.3 * (rng.random() < 0.3)))
        for link in range(16)
        for block in range(8)
    ]
    variance, _ = links.variance_between(runs, "w")
    assert math.sqrt(max(variance, 0)) == pytest.approx(level.std(ddof=1), abs=0.003)


def test_the_measured_truth_is_the_shapley_value_of_the_planted_surface():
    planted = scenario({(0,): 0.10, (1,): -0.05, (0, 2): 0.04}, sd=0.005)
    measured = Machine(planted, "cpu", np.random.default_rng(2)).shares(6400)
    assert measured == pytest.approx(planted.shares("cpu"), abs=0.002)
    assert planted.shares("cpu")[:3] == pytest.approx((0.12, -0.05, 0.02))


def test_a_masked_pair_has_a_third_effect_that_is_not_zero():
    for seed in range(20):
        effects = draw(np.random.default_rng(seed), "masked", "quiet", 0.0).effects["cpu"]
        assert sorted(effects.values()).count(0.05) == 1
        assert len(effects) == 3
        assert abs(sum(effects.values())) >= 0.04


@pytest.mark.parametrize("kind", [*KINDS, "nothing", "release"])
def test_programs_have_six_to_eight_switches_of_which_at_most_four_are_built(kind):
    for seed in range(20):
        drawn = draw(np.random.default_rng(seed), kind, "recorded", 0.01)
        switches = [f for f in drawn.factors if f.name != "release"]
        assert 5 <= len(switches) <= 8
        assert sum(f.is_build for f in switches) <= 4
        total = sum(drawn.effects[drawn.asked].values())
        assert total == 0 if kind == "nothing" else abs(total) >= 0.03


def test_the_lab_gives_what_was_run_again_and_runs_only_what_is_new():
    lab = SimulatedLab(scenario({(0,): 0.1}), "cpu", np.random.default_rng(1))
    variant = Variant(name="x", spec="x", settings=(Setting("CELL", "100000"),))
    first = lab.run("a", [Row(block=0, variant=variant, layout=0)])
    again = lab.run("a", [Row(block=0, variant=variant, layout=0), Row(block=1, variant=variant, layout=1)])
    assert again[0] is first[0]
    assert lab.runs == 2


def test_the_product_names_the_planted_cause_and_its_share():
    planted = scenario({(0,): 0.10, (3,): 0.02})
    found = explain_one(planted, "cpu", np.random.default_rng(1))
    assert found.verdict == "explained"
    assert [s.blamed for s in found.shares] == [True, False, False, True, False, False]
    assert found.shares[0].share == pytest.approx(found.truth[0], abs=0.01)


def test_a_metric_that_nothing_moves_is_not_asked_about_further():
    found = explain_one(scenario({}), "cpu", np.random.default_rng(1))
    assert found.verdict == "no-effect"
    assert not found.shares


def test_one_switch_at_a_time_leaves_out_what_two_do_together():
    planted = scenario({(0,): 0.10, (0, 2): 0.06}, sd=0.002)
    found = one_at_a_time(planted, 140, "cpu", np.random.default_rng(1))
    assert found[0].share == pytest.approx(0.10, abs=0.005)
    assert found[2].share == pytest.approx(0.0, abs=0.005)


def test_an_answer_is_right_when_the_largest_true_share_is_named_and_blamed():
    planted = scenario({(0,): 0.10, (1,): 0.08})
    idle = [named(0.0, blamed=False)] * 4

    def answer(*first: Named) -> Answer:
        truth = (0.10, 0.08, 0, 0, 0, 0)
        return Answer(scenario=planted, metric="cpu", shares=(*first, *idle), truth=truth, runs=64)

    assert answer(named(0.11), named(0.08)).top_right()
    assert answer(named(0.07), named(0.08)).top_wrong()
    unsure = answer(named(0.11, blamed=False), named(0.08, blamed=False))
    assert not unsure.top_right()
    assert not unsure.top_wrong()
    assert answer(named(0.13), named(0.08)).covered() == [False, True, True, True, True, True]
    assert len(answer(named(0.1), named(0.08)).idle()) == 4


def test_no_answer_is_not_right_and_blames_nobody():
    silent = Answer(scenario=scenario({(0,): 0.1}), metric="cpu", shares=(), truth=(0.1, 0, 0, 0, 0, 0), runs=80)
    assert not silent.top_right()
    assert not silent.top_wrong()
    assert not silent.covered()
    assert not silent.idle()


def test_the_table_says_why_a_rival_is_not_in_it():
    planted = scenario({(0,): 0.1})
    shares = (named(0.1), *[named(0.0, blamed=False)] * 5)
    told = [Answer(scenario=planted, metric="cpu", shares=shares, truth=(0.1, 0, 0, 0, 0, 0), runs=64)]
    assert "SKIPPED: no network" in side_by_side(told, told, [], "no network")
    bare = [Answer(scenario=planted, metric="cpu", truth=told[0].truth, runs=64,
                   shares=tuple(Named(share=s.share, low=None, high=None, blamed=True) for s in shares))]  # fmt: skip
    assert "gives none" in side_by_side(told, told, bare, "")


def test_dowhy_gets_as_many_runs_with_every_switch_on_and_off():
    told = json.loads(dowhy_rival.job(scenario({(0,): 0.1}), "cpu", 200, np.random.default_rng(1)))
    for side, most_on in (("old", 0.5), ("new", 1.0)):
        assert len(told[side]["metric"]) == 100
        for switch in ("s0", "s5"):
            assert 0 < np.mean(told[side][switch]) < most_on


def test_an_environment_that_cannot_be_made_is_told_in_one_line(monkeypatch, tmp_path):
    monkeypatch.setattr(dowhy_rival, "HOME", tmp_path / "file" / "dowhy")
    (tmp_path / "file").write_text("in the way")
    told = dowhy_rival.installed()
    assert told.startswith("no environment could be made")
    assert "\n" not in told
