"""Rates and lifetimes by Little's law from profiles whose truth is known, and exact totals where they are given."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
import pytest

from whence.evidence.errors import BadInput
from whence.explain.simulator.engine.config import Config
from whence.explain.simulator.engine.simulating import simulate
from whence.explain.simulator.engine.workload import ObjectKind, Workload
from whence.explain.simulator.inputs.from_metrics import counters_of
from whence.explain.simulator.inputs.from_profile import program_of
from whence.explain.simulator.inputs.matching import marked_bytes, match_live
from whence.explain.simulator.inputs.process_facts import ProcessFacts
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.readers.snapshot import Histogram, Snapshot

Make = Callable[..., Profile]
ROWS = [
    (["made.kept@a.go:1"], 64, 10_000, 10_000),
    (["made.cache@a.go:2"], 128, 50_000, 5_000),
    (["made.garbage@a.go:3"], 1024, 200_000, 0),
]


def totals(program: Workload, size: int) -> tuple[float, int]:
    mine = [kind for kind in program.kinds if size - 8 <= kind.size_bytes <= size]
    return sum(kind.rate for kind in mine), sum(kind.live for kind in mine)


def test_rates_and_live_numbers_are_those_of_the_profile(made_profile: Make) -> None:
    program = program_of(made_profile(ROWS), name="p", seconds=10.0).program
    assert totals(program, 64) == (0.0, 10_000)
    assert totals(program, 128) == pytest.approx((5_000.0, 5_000))
    assert totals(program, 1024) == pytest.approx((20_000.0, 0))
    assert program.source == "profile"


def test_the_mean_lifetime_follows_littles_law(made_profile: Make) -> None:
    program = program_of(made_profile(ROWS), name="p", seconds=10.0).program
    rate, live = totals(program, 128)
    assert live / rate == pytest.approx(1.0)  # 5,000 alive at 5,000 a second live a second each


def test_a_rate_stands_for_the_time(made_profile: Make) -> None:
    by_rate = program_of(made_profile(ROWS), name="p", alloc_rate=21.184e6).program
    made = 64 * 10_000 + 128 * 50_000 + 1024 * 200_000
    assert by_rate.duration_seconds == pytest.approx(made / 21.184e6)


def test_headers_are_taken_off_where_the_release_has_them(made_profile: Make) -> None:
    sizes = {go: {k.size_bytes for k in program_of(made_profile(ROWS), name="p", seconds=1.0, go=go).program.kinds}
             for go in ("1.21", "1.22")}  # fmt: skip
    assert 1016 not in sizes["1.21"]
    assert {1016, 1024} <= sizes["1.22"]  # with pointers and without


def test_a_sampled_profile_says_how_poor_it_is(made_profile: Make) -> None:
    poor = program_of(made_profile([(["f@a.go:1"], 64, 30, 30)], rate=512 << 10), name="p", seconds=1.0)
    assert any("30 sampled objects" in note for note in poor.notes)


@pytest.mark.parametrize("kinds", [("inuse_objects", "inuse_space"), ("samples", "cpu"), ("contentions", "delay")])
def test_a_profile_without_the_needed_types_is_refused(made_profile: Make, kinds: tuple[str, ...]) -> None:
    with pytest.raises(BadInput, match=r"lifetimes need alloc_objects.*--alloc-rate"):
        program_of(made_profile(ROWS, kinds=kinds), name="p", seconds=1.0)


def test_a_profile_alone_does_not_tell_the_time(made_profile: Make) -> None:
    with pytest.raises(BadInput, match=r"how long the program ran.*--duration"):
        program_of(made_profile(ROWS), name="p")


def snapshot(time_s: float, factor: float, idle: float = 50.0) -> Snapshot:
    edges = np.array([1.0, 9.0, 17.0, 25.0, 33.0, 49.0, 65.0, np.inf])
    made, freed = np.array([0, 0, 0, 0, 0, 3000, 0]), np.array([0, 0, 0, 0, 0, 1000, 0])
    values = {
        "/gc/heap/allocs:bytes": 192_000.0 * factor, "/gc/heap/live:bytes": 100_000.0, "/gc/gogc:percent": 63.0,
        "/sched/gomaxprocs:threads": 4.0, "/cpu/classes/total:cpu-seconds": 100.0 * factor,
        "/cpu/classes/user:cpu-seconds": (90.0 - idle) * factor, "/cpu/classes/gc/total:cpu-seconds": 10.0 * factor,
        "/cpu/classes/scavenge/total:cpu-seconds": 0.0, "/cpu/classes/idle:cpu-seconds": idle * factor,
        "/gc/scan/heap:bytes": 75_000.0, "/gc/gomemlimit:bytes": float((1 << 63) - 1),
    }  # fmt: skip
    histograms = {
        "/gc/heap/allocs-by-size:bytes": Histogram(edges, np.asarray(made * factor, np.int64)),
        "/gc/heap/frees-by-size:bytes": Histogram(edges, np.asarray(freed * factor, np.int64)),
    }
    return Snapshot(time_s=time_s, values=values, histograms=histograms)


def test_two_snapshots_give_rates_and_settings() -> None:
    found = counters_of([snapshot(100.0, 1.0), snapshot(110.0, 2.0)])
    assert found.seconds == 10.0
    assert found.alloc_rate == pytest.approx(19_200)
    assert (found.gogc, found.memory_limit, found.processors) == ("63", None, 4)
    assert found.pointer_share == 0.75
    (row,) = found.sizes
    assert (row.size_bytes, row.rate) == (64, 300.0)
    assert row.live * 64 == pytest.approx(100_000)


def test_one_snapshot_knows_its_time_from_the_time_of_processors() -> None:
    assert counters_of([snapshot(100.0, 1.0)]).seconds == pytest.approx(25.0)


def test_counted_totals_replace_sampled_ones(made_profile: Make) -> None:
    counters = counters_of([snapshot(100.0, 1.0)])
    program = program_of(made_profile([(["f@a.go:1"], 64, 100, 40)]), name="p", counters=counters).program
    rate, live = totals(program, 64)
    assert rate == pytest.approx(3000 / counters.seconds if counters.seconds else 0)
    assert live * 64 == pytest.approx(100_000, rel=1e-3)
    assert [kind.pointers for kind in program.kinds] == [True, False]


def test_processors_that_never_idle_mean_a_program_as_fast_as_it_can(made_profile: Make) -> None:
    facts = ProcessFacts(seconds=25.0, cpu_seconds=10.0)
    rows = [(["f@a.go:1"], 64, 3000, 300)]
    for idle, closed in ((50.0, False), (0.5, True)):
        counters = counters_of([snapshot(100.0, 1.0, idle=idle)])
        program = program_of(made_profile(rows), name="p", counters=counters, facts=facts).program
        assert program.closed_loop is closed
        if closed:  # the same allocations in the program's own CPU time: 10 s less the collector's share of a tenth
            assert program.duration_seconds == pytest.approx(10 * 89.5 / 99.5, rel=0.01)
            assert sum(kind.rate for kind in program.kinds) * program.duration_seconds == pytest.approx(3000, rel=0.01)


def test_the_matched_program_marks_what_the_real_one_marked() -> None:
    truth = Workload(
        name="truth", duration_seconds=1.0, start_seconds=0.0, closed_loop=True, source="profile",
        kinds=(ObjectKind(size_bytes=64, rate=8e6, live=60_000),),
    )  # fmt: skip
    config = Config(go="1.24", gogc=100)
    marked = marked_bytes(simulate(truth, config, draws=0))
    assert marked is not None
    assert marked > 1.2 * truth.live_bytes  # what was allocated while marking counts as live
    naive = msgspec.structs.replace(truth, kinds=(ObjectKind(size_bytes=64, rate=8e6, live=round(marked / 64)),))
    matched = match_live(naive, config, marked)
    assert matched.live_bytes == pytest.approx(truth.live_bytes, rel=0.12)
