"""Which runs the report shows, and how they read: all of a usual comparison, evenly spaced blocks of a huge one."""

from __future__ import annotations

import math
import shlex
import statistics
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from whence.evidence.comparison import Comparison
from whence.evidence.run import BlockEnd, JournalLine, Run, Session
from whence.show.report import names, numbers, reading

MOST_RUNS = 1200
MOST_NUMBERS = 60_000
MOST_METRICS = 150

PILOT, WARM_UP = "a pilot is not counted", "a warm-up is discarded by rule"
REPEATED, INTERRUPTED = "its block was repeated", "its block was interrupted"
UNUSED = {PILOT: "pilots", WARM_UP: "warm-ups", REPEATED: "repeated blocks", INTERRUPTED: "interrupted blocks"}
"""Why a run is not used, and what such runs are called together."""


class Shown(NamedTuple):
    """The runs that are drawn and embedded, in time order. `used[i]` tells whether estimates are made of `runs[i]`."""

    runs: tuple[Run, ...]
    used: tuple[bool, ...]
    reasons: tuple[str, ...]
    """Why a run is not used, in words; empty for used ones."""
    metrics: tuple[reading.MetricKey, ...]
    units: tuple[str, ...]
    variants: tuple[str, ...]
    total: int
    note: str
    """Says what was left out; empty when nothing was."""
    readings: tuple[dict[reading.MetricKey, float], ...]
    """The numbers of each run."""
    sessions: tuple[Session, ...]

    def values(self, key: reading.MetricKey) -> list[float | None]:
        """Returns the number of one metric for each run, None where it has none."""
        return [row.get(key) for row in self.readings]

    def median(self, metric: str, variant: str) -> float | None:
        """Returns the median of a metric of the process over the used runs of a variant."""
        rows = zip(self.runs, self.used, self.values((metric, None)), strict=True)
        present = [value for run, used, value in rows if used and run.variant == variant and value is not None]
        return statistics.median(present) if present else None


def readings(run: Run, aliases: Mapping[reading.MetricKey, reading.MetricKey]) -> dict[reading.MetricKey, float]:
    """Returns the finite numbers of a run by (metric, benchmark); the median where it printed several of one.

    `aliases`: keys under which the comparison knows a metric otherwise than the samples do.
    """
    found: dict[reading.MetricKey, list[float]] = {}
    for sample in run.samples:
        if math.isfinite(sample.value):
            key = (sample.metric, sample.benchmark)
            found.setdefault(aliases.get(key, key), []).append(sample.value)
    return {key: values[0] if len(values) == 1 else statistics.median(values) for key, values in found.items()}


def shown(comparison: Comparison, lines: Sequence[JournalLine], *, share: float = 1.0) -> Shown:
    """Returns the runs to show. `share` below 1 shows fewer, for a report that has to become smaller."""
    runs = [line for line in lines if isinstance(line, Run)]
    ends = {(line.block, line.attempt): line for line in lines if isinstance(line, BlockEnd)}
    metrics, units, aliases = _metrics(comparison, runs)
    most = max(40, int(share * min(MOST_RUNS, MOST_NUMBERS / max(1, len(metrics)))))
    kept = _thinned(runs, most)
    kept.sort(key=lambda run: run.started_at)
    statuses = [_status(run, ends) for run in kept]
    order = [variant.name for variant in comparison.variants]
    order += [name for name in dict.fromkeys(run.variant for run in kept) if name not in order]
    note = ""
    if len(kept) < len(runs):
        stored = comparison.runs or "the run directory"
        note = (
            f"Shown are {len(kept):,} of {len(runs):,} runs: whole blocks, evenly spaced. "
            f"Every run is in {names.clean(stored)}; the estimates are made of all of them."
        )
    return Shown(
        runs=tuple(kept),
        used=tuple(not status for status in statuses),
        reasons=tuple(statuses),
        metrics=metrics,
        units=units,
        variants=tuple(order),
        total=len(runs),
        note=note,
        readings=tuple(readings(run, aliases) for run in kept),
        sessions=tuple(line for line in lines if isinstance(line, Session)),
    )


