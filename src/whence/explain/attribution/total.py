"""Is there a change at all, and how large? Base and candidate side by side, before anything is asked about causes.

Judged at up to three planned looks. For "it differs" each look has a third of the error, because a signed-rank p of
ten pairs is never below 1/512 and large changes, the common case here, should be seen at once; for "it is equivalent"
the looks share the error as in `stats.sequential`. For times two more arms run in the same blocks: base and
candidate in the linker's own order, as they ship. When only those differ, the change is code layout.
"""

from __future__ import annotations

import math
from random import Random
from statistics import stdev
from typing import Literal

import msgspec

from whence.evidence.attribution import Total
from whence.evidence.run import Run
from whence.explain.attribution.asking import Trials
from whence.measure.trials import Row, renamed
from whence.stats.judge import Judgement, Look, Question, judge_family
from whence.stats.split_plot import Estimate

STAGE, SHARPER = "total", "total-sharper"
SHARP = 0.012
BASE, CANDIDATE, SHIPPED_BASE, SHIPPED_CANDIDATE = "base", "candidate", "base, as it ships", "candidate, as it ships"
LOOKS = (10, 20, 40)
ALPHA = 0.01
EXACT_LOOKS = (3,)
"""A metric that is declared exact is run three times, to see that it is."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What the two sides came to. `logs`: ln(candidate ÷ base) by block; `shipped`: the same in the linker's order."""

    outcome: Literal["differs", "equivalent", "undetermined", "failed", "zero"]
    judgement: Judgement
    logs: tuple[float, ...]
    base_values: tuple[float, ...]
    candidate_values: tuple[float, ...]
    base_runs: tuple[Run, ...]
    candidate_runs: tuple[Run, ...]
    shipped: Judgement | None = None
    failure: str = ""
    """Why one side gives no value: the first failed run, in words."""

    @property
    def exact(self) -> bool:
        return self.judgement.exact

    @property
    def run_sd(self) -> float:
        """Scatter of one run in ln, from that of pairs; 0 for exact metrics."""
        if self.exact or len(self.logs) < 2:
            return 0.0
        return stdev(self.logs) / math.sqrt(2)

    @property
    def seconds_a_run(self) -> float:
        runs = (*self.base_runs, *self.candidate_runs)
        return sum(run.seconds for run in runs) / max(1, len(runs))

    @property
    def estimate(self) -> Estimate | None:
        """ln(candidate ÷ base) as an independent measurement to hold the sum of the shares against."""
        count = len(self.logs)
        if count < 2:
            return None
        from whence.stats.mixed_model import t_interval, t_p

        value, error = sum(self.logs) / count, stdev(self.logs) / math.sqrt(count)
        low, high = t_interval(value, error, count - 1, 0.95)
        return Estimate(value=value, low=low, high=high, error=error, degrees=count - 1, p=t_p(value, error, count - 1))

    def total(self) -> Total:
        """Returns the change as it stands in the answer when no shares are fitted."""
        j = self.judgement
        return total_of(j.ratio, j.low, j.high, j.base_value, j.candidate_value)


def total_of(
    ratio: float | None, low: float | None, high: float | None, base: float | None, candidate: float | None
) -> Total:
    """Returns a total whose deltas are the ratio's, on the base's median."""

    def delta(r: float | None) -> float | None:
        return None if r is None or base is None or not math.isfinite(r) else base * (r - 1)

    return Total(
        ratio=ratio,
        low=finite(low),
        high=finite(high),
        base_value=base,
        candidate_value=candidate,
        delta=delta(ratio),
        delta_low=delta(low),
        delta_high=delta(high),
    )


def finite(value: float | None) -> float | None:
    """Returns the number, None for what no runs could bound."""
    return value if value is not None and math.isfinite(value) else None


def measure_total(trials: Trials, *, margin: float, most_pairs: int) -> Change:
    """Runs the pairs and returns the change. `most_pairs`: what the budget allows."""
    looks = EXACT_LOOKS if trials.metric.declared_exact else tuple(n for n in LOOKS if n <= most_pairs) or (most_pairs,)
    change: Change | None = None
    for index, look in enumerate(looks):
        rows = _rows(trials, look)
        runs = trials.run(STAGE, rows)
        by_arm: dict[str, list[Run]] = {}
        for row, run in sorted(zip(rows, runs, strict=True), key=lambda item: item[0].block):
            by_arm.setdefault(row.variant.name, []).append(run)
        change = _judge(trials, by_arm, margin, Look(looks=looks, index=index))
        if change.outcome != "undetermined":
            break
    assert change is not None
    return change


