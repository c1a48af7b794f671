"""The analysis agrees with the closed form, with the network played event by event, and with its limits."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from tests.explain.simulator.contention.queue_simulation import play

from whence.explain.simulator.contention.mean_value import Solution, solve


def solved(think: float, visits: list[float], service: list[float], processors: int) -> Solution:
    return solve(np.array([think]), np.array(visits), np.array([service]), processors)


@pytest.mark.parametrize("processors", [1, 2, 5, 20])
def test_one_lock_is_the_machine_repairman(processors: int) -> None:
    think, service = 10.0, 2.0
    weights = [math.perm(processors, busy) * (service / think) ** busy for busy in range(processors + 1)]
    throughput = (1 - weights[0] / sum(weights)) / service
    assert solved(think, [1.0], [service], processors).throughput[0] == pytest.approx(throughput, rel=1e-12)


@pytest.mark.parametrize("processors", [2, 6, 16])
def test_several_locks_agree_with_the_network_played_event_by_event(processors: int) -> None:
    think, visits, service = 100.0, [0.9, 0.3, 0.6], [10.0, 25.0, 6.0]
    found = solved(think, visits, service, processors)
    throughput, waits = play(think, visits, service, processors, 60_000)
    assert found.throughput[0] == pytest.approx(throughput, rel=0.02)
    for predicted, played in zip(found.waits[0], waits, strict=True):
        assert predicted == pytest.approx(played, rel=0.1, abs=0.15)


def test_waits_are_on_the_large_side_for_locks_held_a_constant_time() -> None:
    think, visits, service, processors = 100.0, [1.0], [15.0], 5
    throughput, waits = play(think, visits, service, processors, 40_000, exponential=False)
    found = solved(think, visits, service, processors)
    assert waits[0] < found.waits[0, 0] < 2.2 * waits[0]
    assert found.throughput[0] < throughput


def test_one_processor_never_waits_and_many_reach_the_slowest_station() -> None:
    visits, service = [0.5, 0.2], [10.0, 40.0]
    assert solved(50.0, visits, service, 1).waits.sum() == 0
    assert solved(50.0, visits, service, 500).throughput[0] == pytest.approx(1 / (0.2 * 40), rel=1e-3)
    rates = [solved(50.0, visits, service, count).throughput[0] for count in range(1, 40)]
    assert all(more > fewer for fewer, more in pairwise(rates))