def _status(run: Run, ends: dict[tuple[int, int], BlockEnd]) -> str:
    """Returns why a run is not used; empty when it is."""
    if run.kind != "counted":
        return WARM_UP if run.kind == "warmup" else PILOT
    end = ends.get((run.block, run.attempt))
    if end is None or end.status == "interrupted":
        return INTERRUPTED
    return REPEATED if end.status == "repeat" else ""


def _metrics(
    comparison: Comparison, runs: list[Run]
) -> tuple[tuple[reading.MetricKey, ...], tuple[str, ...], dict[reading.MetricKey, reading.MetricKey]]:
    """Returns the metrics of the runs, the primary one first, then chosen ones; their units; and their aliases.

    Go's own metrics are metrics of the process even where the program printed them on a line of its benchmark.
    """
    units: dict[reading.MetricKey, str] = {}
    step = max(1, len(runs) // 200)
    for run in runs[::step]:
        for sample in run.samples:
            units.setdefault((sample.metric, sample.benchmark), sample.unit)
    primary = reading.primary_metric(comparison)
    chosen = list(reading.metric_keys(comparison.effects))
    chosen.sort(key=lambda key: key[0] != primary)
    listed = reading.metric_keys(comparison.listed)
    aliases: dict[reading.MetricKey, reading.MetricKey] = {}
    for key in (*chosen, *listed):
        printed = [other for other in units if other[0] == key[0] and other[1] is not None]
        if key[1] is None and key not in units and len(printed) == 1:
            aliases[printed[0]] = key
            units[key] = units.pop(printed[0])
    order = [key for key in (*chosen, *listed) if key in units]
    order += [key for key in units if key not in set(order)]
    order = order[:MOST_METRICS]
    return tuple(order), tuple(units[key] for key in order), aliases


def _thinned(runs: list[Run], most: int) -> list[Run]:
    """Returns all runs, or those of evenly spaced blocks so that about `most` remain."""
    if len(runs) <= most:
        return list(runs)
    by_block: dict[tuple[str, int], list[Run]] = {}
    for run in runs:
        by_block.setdefault((run.kind if run.kind != "counted" else "", run.block), []).append(run)
    blocks = list(by_block.values())
    count = max(1, int(len(blocks) * most / len(runs)))
    picked = sorted({round(index * (len(blocks) - 1) / max(1, count - 1)) for index in range(count)})
    return [run for index in picked for run in blocks[index]][: most + len(blocks[0])]


def aa_bands(comparison: Comparison, of: Shown) -> dict[reading.MetricKey, tuple[float, float]]:
    """Returns what the base would show against itself, by chosen metric, from its own runs block by block."""
    from whence.stats.aa_band import aa_band

    base = reading.base_name(comparison)
    mine = [
        (run.block, run.position, numbers_of)
        for run, used, numbers_of in zip(of.runs, of.used, of.readings, strict=True)
        if used and run.variant == base
    ]
    mine.sort(key=lambda row: row[:2])
    found: dict[reading.MetricKey, tuple[float, float]] = {}
    for effect in comparison.effects:
        key = (effect.metric, effect.benchmark)
        if key in found or effect.exact or effect.pairs < 1 or len(found) >= 60:
            continue
        values = [row[2][key] for row in mine if key in row[2]]
        band = aa_band(values, effect.pairs)
        if band is not None:
            found[key] = band
    return found


def command_text(run: Run) -> str:
    """Returns the command of one run with what the variant adds to the environment, ready for a shell."""
    words = [f"{name}={shlex.quote(value)}" for name, value in sorted(run.environment.items())]
    return names.clean(" ".join([*words, shlex.join(run.command)]))


def outcome_text(run: Run) -> str:
    """Returns how a run ended, in words."""
    if run.outcome == "ok":
        return "ended well"
    how = {
        "exit": f"exit code {run.exit_code}",
        "signal": f"killed by {run.signal or 'a signal'}",
        "oom": "killed for its memory",
        "timeout": f"stopped after {numbers.seconds_text(run.seconds)}",
    }[run.outcome]
    last = names.clean(run.message.strip().splitlines()[-1]) if run.message.strip() else ""
    return f"{how}: {last[:300]}" if last else how
