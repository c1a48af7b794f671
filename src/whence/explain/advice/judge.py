"""Remedies tried: each a further variant in the same blocks as base and candidate.

Accepted: candidate + remedy ÷ base + remedy is equivalent within the metric's margin, and the remedied candidate is
nearer to the base than the candidate was. A remedy that takes back what differs (another release, module version, go
line, a switch) would make both sides one and the same; it is held against the plain base instead, and may be better
than that. A palliative moves both sides alike while the difference between them stays. What cannot be built or does
not run is rejected in one line.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from random import Random
from statistics import median
from typing import Protocol

import msgspec

from whence.evidence.attribution import RejectedRemedy, Remedy
from whence.evidence.metric import Metric, family_of
from whence.evidence.run import Run
from whence.evidence.variant import Variant
from whence.explain.advice.propose import Proposal, Situation
from whence.measure.trials import Row, renamed
from whence.stats.judge import Judgement, Question, judge_family

STAGE = "remedies"
PRICES = ("cpu", "wall", "rss", "rss-peak")
MOST_PRICES = 8
FEWEST_BLOCKS = 7
"""The fewest whose 90 % interval is that of a rank test; exact metrics take `EXACT_BLOCKS`."""
EXACT_BLOCKS = 3
MOST_BLOCKS = 40
BASE, CANDIDATE = "base", "candidate"


class Lab(Protocol):
    """What judging asks of the lab; `measure.trials.Trials` is one."""

    seed: int
    metric: Metric

    def failure(self, variant: Variant) -> str | None: ...
    def run(self, stage: str, rows: Sequence[Row]) -> tuple[Run, ...]: ...
    def value(self, run: Run, metric: str | None = None) -> float: ...
    def stage(self, name: str, text: str) -> None: ...


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One proposal with the arms it needs."""

    proposal: Proposal
    remedied: str
    """Name of the arm candidate + remedy."""
    reference: str
    """Name of the arm it is held against: base + remedy, or the base."""


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What a remedy does to the candidate: remedied ÷ base, and its price."""

    ratio: float | None
    low: float | None
    high: float | None
    price: dict[str, float]
    measured: bool = True


class Tried:
    """All remedies of one explanation: runs them, then judges each."""

    def __init__(self, trials: Lab, situation: Situation, *, margin: float, exact: bool, change: float) -> None:
        """`margin`: the metric's, as a fraction. `exact`: it was exact in all runs so far. `change`: ln(candidate ÷
        base) as it was found."""
        self._trials, self._situation = trials, situation
        self._margin, self._exact, self._change = margin, exact, change
        self._columns: dict[str, dict[int, Run]] = {}
        self._metric = trials.metric

    def judge(
        self, proposals: Sequence[Proposal], blocks: int
    ) -> tuple[tuple[Remedy, ...], tuple[RejectedRemedy, ...]]:
        """Runs `blocks` blocks of all proposals that build, and returns the accepted and the rejected ones.

        Accepted: the measured ones first, cheapest first, then those that only a person can try. Nothing is run when
        the candidate is no worse than the base.
        """
        if self._good(self._change) > 0:
            return (), ()
        rejected: list[RejectedRemedy] = []
        arms = {BASE: renamed(self._situation.base, BASE), CANDIDATE: renamed(self._situation.candidate, CANDIDATE)}
        admitted: list[Trial] = []
        for proposal in proposals:
            trial = self._admit(proposal, arms) if proposal.variant is not None else None
            if isinstance(trial, RejectedRemedy):
                rejected.append(trial)
            elif trial is not None:
                admitted.append(trial)
        if admitted:
            self._run(arms, blocks)
        outcomes = [self._outcome(trial) for trial in admitted]
        accepted = sorted((o for o in outcomes if isinstance(o, Remedy)), key=lambda r: _loss(r.price))
        told = tuple(_untried(p) for p in proposals if p.variant is None)
        refused = (o for o in outcomes if isinstance(o, RejectedRemedy))
        return (*accepted, *told), (*rejected, *refused)

    def _admit(self, proposal: Proposal, arms: dict[str, Variant]) -> Trial | RejectedRemedy:
        """Adds the arms that a proposal needs; a rejection when the candidate cannot be built with it."""
        assert proposal.variant is not None
        reason = self._trials.failure(proposal.variant)
        if reason is not None:
            return RejectedRemedy(change=proposal.change, why=f"cannot be built: {reason}")
        remedied = f"candidate, {proposal.change}"
        arms[remedied] = renamed(proposal.variant, remedied)
        on_base = proposal.on_base(self._situation)
        reference = BASE
        if on_base is not None and self._trials.failure(on_base) is None:
            reference = f"base, {proposal.change}"
            arms[reference] = renamed(on_base, reference)
        return Trial(proposal=proposal, remedied=remedied, reference=reference)

    def _run(self, arms: Mapping[str, Variant], blocks: int) -> None:
        self._trials.stage(STAGE, f"{len(arms) - 2} further variants, {blocks} blocks")
        rows: list[Row] = []
        for block in range(blocks):
            order = sorted(arms, key=lambda name: Random(f"{self._trials.seed} {STAGE} {block} {name}").random())
            rows += [Row(block=block, variant=arms[name], layout=block) for name in order]
        for row, run in zip(rows, self._trials.run(STAGE, rows), strict=True):
            self._columns.setdefault(row.variant.name, {})[row.block] = run

    # ---- the verdict on one remedy

    def _outcome(self, trial: Trial) -> Remedy | RejectedRemedy:
        proposal = trial.proposal
        failed = self._failed(trial.remedied)
        if failed is not None:
            return RejectedRemedy(change=proposal.change, why=f"does not run: {failed}", measured=True)
        if self._failed(trial.reference) is not None:  # the base does not run with it: the plain base is what is left
            trial = msgspec.structs.replace(trial, reference=BASE)
        to_base, to_reference = self._ask(trial.remedied, BASE), self._ask(trial.remedied, trial.reference)
        found = Measured(ratio=to_base.ratio, low=to_base.low, high=to_base.high, price=self._price(trial.remedied))
        numbers = msgspec.structs.asdict(found)
        after = math.log(to_base.ratio) if to_base.ratio else None
        beyond = proposal.takes_back and to_base.verdict == "better"
        alike = to_reference.verdict == "equivalent" and after is not None and self._is_nearer(after)
        if alike or beyond:
            return Remedy(
                change=proposal.change,
                for_cause=proposal.for_cause,
                why=f"{proposal.why}; better than the base" if beyond else proposal.why,
                source=proposal.source,
                **numbers,
            )
        why, palliative = self._why_not(trial, to_reference, after)
        return RejectedRemedy(change=proposal.change, why=why, palliative=palliative, **numbers)

    def _failed(self, arm: str) -> str | None:
        """Returns how the first failing run of an arm ended, in one line; None when all went well."""
        run = next((r for r in self._columns[arm].values() if not r.ok), None)
        if run is None:
            return None
        lines = run.message.strip().splitlines()
        return f"{run.ending}: {lines[0].strip()}" if lines else run.ending

    def _is_nearer(self, after: float) -> bool:
        """Tells whether at least half of the change is gone, or the remedied candidate is better than the base."""
        return abs(after) <= abs(self._change) / 2 or self._good(after) > 0

    def _good(self, points: float) -> float:
        """Returns the points with the sign turned so that above zero is better."""
        return -points if self._metric.better == "lower" else points

    def _why_not(self, trial: Trial, to_reference: Judgement, after: float | None) -> tuple[str, bool]:
        """Returns why a remedy is not accepted, and whether it is a palliative."""
        if after is None or to_reference.verdict == "undetermined":
            need = f"; about {to_reference.pairs_needed} blocks would tell" if to_reference.pairs_needed else ""
            return f"not enough data to say whether the difference is gone{need}", False
        alone = self._ask(trial.remedied, CANDIDATE).verdict
        left = math.log(to_reference.ratio) if to_reference.ratio else self._change
        stays = trial.reference != BASE and abs(left) >= abs(self._change) / 2
        if alone == "better" and stays and self._ask(trial.reference, BASE).verdict == "better":
            verb = "lowers" if self._metric.better == "lower" else "raises"
            return f"{verb} both sides alike, the difference stays", True
        if to_reference.verdict == "better":
            return f"goes past the base: ×{math.exp(left):.3g} of it, so more than the difference is changed", False
        if alone == "better":
            with_it = "" if trial.reference == BASE else " with the same setting"
            return f"helps only in part: it is still ×{math.exp(left):.3g} of the base{with_it}", False
        if alone == "equivalent":
            return "changes nothing here", False
        if to_reference.verdict == "equivalent":
            return "both sides are alike with it only because the base gets worse", False
        return "makes it worse" if alone == "worse" else "does not take the difference away", False

    def _ask(self, above: str, below: str) -> Judgement:
        question = Question(
            key=(self._metric.name, above),
            base=self._values(below),
            candidate=self._values(above),
            declared_exact=self._exact and self._metric.declared_exact,
            better=self._metric.better,
            margin=self._margin,
            unit=self._metric.unit,
        )
        return judge_family([question], alpha=0.05)[0]

    def _values(self, arm: str, metric: str | None = None) -> tuple[float, ...]:
        column = self._columns[arm]
        return tuple(self._trials.value(column[block], metric) for block in sorted(column))

    def _price(self, arm: str) -> dict[str, float]:
        """Returns metric → median of remedied ÷ candidate over the blocks, for what was read beside the metric."""
        prices: dict[str, float] = {}
        for name in self._priced():
            pairs = zip(self._values(arm, name), self._values(CANDIDATE, name), strict=True)
            ratios = [a / b for a, b in pairs if a > 0 and b > 0]
            if ratios:
                prices[name] = round(median(ratios), 4)
        return prices

    def _priced(self) -> list[str]:
        """Returns what counts as a price: CPU, wall, memory, and every time or tail that the program prints."""
        run = next((r for r in self._columns[CANDIDATE].values() if r.ok), None)
        read = dict.fromkeys((s.metric, s.unit) for s in run.samples) if run is not None else {}
        times = [n for n, unit in read if family_of(unit, n) in {"cpu", "latency"} and n not in {*PRICES, "start"}]
        every = [*PRICES, *dict.fromkeys(times)]
        return [name for name in every if name not in {self._metric.name, self._metric.unit}][:MOST_PRICES]


def _untried(proposal: Proposal) -> Remedy:
    return Remedy(
        change=proposal.change,
        measured=False,
        for_cause=proposal.for_cause,
        why=proposal.why,
        source=proposal.source,
    )


def _loss(price: Mapping[str, float]) -> float:
    """Orders remedies: what costs least first; below a hundredth is nothing."""
    return sum(max(0.0, math.log(ratio)) for ratio in price.values() if ratio > 1.01)


def blocks_for(*, run_sd: float, margin: float, exact: bool, seconds_a_block: float, budget_s: float) -> int:
    """Returns how many blocks let equivalence be shown: a 90 % interval well inside the margin, 7 to 40 blocks.

    `run_sd`: sd of ln of one run. `budget_s`: what may be spent on it; the fewest blocks are taken all the same.
    """
    if exact:
        return EXACT_BLOCKS
    half_width = 0.6 * max(margin, 0.005)
    wanted = math.ceil((1.645 * math.sqrt(2) * run_sd / half_width) ** 2) + 2
    affordable = int(budget_s / max(seconds_a_block, 1e-3))
    return max(FEWEST_BLOCKS, min(MOST_BLOCKS, wanted, affordable))


def within_budget(
    proposals: Sequence[Proposal], *, exact: bool, seconds_a_run: float, budget_s: float
) -> tuple[Proposal, ...]:
    """Returns the proposals that the fewest blocks can try within the budget, in the order of the table.

    What is not measured costs nothing and stays; the first that is measured always stays. A setting takes two runs a
    block (candidate and base), what takes the cause back takes one; base and candidate themselves are two more.
    """
    blocks = EXACT_BLOCKS if exact else FEWEST_BLOCKS
    kept: list[Proposal] = []
    runs = 2
    for proposal in proposals:
        more = 0 if proposal.variant is None else 1 if proposal.takes_back else 2
        first = runs == 2
        if more and not first and (runs + more) * blocks * seconds_a_run > budget_s:
            continue
        runs += more
        kept.append(proposal)
    return tuple(kept)