def pairs_to_sharpen(change: Change, *, budget_s: float) -> int:
    """Returns how many more pairs make the change precise enough to hold the sum of the shares against: a 95 %
    half-width of 1.2 points, or a twentieth of the change; as many as the budget allows, 0 when it is so already."""
    count = len(change.logs)
    if change.exact or count < 2:
        return 0
    half_width = 1.96 * stdev(change.logs) / math.sqrt(count)
    wanted = max(SHARP, abs(sum(change.logs) / count) / 20)
    more = math.ceil(count * (half_width / wanted) ** 2) - count
    return max(0, min(more, int(budget_s / max(2 * change.seconds_a_run, 1e-3))))


def sharpened(trials: Trials, change: Change, pairs: int) -> Change:
    """Returns the change with that many more pairs in its independent estimate; the verdict on it stays as it was."""
    base, candidate = trials.settled.variants[:2]
    logs = trials.pairs(SHARPER, base, candidate, pairs) if pairs else ()
    return msgspec.structs.replace(change, logs=(*change.logs, *(logs or ())))


def _rows(trials: Trials, blocks: int) -> list[Row]:
    base, candidate = trials.settled.variants[:2]
    arms = [(renamed(base, BASE), True), (renamed(candidate, CANDIDATE), True)]
    if any(trials.layout_can_vary(v) for v in (base, candidate)):
        arms += [(renamed(base, SHIPPED_BASE), False), (renamed(candidate, SHIPPED_CANDIDATE), False)]
    rows: list[Row] = []
    for block in range(blocks):
        order = sorted(arms, key=lambda arm: Random(f"{trials.seed} total {block} {arm[0].name}").random())
        rows += [Row(block=block, variant=v, layout=block if random else None) for v, random in order]
    return rows


def _judge(trials: Trials, by_arm: dict[str, list[Run]], margin: float, look: Look) -> Change:
    question = _question(trials, by_arm, BASE, CANDIDATE, margin)
    asked = [question]
    if SHIPPED_BASE in by_arm:
        asked.append(_question(trials, by_arm, SHIPPED_BASE, SHIPPED_CANDIDATE, margin))
    each = ALPHA / len(look.looks)
    judged = [judge_family([q], alpha=ALPHA, spent=each)[0] for q in asked]
    equivalent = judge_family([question], look=look)[0].verdict == "equivalent"
    values = [(b, c) for b, c in zip(question.base, question.candidate, strict=True)]
    positive = [(b, c) for b, c in values if b > 0 and c > 0]
    failed = next((r for runs in by_arm.values() for r in runs if not r.ok), None)
    outcome: Literal["differs", "equivalent", "undetermined", "failed", "zero"]
    if failed is not None and not positive:
        outcome = "failed"
    elif len(positive) < len([v for v in values if not math.isnan(v[0] + v[1])]):
        outcome = "equivalent" if all(b == c for b, c in values) else "zero"
    elif judged[0].verdict in ("worse", "better"):
        outcome = "differs"
    else:
        outcome = "equivalent" if equivalent else "undetermined"
    return Change(
        outcome=outcome,
        judgement=judged[0],
        logs=tuple(math.log(c / b) for b, c in positive),
        base_values=question.base,
        candidate_values=question.candidate,
        base_runs=tuple(by_arm[BASE]),
        candidate_runs=tuple(by_arm[CANDIDATE]),
        shipped=judged[1] if len(judged) > 1 else None,
        failure="" if failed is None else _why(failed),
    )


def _question(trials: Trials, by_arm: dict[str, list[Run]], base: str, candidate: str, margin: float) -> Question:
    return Question(
        key=(trials.metric.name, candidate),
        base=tuple(trials.value(run) for run in by_arm[base]),
        candidate=tuple(trials.value(run) for run in by_arm[candidate]),
        declared_exact=trials.metric.declared_exact,
        better=trials.metric.better,
        margin=margin,
        unit=trials.metric.unit,
    )


def _why(run: Run) -> str:
    return f"{run.variant}: {run.ending}: {' '.join(run.message.split())}".rstrip(": ")
