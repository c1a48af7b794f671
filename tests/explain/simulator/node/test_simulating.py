"""Whole simulations: what is told of short pods, variants on the same pods, explicit pods, refusal of bad input."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from whence.evidence.errors import BadInput
from whence.evidence.node_simulation import NodeSimulation
from whence.explain.simulator.node.curve import constant, curve, sampled
from whence.explain.simulator.node.go_process import SECOND
from whence.explain.simulator.node.lifetimes import lifetime, size
from whence.explain.simulator.node.node_spec import Node, thresholds_of
from whence.explain.simulator.node.settings import DEFAULT, parse_variant, with_settings
from whence.explain.simulator.node.simulating import simulate_node

GIB, MIB = 1 << 30, 1 << 20
BIG = Node(memory_bytes=16 * GIB)
AT_ONCE = with_settings(DEFAULT, {"creating": "0s"})


def value(simulation: NodeSimulation, name: str, variant: str = "base") -> float:
    return simulation.answer(variant, name).range.value


def test_short_pods_hold_many_times_what_is_alive_and_scans_miss_nearly_half() -> None:
    """Lifetimes of 3 to 8 s against scans each 10 s: 45 % are never met, by 1 − mean lifetime / 10 s."""
    found = simulate_node(BIG, (AT_ONCE,), seconds=1800, replicas=4)
    assert value(found, "never-scanned") == pytest.approx(0.45, abs=0.01)
    assert value(found, "pods-ended") == pytest.approx(110 / 5.5 * 3600, rel=0.01)
    assert value(found, "amplification") == pytest.approx(15.6, rel=0.05)
    assert value(found, "resident-mean") == pytest.approx(110 * 70.8e6, rel=0.03)
    assert "never meets 45 %" in found.sentence


def test_the_same_seed_gives_the_same_answer_for_any_number_of_workers() -> None:
    one = simulate_node(BIG, (AT_ONCE,), seconds=300, replicas=5, workers=1)
    four = simulate_node(BIG, (AT_ONCE,), seconds=300, replicas=5, workers=4)
    assert msgspec.json.encode(one) == msgspec.json.encode(four)
    other = simulate_node(BIG, (AT_ONCE,), seconds=300, replicas=5, seed=2)
    assert msgspec.json.encode(one) != msgspec.json.encode(other)


def test_variants_meet_the_same_pods() -> None:
    limited = with_settings(AT_ONCE, {"memory-limit": "32MiB"}, name="tuned")
    found = simulate_node(BIG, (AT_ONCE, limited), seconds=600, replicas=3)
    for name in ("pods-ended", "never-scanned", "pods-running"):
        assert value(found, name) == value(found, name, "tuned")
    less = next(d for d in found.differences if d.name == "resident-mean")
    assert less.range.high < -4e9
    # The spread of the difference is far below what two independent runs would show.
    assert less.range.high - less.range.low < 0.01 * abs(less.range.value)


def test_a_full_node_evicts_refuses_for_minutes_and_is_killed_meanwhile() -> None:
    found = simulate_node(Node(memory_bytes=6 * GIB), (DEFAULT,), seconds=1200, replicas=3)
    assert value(found, "evicted") > 0
    assert value(found, "refused") > 10_000
    assert value(found, "pressure-time") > 0.5
    assert value(found, "killed-by-node") > value(found, "evicted")
    assert any("memory runs out between two of its passes" in note for note in found.notes)
    assert found.variants[0].losses


def test_requests_keep_pods_admitted_under_pressure() -> None:
    asked = with_settings(DEFAULT, {"request": "20MiB", "limit": "100MiB"}, name="asked")
    found = simulate_node(Node(memory_bytes=6 * GIB), (asked,), seconds=600, replicas=2)
    assert value(found, "refused", "asked") == 0
    assert found.variants[0].qos == "Burstable"


def test_memory_high_lengthens_the_start_and_shows_in_psi() -> None:
    slow = with_settings(AT_ONCE, {"limit": "100MiB", "high": "66MB"}, name="slow")
    found = simulate_node(BIG, (slow,), pods=10, seconds=600, replicas=2)
    assert value(found, "throttled", "slow") > 0.9
    assert 0 < value(found, "psi-some", "slow") <= 1
    order = found.variants[0].order
    assert order.first == "memory.high"
    assert order.sleep_s is not None
    assert value(found, "sleep-per-pod", "slow") == pytest.approx(order.sleep_s, rel=0.25)


def test_a_limit_below_the_start_kills_every_pod() -> None:
    small = with_settings(AT_ONCE, {"limit": "50MiB"}, name="small")
    found = simulate_node(BIG, (small,), pods=5, seconds=120, replicas=1)
    assert value(found, "killed-by-limit", "small") == value(found, "pods-ended", "small") > 0


def test_any_simulator_of_a_process_can_stand_behind_a_pod() -> None:
    class Saw:
        def resident_bytes(self, age_ns: int) -> int:
            return 10_000_000 + (age_ns // SECOND % 2) * 5_000_000

        def live_bytes(self, age_ns: int) -> int:
            return 1_000_000

    given = msgspec.structs.replace(AT_ONCE, curves=(sampled(Saw(), 10 * SECOND, SECOND // 10),))
    found = simulate_node(BIG, (given,), pods=20, seconds=300, replicas=1)
    assert value(found, "resident-mean") == pytest.approx(20 * 12.4e6, rel=0.03)


def test_days_are_simulated_as_well_as_milliseconds() -> None:
    for text, seconds in (("20ms", 60.0), ("lognormal:median=2h,sigma=2", 10 * 86400.0)):
        kind = with_settings(DEFAULT, {"lifetime": text, "creating": "0s", "start-time": "5ms"})
        found = simulate_node(BIG, (kind,), pods=5, seconds=seconds, replicas=1)
        assert value(found, "resident-mean") > 0


def test_explicit_pods_come_from_csv_and_json(tmp_path: Path) -> None:
    rows = [
        {"name": "first", "start": "0s", "lifetime": "30s", "start-peak": "100MB", "live": "10MB"},
        {"name": "second", "start": "10s", "lifetime": "5s", "request": "64MiB", "priority": "1000"},
    ]
    (tmp_path / "pods.json").write_text(json.dumps(rows))
    keys = sorted({key for row in rows for key in row})
    lines = [",".join(keys), *[",".join(row.get(key, "") for key in keys) for row in rows]]
    (tmp_path / "pods.csv").write_text("\n".join(lines))
    found = [
        simulate_node(BIG, (AT_ONCE,), pods_file=tmp_path / name, seconds=60, replicas=1)
        for name in ("pods.json", "pods.csv")
    ]
    assert found[0].explicit
    assert found[0].pods == 2
    assert value(found[0], "resident-peak") == pytest.approx(112.8e6 + 70.8e6, rel=0.01)
    assert msgspec.json.encode(found[0]) == msgspec.json.encode(found[1])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "start,lifetime\n1s\n"),
        ("a.csv", "start,colour\n1s,red\n"),
        ("a.csv", "start,lifetime\nnever,5s\n"),
        ("a.csv", ""),
        ("a.json", "{"),
        ("a.json", "[1]"),
        ("a.json", '{"pods": [{"lifetime": ["5s"]}]}'),
        ("a.json", "[" * 100_000),
        ("a.json", '[{"lifetime": "-3s"}]'),
    ],
)
def test_damaged_files_of_pods_are_refused_in_one_line(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(BadInput) as refused:
        simulate_node(BIG, (DEFAULT,), pods_file=tmp_path / name, seconds=10, replicas=1)
    assert str(tmp_path / name) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "text", ["", "5 parsecs", "8s..3s", "normal:mean=3s", "lognormal:median=5s", "lognormal:median=5s,sigma=x"]
)
def test_lifetimes_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(BadInput):
        lifetime(text)


def test_distributions_have_their_means_and_quantiles() -> None:
    assert lifetime("3s..8s").mean == 5.5
    assert lifetime("lognormal:median=5s,sigma=1").quantile(0.5) == pytest.approx(5)
    assert lifetime("exponential:mean=5s").quantile(1 - 0.36787944117) == pytest.approx(5)
    assert size("64MB").quantile(0.3) == 64e6


def test_variants_are_parsed_with_escaped_commas() -> None:
    name, settings = parse_variant("tuned:lifetime=lognormal:median=5s\\,sigma=1,GOMEMLIMIT=32MiB")
    assert name == "tuned"
    assert settings == {"lifetime": "lognormal:median=5s,sigma=1", "GOMEMLIMIT": "32MiB"}
    assert with_settings(DEFAULT, settings).process.memory_limit == 32 * MIB


@pytest.mark.parametrize(
    "settings",
    [{"colour": "red"}, {"gogc": "0"}, {"qos": "Gold"}, {"request": "2GiB", "limit": "1GiB"}, {"qos": "Guaranteed"},
     {"go": "1.99"}, {"procs": "0"}, {"memory-qos": "perhaps"}, {"high": "2GiB", "limit": "1GiB"}],
)  # fmt: skip
def test_settings_that_contradict_are_refused(settings: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        with_settings(DEFAULT, settings)


def test_nodes_that_always_evict_are_refused() -> None:
    with pytest.raises(BadInput):
        simulate_node(Node(memory_bytes=500 * MIB), (DEFAULT,), seconds=10, replicas=1)
    with pytest.raises(BadInput):
        thresholds_of("100MiB", "500MiB", GIB)
    assert thresholds_of("5%", "500MiB:1m30s", 8 * GIB)[2].grace_seconds == 90


def test_staircases_keep_the_last_of_equal_ages() -> None:
    found = curve([(0, 1, 1), (5, 2, 1), (5, 3, 1), (9, 3, 1)])
    assert found.ages_ns.tolist() == [0, 5]
    assert [found.resident_bytes(age) for age in (0, 4, 5, 100)] == [1, 1, 3, 3]
    assert constant(7).resident_bytes(10**18) == 7
