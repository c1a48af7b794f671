"""The other pictures: the release path as a strip, memory by kind, remedies as pairs, every run by stage."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import median

import msgspec

from whence.evidence.attribution import Attribution
from whence.evidence.run import Run
from whence.show.report import names, numbers
from whence.show.report.explain import words

OUTCOMES = {
    "base": ("○", "base"),
    "carries": ("▲", "has it"),
    "clear": ("=", "without it"),
    "undecided": ("?", "not enough data"),
    "unmeasurable": ("–", "cannot be had"),
}
MEMORY_NAMES = {
    "rss-anon": "anonymous (heap, stacks)",
    "rss-file": "file-backed (text, data)",
    "rss-lazyfree": "of it lazily freed",
    "rss-hugepages": "of it huge pages",
    "rss-start": "at the start of main",
    "runtime-total": "Go's own total",
    "heap-inuse": "heap in use",
    "heap-live": "live heap",
    "heap-goal": "heap goal",
}


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """One release on the strip."""

    release: str
    mark: str
    word: str
    outcome: str
    ratio: str
    pairs: int
    note: str
    """`introduced here`, `fixed here`, or nothing."""


def strip(attribution: Attribution) -> tuple[Stop, ...]:
    """Returns the releases that were measured, in order, with what was seen."""
    stops: list[Stop] = []
    for step in attribution.path:
        mark, word = OUTCOMES[step.outcome]
        note = "introduced here" if step.release == attribution.introduced_in else ""
        note = "fixed here" if step.release == attribution.fixed_in else note
        ratio = "" if step.ratio is None else words.ratio_text(step.ratio, step.low, step.high)
        stops.append(
            Stop(
                release=names.clean(step.release),
                mark=mark,
                word=word,
                outcome=step.outcome,
                ratio=ratio,
                pairs=step.pairs,
                note=note,
            )
        )
    return tuple(stops)


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of memory: bars in percent of the largest."""

    name: str
    base: str
    candidate: str
    base_width: float
    candidate_width: float
    moved: bool


def memory(attribution: Attribution) -> tuple[Kind, ...]:
    """Returns memory by kind, base above candidate."""
    parts = attribution.memory
    largest = max((v for p in parts for v in (p.base_value, p.candidate_value)), default=0.0)
    if largest <= 0:
        return ()
    return tuple(
        Kind(
            name=MEMORY_NAMES.get(p.name, names.clean(p.name)),
            base=numbers.amount_text(p.base_value, "B"),
            candidate=numbers.amount_text(p.candidate_value, "B"),
            base_width=round(100 * p.base_value / largest, 2),
            candidate_width=round(100 * p.candidate_value / largest, 2),
            moved=abs(p.candidate_value - p.base_value) >= 0.02 * largest,
        )
        for p in parts
    )


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """One remedy as it was measured: a ratio to the base on a log scale, in percent of the picture."""

    change: str
    verdict: str
    tone: str
    ratio: str
    at: float
    low: float | None
    high: float | None
    why: str
    price: str


class Pairs(msgspec.Struct, frozen=True, kw_only=True):
    """Remedies beside what was to be remedied. `base`: where ×1 is."""

    rows: tuple[Pair, ...]
    base: float


def pairs(attribution: Attribution) -> Pairs | None:
    """Returns the remedies that were measured, the untreated candidate first; None when none was."""
    tried = [(r, "accepted", "better") for r in attribution.remedies if r.measured and r.ratio]
    others = [r for r in attribution.rejected_remedies if r.ratio]
    rejected = [(r, "palliative" if r.palliative else "rejected", "rest") for r in others]
    total = attribution.total
    if not (tried or rejected) or not total.ratio:
        return None
    values = [v for r, *_ in (*tried, *rejected) for v in (r.ratio, r.low, r.high) if v]
    values += [v for v in (total.ratio, total.low, total.high, 1.0) if v]
    low, high = math.log(min(values)), math.log(max(values))
    margin = 0.06 * max(high - low, 1e-3)

    def x(value: float | None) -> float | None:
        if not value:
            return None
        return round(100 * (math.log(value) - low + margin) / (high - low + 2 * margin), 2)

    rows = [
        Pair(
            change="nothing changed",
            verdict="candidate",
            tone="worse",
            ratio=words.ratio_text(total.ratio, total.low, total.high),
            at=x(total.ratio) or 0.0,
            low=x(total.low),
            high=x(total.high),
            why="",
            price="",
        )
    ]
    for remedy, verdict, tone in (*tried, *rejected):
        price = ", ".join(f"{names.clean(k)} ×{v:.3g}" for k, v in remedy.price.items())
        rows.append(
            Pair(
                change=names.clean(remedy.change),
                verdict=verdict,
                tone=tone,
                ratio=words.ratio_text(remedy.ratio, remedy.low, remedy.high),
                at=x(remedy.ratio) or 0.0,
                low=x(remedy.low),
                high=x(remedy.high),
                why=names.clean(remedy.why),
                price=price,
            )
        )
    return Pairs(rows=tuple(rows), base=x(1.0) or 0.0)


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """The runs of one stage: (x, y, arm's number, title) in percent, y of the metric's log."""

    name: str
    arms: tuple[str, ...]
    dots: tuple[tuple[float, float, int, str], ...]
    runs: int
    medians: tuple[tuple[str, str, int], ...]
    """(arm, median, runs)."""


def stages(attribution: Attribution, runs: Mapping[str, Sequence[Run]], *, most: int) -> tuple[Stage, ...]:
    """Returns the stages that have runs, each with at most its part of `most` dots."""
    found: list[Stage] = []
    every = sum(len(r) for r in runs.values())
    for name, own in runs.items():
        values = [(run, _value(run, attribution.metric)) for run in own]
        good = [(run, v) for run, v in values if v is not None and v > 0]
        if not good:
            continue
        keep = max(1, math.ceil(every / most))
        found.append(_stage(attribution, names.clean(name), good, keep))
    return tuple(found)


def _stage(attribution: Attribution, name: str, good: Sequence[tuple[Run, float]], keep: int) -> Stage:
    arms = tuple(dict.fromkeys(run.variant.split("#")[0] for run, _ in good))
    logs = [math.log(v) for _, v in good]
    low, span = min(logs), max(max(logs) - min(logs), 1e-6)
    dots: list[tuple[float, float, int, str]] = []
    for number, (run, value) in enumerate(good):
        if number % keep:
            continue
        arm = arms.index(run.variant.split("#")[0])
        x = round(1 + 98 * number / max(1, len(good) - 1), 2)
        y = round(94 - 88 * (math.log(value) - low) / span, 2)
        title = (
            f"{names.clean(run.id)} {arms[arm]}: {numbers.amount_text(value, attribution.unit)}, {run.seconds:.3g} s"
        )
        dots.append((x, y, arm, names.clean(title)))
    medians: list[tuple[str, str, int]] = []
    for arm in arms:
        own = [v for run, v in good if run.variant.split("#")[0] == arm]
        medians.append((names.clean(arm), numbers.amount_text(median(own), attribution.unit), len(own)))
    return Stage(name=name, arms=arms, dots=tuple(dots), runs=len(good), medians=tuple(medians))


def _value(run: Run, metric: str) -> float | None:
    unit = metric.rpartition(":")[2]
    if not run.ok:
        return None
    return next((s.value for s in run.samples if s.metric == unit), None)
