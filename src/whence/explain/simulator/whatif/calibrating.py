"""From measured points to a simulation that passes through them: what the model cannot know of a host and a program.

At each measured point the same program is simulated under that point's settings. With one point a metric's simulated
values are scaled, with two or more a line is fitted (least squares): measured = a + b · simulated. The line is fitted
for each draw by itself, so that what the points settle no longer widens intervals, and what they do not settle does:
between the points intervals are narrow, far from them wide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from whence.evidence.errors import BadInput
from whence.evidence.units import parse_amount, to_base
from whence.evidence.variant import parse_variant
from whence.explain.simulator.engine.process_run import TOTALS, ProcessRun, Series
from whence.explain.simulator.engine.simulating import OTHER_ERROR, OWN_ERRORS
from whence.explain.simulator.engine.uncertainty import estimate

Floats = NDArray[np.float64]
FOLLOWS = {"rss-peak": ("rss", "working-set")}
"""Metrics that are corrected like another one where they were not measured themselves."""
STEEPEST = 8.0
_METRIC = re.compile(r"([a-z][a-z-]*)=(.+)\Z")


class MeasuredPoint(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured under some settings."""

    spec: str
    values: Mapping[str, float]


class Line(msgspec.Struct, frozen=True):
    """measured = offset + slope · simulated, for each draw."""

    offset: Floats
    slope: Floats


def parse_point(text: str) -> MeasuredPoint:
    """Returns the point of `GOGC=100 rss-peak=75MB cpu=0.57s`: settings, then metrics. Raises BadInput."""
    settings: list[str] = []
    values: dict[str, float] = {}
    for word in text.split():
        match = _METRIC.match(word)
        if match is None or match[1] not in TOTALS:
            settings.append(word)
            continue
        number, unit = parse_amount(match[2])
        values[match[1]] = to_base(number, unit, TOTALS[match[1]] or unit)
        if values[match[1]] <= 0:
            raise BadInput(f"--measured {text!r}: {match[1]} must lie above 0.")
    if not values:
        raise BadInput(f"--measured {text!r} names no metric. Write for example 'GOGC=100 rss-peak=75MB cpu=0.57s'.")
    spec = ",".join(settings)
    parse_variant(spec)
    return MeasuredPoint(spec=spec, values=values)


def lines_of(points: Sequence[MeasuredPoint], runs: Sequence[ProcessRun]) -> dict[str, Line]:
    """Returns the line of each measured metric. Raises BadInput where points contradict the model or each other."""
    found: dict[str, Line] = {}
    for metric in dict.fromkeys(metric for point in points for metric in point.values):
        chosen = [(point, run) for point, run in zip(points, runs, strict=True) if metric in point.values]
        simulated = np.array([run.draws[metric] for _, run in chosen])
        measured = np.array([point.values[metric] for point, _ in chosen])
        found[metric] = _line(metric, simulated, measured)
    return found


def _line(metric: str, simulated: Floats, measured: Floats) -> Line:
    if simulated.min() <= 0:
        raise BadInput(f"{metric} is simulated as 0 at a measured point, so it cannot be fitted. Leave it out.")
    if len(measured) == 1:
        return Line(np.zeros(simulated.shape[1]), measured[0] / simulated[0])
    middle, mean = simulated.mean(axis=0), float(measured.mean())
    spread = ((simulated - middle) ** 2).sum(axis=0)
    if np.ptp(simulated[:, 0]) < 0.02 * middle[0]:
        raise BadInput(f"the measured points hardly differ in simulated {metric}; measure one farther away.")
    slope = ((simulated - middle) * (measured - mean)[:, None]).sum(axis=0) / np.maximum(spread, 1e-300)
    if slope[0] <= 0:
        raise BadInput(
            f"measured {metric} falls where the simulated one rises. Check the points, or measure on a quieter host."
        )
    slope = np.clip(slope, 1 / STEEPEST, STEEPEST)
    return Line(mean - slope * middle, slope)


def corrected(run: ProcessRun, lines: Mapping[str, Line]) -> ProcessRun:
    """Returns the run with its measured metrics moved onto the lines."""
    draws, totals = dict(run.draws), dict(run.totals)
    every = dict(lines)
    for metric, others in FOLLOWS.items():
        for other in others if metric in lines else ():
            every.setdefault(other, lines[metric])
    for metric, line in every.items():
        draws[metric] = np.maximum(line.offset + line.slope * run.draws[metric], 1e-9)
        totals[metric] = estimate(draws[metric], OWN_ERRORS.get(metric, OTHER_ERROR))
    series = run.series
    if "rss" in every:
        line = every["rss"]
        series = Series(**(series._asdict() | {"rss": np.maximum(line.offset[0] + line.slope[0] * series.rss, 0.0)}))
    return run._replace(draws=draws, totals=totals, series=series)


def calibrate(
    points: Sequence[MeasuredPoint], simulate_spec: Callable[[str], ProcessRun], runs: Sequence[ProcessRun]
) -> tuple[ProcessRun, ...]:
    """Returns the runs corrected by the points; `simulate_spec` simulates the settings of one. Raises BadInput."""
    lines = lines_of(points, [simulate_spec(point.spec) for point in points])
    return tuple(corrected(run, lines) for run in runs)
