"""One comparison as it runs: its stages, what is stored between them, and what is known at any moment."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

import msgspec

from whence.evidence.comparison import Comparison, Plan
from whence.evidence.errors import UnusableEnvironment
from whence.evidence.metric import BUILT_IN, DEFAULT_METRICS, SERVICE_METRICS, Metric, layout_sensitive
from whence.evidence.request import Request
from whence.evidence.run import Run, Session
from whence.measure.lab.executor import Execution
from whence.measure.lab.launch import Arm, Launch, RunOptions
from whence.measure.lab.plan import make_plan
from whence.measure.lab.probe_effect import probe_effect, shows
from whence.measure.planning import (
    Pilot,
    chosen_metrics,
    default_pairs,
    extended,
    may_depend_on_layout,
    plan_from,
)
from whence.measure.prepare import RUNTIME_METRICS, Prepared, Workshop, layout_varies
from whence.measure.runners import runner_of
from whence.measure.settle import Settled
from whence.measure.summary import summarise
from whence.measure.untraced import twin_name
from whence.store.run_directory import RunDirectory

if TYPE_CHECKING:
    from whence.measure.compare import Listener
    from whence.measure.spreading import SpreadExecution

PROBE_PAIRS = 6
LONGEST_PROBED_RUN_S = 2.0
"""Longer runs are not run a dozen times more to see what the exit stop costs them."""


class Experiment:
    """Runs a settled request in a run directory, resuming what is there."""

    def __init__(self, settled: Settled, directory: RunDirectory, ear: Listener) -> None:
        self.settled = settled
        self.directory = directory
        self.ear = ear
        self.plan: Plan | None = directory.read_plan()
        self.interim = False
        self.prepared: tuple[Prepared, ...] = ()
        self.seed = self.plan.seed if self.plan is not None else fresh_seed(settled.request)
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
            if self.plan is None:
                self._store(self._make_plan())
            elif (self.settled.request.pairs or 0) > self.plan.pairs:
                done = {run.block for run in self.directory.journal.read() if isinstance(run, Run)}
                self._store(extended(self.plan, len(done), self.settled.request.pairs or 0))
            self._measure()
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
        candidates = len(settled.variants) - 1 - int(request.aa)
        pairs = request.pairs or default_pairs(len(names) * candidates)
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

    def _store(self, plan: Plan) -> None:
        self.directory.write_plan(plan)
        self.plan = plan

    def _make_plan(self) -> Plan:
        """Runs the pilot, chooses the metrics, and fixes the plan before the first counted run."""
        began = time.monotonic()
        names = [v.name for v in self.settled.variants]
        wanted = self.settled.request.metrics
        trial = make_plan(variants=names, pairs=2, seed=self.seed, metrics=wanted, warmup=0)
        arms = self.workshop.arms(self.prepared, 1)
        readable = tuple(
            name for name in BUILT_IN if name not in RUNTIME_METRICS
        )  # these cost something: only when asked
        execution = self._execution(trial, arms, wanted or readable, silent=True)
        runs = execution.run_pilot()
        chosen = chosen_metrics(self.settled, runs)
        effect = self._exit_stop_effect(arms[0].launches[0], runs[0], chosen)
        linkable = sum(p.layout_can_vary for p in self.prepared)
        pilot = Pilot(
            runs=runs,
            chosen=chosen,
            layouts_can_vary=linkable,
            built=sum(p.built is not None for p in self.prepared),
            link_seconds=self._link_seconds() if linkable and any(map(layout_sensitive, chosen)) else 0.0,
            spin_spread=self._spin_spread(),
            exit_stop_effect=effect,
            times_apart=bool(effect) and shows(effect),
            spent_s=time.monotonic() - began,
        )
        plan = plan_from(self.settled, pilot, seed=self.seed, affinity=_cpus())
        sizes = self.workshop.binary_sizes(self.prepared) if any(m.name == "binary-size" for m in chosen) else {}
        built = tuple(p.described(plan.layouts, sizes.get(p.variant.name)) for p in self.prepared)
        return msgspec.structs.replace(plan, built=built)

    def _exit_stop_effect(self, launch: Launch, base: Run, chosen: Sequence[Metric]) -> dict[str, float]:
        """Returns what being held at its exit does to the base's times; empty where memory and times do not meet."""
        times = [m for m in chosen if layout_sensitive(m)]
        if not times or len(times) == len(chosen) or self.settled.subject.load is not None:
            return {}
        if not base.ok or base.seconds > LONGEST_PROBED_RUN_S:
            return {}
        try:
            return probe_effect(launch, self._options(()), PROBE_PAIRS)
        except UnusableEnvironment:
            return {}

    def _link_seconds(self) -> float:
        """Seconds to link one more layout of every variant that can have one."""
        began = time.monotonic()
        self.workshop.arms(self.prepared, 2)
        return time.monotonic() - began

    def _spin_spread(self) -> float:
        sessions = [line for line in self.directory.journal.read() if isinstance(line, Session)]
        return sessions[-1].calibration.get("spread", 0.0) if sessions else 0.0

    def _measure(self) -> None:
        plan = self.plan
        assert plan is not None
        if plan.layouts > 1:
            text = f"{plan.layouts} layouts of each variant, so that none is judged by where its code lands"
            self.ear.stage("links", text)
        arms = self.workshop.arms(self.prepared, plan.layouts)
        if plan.times_apart:
            arms = (*arms, *(_left_alone(arm) for arm in arms))
        elif not any(not may_depend_on_layout(name) for name in plan.metrics):
            arms = tuple(_with_exit_stop(arm, False) for arm in arms)
        with self._carrier(plan, arms) as execution:
            for look in plan.looks or (plan.pairs,):
                execution.run_until(look)
                if look < plan.pairs and self._decided():
                    return

    def _carrier(self, plan: Plan, arms: Sequence[Arm]) -> AbstractContextManager[Execution | SpreadExecution]:
        """Returns what runs the blocks: this host, or hosts of a cluster."""
        request, subject = self.settled.request, self.settled.subject
        if request.cluster is None:
            return nullcontext(self._execution(plan, arms, plan.metrics))
        from whence.measure.spreading import SpreadExecution

        return SpreadExecution(
            plan,
            arms,
            subject,
            self._options(plan.metrics),
            self.directory.journal,
            sent=subject.kind != "exec" or self.settled.variants[0].get("binary") is not None,
            cluster=request.cluster,
            address=request.address,
            on_event=self.ear.event,
        )

    def _decided(self) -> bool:
        """True when every chosen effect is decided at this look; the plan spends its error on each look."""
        return all(e.verdict != "undetermined" for e in self.comparison().effects)

    def _execution(self, plan: Plan, arms: Sequence[Arm], wanted: Sequence[str], *, silent: bool = False) -> Execution:
        listen = (lambda event: None) if silent else self.ear.event
        return Execution(
            plan, arms, runner_of(self.settled.subject), self._options(wanted), self.directory.journal, on_event=listen
        )

    def _printed(self) -> frozenset[str]:
        """Go's own metrics that the program prints by itself: nothing has to be switched on to read them."""
        pilots = [x for x in self.directory.journal.read() if isinstance(x, Run) and x.kind == "pilot"]
        samples = [s for run in pilots for s in run.samples if s.benchmark is not None]
        return frozenset(s.metric for s in samples) & RUNTIME_METRICS

    def _options(self, wanted: Sequence[str]) -> RunOptions:
        request = self.settled.request
        return RunOptions(
            timeout_s=request.timeout_s,
            metrics=(frozenset(wanted) & frozenset(BUILT_IN)) - self._printed(),
            prepare=request.prepare,
            affinity=_cpus(),
            keep_profiles_in=self.directory.path / "profiles" if request.keep_profiles else None,
        )


def _with_exit_stop(arm: Arm, held: bool) -> Arm:
    return Arm(variant=arm.variant, launches=tuple(msgspec.structs.replace(x, exit_stop=held) for x in arm.launches))


def _left_alone(arm: Arm) -> Arm:
    return msgspec.structs.replace(_with_exit_stop(arm, False), variant=twin_name(arm.variant))


def _cpus() -> tuple[int, ...]:
    return tuple(sorted(os.sched_getaffinity(0)))


def fresh_seed(request: Request) -> int:
    """Returns the seed that was asked for, or a new one: every random choice of a comparison comes from it."""
    return request.seed if request.seed is not None else random.SystemRandom().randrange(1, 2**31)
