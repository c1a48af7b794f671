"""The kernel and the plain reference agree on random nodes: every pass, loss and integral, to the last byte."""

from __future__ import annotations

import random

import numpy as np
import pytest
from tests.explain.simulator.node import reference as r

from whence.explain.simulator.node import fields as f
from whence.explain.simulator.node.curve import curve
from whence.explain.simulator.node.kernels_limits import high_delay_ns
from whence.explain.simulator.node.lifetimes import Distribution
from whence.explain.simulator.node.node_spec import Node, Threshold
from whence.explain.simulator.node.pods import PodKind
from whence.explain.simulator.node.population import Place, node_entries, tables
from whence.explain.simulator.node.replicas import run_one

MIB = 1 << 20
SECOND = r.SECOND
NOTHING = Distribution(kind="constant", first=0.0)


def random_kind(rng: random.Random, capacity: int) -> tuple[r.Kind, PodKind]:
    ages = sorted(rng.sample(range(1, 6000), rng.randint(1, 8)))
    ages = [0, *ages]
    steps = tuple(
        (age * 1_000_000, rng.randint(1, 200) * MIB + rng.randint(0, 4095), rng.randint(0, MIB)) for age in ages
    )
    low = rng.randint(50, 9000)
    high = low + rng.randint(0, 20_000)
    best_effort = rng.random() < 0.4
    request = 0 if best_effort else rng.randint(1, 150) * MIB
    most = 0 if best_effort or rng.random() < 0.6 else rng.randint(150, 220) * MIB
    throttle = rng.randint(80, 200) * MIB if rng.random() < 0.3 else None
    if throttle is not None and most:
        throttle = min(throttle, most)
    critical = rng.random() < 0.1
    kind = PodKind(
        lifetime=Distribution(kind="uniform", first=low / 1000, second=high / 1000),
        start_peak=NOTHING,
        live=NOTHING,
        curves=(curve(list(steps)),),
        request=request,
        limit=most,
        high=throttle,
        priority=rng.choice([0, 0, 100, 2000]),
        critical=critical,
        tolerates_pressure=rng.random() < 0.2,
        creating_seconds=rng.choice([0.0, 0.5, 2.0]),
        exit_seconds=rng.choice([0.0, 0.3, 1.0]),
        gap_seconds=rng.choice([0.0, 1.0]),
    )
    plain = r.Kind(
        steps=steps,
        life=(low * 1_000_000, high * 1_000_000),
        request=request,
        most=most or r.NEVER,
        high=throttle or r.NEVER,
        priority=kind.priority,
        critical=critical,
        tolerates=kind.tolerates_pressure,
        best_effort=kind.qos_class == "BestEffort",
        creating=round(kind.creating_seconds * SECOND),
        exit=round(kind.exit_seconds * SECOND),
        gap=round(kind.gap_seconds * SECOND),
        oom_adjust=int(tables((kind,), Node(memory_bytes=capacity)).classes[f.OOM_ADJUST, 0]),
    )
    return plain, kind


@pytest.mark.parametrize("seed", range(60))
def test_random_nodes_are_simulated_as_the_reference_does(seed: int) -> None:
    rng = random.Random(seed)
    capacity = rng.randint(600, 4000) * MIB
    both = [random_kind(rng, capacity) for _ in range(rng.randint(1, 5))]
    node = Node(
        memory_bytes=capacity,
        system_bytes=100 * MIB,
        reserved_bytes=rng.choice([0, 60 * MIB]),
        thresholds=tuple(
            Threshold(
                value_bytes=rng.randint(20, 400) * MIB,
                grace_seconds=rng.choice([0.0, 0.0, 15.0]),
                min_reclaim_bytes=rng.choice([0, 50 * MIB]),
                on_pods=rng.random() < 0.3,
            )
            for _ in range(rng.randint(1, 3))
        ),
        pressure_seconds=30.0,
    )
    end = rng.randint(30, 200) * SECOND
    places = tuple(
        Place(rng.randrange(len(both)), rng.randint(0, 8 * SECOND), rng.random() < 0.8)
        for _ in range(rng.randint(1, 40))
    )
    run = run_one(tables(tuple(kind for _, kind in both), node), places, node, seed, end, 0, passes=1000)

    world = r.World(
        capacity=capacity,
        system=node.system_bytes,
        pods_limit=capacity - node.reserved_bytes,
        end=end,
        thresholds=[
            (t.on_pods, t.value_bytes, round(t.grace_seconds * SECOND), t.min_reclaim_bytes) for t in node.thresholds
        ],
        first_pass=int(node_entries(node, seed, end, 0, 240)[f.FIRST_PASS_NS]),
        seed=seed,
        pressure_for=30 * SECOND,
        slots=[r.Slot(index, both[place.kind][0], place.repeats) for index, place in enumerate(places)],
    )
    world.run([place.first_ns for place in places])

    names = {f.BY_HARD: "hard", f.BY_SOFT: "soft", f.BY_NODE: "node", f.BY_LIMIT: "limit"}
    log = [
        (int(e[f.LOG_AT]), int(e[f.LOG_SLOT]), int(e[f.LOG_GENERATION]), names[int(e[f.LOG_REASON])]) for e in run.log
    ]
    assert log == world.log
    assert [(int(p[0]), int(p[1]), int(p[2]), bool(p[3])) for p in run.passes] == world.passes
    counts = run.counts
    assert (counts[f.STARTED], counts[f.ENDED], counts[f.REFUSED], counts[f.PEAK]) == (
        world.started,
        world.ended,
        world.refused,
        world.peak,
    )
    assert run.sums[f.RESIDENT_TIME] == pytest.approx(world.resident_time, rel=1e-12)
    assert run.sums[f.LIVE_TIME] == pytest.approx(world.live_time, rel=1e-12)
    assert run.sums[f.STALL_TIME] == pytest.approx(world.stall_time, rel=1e-12)
    assert run.buckets[f.IN_RESIDENT].sum() == pytest.approx(world.resident_time, rel=1e-12)


def test_the_sleep_above_memory_high_is_the_kernels_table() -> None:
    """The comment in mm/memcontrol.c lists these for a memory.high of 100 MB and clock ticks of 1 ms."""
    told = {101: 6, 102: 25, 103: 57, 104: 102, 105: 159, 106: 230, 110: 639, 118: 2000, 120: 2000}
    for usage, milliseconds in told.items():
        slept = high_delay_ns(usage * MIB, 100 * MIB, 64, 64, 1000) / 1e6
        assert slept == pytest.approx(milliseconds if milliseconds > 10 else 0, abs=1)


def test_the_sleep_agrees_with_exact_arithmetic() -> None:
    rng = np.random.default_rng(5)
    for _ in range(2000):
        high = int(rng.integers(1, 1 << 36))
        usage = int(high * (1 + rng.exponential(0.1)))
        assert high_delay_ns(usage, high, 64, 64, 1000) == r.sleep_ns(usage, high)
