"""What limited the program when: stretches of collections in which one thing passed its threshold.

Rows that pass are joined over gaps as long as the joined stretch still passes as a whole and the gap is no longer than
what it joins. A stretch stays when it holds three collections in a fiftieth of the run, or lasts a tenth of it:

| kind | over the whole stretch |
|---|---|
| assist | assists took 5 % of the processors' time |
| stopped | the world was stopped 5 % of the time, by the lower bounds |
| back-to-back | a collection was running 80 % of the time |
| cpu-limiter | see `limiter.py` |
| memory-limit | see `limits.py` |
| growth | the live heap rose by half, and by 8 MiB, and fell back at no time by more than a tenth |
| idle | no collection for a tenth of the run, and a second |
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from whence.evidence.gc_story import Amount, Measure, Stretch, StretchKind
from whence.measure.profiles.gc import amounts, wording
from whence.measure.profiles.gc.limiter import limiter_on
from whence.measure.profiles.gc.limits import Limits
from whence.measure.profiles.gc.run import Bounds, Float64, GcRun

ASSIST, STOPPED, BACK_TO_BACK = 0.05, 0.05, 0.8
GROWTH, GROWTH_BYTES, SETBACK = 1.5, 8 << 20, 0.1
IDLE, IDLE_S = 0.1, 1.0
FEWEST_CYCLES, SMALLEST_SHARE, LONG_SHARE = 3, 0.02, 0.1

Span = tuple[int, int]
"""First row and the one behind the last."""


def stretches(run: GcRun, limits: Limits) -> tuple[Stretch, ...]:
    """Returns all stretches by their start; none where the source has no times."""
    if not run.timed or not len(run):
        return ()
    period = run.period_s
    capacity = run.procs * period
    found: list[Stretch] = []

    def add(kind: StretchKind, spans: list[Span], measure: Callable[[Span], tuple[Measure, ...]]) -> None:
        for span in spans:
            found.append(_stretch(run, kind, span, measure(span)))

    def ratio(bounds: Bounds, name: str, of: Float64) -> Callable[[Span], tuple[Measure, ...]]:
        def measured(span: Span) -> tuple[Measure, ...]:
            part = bounds.take(slice(*span))
            return _measures((name, amounts.share(part, float(of[slice(*span)].sum()))))

        return measured

    if run.assists.known:
        add("assist", passing(run, run.assists.middle, capacity, ASSIST), ratio(run.assists, "assists", capacity))
    add("stopped", passing(run, run.pauses.low, period, STOPPED), ratio(run.pauses, "stopped", period))
    busy = Bounds(run.busy_s, run.busy_s)
    add("back-to-back", passing(run, run.busy_s, period, BACK_TO_BACK), ratio(busy, "collecting", period))
    add("memory-limit", spans_of(run, limits.rows), lambda span: _limited_measures(run, span, capacity))
    limiting = spans_of(run, limiter_on(run))
    add("cpu-limiter", limiting, ratio(run.collecting_cpu, "collector", capacity))
    add("growth", growing(run), lambda span: _growth_measures(run, span))
    found += _idle(run)
    return tuple(sorted(found, key=lambda stretch: (stretch.from_s, -stretch.to_s)))


def passing(run: GcRun, part: Float64, whole: Float64, threshold: float) -> list[Span]:
    """Returns the spans of rows whose sum of `part` is at least `threshold` of their sum of `whole`."""
    part = np.nan_to_num(part, nan=0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mask = np.where(whole > 0, part / whole, 0.0) >= threshold
    # The time until the next collection is not known for the last one, so it alone shows nothing.
    mask[-1] &= run.closed
    sums, wholes = np.concatenate([[0.0], part.cumsum()]), np.concatenate([[0.0], whole.cumsum()])

    def holds(a: int, b: int) -> bool:
        return bool(sums[b] - sums[a] >= threshold * (wholes[b] - wholes[a]))

    return _kept(run, _joined(run, _runs(mask), holds))


def spans_of(run: GcRun, mask: NDArray[np.bool_]) -> list[Span]:
    """Returns the spans in which nine rows of ten are in the mask."""
    sums = np.concatenate([[0], mask.cumsum()])
    return _kept(run, _joined(run, _runs(mask), lambda a, b: bool(sums[b] - sums[a] >= 0.9 * (b - a))))


def growing(run: GcRun) -> list[Span]:
    """Returns the spans over which the live heap rose, from its low to its high."""
    live = run.live.low
    found: list[Span] = []
    low = high = 0
    for row in range(1, len(live)):
        if live[row] > live[high]:
            high = row
        elif live[row] < live[high] * (1 - SETBACK):
            found.append((low, high + 1))
            low = high = row
        if high == low and live[row] <= live[low]:
            low = high = row
    found.append((low, high + 1))

    def grew(span: Span) -> bool:
        first, last = live[span[0]], live[span[1] - 1]
        return bool(last - first >= GROWTH_BYTES and last >= GROWTH * first)

    return _kept(run, [span for span in found if span[1] > span[0] and grew(span)])


def _runs(mask: NDArray[np.bool_]) -> list[Span]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _joined(run: GcRun, spans: list[Span], holds: Callable[[int, int], bool]) -> list[Span]:
    """Joins each span to the ones before it as long as what lies between them is short and does not break the rule."""
    joined: list[Span] = []

    def length(a: int, b: int) -> float:
        return _end_of(run, b) - float(run.start_s[a])

    def near(one: Span, other: Span) -> bool:
        return length(one[1], other[0]) <= min(length(*one), length(*other)) if other[0] > one[1] else True

    for span in spans:
        joined.append(span)
        while len(joined) > 1 and near(joined[-2], joined[-1]) and holds(joined[-2][0], joined[-1][1]):
            last = joined.pop()
            joined[-1] = (joined[-1][0], last[1])
    return joined


def _kept(run: GcRun, spans: list[Span]) -> list[Span]:
    whole = run.finish_s - run.begin_s

    def stays(a: int, b: int) -> bool:
        length = _end_of(run, b) - float(run.start_s[a])
        many = int(run.count[a:b].sum()) >= FEWEST_CYCLES
        return length >= (SMALLEST_SHARE if many else LONG_SHARE) * whole

    return [span for span in spans if stays(*span)]


def _end_of(run: GcRun, behind: int) -> float:
    return float(run.start_s[behind]) if behind < len(run) else max(run.finish_s, float(run.end_s[-1]))


def _stretch(run: GcRun, kind: StretchKind, span: Span, measures: tuple[Measure, ...]) -> Stretch:
    first, behind = span
    cycles = int(run.count[first:behind].sum())
    return Stretch(
        kind=kind,
        from_s=float(run.start_s[first]),
        to_s=_end_of(run, behind),
        cycles=cycles,
        evidence=wording.evidence(kind, cycles, measures),
        measures=measures,
    )


def _measures(*named: tuple[str, Amount | None]) -> tuple[Measure, ...]:
    return tuple(Measure(name=name, amount=amount) for name, amount in named if amount is not None)


def _limited_measures(run: GcRun, span: Span, capacity: Float64) -> tuple[Measure, ...]:
    rows = slice(*span)
    goal, live = run.goal.take(rows), run.live.take(rows)
    full = float((goal.low <= live.high).mean())
    return _measures(
        ("goal", amounts.amount(float(np.median(goal.low)), float(np.median(goal.high)), "B")),
        ("live", amounts.amount(float(np.median(live.low)), float(np.median(live.high)), "B")),
        ("collector", amounts.share(run.collecting_cpu.take(rows), float(capacity[rows].sum()))),
        ("full", Amount(value=full, unit="share")),
    )


def _growth_measures(run: GcRun, span: Span) -> tuple[Measure, ...]:
    return _measures(
        ("from", amounts.row(run.live, span[0], "B")),
        ("to", amounts.row(run.live, span[1] - 1, "B")),
    )


def _idle(run: GcRun) -> list[Stretch]:
    """Returns the gaps between collections; what follows the last one is not known to be a gap."""
    least = max(IDLE_S, IDLE * (run.finish_s - run.begin_s))
    starts = np.append(run.start_s, run.finish_s)
    ends = np.concatenate([[run.begin_s], run.end_s])
    # Rows that are sums over a time may hold no collection at all.
    found = [(float(a), float(b)) for a, b in zip(ends, starts, strict=True) if b - a >= least]
    empty = run.count == 0
    found += [
        (float(run.start_s[a]), _end_of(run, b)) for a, b in _runs(empty) if _end_of(run, b) - run.start_s[a] >= least
    ]
    return [
        Stretch(kind="idle", from_s=a, to_s=b, cycles=0, evidence=wording.evidence("idle", 0, ()),
                measures=_measures(("length", Amount(value=b - a, unit="s"))))
        for a, b in found
    ]  # fmt: skip
