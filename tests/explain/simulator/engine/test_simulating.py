"""A process over time: short pods, limits, starvation, containers, determinism and shared draws."""

from __future__ import annotations

import numpy as np
import pytest

from whence.explain.simulator.engine.config import Config
from whence.explain.simulator.engine.process_run import TOTALS
from whence.explain.simulator.engine.simulating import simulate
from whence.explain.simulator.engine.workload import MIB, LiveStep, ObjectKind, Workload, few_numbers

SHORT_POD = Workload(
    name="short pod",
    kinds=(ObjectKind(size_bytes=64 << 10, live=64, pointers=False),),
    start_peak_bytes=64_000_000,
    start_seconds=0.1,
    duration_seconds=7.0,
)
SERVICE = few_numbers(alloc_rate=50e6, live_bytes=40 * MIB, duration_seconds=5.0)
LOOP = Workload(
    name="loop",
    kinds=(
        ObjectKind(size_bytes=64, rate=2e6, live=10_000),
        ObjectKind(size_bytes=128, rate=1e6, live=5_000, pointers=False),
    ),
    start_seconds=0.0,
    duration_seconds=1.0,
    closed_loop=True,
)


def _value(workload: Workload, metric: str, **settings: object) -> float:
    return simulate(workload, Config(**settings), draws=0).totals[metric].value  # type: ignore[arg-type]


def test_a_short_pod_keeps_its_start_up_peak_until_it_exits_unless_it_has_a_limit() -> None:
    # Measured with Go 1.27.3: 71 100 kB resident at exit; 30 444 kB with GOMEMLIMIT=32MiB.
    assert _value(SHORT_POD, "rss", processors=2) == pytest.approx(71_100 * 1024, rel=0.05)
    assert _value(SHORT_POD, "rss", processors=2, memory_limit=32 * MIB) == pytest.approx(30_444 * 1024, rel=0.05)


def test_collections_and_heap_follow_gogc() -> None:
    cycles = [_value(SERVICE, "gc-cycles", gogc=gogc) for gogc in (50, 100, 200, 400)]
    peaks = [_value(SERVICE, "rss-peak", gogc=gogc) for gogc in (50, 100, 200, 400)]
    assert cycles == sorted(cycles, reverse=True) and cycles[0] > 2 * cycles[2]
    assert peaks == sorted(peaks) and peaks[2] > 1.5 * peaks[0]


def test_gogc_off_collects_only_for_a_memory_limit() -> None:
    assert _value(SERVICE, "gc-cycles", gogc=-1) == 0
    assert _value(SERVICE, "gc-cycles", gogc=-1, memory_limit=100 * MIB) > 3
    assert _value(SERVICE, "rss-peak", gogc=-1, memory_limit=100 * MIB) < 105 * MIB


def test_a_memory_limit_does_nothing_before_1_19() -> None:
    for go, same in (("1.18", True), ("1.19", False)):
        free = _value(SERVICE, "gc-cycles", go=go, gogc=400)
        limited = _value(SERVICE, "gc-cycles", go=go, gogc=400, memory_limit=80 * MIB)
        assert (limited == free) is same


def test_starved_workers_let_the_heap_grow_far_past_its_goal() -> None:
    alone = simulate(LOOP, Config(processors=1), draws=0).totals
    starved = simulate(LOOP, Config(processors=2, cpus=1.0, run_delay_seconds=0.004), draws=0).totals
    assert alone["overshot-cycles"].value < 0.05
    assert starved["overshot-cycles"].value > 0.5
    assert starved["heap-peak"].value > 2 * alone["heap-peak"].value
    assert starved["gc-cycles"].value < 0.6 * alone["gc-cycles"].value


def test_an_idle_program_is_collected_every_two_minutes_and_gives_memory_back() -> None:
    steps = (LiveStep(at_seconds=0.1, bytes=200 * MIB), LiveStep(at_seconds=1.0, bytes=1 * MIB))
    workload = Workload(name="idle", live_over_time=steps, start_seconds=0.0, duration_seconds=600.0)
    run = simulate(workload, Config(), draws=0)
    assert run.totals["gc-cycles"].value >= 4
    assert run.totals["rss-peak"].value > 200 * MIB
    assert run.totals["rss"].value < 40 * MIB


def test_released_memory_stays_resident_in_the_era_of_lazy_freeing() -> None:
    steps = (LiveStep(at_seconds=0.1, bytes=200 * MIB), LiveStep(at_seconds=1.0, bytes=1 * MIB))
    workload = Workload(name="idle", live_over_time=steps, start_seconds=0.0, duration_seconds=600.0)
    assert _value(workload, "rss", go="1.15") > 190 * MIB
    assert _value(workload, "rss", go="1.16") < 60 * MIB
    assert _value(workload, "scavenged", go="1.15") > 100 * MIB


def test_a_container_ends_a_process_that_outgrows_it() -> None:
    run = simulate(SERVICE, Config(gogc=400, container_memory=64 * MIB), draws=0)
    assert run.oom_seconds is not None and 0 < run.oom_seconds < 5
    assert simulate(SERVICE, Config(gogc=100, container_memory=512 * MIB), draws=0).oom_seconds is None


def test_a_pod_ends_with_its_lifetime() -> None:
    assert _value(SERVICE, "wall", lifetime_seconds=2.0) == pytest.approx(2.0, rel=0.02)


def test_the_same_seed_gives_the_same_run_and_intervals_hold_their_value() -> None:
    first, again = (simulate(SERVICE, Config(), seed=7, draws=6) for _ in range(2))
    assert first.totals == again.totals and list(first.totals) == list(TOTALS)
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(first.series, again.series, strict=True))
    for name, estimate in first.totals.items():
        assert estimate.low <= estimate.value <= estimate.high, name


def test_differences_between_configurations_are_sharper_than_either() -> None:
    base, other = (simulate(SERVICE, Config(gogc=gogc), seed=3, draws=12).draws["rss-peak"] for gogc in (100, 120))
    assert np.std(np.log(other / base)) < 0.5 * np.std(np.log(base))


def test_a_release_that_stands_in_widens_every_interval() -> None:
    known = simulate(SERVICE, Config(go="1.27"), draws=6).totals["rss"]
    newer = simulate(SERVICE, Config(go="1.29", allow_nearest=True), draws=6)
    assert newer.warnings and "1.29" in newer.warnings[0]
    assert newer.totals["rss"].high - newer.totals["rss"].low > 1.5 * (known.high - known.low)


def test_columns_over_time_are_in_order_and_of_one_length() -> None:
    series = simulate(SERVICE, Config(), draws=0).series
    assert len({len(column) for column in series}) == 1
    assert (np.diff(series.seconds) >= 0).all() and (np.diff(series.cycles) >= 0).all()
    assert (series.rss > series.heap_inuse).all()
