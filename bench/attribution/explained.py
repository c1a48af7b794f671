"""One metric of a scenario, explained by the product's own stages: is there a change, then who carries it."""

from __future__ import annotations

import math

import msgspec
import numpy as np

from bench.attribution.lab import RUN_S, SimulatedLab
from bench.attribution.scenarios import Scenario
from whence.evidence.attribution import Cause
from whence.explain.attribution.designing import fit_shares
from whence.explain.attribution.shares import causes_of, fitted_total, leftover
from whence.explain.attribution.total import measure_total
from whence.explain.attribution.verdicts import verdict_of
from whence.measure.judge import margin_of

BUDGET_S = 30 * 60.0
TRUTH_TIMES = 10
FEWEST_RUNS = 640
"""What the truth is taken as ten times of where the product stopped early."""


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """What was said of one switch. Ends None: nothing was said, or no interval can be given."""

    share: float
    low: float | None
    high: float | None
    blamed: bool


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """`shares`: one a factor, in their order; empty where the answer is that there is no change, or none that the runs
    could show. `truth`: the same shares from ten times the runs."""

    verdict: str
    shares: tuple[Named, ...]
    truth: tuple[float, ...]
    runs: int


def explain_one(scenario: Scenario, metric: str, rng: np.random.Generator) -> Explained:
    """Returns the answer with a budget of half an hour, as `whence.explain.search` goes about it."""
    lab = SimulatedLab(scenario, metric, rng)
    run_s = RUN_S + lab.link_seconds
    most = int(0.3 * BUDGET_S / ((4 if lab.layout_matters else 2) * run_s))
    change = measure_total(lab, margin=margin_of(lab.metric, {}), most_pairs=min(40, most))  # type: ignore[arg-type]
    verdict, shares = "no-effect" if change.outcome == "equivalent" else "undetermined", ()
    if change.outcome == "differs":
        fit = fit_shares(
            lab,  # type: ignore[arg-type]
            lab.levers,
            change,
            budget_s=(BUDGET_S - lab.runs * run_s) / 2,
            link_seconds=lab.link_seconds,
            decide=lambda stage, planned: planned,
        )
        causes = causes_of(fit.found, lab.levers, fitted_total(fit.found, change.base_values))
        verdict = verdict_of(causes, math.log(fit.found.total.ratio), leftover(fit.found))
        by_name = {cause.name: _named(cause) for cause in causes}
        shares = tuple(by_name[factor.name] for factor in scenario.factors)
    return Explained(verdict=verdict, shares=shares, truth=_truth(scenario, metric, lab), runs=lab.runs)


def _truth(scenario: Scenario, metric: str, lab: SimulatedLab) -> tuple[float, ...]:
    """Returns the shares from ten times the runs. Of a release that all else needs, those that were planted."""
    if any(factor.needs for factor in scenario.factors):
        return scenario.shares(metric)
    return lab.machine.shares(TRUTH_TIMES * max(lab.runs, FEWEST_RUNS))


def _named(cause: Cause) -> Named:
    return Named(share=cause.share or 0.0, low=cause.low, high=cause.high, blamed=cause.blamed)
