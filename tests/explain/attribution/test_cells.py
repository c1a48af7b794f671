"""The runs of a plan: how many blocks and links, under which build each run counts, and what is lost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import pytest
from tests.explain.made_up_lab import MadeUpLab

from whence.evidence.run import Run
from whence.evidence.variant import Variant
from whence.explain.attribution.cells import FEWEST_RUNS, Cells, Planned, blocks_for, layouts_of
from whence.explain.attribution.deriving import derive
from whence.explain.attribution.levers import Levers
from whence.measure.trials import Row
from whence.stats.designs import Design, Factor, choose
from whence.stats.split_plot import Observation

PLAN = Planned(blocks=3, layouts=None, cells=4, half_width=0.0)


def plan_of(count: int) -> Design:
    return choose(tuple(Factor(f"f{n}", is_build=True) for n in range(count)))


def blocks(design: Design, *, sd: float = 0.01, total: float = 0.1, seconds: float = 1.0, budget: float = 1e6, **more):
    return blocks_for(design, run_sd=sd, total=total, seconds_a_run=seconds, budget_s=budget, **more)


@pytest.mark.parametrize("count", [2, 3, 5, 9])
def test_a_plan_is_never_so_short_that_nothing_repeats(count: int):
    design = plan_of(count)
    found, _ = blocks(design, sd=0.0, budget=0.0)
    assert found >= 2 and found * len(design.cells) >= FEWEST_RUNS


@pytest.mark.parametrize(("total", "wanted"), [(5.0, 0.01), (0.1, 0.01), (-0.05, 0.005), (0.0001, 0.002)])
def test_a_share_is_wanted_to_a_tenth_of_the_change_within_bounds(total: float, wanted: float):
    design = plan_of(2)
    found, half_width = blocks(design, sd=0.1, total=total)
    assert half_width <= wanted
    assert half_width == pytest.approx(2 * 1.96 * 0.1 / math.sqrt(found * len(design.cells)))
    one_less = 2 * 1.96 * 0.1 / math.sqrt((found - 1) * len(design.cells))
    assert one_less > wanted, "no more than is needed"


def test_the_budget_ends_a_plan_before_it_is_precise_and_that_is_said():
    design = plan_of(2)
    found, half_width = blocks(design, sd=0.1, seconds=1.0, budget=100 * len(design.cells))
    assert found == 100 and half_width > 0.01


def test_a_coarser_question_takes_fewer_blocks():
    design = plan_of(2)
    assert blocks(design, sd=0.1, factor=3.0)[0] < blocks(design, sd=0.1)[0] / 8


def test_every_run_has_a_link_of_its_own_unless_linking_is_slow():
    assert layouts_of(plan_of(3), 0.3) is None
    slow = layouts_of(plan_of(3), 10.0)
    assert slow is not None and slow >= 2


class Seen(MadeUpLab):
    """Keeps the rows; no value for some settings; one side of BUILD cannot be linked in random order."""

    rows: Sequence[Row] = ()
    lost: Mapping[str, str] = {}
    old: str = ""

    def run(self, stage: str, rows: Sequence[Row]) -> tuple[Run, ...]:
        self.rows = rows
        return super().run(stage, rows)

    def value(self, run: Run, metric: str | None = None) -> float:
        row = self.rows[int(run.id.rpartition("-")[2])]
        settings = {s.key: s.value for s in row.variant.settings}
        return math.nan if self.lost and self.lost.items() <= settings.items() else super().value(run)

    def layout_can_vary(self, variant: Variant) -> bool:
        return self.layout_matters and variant.get("BUILD") != self.old


def lab(*, layout_noise: float = 0.0) -> Seen:
    return Seen("BUILD=0,RUN=0", "BUILD=1,RUN=1", lambda s: 100.0, layout_noise=layout_noise, noise=0.0)


def observed(made: Seen, planned: Planned = PLAN, extra: Mapping[str, str] | None = None) -> list[Observation]:
    runner = Cells(made, levers_of(made), "cells", seed=1)
    found = runner.observe(choose(levers_of(made).factors), planned, extra)
    assert runner.lost == len(made.rows) - len(found)
    return found


def levers_of(made: Seen) -> Levers:
    base, candidate = made.settled.variants
    levers = derive(base, candidate, (None, None), directory=Path(), source=None)
    first, *others = levers.levers
    return msgspec.structs.replace(levers, levers=(msgspec.structs.replace(first, is_build=True), *others))


def test_every_cell_is_run_in_every_block_and_its_value_is_on_the_log_scale():
    found = observed(lab())
    assert sorted((o.block, o.cell) for o in found) == sorted(
        (f"cells {block}", cell) for block in range(3) for cell in ((0, 0), (0, 1), (1, 0), (1, 1))
    )
    assert {o.value for o in found} == {math.log(100.0)}


def test_a_run_is_the_variant_of_its_cell():
    made = lab()
    found = observed(made)
    for row, seen in zip(made.rows, found, strict=True):
        cell = (int(row.variant.get("BUILD") or 0), int(row.variant.get("RUN") or 0))
        assert seen.cell == cell
        assert row.variant.name == row.variant.spec


def test_what_every_cell_has_besides_is_set_in_every_run():
    made = lab()
    observed(made, extra={"arg.size": "16"})
    assert {row.variant.get("arg.size") for row in made.rows} == {"16"}


@pytest.mark.parametrize(
    ("lost", "kept"), [({}, 12), ({"BUILD": "1"}, 6), ({"BUILD": "1", "RUN": "0"}, 9), ({"RUN": "1"}, 6)]
)
def test_runs_that_gave_no_value_are_counted_and_left_out(lost: dict[str, str], kept: int):
    made = lab()
    made.lost = lost
    assert len(observed(made)) == kept


def test_a_value_of_zero_has_no_logarithm_and_is_lost():
    made = Seen("A=0,B=0", "A=1,B=1", lambda s: float(s["A"] == "1"), noise=0.0)
    assert {o.cell[0] for o in observed(made)} == {1}


def test_where_layout_does_not_matter_each_run_counts_by_itself():
    found = observed(lab())
    assert len({o.build for o in found}) == len(found)


def test_where_layout_matters_runs_of_one_link_are_one_build():
    fresh = observed(lab(layout_noise=0.01))
    assert len({o.build for o in fresh}) == len(fresh)
    shared = observed(lab(layout_noise=0.01), msgspec.structs.replace(PLAN, blocks=4, layouts=2))
    assert len({o.build for o in shared}) == 2 * 2, "two builds with two links each"
    assert all(len({o.cell[0] for o in shared if o.build == build}) == 1 for build in {o.build for o in shared})


def test_a_release_that_keeps_one_layout_is_one_build_however_often_it_is_run():
    made = lab(layout_noise=0.01)
    made.old = "0"
    found = observed(made)
    assert len({o.build for o in found if o.cell[0] == 0}) == 1
    assert len({o.build for o in found if o.cell[0] == 1}) == 6
