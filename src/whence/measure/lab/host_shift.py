"""Notices from the journal that the host was not the same host all the time, and says so. Pure.

Looked at are the calibration spins, which no variant can influence, and the share of each run in which something
waited for a CPU (PSI), in the order of time, over all runs including those of repeated blocks. A shift is a Pettitt
change point (A. N. Pettitt, Applied Statistics 28 (1979) 126-135: the largest rank-sum difference over all splits,
p ≈ 2 exp(−6 K² / (n³ + n²)); up to 60 values by 2,000 permutations instead, because that formula needs long series) at
p < 0.01 that is also large enough to matter. Every block holds every variant, so a
variant cannot cause one. The rank test shrugs at single bad spins; those repeat blocks, which is counted here too.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from random import Random

import msgspec

from whence.evidence.run import BlockEnd, JournalLine, Run, Session

SHIFT_P = 0.01
PERMUTATIONS = 2000
LONG = 60
SLOWER = 1.10
"""A spin that takes 10 % longer after the shift than before it, or the other way round."""
MORE_WAITING = 0.15
"""15 % more, or less, of the run time with somebody waiting for a CPU."""
UNQUIET_SPREAD = 0.10
FEWEST_RUNS = 8


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """A series changed its level: `index` is the first value of the second part, the medians are of both parts."""

    index: int
    before: float
    after: float
    p: float


def host_warnings(lines: Sequence[JournalLine]) -> tuple[str, ...]:
    """Returns what was wrong with the host while these lines were written, in words; empty when nothing was seen."""
    runs = sorted((r for r in lines if isinstance(r, Run) and r.kind == "counted"), key=lambda r: r.started_at)
    hosts = sorted({run.host_name for run in runs})
    found = _several_hosts(hosts)
    for host in hosts:
        own = [run for run in runs if run.host_name == host]
        said = [*_speed_shift(own), *_waiting_shift(own), *_unquiet(_lines_of(host, lines))]
        found += [f"on {host}: {text}" for text in said] if len(hosts) > 1 else said
    return (*found, *_kept_disturbed(lines))


def _lines_of(host: str, lines: Sequence[JournalLine]) -> list[JournalLine]:
    return [line for line in lines if isinstance(line, Session) or (isinstance(line, Run) and line.host_name == host)]


def find_shift(values: Sequence[float]) -> Shift | None:
    """Returns the Pettitt change point of a series when its p is below 0.01, else None."""
    count = len(values)
    if count < FEWEST_RUNS:
        return None
    ranks = _ranks(values)
    largest, at = _largest(ranks)
    p = _permuted(ranks, largest) if count <= LONG else 2.0 * math.exp(-6.0 * largest**2 / (count**3 + count**2))
    if at == 0 or p >= SHIFT_P:
        return None
    return Shift(index=at, before=statistics.median(values[:at]), after=statistics.median(values[at:]), p=p)


def _largest(ranks: Sequence[float]) -> tuple[float, int]:
    """Returns Pettitt's K and the number of values before the split where it is reached."""
    mean = len(ranks) + 1
    statistic, largest, at = 0.0, 0.0, 0
    for index, rank in enumerate(ranks[:-1]):
        statistic += 2.0 * rank - mean
        if abs(statistic) > largest:
            largest, at = abs(statistic), index + 1
    return largest, at


def _permuted(ranks: Sequence[float], largest: float) -> float:
    """Returns how often K is that large when the order means nothing: (hits + 1) ÷ (permutations + 1), reproducible."""
    random, shuffled, hits = Random(len(ranks)), list(ranks), 0
    for _ in range(PERMUTATIONS):
        random.shuffle(shuffled)
        hits += _largest(shuffled)[0] >= largest
    return (hits + 1) / (PERMUTATIONS + 1)


def _ranks(values: Sequence[float]) -> list[float]:
    """Returns ranks from 1; equal values share the mean of theirs."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for position in range(start, end):
            ranks[order[position]] = (start + 1 + end) / 2.0
        start = end
    return ranks


def _several_hosts(names: Sequence[str]) -> list[str]:
    if len(names) < 2:
        return []
    found = [
        f"measured on {len(names)} hosts ({', '.join(names)}): blocks stay comparable, each is whole on one host; "
        "where the effect itself differs between hosts it is said with the effect."
    ]
    shared = sorted({name.partition(" #")[0] for name in names if " #" in name})
    if shared:
        found.append(
            f"several nodes of the cluster are on one host ({', '.join(shared)}): their blocks ran beside one another "
            "and disturbed each other. Effects on times are less certain than their intervals say."
        )
    return found


def _speed_shift(runs: Sequence[Run]) -> list[str]:
    timed = [(run, run.calibration_after_s) for run in runs if run.calibration_after_s is not None]
    shift = find_shift([seconds for _, seconds in timed])
    if shift is None or max(shift.before, shift.after) / min(shift.before, shift.after) < SLOWER:
        return []
    ratio = shift.after / shift.before
    what = "something else began to use the CPUs" if ratio > 1 else "something else stopped using the CPUs"
    return [
        f"the host changed midway: from block {timed[shift.index][0].block + 1} on a fixed spin took "
        f"{shift.after * 1e3:.1f} ms instead of {shift.before * 1e3:.1f} ms ({ratio:.2f} times as long), so {what}. "
        "Every block holds every variant, yet effects on times may differ between the two parts; measure again on a "
        "quiet host."
    ]


def _waiting_shift(runs: Sequence[Run]) -> list[str]:
    timed = [
        (run, run.host["psi-cpu-some-s"] / run.seconds)
        for run in runs
        if "psi-cpu-some-s" in run.host and run.seconds > 0
    ]
    shift = find_shift([share for _, share in timed])
    if shift is None or abs(shift.after - shift.before) < MORE_WAITING:
        return []
    return [
        f"waiting for a CPU changed midway: from block {timed[shift.index][0].block + 1} on something waited during "
        f"{_percent(shift.after)} of a run instead of {_percent(shift.before)}. Something else on this host "
        f"{'started' if shift.after > shift.before else 'stopped'}; measure again without it."
    ]


def _unquiet(lines: Sequence[JournalLine]) -> list[str]:
    """Says how uneven the spins beside the runs were (of all sessions together: few spins tell little)."""
    spins = sorted(
        line.calibration_after_s for line in lines if isinstance(line, Run) and line.calibration_after_s is not None
    )
    sessions = [line for line in lines if isinstance(line, Session)]
    if len(spins) < FEWEST_RUNS or not sessions:
        return []
    spread = (spins[len(spins) * 9 // 10] - spins[len(spins) // 10]) / statistics.median(spins)
    if spread < UNQUIET_SPREAD:
        return []
    return [
        f"the host was not quiet: the same spin took times that differ by {_percent(spread)} (10th to 90th "
        "percentile), so times need more pairs here than elsewhere. See: whence doctor"
    ]


def _kept_disturbed(lines: Sequence[JournalLine]) -> list[str]:
    ended = [line for line in lines if isinstance(line, BlockEnd) and line.status == "complete"]
    kept = sum(bool(line.reason) for line in ended)
    if not kept:
        return []
    return [
        f"{kept} of {len(ended)} blocks {'was' if kept == 1 else 'were'} kept although calibration still found the "
        "host disturbed after the repeats that the plan allows. Effects on times are less certain than their "
        "intervals say on a quiet host."
    ]


def _percent(share: float) -> str:
    return f"{share:.0%}"
