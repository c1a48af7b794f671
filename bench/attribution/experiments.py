"""The product's plan, and one switch at a time, run on a scenario with the same number of runs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import msgspec
import numpy as np

from bench.attribution.scenarios import METRICS, Machine, Scenario
from whence.stats.attribution import Attribution, Share, attribute
from whence.stats.designs import Design, choose, follow_up, layouts_for, schedule
from whence.stats.designs.factors import Cell, build_part
from whence.stats.mixed_model import t_interval, t_p
from whence.stats.multiplicity import correct
from whence.stats.screening import survivors
from whence.stats.split_plot import Observation

Runs = dict[str, list[Observation]]
LAYOUTS = 2
"""Links of each build for one switch at a time, where a fresh link each run is too slow."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What an analysis said about one metric."""

    shares: tuple[Share, ...]
    runs: int
    attribution: Attribution | None = None


def by_plan(scenario: Scenario, rng: np.random.Generator) -> dict[str, tuple[Outcome, Outcome]]:
    """Returns for each metric the product's answer, and the same runs analysed as if all were alike."""
    machine = Machine(scenario, rng)
    design = choose(scenario.factors)
    runs = _measure(design, machine, scenario, blocks=2, stage=0, rng=rng)
    interacting = None
    if design.kind == "screen":
        interacting = survivors(runs[scenario.asked], scenario.factors)
        second = _measure(follow_up(scenario.factors, interacting), machine, scenario, blocks=1, stage=1, rng=rng)
        runs = {metric: [*runs[metric], *second[metric]] for metric in METRICS}
    found: dict[str, tuple[Outcome, Outcome]] = {}
    for metric in METRICS:
        apart = [msgspec.structs.replace(o, build=str(i)) for i, o in enumerate(runs[metric])]
        both = [attribute(o, scenario.factors, interacting=interacting) for o in (runs[metric], apart)]
        ours, naive = (Outcome(shares=a.shares, runs=len(apart), attribution=a) for a in both)
        found[metric] = ours, naive
    return found


def _measure(
    design: Design, machine: Machine, scenario: Scenario, *, blocks: int, stage: int, rng: np.random.Generator
) -> Runs:
    runs: Runs = {metric: [] for metric in METRICS}
    layouts = None if scenario.fresh_links else layouts_for(design)
    for number, planned in enumerate(schedule(design, blocks=blocks, layouts=layouts, seed=int(rng.integers(2**31)))):
        # Equal build settings share their links across stages; a fresh link is the run's own.
        layout = (stage, number) if scenario.fresh_links else planned.layout
        link = f"{build_part(planned.cell, scenario.factors)}/{layout}"
        for metric, value in machine.run(planned.cell, link).items():
            runs[metric].append(Observation(planned.cell, link, f"{stage}/{planned.block}", value))
    return runs


def one_at_a_time(scenario: Scenario, runs: int, metric: str, rng: np.random.Generator) -> Outcome:
    """Returns shares measured as base against base with one switch on, with about `runs` runs in blocks."""
    count = len(scenario.factors)
    machine = Machine(scenario, rng)
    blocks = max(2, round(runs / (count + 1)))
    cells: list[Cell] = [(0,) * count, *((0,) * i + (1,) + (0,) * (count - i - 1) for i in range(count))]
    values = np.zeros((blocks, count + 1))
    for block, position in itertools.product(range(blocks), range(count + 1)):
        layout = block if scenario.fresh_links else block % LAYOUTS
        link = f"{build_part(cells[position], scenario.factors)}/{layout}/{position * scenario.fresh_links}"
        values[block, position] = machine.run(cells[position], link)[metric]
    steps = values[:, 1:] - values[:, :1]
    errors = steps.std(axis=0, ddof=1) / math.sqrt(blocks)
    return Outcome(shares=_shares(scenario, steps.mean(axis=0).tolist(), errors.tolist(), blocks - 1), runs=values.size)


def _shares(scenario: Scenario, means: Sequence[float], errors: Sequence[float], degrees: int) -> tuple[Share, ...]:
    p_values = [t_p(mean, error, degrees) for mean, error in zip(means, errors, strict=True)]
    corrected = correct(p_values, 0.05, "holm")
    found: list[Share] = []
    for factor, mean, error, p, c in zip(scenario.factors, means, errors, p_values, corrected, strict=True):
        low, high = t_interval(mean, error, degrees, 0.95)
        found.append(
            Share(name=factor.name, share=mean, low=low, high=high, p=p, p_adjusted=c.p_adjusted, blamed=c.rejected)
        )
    return tuple(found)
