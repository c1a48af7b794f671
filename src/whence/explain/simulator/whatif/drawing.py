"""A simulated run as evidence: totals with intervals, and its columns thinned to what a picture can show."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from whence.evidence.simulation import RunColumns, SimulatedValue
from whence.explain.simulator.engine.process_run import Estimate, Series
from whence.explain.simulator.whatif.judging import unit_of

MOST_POINTS = 480
"""Rows that are kept: each stretch of a longer run gives its lowest and its highest heap, so no peak is lost."""


def values_of(totals: Mapping[str, Estimate]) -> tuple[SimulatedValue, ...]:
    """Returns the totals; a lower bound under 0 is 0."""
    return tuple(
        SimulatedValue(
            metric=name, unit=unit_of(name), value=float(e.value), low=max(0.0, float(e.low)), high=float(e.high)
        )
        for name, e in totals.items()
    )


def columns_of(series: Series, most: int = MOST_POINTS) -> RunColumns:
    """Returns the columns with at most about `most` rows; first and last row stay."""
    rows = kept_rows(series.heap_live, series.rss, most)

    def whole(column: NDArray[np.float64]) -> tuple[int, ...]:
        return tuple(int(value) for value in np.rint(column[rows]))

    return RunColumns(
        seconds=tuple(round(float(value), 6) for value in series.seconds[rows]),
        heap_live=whole(series.heap_live),
        heap_goal=whole(series.heap_goal),
        heap_inuse=whole(series.heap_inuse),
        rss=whole(series.rss),
        released=whole(series.released),
        cycles=whole(series.cycles),
        scavenged=whole(series.scavenged),
    )


def kept_rows(heap: NDArray[np.float64], rss: NDArray[np.float64], most: int) -> NDArray[np.int64]:
    """Returns which rows to keep: in each of most ÷ 3 stretches the lowest heap, the highest heap, the highest rss."""
    count = len(heap)
    if count <= most:
        return np.arange(count)
    bounds = np.linspace(0, count, max(1, most // 3) + 1).astype(np.int64)
    found = {0, count - 1}
    for begin, end in itertools.pairwise(bounds.tolist()):
        if end > begin:
            part = slice(begin, end)
            found |= {int(begin + f(column[part])) for f, column in
                      ((np.argmin, heap), (np.argmax, heap), (np.argmax, rss))}  # fmt: skip
    return np.array(sorted(found), dtype=np.int64)
