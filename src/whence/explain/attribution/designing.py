"""The experiment that gives the shares: choose a plan, run it, fit it; screen first when there are many factors."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import msgspec

from whence.explain.attribution.asking import Trials
from whence.explain.attribution.cells import Cells, Planned, blocks_for, layouts_of
from whence.explain.attribution.levers import Levers
from whence.explain.attribution.total import Change
from whence.stats.attribution import Attribution, attribute
from whence.stats.designs import Design, Factor, choose, follow_up
from whence.stats.screening import survivors
from whence.stats.split_plot import Estimate, Observation

LACK_OF_FIT = 0.05
Decide = Callable[[str, Planned], Planned]
"""(stage, what would be done now) → what is done: the stored plan where there is one."""


class Fit(msgspec.Struct, frozen=True, kw_only=True):
    """Shares, and the plan they come from."""

    found: Attribution
    designs: tuple[Design, ...]
    planned: tuple[Planned, ...]
    runs: int
    lost: int
    """Of `runs`, those that gave no value."""

    @property
    def half_width(self) -> float:
        """The widest half-width of a share, in ln points; infinite when the runs cannot say."""
        return max((s.high - s.low) / 2 for s in self.found.shares)

    def words(self) -> str:
        """Returns the plan in words."""
        factors = len(self.designs[0].factors)
        kinds = {
            "full": "full factorial",
            "fraction": f"fraction of resolution {_roman(self.designs[-1].resolution)}",
            "screen": "folded-over Plackett–Burman plan",
            "follow-up": "plan of the survivors",
            "nested": "cells that can be built",
        }
        parts = [f"{kinds[d.kind]}, {len(d.cells)} cells" for d in self.designs]
        return f"{factors} factors: " + ", then ".join(parts)


def fit_shares(
    trials: Trials,
    levers: Levers,
    change: Change,
    *,
    budget_s: float,
    link_seconds: float,
    decide: Decide,
    extra: Mapping[str, str] | None = None,
    prefix: str = "cells",
    precision: float = 1.0,
) -> Fit:
    """Returns the shares of all levers. Raises BuildError for a cell that does not build.

    `budget_s`: what the runs may take. `extra`: settings of every cell besides. `precision`: the half-width wanted,
    in multiples of the rule's.
    """
    factors = levers.factors
    design = choose(factors)
    runner = Cells(trials, levers, prefix, seed=trials.seed)
    planned = decide(prefix, _plan(design, change, budget_s, link_seconds, precision))
    observations = runner.observe(design, planned, extra)
    designs, plans = [design], [planned]
    interacting: tuple[str, ...] | None = None
    if design.kind == "screen":
        interacting = survivors(observations, factors)
        second = follow_up(factors, interacting)
        closer = Cells(trials, levers, f"{prefix}-survivors", seed=trials.seed + 1)
        planned = decide(f"{prefix}-survivors", _plan(second, change, budget_s / 2, link_seconds, precision))
        observations += closer.observe(second, planned, extra)
        designs.append(second)
        plans.append(planned)
    independent = None if extra else change.estimate
    found = _fit(observations, factors, interacting, independent)
    if found.lack_of_fit is not None and found.lack_of_fit < LACK_OF_FIT and not extra and not change.exact:
        more = msgspec.structs.replace(plans[-1], blocks=2 * plans[-1].blocks)
        affordable = change.seconds_a_run * more.blocks * more.cells / 2 <= budget_s
        stage = prefix if len(designs) == 1 else f"{prefix}-survivors"
        if decide(f"{stage}-more", more if affordable else plans[-1]).blocks > plans[-1].blocks:
            again = Cells(trials, levers, stage, seed=trials.seed + len(designs) - 1)
            kept = [o for o in observations if len(designs) > 1 and not str(o.block).startswith(f"{stage} ")]
            observations = kept + again.observe(designs[-1], more, extra)
            plans[-1] = more
        found = _fit(observations, factors, interacting, independent, order=3)
    runs = sum(plan.blocks * plan.cells for plan in plans)
    return Fit(
        found=found,
        designs=tuple(designs),
        planned=tuple(plans),
        runs=runs,
        lost=runs - len(observations),
    )


def _plan(design: Design, change: Change, budget_s: float, link_seconds: float, precision: float) -> Planned:
    layouts = layouts_of(design, link_seconds)
    seconds = change.seconds_a_run + (link_seconds if layouts is None else 0.0)
    total = math.log(change.judgement.ratio) if change.judgement.ratio else 0.0
    blocks, half_width = blocks_for(
        design, run_sd=change.run_sd, total=total, seconds_a_run=seconds, budget_s=budget_s, factor=precision
    )
    if change.exact:
        blocks = 2
    return Planned(blocks=blocks, layouts=layouts, cells=len(design.cells), half_width=half_width)


def _fit(
    observations: Sequence[Observation],
    factors: Sequence[Factor],
    interacting: tuple[str, ...] | None,
    independent: Estimate | None,
    order: int = 2,
) -> Attribution:
    """Returns the fit of the highest order up to `order` that the runs suffice for."""
    try:
        return attribute(observations, factors, order=order, interacting=interacting, independent=independent)
    except ValueError:
        if order == 1:
            raise
        return _fit(observations, factors, interacting, independent, order - 1)


def _roman(resolution: int | None) -> str:
    return {3: "III", 4: "IV", 5: "V", 6: "VI", 7: "VII", 8: "VIII"}.get(resolution or 0, "full")
