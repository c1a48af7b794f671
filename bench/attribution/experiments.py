"""The rivals of the product on the same programs: one switch at a time, and a plan whose runs are taken as alike."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import msgspec
import numpy as np

from bench.attribution.explained import Named
from bench.attribution.scenarios import Machine, Scenario
from whence.stats.attribution import Attribution, Share, attribute
from whence.stats.designs import Design, choose, follow_up, layouts_for, schedule
from whence.stats.designs.factors import Cell, build_part
from whence.stats.mixed_model import t_interval, t_p
from whence.stats.multiplicity import correct
from whence.stats.screening import survivors
from whence.stats.split_plot import Observation

LAYOUTS = 2
"""Links of each build for one switch at a time, where a fresh link each run is too slow."""


class TwoBlocks(msgspec.Struct, frozen=True, kw_only=True):
    """The smallest plan: 64 runs and at most 16 builds with 6 switches. `alike`: the same runs, builds forgotten."""

    found: Attribution
    alike: Attribution
    runs: int


def two_blocks(scenario: Scenario, metric: str, rng: np.random.Generator) -> TwoBlocks:
    """Returns what the smallest plan says: two blocks, and one more of the survivors above 6 switches."""
    machine, factors = Machine(scenario, metric, rng), scenario.factors
    design = choose(factors)
    runs = _measure(design, machine, scenario, blocks=2, stage=0, rng=rng)
    interacting = None
    if design.kind == "screen":
        interacting = survivors(runs, factors)
        runs += _measure(follow_up(factors, interacting), machine, scenario, blocks=1, stage=1, rng=rng)
    apart = [msgspec.structs.replace(o, build=str(i)) for i, o in enumerate(runs)]
    found, alike = (attribute(o, factors, interacting=interacting) for o in (runs, apart))
    return TwoBlocks(found=found, alike=alike, runs=len(runs))


def _measure(
    design: Design, machine: Machine, scenario: Scenario, *, blocks: int, stage: int, rng: np.random.Generator
) -> list[Observation]:
    runs: list[Observation] = []
    layouts = None if scenario.fresh_links else layouts_for(design)
    for number, planned in enumerate(schedule(design, blocks=blocks, layouts=layouts, seed=int(rng.integers(2**31)))):
        # Equal build settings share their links across stages; a fresh link is the run's own.
        layout = (stage, number) if scenario.fresh_links else planned.layout
        link = f"{build_part(planned.cell, scenario.factors)}/{layout}"
        runs.append(Observation(planned.cell, link, f"{stage}/{planned.block}", machine.run(planned.cell, link)))
    return runs


def one_at_a_time(scenario: Scenario, runs: int, metric: str, rng: np.random.Generator) -> tuple[Named, ...]:
    """Returns shares measured as base against base with one switch on, with about `runs` runs in blocks."""
    count = len(scenario.factors)
    machine = Machine(scenario, metric, rng)
    blocks = max(2, round(runs / (count + 1)))
    cells: list[Cell] = [(0,) * count, *((0,) * i + (1,) + (0,) * (count - i - 1) for i in range(count))]
    values = np.zeros((blocks, count + 1))
    for block, position in itertools.product(range(blocks), range(count + 1)):
        layout = block if scenario.fresh_links else block % LAYOUTS
        link = f"{build_part(cells[position], scenario.factors)}/{layout}/{position * scenario.fresh_links}"
        values[block, position] = machine.run(cells[position], link)
    steps = values[:, 1:] - values[:, :1]
    errors = steps.std(axis=0, ddof=1) / math.sqrt(blocks)
    return _shares(steps.mean(axis=0).tolist(), errors.tolist(), blocks - 1)


def _shares(means: Sequence[float], errors: Sequence[float], degrees: int) -> tuple[Named, ...]:
    p_values = [t_p(mean, error, degrees) for mean, error in zip(means, errors, strict=True)]
    found: list[Named] = []
    for mean, error, c in zip(means, errors, correct(p_values, 0.05, "holm"), strict=True):
        low, high = t_interval(mean, error, degrees, 0.95)
        found.append(Named(share=mean, low=low, high=high, blamed=c.rejected))
    return tuple(found)


def named(shares: Sequence[Share]) -> tuple[Named, ...]:
    return tuple(Named(share=s.share, low=s.low, high=s.high, blamed=s.blamed) for s in shares)
