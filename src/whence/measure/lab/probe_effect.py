"""How much the exit stop itself changes what it measures: CPU and wall time with it ÷ without it."""

from __future__ import annotations

import math
import statistics

import msgspec

from whence.evidence.errors import UnusableEnvironment
from whence.measure.lab.launch import Launch, ProcessRecord, RunOptions
from whence.measure.lab.process import run_process

SHOWN_FROM = 1.01
"""A probe that costs more than this says so; times then come from runs without it."""
COVERAGE = 0.95


def probe_effect(launch: Launch, options: RunOptions, pairs: int) -> dict[str, float]:
    """Returns what `pairs` runs with and without the exit stop say, interleaved in mirrored order (ABBA).

    Keys: `pairs` (usable ones), and for `cpu` and `wall` each `-ratio` (median of with ÷ without), `-low` and `-high`
    (order statistics that cover the median with at least 95 %; the extremes below 6 pairs). Raises UnusableEnvironment
    when no pair of runs ended well.
    """
    ratios: dict[str, list[float]] = {"cpu": [], "wall": []}
    for pair in range(pairs):
        order = (True, False) if pair % 2 == 0 else (False, True)
        by_mode = {on: run_process(launch, msgspec.structs.replace(options, exit_stop=on)) for on in order}
        if any(record.outcome != "ok" for record in by_mode.values()):
            continue
        for metric, found in ratios.items():
            with_stop, without = _value(by_mode[True], metric), _value(by_mode[False], metric)
            if with_stop > 0 and without > 0:
                found.append(with_stop / without)
    if not ratios["wall"]:
        raise UnusableEnvironment(f"no pair of runs of {launch.argv[0]} ended well, so the probe cannot be judged.")
    effect = {"pairs": float(len(ratios["wall"]))}
    for metric, found in ratios.items():
        low, high = median_interval(found)
        effect |= {f"{metric}-ratio": statistics.median(found), f"{metric}-low": low, f"{metric}-high": high}
    return effect


def shows(effect: dict[str, float]) -> bool:
    """True when the exit stop costs CPU beyond doubt, or more than it may: times must then be read without it."""
    return effect["cpu-low"] > 1.0 and effect["cpu-ratio"] > SHOWN_FROM


def median_interval(values: list[float]) -> tuple[float, float]:
    """Returns the narrowest pair of order statistics that covers the median with 95 % (sign test, exact binomial)."""
    ordered, n = sorted(values), len(values)
    depth, tail = 0, 0.0
    while depth < n // 2:
        tail += math.comb(n, depth) / 2**n
        if 2 * tail > 1 - COVERAGE:
            break
        depth += 1
    index = max(depth - 1, 0)
    return ordered[index], ordered[n - 1 - index]


def _value(record: ProcessRecord, metric: str) -> float:
    return next((s.value for s in record.samples if s.metric == metric), 0.0)
