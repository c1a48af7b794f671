"""Exact mean-value analysis of a closed queueing network: processors that work, then queue for locks, and so on.

Reiser and Lavenberg, "Mean-value analysis of closed multichain queuing networks", Journal of the ACM 27 (1980). With
one lock it is the machine-repairman model. Exact for first come first served and exponential service; locks held for
constant times make shorter queues, so the waits are on the large side.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Solution(NamedTuple):
    """State of the network with a number of processors; draws run along the first axis."""

    throughput: np.ndarray
    """[draws] Cycles of all processors together per unit of time."""
    waits: np.ndarray
    """[draws, stations] Time in a cycle spent queueing, without the service itself."""
    utilisation: np.ndarray
    """[draws, stations] Share of the time that a station serves somebody."""


def solve(think: np.ndarray, visits: np.ndarray, service: np.ndarray, processors: int) -> Solution:
    """Returns the steady state of `processors` customers.

    think: [draws] time of a cycle spent at no station. visits: [stations] or [draws, stations] visits in a cycle.
    service: [draws, stations] time of one visit, in the unit of think. Nothing is checked; all must be finite and ≥ 0,
    and a cycle must take some time.
    """
    demand = visits * service
    queue = np.zeros_like(demand)
    throughput = np.zeros(len(think))
    response = demand
    for population in range(1, processors + 1):
        response = demand * (1.0 + queue)
        throughput = population / (think + response.sum(axis=1))
        queue = throughput[:, None] * response
    return Solution(throughput, response - demand, throughput[:, None] * demand)
