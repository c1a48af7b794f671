"""From raw runs to answers: the median over the replicas and the ends of nine tenths of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np

from whence.evidence.node_simulation import Answer, Difference, Range
from whence.explain.simulator.node import fields as f
from whence.explain.simulator.node.go_process import SECOND
from whence.explain.simulator.node.replicas import Replica

_LOW, _HIGH = 0.05, 0.95


Measure = Callable[[Replica], float]


class Question(NamedTuple):
    name: str
    words: str
    unit: str
    of: Measure
    better: Literal["lower", "higher", "neither"] = "lower"


def _ratio(above: float, below: float) -> float:
    return float(above) / float(below) if below else 0.0


def _hours(run: Replica) -> float:
    return run.measured_ns / (3600 * SECOND)


def _per_hour(*entries: int) -> Measure:
    return lambda run: sum(int(run.counts[entry]) for entry in entries) / _hours(run)


def _count(entry: int) -> Measure:
    return lambda run: float(run.counts[entry])


def _share(part: int, *whole: int) -> Measure:
    return lambda run: _ratio(run.counts[part], sum(int(run.counts[entry]) for entry in whole))


def _over_time(entry: int) -> Measure:
    """The mean over the measured time, or its share when what is summed is time."""
    return lambda run: float(run.sums[entry]) / run.measured_ns


def _amplification(run: Replica) -> float:
    return _ratio(run.sums[f.RESIDENT_TIME], run.sums[f.LIVE_TIME])


def _peak_missed(run: Replica) -> float:
    return 1 - _ratio(run.counts[f.PEAK_SCANNED], run.counts[f.PEAK]) if run.counts[f.PEAK] else 0.0


def _pod_peak_missed(run: Replica) -> float:
    return 1 - _ratio(run.sums[f.SAMPLED_PEAKS], run.sums[f.TRUE_PEAKS]) if run.sums[f.TRUE_PEAKS] else 0.0


def _sleep(run: Replica) -> float:
    return _ratio(run.sums[f.STALL_TIME] / SECOND, run.counts[f.ENDED])


def _first_eviction(run: Replica) -> float:
    at = int(run.counts[f.FIRST_EVICTION])
    return (at if at >= 0 else run.measured_ns) / SECOND


_EVICTED = (f.EVICTED_HARD, f.EVICTED_SOFT)
QUESTIONS: tuple[Question, ...] = (
    Question("resident-mean", "memory that pods hold, on average", "B", _over_time(f.RESIDENT_TIME)),
    Question("resident-peak", "the most that they hold at once", "B", _count(f.PEAK)),
    Question("live-mean", "of it alive, on average", "B", _over_time(f.LIVE_TIME), "neither"),
    Question("amplification", "held for each byte alive", "1", _amplification),
    Question("pods-running", "processes running, on average", "count", _over_time(f.ALIVE_TIME), "neither"),
    Question("pods-ended", "pods that ended, in whatever way", "1/h", _per_hour(f.ENDED), "neither"),
    Question("never-scanned", "pods that no scan met alive", "1", _share(f.NEVER_SCANNED, f.ENDED)),
    Question("read-at-birth-only", "pods whose memory was read at birth only", "1", _share(f.NEVER_SAMPLED, f.ENDED)),
    Question("peak-missed", "of the node's peak, not seen by scans", "1", _peak_missed),
    Question("pod-peak-missed", "of the pods' own peaks, not seen by readings", "1", _pod_peak_missed),
    Question("evicted", "pods evicted", "1/h", _per_hour(*_EVICTED)),
    Question(
        "evicted-without-statistics",
        "of them, because nothing was known",
        "1",
        _share(f.EVICTED_WITHOUT_STATS, *_EVICTED),
    ),
    Question("first-eviction", "first eviction (none: the whole time)", "s", _first_eviction, "higher"),
    Question("killed-by-node", "pods killed, the node out of memory", "1/h", _per_hour(f.KILLED_BY_NODE)),
    Question("killed-by-limit", "pods killed at their own limit", "1/h", _per_hour(f.KILLED_BY_LIMIT)),
    Question("refused", "pods refused under MemoryPressure", "1/h", _per_hour(f.REFUSED)),
    Question("pressure-time", "time under MemoryPressure", "1", _over_time(f.PRESSURE_TIME)),
    Question("throttled", "pods that slept above memory.high", "1", _share(f.THROTTLED_PODS, f.ENDED)),
    Question("sleep-per-pod", "sleep above memory.high, for each pod", "s", _sleep),
    Question("psi-some", "time with a pod asleep (PSI memory some)", "1", _over_time(f.SOME_STALLED)),
    Question("psi-full", "time with all pods asleep (PSI full)", "1", _over_time(f.ALL_STALLED)),
)


def span(values: list[float]) -> Range:
    """Returns the median of the replicas and the quantiles 5 % and 95 %."""
    low, middle, high = np.quantile(np.array(values), [_LOW, 0.5, _HIGH])
    return Range(value=float(middle), low=float(low), high=float(high))


def answers(runs: list[Replica]) -> tuple[Answer, ...]:
    """Returns every question's answer over the replicas of one variant."""
    return tuple(
        Answer(name=q.name, words=q.words, unit=q.unit, better=q.better, range=span([q.of(run) for run in runs]))
        for q in QUESTIONS
    )


def differences(base: str, before: list[Replica], name: str, after: list[Replica]) -> list[Difference]:
    """Returns candidate − base for every question, paired by replica: both had the same pods."""
    return [
        Difference(
            name=q.name,
            base=base,
            candidate=name,
            unit=q.unit,
            range=span([q.of(b) - q.of(a) for a, b in zip(before, after, strict=True)]),
        )
        for q in QUESTIONS
    ]
