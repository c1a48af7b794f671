"""Shares from the experiment with several levers, in a lab whose truth is known."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from tests.explain.made_up_lab import MadeUpLab

from whence.explain.attribution.cells import Planned
from whence.explain.attribution.deriving import derive
from whence.explain.attribution.designing import Fit, fit_shares
from whence.explain.attribution.levers import Levers
from whence.explain.attribution.shares import causes_of, fitted_total
from whence.explain.attribution.total import Change, measure_total
from whence.explain.attribution.verdicts import verdict_of


def explained(effects: dict[str, float], *, noise: float = 0.01, joint: float = 1.0) -> tuple[Fit, Levers, Change]:
    names = list(effects)
    base, candidate = (",".join(f"{name}={level}" for name in names) for level in (0, 1))

    def formula(settings):
        value = 100.0
        for name, size in effects.items():
            value *= size if settings[name] == "1" else 1.0
        both = settings[names[0]] == settings[names[1]] == "1"
        return value * (joint if both else 1.0)

    lab = MadeUpLab(f"a:{base}", f"b:{candidate}", formula, noise=noise)
    change = measure_total(lab, margin=0.01, most_pairs=40)
    levers = derive(*lab.settled.variants, (None, None), directory=Path(), source=None)
    fit = fit_shares(
        lab, levers, change, budget_s=600.0, link_seconds=0.0, decide=lambda stage, planned: planned
    )  # fmt: skip
    return fit, levers, change


def test_shares_are_right_and_add_up_to_the_whole():
    fit, levers, change = explained({"A": 1.12, "B": 1.05, "C": 1.0, "D": 0.97})
    shares = {s.name: s for s in fit.found.shares}
    for name, size in (("A", 1.12), ("B", 1.05), ("C", 1.0), ("D", 0.97)):
        assert shares[name].share == pytest.approx(math.log(size), abs=0.012)
    assert sum(s.share for s in fit.found.shares) == pytest.approx(math.log(fit.found.total.ratio), abs=1e-9)
    total = fitted_total(fit.found, change.base_values)
    causes = causes_of(fit.found, levers, total)
    assert sum(c.delta or 0.0 for c in causes) == pytest.approx(total.delta, rel=1e-9)
    assert verdict_of(causes, math.log(total.ratio or 1.0), None) == "explained"
    assert not next(c for c in causes if c.name == "C").blamed


def test_what_two_do_together_is_shared_by_both_and_shown():
    fit, _, _ = explained({"A": 1.10, "B": 1.10, "C": 1.0}, joint=1.08)
    shares = {s.name: s.share for s in fit.found.shares}
    half = math.log(1.08) / 2
    assert shares["A"] == pytest.approx(math.log(1.1) + half, abs=0.012)
    real = [i for i in fit.found.interactions if i.real]
    assert [set(i.between) for i in real] == [{"A", "B"}]


def test_a_pair_that_cancels_is_still_seen_among_many():
    effects = {"A": 1.05, "B": 1 / 1.05, "C": 1.12, "D": 1.0, "E": 1.0, "F": 1.0, "G": 1.0, "H": 1.0}
    fit, levers, change = explained(effects, noise=0.008)
    assert fit.designs[0].kind == "screen"
    causes = causes_of(fit.found, levers, fitted_total(fit.found, change.base_values))
    assert {c.name for c in causes if c.blamed} == {"A", "B", "C"}


def test_a_metric_without_scatter_needs_two_blocks_and_is_exact():
    fit, _, _ = explained({"A": 1.10, "B": 1.0}, noise=0.0)
    share = next(s for s in fit.found.shares if s.name == "A")
    assert share.low == share.high == pytest.approx(math.log(1.1))


def test_a_stored_decision_is_followed_so_that_a_search_goes_on_as_it_began():
    asked: list[str] = []

    def decide(stage: str, planned: Planned) -> Planned:
        asked.append(stage)
        return Planned(blocks=9, layouts=None, cells=planned.cells, half_width=0.0)

    lab = MadeUpLab("a:A=0,B=0", "b:A=1,B=1", lambda s: 110.0 if s["A"] == "1" else 100.0)
    change = measure_total(lab, margin=0.01, most_pairs=10)
    levers = derive(*lab.settled.variants, (None, None), directory=Path(), source=None)
    fit = fit_shares(lab, levers, change, budget_s=600.0, link_seconds=0.0, decide=decide)
    assert asked[0] == "cells"
    assert fit.planned[0].blocks in (9, 18)
