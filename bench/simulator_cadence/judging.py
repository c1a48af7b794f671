"""Simulates the recorded cells and says how far the simulation is from what was measured."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from bench.simulator_cadence.programs import BY_NAME, as_played
from whence.explain.simulator.engine.config import Config
from whence.explain.simulator.engine.process_run import Mode, ProcessRun
from whence.explain.simulator.engine.simulating import simulate

METRICS = ("gc-cycles", "rss", "rss-peak", "heap-inuse", "cpu", "gc-cpu")
Row = dict[str, Any]
Key = tuple[str, str, int, int | None, int]


def key_of(row: Row) -> Key:
    """Returns what makes a cell."""
    return row["program"], row["go"], row["gogc"], row["memory_limit"], row["processors"]


def simulated(key: Key, rows: list[Row], mode: Mode, draws: int) -> ProcessRun:
    """Returns the simulated run of a cell. Of the real runs it is told what the kernel counted of waiting for a CPU."""
    name, go, gogc, limit, processors = key
    got = float(np.median([row["cpu"] / row["wall"] for row in rows]))
    delay = float(np.median([row["run-delay"] / max(row["slices"], 1) for row in rows]))
    config = Config(
        go=go,
        gogc=gogc,
        memory_limit=limit,
        processors=processors,
        cpus=got if BY_NAME[name].closed_loop else None,
        run_delay_seconds=delay if processors > 1 else 0.0,
    )
    return simulate(as_played(BY_NAME[name], go), config, seed=1, mode=mode, draws=draws)


def judge(rows: list[Row], mode: Mode, draws: int) -> None:
    """Prints the comparison."""
    groups: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key_of(row)].append(row)
    errors: dict[str, list[float]] = defaultdict(list)
    covered: dict[str, list[bool]] = defaultdict(list)
    by_program: dict[tuple[str, str], list[float]] = defaultdict(list)
    medians: dict[Key, dict[str, float]] = {}
    values: dict[Key, dict[str, float]] = {}
    for key in sorted(groups, key=str):
        run = simulated(key, groups[key], mode, draws)
        medians[key], values[key] = {}, {}
        for metric in METRICS:
            real = [row[metric] for row in groups[key] if metric in row]
            if not real:
                continue
            median, estimate = float(np.median(real)), run.totals[metric]
            medians[key][metric], values[key][metric] = median, estimate.value
            error = estimate.value / max(median, 1e-9) - 1
            errors[metric].append(error)
            by_program[key[0], metric].append(error)
            covered[metric] += [estimate.low <= value <= estimate.high for value in real]
    print(f"{len(groups)} cells, {len(rows)} real runs, mode {mode}")
    for metric in METRICS:
        error = np.array(errors[metric])
        size = np.abs(error)
        print(
            f"{metric:12s} median error {np.median(error):+7.1%}  median |error| {np.median(size):6.1%}  "
            f"p95 {np.quantile(size, 0.95):6.1%}  in 90 % interval {np.mean(covered[metric]):6.1%}"
        )
    for (name, metric), error in sorted(by_program.items()):
        if metric in METRICS[:3]:
            print(
                f"  {name:12s} {metric:10s} median {np.median(error):+7.1%}, {min(error):+6.1%} to {max(error):+6.1%}"
            )
    directions(medians, values)


def directions(medians: dict[Key, dict[str, float]], values: dict[Key, dict[str, float]]) -> None:
    """Prints how often a change between two releases of at least 2 % has the right sign."""
    for metric in METRICS[:3]:
        right = total = 0
        for key, real in medians.items():
            for other, real_other in medians.items():
                if key[1] < other[1] and (key[0], *key[2:]) == (other[0], *other[2:]) and metric in real:
                    change = real_other[metric] / real[metric] - 1
                    if abs(change) >= 0.02:
                        total += 1
                        right += (values[other][metric] - values[key][metric]) * change > 0
        if total:
            print(f"direction of changes of {metric}: {right} of {total}")
