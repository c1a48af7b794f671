"""One search for causes as it goes: stage by stage, each deciding from what the ones before it found."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Sequence

import msgspec

from whence.evidence.attribution import (
    Cause,
    Dependence,
    JointEffect,
    Leftover,
    MemoryPart,
    RejectedRemedy,
    Remedy,
    Step,
    Total,
)
from whence.evidence.errors import BadInput
from whence.evidence.inquiry import Inquiry
from whence.evidence.run import Run
from whence.evidence.variant import Variant
from whence.explain.attribution import verdicts
from whence.explain.attribution.breaks import find_break
from whence.explain.attribution.cells import Planned
from whence.explain.attribution.compiler import changed_functions, counts_allocations, heap_lines
from whence.explain.attribution.deriving import derive
from whence.explain.attribution.designing import Fit, fit_shares
from whence.explain.attribution.layout import same_code, same_instructions, shipped_only
from whence.explain.attribution.levers import Levers
from whence.explain.attribution.memory import GO_VIEW, KINDS, memory_story
from whence.explain.attribution.needs import settle_needs
from whence.explain.attribution.other_side import other_side, seen_from_the_base
from whence.explain.attribution.pruning import prune
from whence.explain.attribution.shares import causes_of, fitted_total, joint_effects, leftover, whole_cause
from whence.explain.attribution.total import (
    LOOKS,
    SHARPER,
    STAGE,
    Change,
    measure_total,
    pairs_to_sharpen,
    sharpened,
)
from whence.explain.clock import BUILD_S, Clock
from whence.explain.outline import outline
from whence.explain.release_part import follow_release
from whence.explain.remedying import try_remedies
from whence.explain.sweeping import sweep_over
from whence.measure.judge import margin_of
from whence.measure.trials import Trials

COMPILED = frozenset({"toolchain", "toolchain-patch", "toggle", "flag", "go-line", "source", "program"})
FEWEST_PAIRS = 10
GO_VIEW_BLOCKS = 3
"""What the first question takes at least."""


class Search:
    """Goes through the stages; what it has found stands in its fields at any moment."""

    def __init__(self, trials: Trials, inquiry: Inquiry, clock: Clock) -> None:
        self.trials = trials
        self.inquiry = inquiry
        self.clock = clock
        self.began = False
        """Something was measured."""
        self.change: Change | None = None
        self.levers: Levers | None = None
        self.fit: Fit | None = None
        self.total: Total | None = None
        self.verdict: verdicts.AttributionVerdict = "undetermined"
        self.causes: tuple[Cause, ...] = ()
        self.interactions: tuple[JointEffect, ...] = ()
        self.unexplained: Leftover | None = None
        self.depends_on: list[Dependence] = []
        self.memory: tuple[MemoryPart, ...] = ()
        self.story = ""
        self.takes = ""
        self.remedies: tuple[Remedy, ...] = ()
        self.rejected: tuple[RejectedRemedy, ...] = ()
        self.path: tuple[Step, ...] = ()
        self.introduced_in: str | None = None
        self.fixed_in: str | None = None
        self.newest_carries: str | None = None
        self.link_seconds = 0.0
        self.huge_pages = False

    def notes(self) -> tuple[str, ...]:
        """Returns what was odd about the plan."""
        return self.levers.notes if self.levers is not None else ()

    @property
    def base(self) -> Variant:
        return self.trials.base

    @property
    def candidate(self) -> Variant:
        return self.trials.candidate

    @property
    def points(self) -> float:
        """ln(candidate ÷ base)."""
        ratio = self.total.ratio if self.total is not None else None
        return math.log(ratio) if ratio else 0.0

    def run(self) -> None:
        """Measures and decides to the end. Everything found before an interruption stays in the fields."""
        self.levers = self._derive()
        if not self._both_build():
            self._build_break()
            return
        self._pilot()
        self.change = self._measure_total()
        self.total = self.change.total()
        self._memory()
        if self.change.outcome != "differs":
            self._no_causes()
        elif not self.levers.levers:
            self.takes = "both sides are the same program: something disturbed the measurement"
        elif not self._is_layout():
            self._shares()
        sweep_over(self)

    # ---- before anything is counted

    def _derive(self) -> Levers:
        settled, trials = self.trials.settled, self.trials
        kits = (trials.toolchain(self.base), trials.toolchain(self.candidate))
        return derive(
            self.base,
            self.candidate,
            (settled.releases[0], settled.releases[1]),
            toggles=self.inquiry.toggles,
            directory=settled.directory,
            source=trials.source,
            kits=kits,
        )

    def _both_build(self) -> bool:
        """Refuses what can be seen not to build; False when only one side builds, which is the answer then."""
        for variant in (self.base, self.candidate):
            refusal = self.trials.refusal(variant)
            if refusal is not None:
                raise BadInput(refusal)
        failures = [self.trials.failure(v) for v in (self.base, self.candidate)]
        if all(failures):
            raise BadInput(f"neither side builds. {failures[0]}")
        return not any(failures)

    def _pilot(self) -> None:
        runs = self.trials.pilot()
        self.began = True
        if self.trials.layout_matters:
            began = time.monotonic()
            for variant in (self.base, self.candidate):
                if self.trials.layout_can_vary(variant):
                    self.trials.build(variant, layout=1)
            self.link_seconds = (time.monotonic() - began) / 2
        seconds = sum(run.seconds for run in runs) / 2
        self._check_budget(seconds)

    def _check_budget(self, run_s: float) -> None:
        """Raises BadInput, with the plan that would be needed, for a budget that does not cover the smallest plan."""
        need_s = 2 * FEWEST_PAIRS * (run_s + self.link_seconds)
        if need_s > self.clock.budget_s:
            spent, lines = outline(self.trials.settled, self.inquiry)
            whole_s = spent.builds * BUILD_S + spent.runs * (run_s + self.link_seconds)
            raise BadInput(
                f"--budget {self.inquiry.budget} is too short: a run takes {run_s:.1f} s. {'; '.join(lines[:2])}. "
                f"Use --budget {math.ceil(whole_s / 60)}m."
            )

    def _measure_total(self) -> Change:
        seconds = sum(run.seconds for run in self.trials.pilot()) / 2 + self.link_seconds
        arms = 4 if self.trials.layout_matters else 2
        most = max(FEWEST_PAIRS, int(self.clock.share(0.3) / (arms * max(seconds, 1e-3))))
        stored = self.decide(STAGE, Planned(blocks=min(LOOKS[-1], most), layouts=None, cells=arms, half_width=0.0))
        request = self.trials.settled.request
        margins = self.trials.settled.margins
        self.trials.stage("change", f"is there one at all, in {request.metrics[0]}?")
        return measure_total(self.trials, margin=margin_of(self.trials.metric, margins), most_pairs=stored.blocks)

    def decide(self, stage: str, planned: Planned) -> Planned:
        """Returns what an earlier session decided for this stage, else stores and returns this decision."""
        directory = self.trials.directory
        stored = directory.read_stage(stage, Planned)
        if stored is None:
            directory.write_stage(stage, planned)
        return stored or planned

    def _memory(self) -> None:
        change = self.change
        assert change is not None
        sides = [_medians(self.trials, runs) for runs in (change.base_runs, change.candidate_runs)]
        if change.outcome == "differs" and self.trials.metric.name.startswith("rss"):
            view = self.trials.go_view(GO_VIEW_BLOCKS)
            if view is not None:
                hooked = [_medians(self.trials, runs) for runs in view]
                sides = [{**seen, **own} for own, seen in zip(sides, hooked, strict=True)]
        story = memory_story(*sides, primary=self.trials.metric.name)
        self.memory, self.story, self.huge_pages = story.parts, story.words, story.huge_pages

    def _build_break(self) -> None:
        """Only one side builds: that is the answer, with what breaks it."""
        assert self.levers is not None
        self.began = True
        settled = self.trials.settled
        self.verdict = "build-break"
        self.causes = find_break(self.levers, self.trials, (settled.releases[0], settled.releases[1]))
        self.takes = next(f for f in (self.trials.failure(self.base), self.trials.failure(self.candidate)) if f)

    def _is_layout(self) -> bool:
        """True when both programs hold the same instructions: then the difference is where they lie."""
        change, levers, total = self.change, self.levers, self.total
        assert change is not None and levers is not None and total is not None
        difference = same_code(self.trials, levers)
        if difference is None or not difference.same:
            return False
        self.verdict = "layout"
        self.causes = (same_instructions(difference, total),)
        return True

    def _no_causes(self) -> None:
        change = self.change
        assert change is not None
        layout = shipped_only(change) if change.outcome == "equivalent" else None
        if layout is not None:
            self.verdict, self.total, self.causes = "layout", layout[0], (layout[1],)
        elif change.outcome == "equivalent":
            self.verdict = "no-effect"
        elif change.outcome == "failed":
            self.takes = f"one side does not run: {change.failure}"
        elif change.outcome == "zero":
            self.takes = "a metric that is zero has no ratio; choose another one"
        else:
            needed = change.judgement.pairs_needed
            self.takes = f"about {needed} pairs would tell" if needed else "more pairs than are practical"

    # ---- shares

    def _shares(self) -> None:
        change = self.change
        assert change is not None and self.levers is not None and self.total is not None
        self.levers = levers = settle_needs(prune(self.levers, self.trials), self.trials)
        if len(levers.levers) == 1:
            self.causes = (self._single(levers),)
        else:
            change = self._sharpen(change)
            self.fit = fit_shares(
                self.trials,
                levers,
                change,
                budget_s=self.clock.share(0.5),
                link_seconds=self.link_seconds,
                decide=self.decide,
            )
            if self.fit.lost:
                self.trials.note(f"{self.fit.lost} of {self.fit.runs} runs of cells gave no value and count nowhere")
            self.total = fitted_total(self.fit.found, change.base_values)
            self.causes = causes_of(self.fit.found, levers, self.total)
            self.interactions = joint_effects(self.fit.found)
            self.unexplained = leftover(self.fit.found)
        self.verdict = verdicts.verdict_of(self.causes, self.points, self.unexplained)
        self._other_side()
        follow_release(self)
        self._compiler()
        try_remedies(self)
        if self.verdict == "undetermined" and self.fit is not None:
            runs = verdicts.runs_to_tell(self.fit.half_width, abs(self.points) / 2, self.fit.runs)
            self.takes = f"about {runs} runs would tell the shares apart" if runs else "runs that give values"

    def _sharpen(self, change: Change) -> Change:
        """Makes the independent measurement precise enough to say what the shares leave unexplained."""
        running = change.seconds_a_run / max(1e-3, change.seconds_a_run + self.link_seconds)
        more = pairs_to_sharpen(change, budget_s=self.clock.share(0.15) * running)
        planned = self.decide(SHARPER, Planned(blocks=more, layouts=None, cells=2, half_width=0.0))
        self.change = sharpened(self.trials, change, planned.blocks)
        return self.change

    def _single(self, levers: Levers) -> Cause:
        lever, total = levers.levers[0], self.total
        assert total is not None
        whole = whole_cause(total, kind=lever.kind, name=lever.name, evidence=("the only thing that differs",))
        return msgspec.structs.replace(whole, entangled_with=lever.entangled_with, setting=lever.written)

    def _other_side(self) -> None:
        """Turns the switches that carry the change on in the base too, where its release knows them."""
        levers, release = self.levers, self.trials.settled.releases[0]
        assert levers is not None and self.change is not None
        if release is None or levers.release is None:
            return
        variants = other_side(levers, self.trials.toolchain(self.base) or release)
        blocks = 3 if self.change.exact else min(20, max(8, len(self.change.logs)))
        self.causes = seen_from_the_base(self.causes, variants, self.trials, self.base, blocks=blocks)

    def _compiler(self) -> None:
        """Looks at what the compiler decided, where what it decides can carry the change."""
        carriers = [c for c in verdicts.carrying(self.causes, self.points) if c.kind in COMPILED]
        if not carriers:
            return
        first = carriers[0]
        if counts_allocations(self.trials.metric):
            grew = self.points > 0
            self.causes += heap_lines(self.trials, self.base, self.candidate, part_of=first.name, grew=grew)
        elif self.trials.layout_matters:
            told = changed_functions(self.trials, self.base, self.candidate)
            if told is not None:
                named = msgspec.structs.replace(first, evidence=(*first.evidence, told))
                self.causes = tuple(named if c is first else c for c in self.causes)


def _medians(trials: Trials, runs: Sequence[Run]) -> dict[str, float]:
    """Returns the median of each memory metric that the runs give."""
    found: dict[str, float] = {}
    for name in ("rss", *KINDS, *GO_VIEW):
        values = [v for v in (trials.value(run, name) for run in runs) if not math.isnan(v)]
        if values:
            found[name] = statistics.median(values)
    return found
