"""The kernels compute what the plain Python reference computes, on random histories."""

from __future__ import annotations

import random

import pytest
from tests.explain.simulator.pacer.reference import ByRatio, Limiter, OnDemand

from whence.evidence.errors import BadInput
from whence.explain.simulator.pacer import kernels
from whence.explain.simulator.pacer.fluid import run
from whence.explain.simulator.pacer.kernels_limiter import accumulate
from whence.explain.simulator.pacer.kernels_revise import revise
from whence.explain.simulator.pacer.new_state import new_limiter, new_state
from whence.explain.simulator.pacer.scenarios import SCENARIOS
from whence.explain.simulator.pacer.state import UNLIMITED
from whence.explain.simulator.versions.pacers import pacer_row
from whence.golang.versions import parse_version

MIB = 1 << 20
LARGEST = 1 << 36


@pytest.mark.parametrize("seed", range(30))
def test_pacer_on_demand(seed: int) -> None:
    draw = random.Random(seed)
    percent = draw.choice([100, draw.randrange(0, 2000), -1])
    limit = draw.choice([UNLIMITED, int(2 ** draw.uniform(22, 36))])
    plain = OnDemand(percent, limit)
    plain.commit(True)
    c = new_state(pacer_row(parse_version("1.27")), percent, limit)[0]
    for _ in range(60):
        free, allocated = draw.randrange(64 * MIB), draw.randrange(64 * MIB)
        plain.heap_free, plain.heap_alloc, plain.mapped = free, allocated, free + allocated + draw.randrange(99 * MIB)
        c["heap_free"], c["heap_alloc"], c["mapped_ready"] = free, allocated, plain.mapped
        assert kernels.trigger(c) == min(plain.trigger(), UNLIMITED)
        start = max(plain.live, min(plain.trigger(), 2**33)) + draw.randrange(MIB)
        plain.live, plain.triggered, plain.work = start, start, [0, 0, 0]
        plain.most_stack, plain.roots = draw.randrange(MIB), 1 + draw.randrange(MIB)
        c["heap_live"], c["max_stack_scan"], c["globals_scan"] = start, plain.most_stack, plain.roots
        c["heap_scan"] = plain.scan = start // draw.randrange(1, 9)
        kernels.start_cycle(c, 0, 8, False, False)
        for _ in range(draw.randrange(6)):
            plain.live += draw.randrange(8 * MIB)
            plain.work[draw.randrange(3)] += draw.randrange(64 * MIB)
            c["heap_live"] = plain.live
            c["heap_scan_work"], c["stack_scan_work"], c["globals_scan_work"] = plain.work
            plain.revise()
            revise(c)
            assert c["assist_work_per_byte"] == plain.work_per_byte
            assert kernels.heap_goal(c) == min(plain.goal()[0], UNLIMITED)
        if sum(plain.work) == 0:
            plain.work[0] = c["heap_scan_work"] = 1
        marked, elapsed = draw.randrange(min(plain.live, LARGEST) + 1), draw.randrange(1, 10**9)
        assist, idle, sweep_done = draw.randrange(4 * elapsed), draw.randrange(elapsed), draw.random() < 0.5
        plain.end(marked, assist, idle, elapsed, 8, sweep_done)
        c["assist_time"], c["idle_mark_time"] = assist, idle
        kernels.end_cycle(c, elapsed, 8, False)
        kernels.reset_live(c, marked)
        kernels.commit(c, sweep_done)
        assert c["cons_mark"] == plain.cons_mark
        assert c["runway"] == plain.runway


@pytest.mark.parametrize("seed", range(30))
def test_pacer_by_ratio(seed: int) -> None:
    draw = random.Random(seed)
    percent = draw.choice([100, draw.randrange(1, 1000)])
    plain = ByRatio(percent)
    plain.commit(True)
    c = new_state(pacer_row(parse_version("1.17")), percent)[0]
    for _ in range(60):
        assert (kernels.trigger(c), kernels.heap_goal(c)) == (plain.trigger, plain.goal)
        plain.live = c["heap_live"] = plain.trigger + draw.randrange(4 * MIB)
        plain.start()
        scannable = c["heap_scan"] = plain.live // draw.randrange(1, 9)
        kernels.start_cycle(c, 0, 8, False, False)
        for _ in range(draw.randrange(6)):
            grown, done = draw.randrange(8 * MIB), draw.randrange(16 * MIB)
            plain.live += grown
            c["heap_scan_work"] = done
            kernels.update(c, grown, 0)
            assert c["assist_work_per_byte"] == plain.work_per_byte(int(scannable), done)
        marked, elapsed = 1 + draw.randrange(min(plain.live, LARGEST)), draw.randrange(1, 10**9)
        assist, sweep_done = draw.randrange(4 * elapsed), draw.random() < 0.5
        plain.end(marked, assist, elapsed, 8)
        plain.commit(sweep_done)
        c["assist_time"] = assist
        kernels.end_cycle(c, elapsed, 8, False)
        kernels.reset_live(c, marked)
        kernels.commit(c, sweep_done)
        assert c["trigger_ratio"] == plain.ratio


