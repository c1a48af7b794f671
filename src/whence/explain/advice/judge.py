"""Remedies tried: each a further variant in the same blocks as base and candidate.

Accepted: candidate + remedy ÷ base + remedy (÷ the plain base, where the remedy takes back what differs) is equivalent
within the metric's margin, and the remedied candidate is nearer to the base than the candidate was. A palliative moves
both sides alike while the difference between them stays.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from random import Random

import msgspec

from whence.evidence.attribution import RejectedRemedy, Remedy
from whence.evidence.metric import BUILT_IN, Metric
from whence.evidence.run import Run
from whence.evidence.variant import Variant
from whence.explain.advice.propose import Proposal, Situation
from whence.measure.trials import Row, Trials, renamed
from whence.stats.judge import Judgement, Question, judge_family

STAGE = "remedies"
PRICES = ("cpu", "wall", "rss", "rss-peak")
BASE, CANDIDATE = "base", "candidate"


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One proposal with the arms it needs."""

    proposal: Proposal
    remedied: str
    """Name of the arm candidate + remedy."""
    reference: str
    """Name of the arm it is held against: base + remedy, or the base."""


class Tried:
    """All remedies of one explanation: runs them, then judges each."""

    def __init__(self, trials: Trials, situation: Situation, *, margin: float, exact: bool, change: float) -> None:
        """`change`: ln(candidate ÷ base) as it was found."""
        self._trials, self._situation = trials, situation
        self._margin, self._exact, self._change = margin, exact, change
        self._columns: dict[str, dict[int, Run]] = {}
        self._metric: Metric = trials.metric

    def judge(
        self, proposals: Sequence[Proposal], blocks: int
    ) -> tuple[tuple[Remedy, ...], tuple[RejectedRemedy, ...]]:
        """Runs `blocks` blocks of all proposals that build, and returns the accepted and the rejected ones."""
        rejected: list[RejectedRemedy] = []
        told = tuple(_untried(p) for p in proposals if p.variant is None)
        arms: dict[str, Variant] = {
            BASE: renamed(self._situation.base, BASE),
            CANDIDATE: renamed(self._situation.candidate, CANDIDATE),
        }
        tried: list[Trial] = []
        for proposal in proposals:
            if proposal.variant is None:
                continue
            reason = self._trials.failure(proposal.variant)
            if reason is not None:
                rejected.append(RejectedRemedy(change=proposal.change, why=f"does not build: {reason}"))
                continue
            tried.append(self._admit(proposal, arms))
        if tried:
            self._run(arms, blocks)
        accepted: list[Remedy] = []
        for trial in tried:
            outcome = self._outcome(trial)
            if isinstance(outcome, Remedy):
                accepted.append(outcome)
            else:
                rejected.append(outcome)
        accepted.sort(key=lambda r: _loss(r.price))
        return (*accepted, *told), tuple(rejected)

    def _admit(self, proposal: Proposal, arms: dict[str, Variant]) -> Trial:
        remedied = f"candidate, {proposal.change}"
        assert proposal.variant is not None
        arms[remedied] = renamed(proposal.variant, remedied)
        on_base = proposal.on_base(self._situation)
        reference = BASE
        if on_base is not None and self._trials.failure(on_base) is None:
            reference = f"base, {proposal.change}"
            arms[reference] = renamed(on_base, reference)
        return Trial(proposal=proposal, remedied=remedied, reference=reference)

    def _run(self, arms: Mapping[str, Variant], blocks: int) -> None:
        self._trials.stage("remedies", f"{len(arms) - 2} further variants, {blocks} blocks")
        rows: list[Row] = []
        for block in range(blocks):
            order = sorted(arms, key=lambda name: Random(f"{self._trials.seed} remedies {block} {name}").random())
            rows += [Row(block=block, variant=arms[name], layout=block) for name in order]
        for row, run in zip(rows, self._trials.run(STAGE, rows), strict=True):
            self._columns.setdefault(row.variant.name, {})[row.block] = run

    def _outcome(self, trial: Trial) -> Remedy | RejectedRemedy:
        change = trial.proposal.change
        failed = next((r for r in self._columns[trial.remedied].values() if not r.ok), None)
        if failed is not None:
            return RejectedRemedy(change=change, why=f"does not run: {' '.join(failed.message.split())}".rstrip(": "))
        to_base = self._ask(trial.remedied, BASE)
        to_reference = self._ask(trial.remedied, trial.reference)
        price = self._price(trial.remedied)
        after = math.log(to_base.ratio) if to_base.ratio else math.inf
        measured = {"ratio": to_base.ratio, "low": to_base.low, "high": to_base.high, "price": price, "measured": True}
        nearer = abs(after) < abs(self._change) / 2 or after * self._change < 0 < self._good(after)
        if to_reference.verdict == "equivalent" and nearer:
            return Remedy(
                change=change,
                for_cause=trial.proposal.for_cause,
                why=trial.proposal.why,
                source=trial.proposal.source,
                **measured,  # type: ignore[arg-type]
            )
        why, palliative = self._why_not(trial, to_reference, after)
        return RejectedRemedy(change=change, why=why, palliative=palliative, **measured)  # type: ignore[arg-type]

    def _good(self, points: float) -> float:
        """Returns the points with the sign turned so that above zero is better."""
        return -points if self._metric.better == "lower" else points

    def _why_not(self, trial: Trial, to_reference: Judgement, after: float) -> tuple[str, bool]:
        alone = self._ask(trial.remedied, CANDIDATE)
        helps = alone.verdict == "better"
        if to_reference.verdict == "undetermined":
            need = f"; {to_reference.pairs_needed} blocks would tell" if to_reference.pairs_needed else ""
            return f"not enough data to say that the difference is gone{need}", False
        if trial.reference != BASE and helps:
            base_too = self._ask(trial.reference, BASE)
            if base_too.verdict == "better":
                return "lowers both sides alike, the difference stays", True
        if helps:
            return f"helps only in part: ×{math.exp(after):.3g} of the base is left", False
        if alone.verdict == "equivalent":
            return "changes nothing here", False
        if alone.verdict == "worse":
            return "makes it worse", False
        return "does not take the difference away", False

    def _ask(self, above: str, below: str) -> Judgement:
        question = Question(
            key=(self._metric.name, above),
            base=self._values(below),
            candidate=self._values(above),
            declared_exact=self._metric.declared_exact,
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
        from statistics import median

        prices: dict[str, float] = {}
        names = [n for n in PRICES if n != self._metric.name and n in BUILT_IN]
        printed = [n for n in ("p99-ns", "ns/op", "cpu-ns/op", "rt-p99-ns") if n != self._metric.name]
        for name in (*names, *printed):
            pairs = zip(self._values(arm, name), self._values(CANDIDATE, name), strict=True)
            ratios = [a / b for a, b in pairs if a > 0 and b > 0]
            if ratios:
                prices[name] = round(median(ratios), 4)
        return prices


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
    """Returns how many blocks let equivalence be shown: a 90 % interval half as wide as the margin, 7 to 40 blocks."""
    if exact:
        return 3
    wanted = math.ceil((1.645 * math.sqrt(2) * run_sd / (0.6 * max(margin, 0.005))) ** 2) + 2
    affordable = int(budget_s / max(seconds_a_block, 1e-3))
    return max(7, min(40, wanted, max(affordable, 7)))
