"""The numbers of one run as a whole: collections, pauses, CPU, heap, memory given back."""

from __future__ import annotations

import numpy as np

from whence.evidence.gc_story import Amount, CycleCounts, Heap, Pauses, Scavenging, Work
from whence.measure.profiles.gc import amounts
from whence.measure.profiles.gc.limits import Limits
from whence.measure.profiles.gc.run import Bounds, GcRun

PERIOD_S = 120.0
"""The runtime collects when this long has passed without a collection (`proc.go`: forcegcperiod)."""
_BELOW_GOAL = 0.9


def cycles(run: GcRun) -> CycleCounts:
    """Returns how many collections there were, and of which origin."""
    total = int(run.count.sum())
    said = len(run) > 0 and bool((run.forced >= 0).all())
    length = run.finish_s - run.begin_s
    return CycleCounts(
        total=total,
        forced=int(run.forced.sum()) if said else None,
        periodic=periodic(run) if run.timed and run.source != "runtime metrics" else None,
        missing=run.missing,
        rate=Amount(value=total / length, unit="1/s") if run.timed and length > 0 else None,
    )


def periodic(run: GcRun) -> int:
    """Returns the collections that began two minutes after the last, not asked for and with the heap below its goal."""
    if len(run) < 2:
        return 0
    waited = run.start_s[1:] - run.end_s[:-1] >= PERIOD_S
    below = run.heap_start.low[1:] < _BELOW_GOAL * run.goal.high[1:]
    return int((waited & below & (run.forced[1:] <= 0)).sum())


def pauses(run: GcRun) -> Pauses | None:
    """Returns the stops of the world; of each stop where the source tells them apart, else of each collection."""
    whole = amounts.total(run.pauses, "s")
    if whole is None:
        return None
    length = run.finish_s - run.begin_s
    share = amounts.share(run.pauses, length) if run.timed else None
    sweep, mark = amounts.total(run.sweep_pause, "s"), amounts.total(run.mark_pause, "s")
    if run.histogram is not None:
        filled = np.flatnonzero(run.histogram.counts)
        return Pauses(
            total=whole,
            count=int(run.histogram.counts.sum()),
            quantiles=amounts.histogram_quantiles(run.histogram),
            longest=amounts.bucket(run.histogram, int(filled[-1])) if len(filled) else None,
            share_of_time=share,
        )
    single = bool((run.count <= 1).all())
    each, at = _each(run) if single else (None, None)
    longest = int(np.nanargmax(each.low)) if each is not None and each.known else None
    return Pauses(
        total=whole,
        sweep_termination=sweep,
        mark_termination=mark if sweep is not None else None,
        each="pause" if sweep is not None else "cycle",
        count=len(each.low) if each is not None else 0,
        quantiles=amounts.quantiles(each, "s") if each is not None else (),
        longest=amounts.row(each, longest, "s") if each is not None and longest is not None else None,
        longest_at_s=float(at[longest]) if at is not None and longest is not None and run.timed else None,
        share_of_time=share,
    )


def _each(run: GcRun) -> tuple[Bounds, np.ndarray]:
    if not run.sweep_pause.known:
        return run.mark_pause, run.start_s
    both = Bounds(*(np.concatenate([a, b]) for a, b in zip(run.sweep_pause, run.mark_pause, strict=True)))
    return both, np.concatenate([run.start_s, run.end_s - run.mark_pause.middle])


def work(run: GcRun) -> Work | None:
    """Returns the CPU time of collections and its share of what the processors had."""
    if not run.background.known and not run.stopped_cpu.known:
        return None
    # Before the first row of the run the processors were there as well.
    capacity = float((run.procs * run.period_s).sum() + run.procs[0] * max(0.0, run.start_s[0] - run.begin_s))
    printed = run.printed_percent
    return Work(
        stopped=amounts.total(run.stopped_cpu, "cpu-s"),
        assists=amounts.total(run.assists, "cpu-s"),
        background=amounts.total(run.background, "cpu-s"),
        dedicated=amounts.total(run.dedicated, "cpu-s"),
        fractional=amounts.total(run.fractional, "cpu-s"),
        idle=amounts.total(run.idle, "cpu-s"),
        share=amounts.share(run.collecting_cpu, capacity),
        idle_share=amounts.share(run.idle, capacity),
        printed_share=None if printed is None else amounts.amount(printed / 100, (printed + 1) / 100, "share"),
    )


def heap(run: GcRun, limits: Limits, memory_limit_bytes: int | None) -> Heap | None:
    """Returns live heap, peak and goal, and where the heap passed its goal."""
    if not run.live.known and not run.goal.known:
        return None
    ends = run.heap_end if run.heap_end.known else run.heap_start
    peak = int(np.nanargmax(ends.low)) if ends.known else None
    over, worst = _overshoot(run)
    limit = memory_limit_bytes if memory_limit_bytes is not None else run.memory_limit
    gogc = limits.gogc_percent
    return Heap(
        live_first=_first(run.live),
        live_median=_median(run.live),
        live_peak=_peak(run.live),
        live_last=_last(run.live),
        peak=None if peak is None else amounts.row(ends, peak, "B"),
        peak_at_s=None if peak is None or not run.timed else float(run.end_s[peak]),
        goal_peak=_peak(run.goal),
        goal_last=_last(run.goal),
        overshoots=over,
        worst_overshoot=worst,
        gogc_percent=None if gogc is None or gogc == float("inf") else gogc,
        gogc_known_from=limits.known_from,
        memory_limit=None if limit is None or limit >= 1 << 62 else Amount(value=float(limit), unit="B"),
    )


def _overshoot(run: GcRun) -> tuple[int | None, Amount | None]:
    """Returns how often the heap was surely above its goal when marking ended, and the most by which it was."""
    if not run.goal.known or not run.heap_end.known:
        return None, None
    low, high = run.heap_end.low - run.goal.high, run.heap_end.high - run.goal.low
    over = np.flatnonzero((low >= 0) & (run.forced <= 0) & (run.heap_end.high > run.goal.high))
    if not len(over):
        return 0, None
    worst = int(over[np.argmax(low[over])])
    return len(over), amounts.amount(float(low[worst]), float(high[worst]), "B")


def scavenging(run: GcRun) -> Scavenging | None:
    """Returns what was given back to the system; None when the source does not tell."""
    found = run.releases
    if not len(found.at_s):
        return None
    released, retained = (
        Bounds(found.released, found.released + found.unit),
        Bounds(found.retained, found.retained + found.unit),
    )
    return Scavenging(
        lines=len(found.at_s),
        forced=int(found.forced.sum()),
        background=amounts.total(Bounds(found.background, found.background + found.unit), "B"),
        eager=amounts.total(Bounds(found.eager, found.eager + found.unit), "B"),
        released_last=_last(released),
        released_peak=_peak(released),
        retained_last=_last(retained),
        retained_peak=_peak(retained),
    )


def _first(bounds: Bounds) -> Amount | None:
    known = np.flatnonzero(~np.isnan(bounds.low))
    return amounts.row(bounds, int(known[0]), "B") if len(known) else None


def _median(bounds: Bounds) -> Amount | None:
    if not bounds.known:
        return None
    return amounts.amount(float(np.nanmedian(bounds.low)), float(np.nanmedian(bounds.high)), "B")


def _last(bounds: Bounds) -> Amount | None:
    known = np.flatnonzero(~np.isnan(bounds.low))
    return amounts.row(bounds, int(known[-1]), "B") if len(known) else None


def _peak(bounds: Bounds) -> Amount | None:
    return amounts.row(bounds, int(np.nanargmax(bounds.low)), "B") if bounds.known else None