@pytest.mark.parametrize("seed", range(10))
def test_limiter_bucket(seed: int) -> None:
    draw = random.Random(seed)
    limiter = new_limiter(0, 2)[0]
    plain = Limiter(2 * 10**9)
    for _ in range(300):
        mutator, collector = draw.randrange(10**9), draw.choice([draw.randrange(2 * 10**9), draw.randrange(10**6)])
        collector = draw.choice([collector, mutator])
        plain.accumulate(mutator, collector)
        accumulate(limiter, mutator, collector)
        mine = (limiter["fill"], limiter["overflow"], bool(limiter["limiting"]))
        assert mine == (plain.fill, plain.overflow, plain.limiting)


def test_a_collector_switched_off_before_1_19_never_starts_by_itself() -> None:
    for line in ("1.2", "1.4", "1.5", "1.8", "1.12", "1.17", "1.18"):
        c = new_state(pacer_row(parse_version(line)), -1)[0]
        kernels.update(c, 1 << 45, 0)
        assert not kernels.should_trigger(c), line


def test_stop_the_world_collectors_double_the_heap_without_a_floor() -> None:
    c = new_state(pacer_row(parse_version("1.2")))[0]
    assert kernels.should_trigger(c)
    c["heap_live"] = 300_000
    kernels.commit(c, True)
    assert kernels.trigger(c) == 600_000


def test_lazy_sweeping_lowers_the_next_collection_as_garbage_is_found() -> None:
    c = new_state(pacer_row(parse_version("1.4")), 50)[0]
    c["heap_live"] = 1_000_000
    kernels.commit(c, False)
    kernels.swept_garbage(c, 1001)
    assert kernels.trigger(c) == 1_500_000 - 1001 * 150 // 100
    assert c["heap_live"] == 1_000_000 - 1001


def test_first_trigger_of_a_process_by_release() -> None:
    first = {
        line: int(kernels.trigger(new_state(pacer_row(parse_version(line)))[0])) for line in ("1.5", "1.17", "1.18")
    }
    assert first == {"1.5": 4 * MIB, "1.17": 4 * MIB, "1.18": 4 * MIB}
    assert kernels.trigger(new_state(pacer_row(parse_version("1.27")))[0]) == 3997696


def test_two_minutes_without_a_cycle_start_one_since_1_1() -> None:
    due = 121 * 10**9
    for line, percent, expected in (("1.0", 100, False), ("1.1", 100, True), ("1.27", 100, True), ("1.27", -1, False)):
        c = new_state(pacer_row(parse_version(line)), percent)[0]
        assert kernels.periodic_cycle_due(c, due + 1, 1) == expected
        assert not kernels.periodic_cycle_due(c, due, 1 + 10**9)
        assert not kernels.periodic_cycle_due(c, due, 0)


def test_experiments_change_the_row() -> None:
    assert pacer_row(parse_version("1.18.3"), ["nopacerredesign"]).name == "v2"
    assert pacer_row(parse_version("1.19"), ["nopacerredesign"]).name == "v3"
    c = new_state(pacer_row(parse_version("1.27"), ["heapminimum512kib"]))[0]
    assert kernels.heap_goal(c) == 512 << 10


def test_a_memory_limit_lowers_the_goal_and_keeps_headroom() -> None:
    for line, goal in (("1.18", None), ("1.19", 511 * MIB), ("1.21", (512 * MIB) - (512 * MIB) // 100 * 3)):
        c = new_state(pacer_row(parse_version(line)), -1)[0]
        kernels.set_memory_limit(c, 512 * MIB, True)
        assert kernels.heap_goal(c) == (UNLIMITED if goal is None else goal)


def test_fluid_mode_runs_every_concurrent_collector_and_refuses_the_others() -> None:
    for line in ("1.5", "1.8", "1.9", "1.12", "1.14", "1.17"):
        cycles = run(pacer_row(parse_version(line)), SCENARIOS["Steady"])
        # From the twelfth cycle on the heap is steady: half of the goal is live, and the heap ends near the goal.
        assert 0.9 < cycles.heap_peak[-1] / cycles.heap_goal[-1] < 1.1
    with pytest.raises(BadInput, match="stops the world"):
        run(pacer_row(parse_version("1.4")), SCENARIOS["Steady"])
