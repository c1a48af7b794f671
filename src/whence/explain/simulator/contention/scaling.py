"""Throughput and waits of a release by processors, and the number of them where another one stops paying."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from whence.explain.simulator.contention.calibration import Calibration
from whence.explain.simulator.contention.mean_value import Solution, solve
from whence.explain.simulator.contention.network import Doubts, Network, service, think

GAIN_AT_BEND = 0.5


class Scaling(NamedTuple):
    """A release from one processor to the most asked for; index 0 is one processor."""

    throughput: np.ndarray
    """[processors, draws] Allocations a second of all together."""
    gain: np.ndarray
    """[processors, draws] What each processor added, as a share of what the first alone reaches."""
    waits: np.ndarray
    """[processors, draws, stations] Nanoseconds an allocation."""
    utilisation: np.ndarray
    """[processors, draws, stations]"""
    capacity: np.ndarray
    """[draws] Allocations a second that the busiest station lets through with the most processors."""
    busiest: int
    """That station, by the middle draw."""
    bend: np.ndarray
    """[draws] First number of processors whose gain is below GAIN_AT_BEND, 0 if there is none."""


def at(net: Network, found: Calibration, drawn: Doubts, processors: int, rate: float | None) -> Solution:
    """Returns the network with a number of processors; a cycle is one allocation, times are nanoseconds."""
    times = service(net, found, drawn, processors)
    return solve(think(net, found, drawn, processors, rate), net.visits, times, processors)


def scale(net: Network, found: Calibration, drawn: Doubts, most: int, rate: float | None) -> Scaling:
    """Returns every number of processors up to `most`. rate: as in `network.think`."""
    solutions = [at(net, found, drawn, processors, rate) for processors in range(1, most + 1)]
    throughput = np.array([solution.throughput for solution in solutions]) * 1e9
    gain = np.diff(throughput, axis=0, prepend=0.0) / throughput[0]
    demand = service(net, found, drawn, most) * net.visits
    below = gain < GAIN_AT_BEND
    return Scaling(
        throughput,
        gain,
        np.array([solution.waits for solution in solutions]),
        np.array([solution.utilisation for solution in solutions]),
        1e9 / np.maximum(demand.max(axis=1), 1e-9),
        int(demand[0].argmax()),
        np.where(below.any(axis=0), below.argmax(axis=0) + 1, 0),
    )
