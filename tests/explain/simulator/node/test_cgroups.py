"""memory.min and low as they take effect, memory.high as the kubelet sets it, OOM scores, PSI, who acts first."""

from __future__ import annotations

import math

import pytest

from whence.explain.simulator.node.go_process import SECOND, GoProcess, curve_of
from whence.explain.simulator.node.kubernetes_mapping import memory_high, oom_score_adjust, protection, qos_class
from whence.explain.simulator.node.pressure import averages
from whence.explain.simulator.node.protection import Group, effective, reclaim_share
from whence.explain.simulator.node.throttling import order, sleep_to

GIB, MIB = 1 << 30, 1 << 20


def test_protection_is_shared_by_use_when_more_is_claimed_than_the_parent_affords() -> None:
    """The kernel's own example: A low 2G; B low 3G using 2G, C low 1G using 2G, D low 3G using 2G, E low 0 using 0."""
    children = (
        Group(name="B", usage=2 * GIB, setting=3 * GIB),
        Group(name="C", usage=2 * GIB, setting=1 * GIB),
        Group(name="D", usage=0, setting=3 * GIB),
        Group(name="E", usage=2 * GIB, setting=0),
    )
    found = effective((Group(name="A", usage=6 * GIB, setting=2 * GIB, children=children),))
    assert found["B"] / GIB == pytest.approx(2 * 2 / 3, abs=1e-6)
    assert found["C"] / GIB == pytest.approx(2 / 3, abs=1e-6)
    assert found["D"] == found["E"] == 0


def test_a_parent_without_protection_leaves_its_children_none() -> None:
    child = Group(name="pod", usage=GIB, setting=GIB)
    assert effective((Group(name="parent", usage=GIB, children=(child,)),))["pod"] == 0


def test_unclaimed_protection_flows_to_children_by_use_only_when_recursive() -> None:
    children = (Group(name="a", usage=3 * GIB), Group(name="b", usage=1 * GIB))
    tree = (Group(name="p", usage=4 * GIB, setting=2 * GIB, children=children),)
    assert effective(tree)["a"] == 3 * effective(tree)["b"] == 3 * GIB // 2
    assert effective(tree, recursive=False)["a"] == 0


def test_reclaim_presses_in_proportion_to_what_is_unprotected() -> None:
    assert reclaim_share(100, 100) == 0
    assert reclaim_share(100, 75) == pytest.approx(0.25)
    assert reclaim_share(100, 0) == 1


def test_memory_high_is_the_formula_of_the_enhancement_proposal() -> None:
    assert memory_high(0, 100 * MIB, 8 * GIB) == math.floor(0.9 * 100 * MIB / 4096) * 4096
    assert memory_high(50 * MIB, 100 * MIB, 8 * GIB) == 95 * MIB
    assert memory_high(100 * MIB, 100 * MIB, 8 * GIB) is None
    assert memory_high(10 * MIB, 0, GIB) == math.floor((10 * MIB + 0.9 * (GIB - 10 * MIB)) / 4096) * 4096
    assert memory_high(0, 0, GIB) is None


def test_tiers_of_reservation() -> None:
    assert protection("Guaranteed", MIB, "tiered") == (MIB, 0)
    assert protection("Burstable", MIB, "tiered") == (0, MIB)
    assert protection("Burstable", MIB, "all") == (MIB, 0)
    assert protection("BestEffort", 0, "all") == (0, 0)


def test_classes_and_oom_scores() -> None:
    assert (qos_class(0, 0), qos_class(0, MIB), qos_class(MIB, 2 * MIB)) == ("BestEffort", "Guaranteed", "Burstable")
    assert oom_score_adjust("BestEffort", 0, GIB, critical=False) == 1000
    assert oom_score_adjust("Burstable", GIB // 10, GIB, critical=False) == 901
    assert oom_score_adjust("Burstable", GIB, GIB, critical=False) == 3
    assert oom_score_adjust("Burstable", 1, GIB, critical=False) == 999
    assert oom_score_adjust("Guaranteed", GIB, GIB, critical=False) == -997


def test_pressure_averages_rise_and_decay_with_their_time_constants() -> None:
    rising = averages([2_000_000_000] * 200)
    assert rising[-1].avg10 == pytest.approx(100, abs=0.5)
    assert rising[4].avg10 == pytest.approx(100 * (1 - math.exp(-1)), abs=1)
    assert rising[29].avg60 == pytest.approx(100 * (1 - math.exp(-1)), abs=1)
    falling = averages([2_000_000_000] * 300 + [0] * 5)
    assert falling[-1].avg10 == pytest.approx(100 * math.exp(-1), abs=1)
    assert averages([1_000_000_000])[0].avg10 == pytest.approx(50 * (1 - math.exp(-0.2)), abs=0.1)


def test_automemlimit_beside_memory_high_is_throttled_first() -> None:
    """With no request both stand at nine tenths of the limit, and what Go does not count tips the pod over high."""
    limit = 100 * MIB
    process = GoProcess(memory_limit=int(0.9 * limit), runtime_resident=9_000_000, runtime_mapped=6_100_000)
    found = order(process, curve_of(process, SECOND), memory_high(0, limit, 8 * GIB), limit)
    assert found.first == "memory.high"
    roomy = GoProcess(memory_limit=int(0.7 * limit))
    assert order(roomy, curve_of(roomy, SECOND), memory_high(0, limit, 8 * GIB), limit).first == "GOMEMLIMIT"
    assert order(None, curve_of(roomy, SECOND), None, 0).first == "none"


def test_the_sleep_on_the_way_up_grows_with_the_overage() -> None:
    high = 100 * MIB
    assert sleep_to(high, high) == 0
    assert sleep_to(101 * MIB, high) == 0
    steps = [sleep_to(n * MIB, high) for n in (103, 105, 110, 120)]
    assert steps == sorted(steps)
    assert steps[-1] > 40
