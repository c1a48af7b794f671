"""The lab of a simulated program: answers what the search for causes asks, as `whence.measure.trials` does."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from bench.attribution.scenarios import Machine, Scenario
from whence.evidence.metric import Metric
from whence.evidence.request import Request
from whence.evidence.run import Run, Sample
from whence.evidence.variant import Setting, Variant
from whence.explain.attribution.levers import Lever, Levers
from whence.measure.settle import Settled, settle
from whence.measure.trials import Row
from whence.stats.designs import Cell
from whence.stats.designs.factors import build_part

NAMES = {
    "cpu": Metric(name="cpu", unit="s"),
    "memory": Metric(name="rss", unit="B"),
    "tail": Metric(name="p99-ns", unit="ns"),
}
CELL = "CELL"
SIDES = (("base", "0"), ("candidate", "1"))
RUN_S = 0.5
QUICK_LINK_S, SLOW_LINK_S = 1.0, 3.0


class SimulatedLab:
    """One metric of a scenario. `runs` counts what was run; a row that was run already is not run again."""

    def __init__(self, scenario: Scenario, metric: str, rng: np.random.Generator) -> None:
        self.scenario = scenario
        self.machine = Machine(scenario, metric, rng)
        self.metric = NAMES[metric]
        self.seed = int(rng.integers(2**31))
        self.levers = levers_of(scenario)
        self._known: dict[object, Run] = {}

    @property
    def settled(self) -> Settled:
        count = len(self.scenario.factors)
        sides = (f"base:{CELL}={'0' * count}", f"candidate:{CELL}={'1' * count}")
        request = Request(variants=sides, subject="exec:", arguments=("true",), metrics=(self.metric.name,))
        return settle(request)

    @property
    def layout_matters(self) -> bool:
        return self.metric.name != "rss"

    @property
    def link_seconds(self) -> float:
        if not self.layout_matters:
            return 0.0
        return QUICK_LINK_S if self.scenario.fresh_links else SLOW_LINK_S

    @property
    def runs(self) -> int:
        return len(self._known)

    def layout_can_vary(self, variant: Variant) -> bool:
        return self.layout_matters

    def run(self, stage: str, rows: Sequence[Row]) -> tuple[Run, ...]:
        seen: Counter[object] = Counter()
        found: list[Run] = []
        for row in rows:
            what = (stage, row.block, row.variant.name, row.layout)
            seen[what] += 1
            key = (*what, seen[what])
            if key not in self._known:
                self._known[key] = self._run(row)
            found.append(self._known[key])
        return tuple(found)

    def _run(self, row: Row) -> Run:
        cell = tuple(int(level) for level in row.variant.get(CELL) or "")
        value = math.exp(self.machine.run(cell, (build_part(cell, self.scenario.factors), row.layout)))
        return Run(
            id=str(len(self._known)), kind="counted", variant=row.variant.name, block=row.block, started_at=0.0,
            seconds=RUN_S, outcome="ok", samples=(Sample(self.metric.name, value, self.metric.unit),),
        )  # fmt: skip

    def value(self, run: Run, metric: str | None = None) -> float:
        return run.samples[0].value

    def note(self, text: str) -> None:
        return

    def stage(self, name: str, text: str) -> None:
        return


class SimulatedLevers(Levers, frozen=True, kw_only=True):
    """Levers of a program that is told its cell, one digit a switch."""

    def variant(self, cell: Cell, name: str | None = None, extra: object = None) -> Variant:
        digits = "".join(map(str, cell))
        spec = f"{CELL}={digits}"
        return Variant(name=name or spec, spec=spec, settings=(Setting(CELL, digits),), named=name is not None)


def levers_of(scenario: Scenario) -> SimulatedLevers:
    count = len(scenario.factors)
    sides = [Variant(name=name, spec="", settings=(Setting(CELL, level * count),)) for name, level in SIDES]
    levers = tuple(
        Lever(
            name=f.name, kind="toolchain" if f.name == "release" else "flag" if f.is_build else "environment",
            is_build=f.is_build, needs=f.needs, on=(Setting(f.name, "1"),), written=f"{f.name}=1",
        )
        for f in scenario.factors
    )  # fmt: skip
    return SimulatedLevers(base=sides[0], candidate=sides[1], levers=levers)
