"""From the journals to the answer. Pure.

A value over blocks is the Hodges–Lehmann estimate (the median of all means of two) with the signed-rank interval, at
95 %: `stats.signed_rank`. Times are taken as logarithms, because what disturbs them stretches them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from whence.evidence.lineage import Ending, GivenBack, LineageRelease, Predicted, Reading
from whence.evidence.run import JournalLine, Run, Session, used_runs
from whence.explain.lineage.metrics import METRICS, PARTS, read
from whence.explain.lineage.programs import arm_name
from whence.golang.versions import parse_version
from whence.stats.signed_rank import SignedRank

DISTURBED = 1.25
Predict = Callable[[str], Mapping[str, Predicted | None]]
"""From a release to what the model says of its metrics, by name. Of dropped memory: `rss-after`, and `back` or
`lazy`, the seconds until it was given back so, null for never."""


def nothing_predicted(version: str) -> Mapping[str, Predicted | None]:
    """Stands in where there is no model."""
    return {}


def releases_of(
    versions: Sequence[str],
    blocks: Sequence[JournalLine],
    waiting: Sequence[JournalLine],
    *,
    dropped_bytes: float,
    predict: Predict = nothing_predicted,
) -> tuple[LineageRelease, ...]:
    """Returns each release with its readings over complete blocks and what became of its dropped memory."""
    runs: dict[str, list[Run]] = {}
    for run in used_runs(list(blocks)):
        runs.setdefault(run.variant, []).append(run)
    waits = {line.variant: line for line in waiting if isinstance(line, Run)}
    return tuple(_release(version, runs, waits.get(version), dropped_bytes, predict(version)) for version in versions)


def _release(
    version: str,
    runs: Mapping[str, Sequence[Run]],
    wait: Run | None,
    dropped_bytes: float,
    predicted: Mapping[str, Predicted | None],
) -> LineageRelease:
    own = [run for part in PARTS for run in runs.get(arm_name(version, part), ())]
    found: dict[str, list[float]] = {}
    for run in own:
        if run.ok:
            for name, value in read({sample.metric: sample.value for sample in run.samples}).items():
                found.setdefault(name, []).append(value)
    failures = [f"{run.variant}, block {run.block + 1}: {run.ending}" for run in own if not run.ok]
    if wait is not None and not wait.ok:
        failures.append(f"{version} drop: {wait.ending}")
    return LineageRelease(
        line=parse_version(version).line,
        version=version,
        binary_sha256=next((run.binary_sha256 for run in own), None),
        readings=tuple(reading(m.name, found.get(m.name, []), predicted.get(m.name)) for m in METRICS),
        given_back=given_back(wait, dropped_bytes),
        predicted_after=predicted.get("rss-after"),
        predicted_seconds=predicted.get("back") or predicted.get("lazy"),
        predicted_ending=_predicted_ending(predicted),
        failures=tuple(failures),
    )


def _predicted_ending(predicted: Mapping[str, Predicted | None]) -> Ending | None:
    if predicted.get("lazy") is not None:
        return "lazy"
    if predicted.get("back") is not None:
        return "back"
    return "never" if "back" in predicted or "lazy" in predicted else None


def reading(name: str, values: Sequence[float], predicted: Predicted | None = None) -> Reading:
    """Returns one metric over blocks; without values its value is null."""
    if not values:
        return Reading(metric=name, value=None, predicted=predicted)
    logarithmic = min(values) > 0
    test = SignedRank(np.asarray([math.log(v) for v in values] if logarithmic else values, dtype=np.float64))
    interval = test.interval(0.05)
    back = math.exp if logarithmic else float
    return Reading(
        metric=name,
        value=back(test.estimate),
        low=None if interval is None else back(interval[0]),
        high=None if interval is None else back(interval[1]),
        blocks=len(values),
        predicted=predicted,
    )


def given_back(run: Run | None, dropped_bytes: float) -> GivenBack | None:
    """Returns what a watched process told, None when it was not watched or ended early."""
    if run is None or not run.ok:
        return None
    values = {sample.metric: sample.value for sample in run.samples}
    if "rss-before" not in values:
        return None
    back, lazy = values.get("back"), values.get("lazy")
    return GivenBack(
        dropped=dropped_bytes,
        before=values["rss-before"],
        after=values["rss-after"],
        peak=values["rss-peak"],
        lazy_free=values["lazy-free-most"],
        ending="back" if back is not None else "lazy" if lazy is not None else "never",
        seconds=back if back is not None else lazy,
        waited=values["waited"],
        heap_idle=values.get("heap-idle-bytes"),
        heap_released=values.get("heap-released-bytes"),
        timeline=thinned(run.timeline),
    )


def thinned(timeline: Sequence[tuple[float, float]], step: float = 0.02) -> tuple[tuple[float, float], ...]:
    """Returns a time line without the points at which nothing changed by more than `step` of its largest value."""
    if len(timeline) < 3:
        return tuple(timeline)
    least = step * max(value for _, value in timeline)
    kept = [timeline[0]]
    for before, point in pairwise(timeline):
        if abs(point[1] - kept[-1][1]) > least:
            if kept[-1] != before:
                kept.append(before)
            kept.append(point)
    if kept[-1] != timeline[-1]:
        kept.append(timeline[-1])
    return tuple(kept)


def disturbed_runs(lines: Sequence[JournalLine]) -> int:
    """Returns how many used runs have a spin beside them of 1.25 times the median of all spins or more."""
    runs = used_runs(list(lines))
    spins = sorted(s for run in runs for s in (run.calibration_before_s, run.calibration_after_s) if s is not None)
    if not spins:
        return 0
    limit = DISTURBED * spins[len(spins) // 2]
    return sum(max(run.calibration_before_s or 0.0, run.calibration_after_s or 0.0) >= limit for run in runs)


def calibration_of(lines: Sequence[JournalLine]) -> dict[str, float]:
    """Returns what the last session's calibration said before the first run, with the spread over all runs' spins."""
    sessions = [line for line in lines if isinstance(line, Session)]
    told = dict(sessions[-1].calibration) if sessions else {}
    spins = sorted(run.calibration_after_s for run in used_runs(list(lines)) if run.calibration_after_s is not None)
    if spins:
        middle = spins[len(spins) // 2]
        told["spread"] = (spins[(len(spins) * 9) // 10] - spins[len(spins) // 10]) / middle
        told["median_s"] = middle
    return told
