"""The experiment with several factors: the cells of a plan through the lab, and what comes back for the analysis.

For times every run has a link of its own (or, where linking is slow, the layouts of a build take turns), so that the
scatter between layouts is in the scatter between runs. Memory and counts do not depend on code layout: each run
counts by itself. A release that cannot be linked in random order (before 1.23) keeps one layout, and is one build.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from whence.evidence.variant import Variant
from whence.explain.attribution.asking import Trials
from whence.explain.attribution.levers import Levers
from whence.measure.trials import Row
from whence.stats.designs import Design, PlannedRun, layouts_for, schedule
from whence.stats.split_plot import Observation

POINT = 0.01
"""Half-width of a share that is asked for at most, in ln points."""
FINEST = 0.002
FEWEST_RUNS = 24
SLOW_LINK_S = 2.0


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """How many blocks of a plan, and how many links of each build (None: one a run). Stored before it is run."""

    blocks: int
    layouts: int | None
    cells: int
    half_width: float
    """Of a share, expected, in ln points."""
    what: tuple[str, ...] = ()
    """Names of what was chosen to be tried, where that is a choice."""


def blocks_for(
    design: Design, *, run_sd: float, total: float, seconds_a_run: float, budget_s: float, factor: float = 1.0
) -> tuple[int, float]:
    """Returns how many blocks give each share the precision wanted, and the half-width to be expected.

    In a two-level plan of N runs a share is twice a coefficient, its half-width 2 x 1.96 x sd / sqrt(N). Asked for is
    a tenth of the change, between 0.2 and 1 point. Never fewer than two blocks and 24 runs, never more than the budget
    allows.
    """
    wanted = min(POINT, max(FINEST, abs(total) / 10)) * factor
    cells = len(design.cells)
    for_precision = math.ceil((2 * 1.96 * run_sd / wanted) ** 2 / cells)
    least = max(2, math.ceil(FEWEST_RUNS / cells))
    affordable = int(budget_s / max(1e-3, seconds_a_run * cells))
    blocks = max(2, min(max(least, for_precision), max(least, affordable)))
    return blocks, 2 * 1.96 * run_sd / math.sqrt(blocks * cells)


def layouts_of(design: Design, link_seconds: float) -> int | None:
    """Returns how many links a build gets: one a run, or a fixed number where linking is slow."""
    return None if link_seconds <= SLOW_LINK_S else layouts_for(design)


class Cells:
    """The runs of one plan: rows for the lab, observations for the analysis."""

    def __init__(self, trials: Trials, levers: Levers, stage: str, *, seed: int) -> None:
        self._trials = trials
        self._levers = levers
        self._stage = stage
        self._seed = seed
        self.lost = 0
        """Runs that gave no value."""

    def observe(self, design: Design, planned: Planned, extra: Mapping[str, str] | None = None) -> list[Observation]:
        """Runs what is missing and returns one observation a run that gave a value above zero.

        `extra`: settings that every cell has besides (`arg.size`). Raises BuildError for a cell that does not build.
        """
        runs = schedule(design, blocks=planned.blocks, layouts=planned.layouts, seed=self._seed)
        rows = [
            Row(block=run.block, variant=self._variant(run, extra or {}), layout=run.layout) for run in runs
        ]  # fmt: skip
        found: list[Observation] = []
        self.lost = 0
        for number, (planned_run, row, run) in enumerate(
            zip(runs, rows, self._trials.run(self._stage, rows), strict=True)
        ):
            value = self._trials.value(run)
            if not value > 0:
                self.lost += 1
                continue
            build = self._build_id(planned_run, row, number)
            found.append(
                Observation(
                    cell=planned_run.cell, build=build, block=f"{self._stage} {run.block}", value=math.log(value)
                )
            )
        return found

    def _variant(self, run: PlannedRun, extra: Mapping[str, str]) -> Variant:
        variant = self._levers.variant(run.cell, extra=extra)
        return msgspec.structs.replace(variant, name=variant.spec or "base", named=True)

    def _build_id(self, planned: PlannedRun, row: Row, number: int) -> str:
        if not self._trials.layout_matters:
            return f"{self._stage} {number}"
        if self._trials.layout_can_vary(row.variant):
            return f"{self._stage} {planned.build} {planned.layout}"
        return f"{self._stage} {planned.build}"
