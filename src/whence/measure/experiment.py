"""One comparison as it runs: its stages, what is stored between them, and what is known at any moment."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from whence.evidence.comparison import Comparison, Plan
from whence.evidence.metric import BUILT_IN, DEFAULT_METRICS, SERVICE_METRICS, Metric, layout_sensitive
from whence.evidence.run import Run, Session
from whence.measure import judge, metrics
from whence.measure.lab.budget import blocks_for_budget
from whence.measure.lab.executor import Execution
from whence.measure.lab.launch import Arm, Runner, RunOptions
from whence.measure.lab.plan import make_plan
from whence.measure.prepare import RUNTIME_METRICS, Prepared, Workshop, layout_varies
from whence.measure.settle import Settled
from whence.measure.summary import summarise
from whence.stats.judge import pairs_for_family
from whence.store.run_directory import RunDirectory

if TYPE_CHECKING:
    from whence.measure.compare import Listener

DEFAULT_PAIRS = 10
MOST_DEFAULT_PAIRS = 16
SLOW_LINK_S = 2.0
FEWEST_LAYOUTS = 6
MOST_REPEATS = 2
"""Of one block. Memory does not depend on how fast the host is, so blocks that only memory is read from have none."""
LEAST_REPEAT_THRESHOLD = 1.25


class Experiment:
    """Runs a settled request in a run directory, resuming what is there."""

    def __init__(self, settled: Settled, directory: RunDirectory, ear: Listener) -> None:
        self.settled = settled
        self.directory = directory
        self.ear = ear
        self.plan: Plan | None = directory.read_plan()
        self.interim = False
        self.prepared: tuple[Prepared, ...] = ()
        self.seed = self.plan.seed if self.plan is not None else _fresh_seed(settled)
        self.workshop = Workshop(settled, lambda text: ear.stage("builds", text), seed=self.seed)

    def run(self) -> None:
        """Measures what the run directory does not hold yet. An interruption by the user makes the rest interim."""
        requested = self.settled.request.metrics
        vary = not requested or any(may_depend_on_layout(name) for name in requested)
        self.prepared = self.workshop.prepare(vary_layout=vary)
        built = [p.built for p in self.prepared if p.built is not None]
        if built:
            fresh = sum(not b.cached for b in built)
            self.ear.stage("builds", f"{len(built)} of {len(built)}" + ("" if fresh else ", all from the cache"))
        try:
            plan = self.plan if self.plan is not None else self._make_plan()
            self._measure(plan)
        except KeyboardInterrupt:
            if self.plan is None:
                raise
            self.interim = True

    def comparison(self) -> Comparison:
        """Returns what the journal says so far, judged."""
        assert self.plan is not None
        request = self.directory.request or self.settled.request
        return summarise(request, self.plan, self.directory.journal.read(), interim=self.interim)

    @staticmethod
    def outline(settled: Settled, seed: int) -> Plan:
        """Returns the plan as far as it is known without a pilot."""
        request = settled.request
        names = request.metrics or (SERVICE_METRICS if settled.subject.load else DEFAULT_METRICS)
        pairs = request.pairs or default_pairs(len(names), len(settled.variants) - 1 - int(request.aa))
        vary = any(may_depend_on_layout(name) for name in names)
        linked = sum(layout_varies(release) for release in settled.releases) if vary else 0
        return make_plan(
            variants=[v.name for v in settled.variants],
            pairs=pairs,
            seed=seed,
            metrics=request.metrics,
            warmup=request.warmup,
            layouts=pairs if linked else 1,
            budget_s=settled.budget_s,
            timeout_s=request.timeout_s,
            price_builds=sum(release is not None for release in settled.releases),
            price_links=linked * (pairs - 1),
        )

    def _runner(self) -> Runner:
        from whence.measure.lab.process import run_process
        from whence.measure.lab.service import run_service

        return run_process if self.settled.subject.load is None else run_service

    def _options(self, wanted: Sequence[str]) -> RunOptions:
        request = self.settled.request
        return RunOptions(
            timeout_s=request.timeout_s,
            metrics=frozenset(wanted) & (frozenset(BUILT_IN) | RUNTIME_METRICS),
            prepare=request.prepare,
            affinity=tuple(sorted(os.sched_getaffinity(0))),
            keep_profiles_in=self.directory.path / "profiles" if request.keep_profiles else None,
        )

    def _make_plan(self) -> Plan:
        """Runs the pilot, chooses the metrics, fixes the number of blocks, and stores all of it."""
        request = self.settled.request
        names = [v.name for v in self.settled.variants]
        trial = make_plan(variants=names, pairs=2, seed=self.seed, metrics=request.metrics, warmup=0)
        pilot = self._pilot(trial, self.workshop.arms(self.prepared, 1))
        chosen = self._choose(pilot)
        layouts_wanted = any(layout_sensitive(m) for m in chosen)
        candidates = len(names) - 1 - int(request.aa)
        noisy = sum(not m.declared_exact for m in chosen)
        looks: tuple[int, ...] = ()
        pairs = request.pairs or default_pairs(noisy, candidates)
        link_s = self._link_seconds() if layouts_wanted else 0.0
        if self.settled.budget_s is not None:
            budget = blocks_for_budget(
                budget_s=self.settled.budget_s,
                seconds_per_block=sum(r.seconds for r in pilot) + 0.03 * len(names),
                link_seconds_per_block=link_s,
                warmup_blocks=request.warmup,
            )
            pairs, looks = budget.pairs, budget.looks
        layouts = 1
        if layouts_wanted and any(p.layout_can_vary for p in self.prepared):
            layouts = pairs if link_s <= SLOW_LINK_S * len(names) else min(pairs, FEWEST_LAYOUTS)
        linkable = sum(p.layout_can_vary for p in self.prepared)
        sizes = self.workshop.binary_sizes(self.prepared) if "binary-size" in request.metrics else {}
        plan = make_plan(
            variants=names,
            pairs=pairs,
            seed=self.seed,
            metrics=[m.name for m in chosen],
            warmup=request.warmup,
            layouts=layouts,
            looks=looks,
            budget_s=self.settled.budget_s,
            timeout_s=request.timeout_s,
            affinity=tuple(sorted(os.sched_getaffinity(0))),
            max_repeats=MOST_REPEATS if layouts_wanted else 0,
            repeat_threshold=self._repeat_threshold(),
            price_builds=sum(p.built is not None for p in self.prepared),
            price_links=linkable * (layouts - 1),
            price_seconds=pairs * sum(r.seconds for r in pilot) + link_s * (layouts - 1),
        )
        built = tuple(p.described(layouts, sizes.get(p.variant.name)) for p in self.prepared)
        plan = msgspec.structs.replace(plan, built=built)
        self.directory.write_plan(plan)
        self.plan = plan
        return plan

    def _repeat_threshold(self) -> float:
        """How slow a calibration spin must be to have a block run again: well outside of what spins did at the start.

        On a host whose spins differ by half as a matter of course, running blocks again would select nothing.
        """
        sessions = [line for line in self.directory.journal.read() if isinstance(line, Session)]
        spread = sessions[-1].calibration.get("spread", 0.0) if sessions else 0.0
        return round(max(LEAST_REPEAT_THRESHOLD, 1.0 + 2.0 * spread), 3)

    def _pilot(self, trial: Plan, arms: Sequence[Arm]) -> tuple[Run, ...]:
        execution = Execution(
            trial,
            arms,
            self._runner(),
            self._options(self.settled.request.metrics or tuple(BUILT_IN)),
            self.directory.journal,
            on_event=lambda event: None,
        )
        return execution.run_pilot()

    def _choose(self, pilot: Sequence[Run]) -> tuple[Metric, ...]:
        """Returns the metrics to judge. Raises BadInput for one that a variant that ran well does not give."""
        request = self.settled.request
        fine = [run for run in pilot if run.ok]
        found = metrics.found(fine)
        if "binary-size" in request.metrics:
            found["binary-size"] = BUILT_IN["binary-size"]
        if not fine:
            return tuple(BUILT_IN.get(n) or Metric(name=n, unit=n) for n in request.metrics or DEFAULT_METRICS)
        chosen = metrics.choose(request.metrics, found, service=self.settled.subject.load is not None)
        for run in fine if request.metrics else ():
            own = metrics.found([run])
            lacking = [m.name for m in chosen if m.name not in own and m.name != "binary-size" and m.unit not in own]
            if lacking:
                raise metrics.missing_metric(lacking[0], own, who=f"variant {run.variant}")
        for gate in self.settled.gates:
            judge.gated_metrics(gate, found)
        return chosen

    def _link_seconds(self) -> float:
        """Seconds to link one more layout of every variant that can have one."""
        began = time.monotonic()
        self.workshop.arms(self.prepared, 2)
        return time.monotonic() - began

    def _measure(self, plan: Plan) -> None:
        if plan.layouts > 1:
            self.ear.stage(
                "links", f"{plan.layouts} layouts of each variant, so that none is judged by where code lands"
            )
        arms = self.workshop.arms(self.prepared, plan.layouts)
        execution = Execution(
            plan,
            arms,
            self._runner(),
            self._options(plan.metrics),
            self.directory.journal,
            on_event=self.ear.event,
        )
        for look in plan.looks or (plan.pairs,):
            execution.run_until(look)
            if look < plan.pairs and self._decided():
                return

    def _decided(self) -> bool:
        """True when every chosen effect is decided at this look; the plan spends its error on each look."""
        return all(e.verdict != "undetermined" for e in self.comparison().effects)


def default_pairs(metrics_judged: int, candidates: int) -> int:
    """Ten pairs, or as many as single out one metric of the family at the family's error rate."""
    return max(DEFAULT_PAIRS, min(MOST_DEFAULT_PAIRS, pairs_for_family(max(1, metrics_judged * candidates))))


def may_depend_on_layout(name: str) -> bool:
    unit = name.rpartition(":")[2]
    return layout_sensitive(BUILT_IN.get(unit) or Metric(name=unit, unit=unit))


def _fresh_seed(settled: Settled) -> int:
    seed = settled.request.seed
    return seed if seed is not None else random.SystemRandom().randrange(1, 2**31)
