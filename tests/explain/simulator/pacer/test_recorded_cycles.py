"""The pacer decides what the runtime's own pacer decided, number by number."""

from __future__ import annotations

import pytest
from tests.explain.simulator.pacer.golden_files import cases, releases
from tests.explain.simulator.pacer.replay import replay

from whence.explain.simulator.pacer import kernels
from whence.explain.simulator.pacer.fluid import run
from whence.explain.simulator.pacer.new_state import new_state
from whence.explain.simulator.pacer.scenarios import SCENARIOS
from whence.explain.simulator.versions.pacers import Generation, pacer_row
from whence.golang.versions import parse_version

CYCLES = cases("pacer")
TRACES = cases("pacer_trace")
STOPPED = cases("stop_world")


@pytest.mark.parametrize(("release", "name", "rows"), CYCLES, ids=[f"{case[0]}-{case[1]}" for case in CYCLES])
def test_every_recorded_cycle_is_equal(release: str, name: str, rows: list[list[float]]) -> None:
    cycles = run(pacer_row(parse_version(release)), SCENARIOS[name])
    columns = (cycles.heap_live, cycles.heap_trigger, cycles.heap_peak, cycles.heap_goal)
    mine = [
        [number + 1, f"{cycles.utilization[number] * 100:.1f}", *(int(column[number]) for column in columns)]
        for number in range(len(rows))
    ]
    assert mine == [[row[0], f"{row[1]:.1f}", *row[2:]] for row in rows]


def test_golden_files_hold_three_generations_and_all_scenarios() -> None:
    assert {pacer_row(parse_version(release)).name for release, _, _ in CYCLES} >= {"v3", "v4", "v5"}
    assert {name for _, name, _ in CYCLES} == set(SCENARIOS)


def test_a_key_names_a_release_or_every_line_of_a_range() -> None:
    assert releases("go1.19.8") == ["1.19.8"]
    assert releases("go1.21-1.24") == ["1.21", "1.22", "1.23", "1.24"]


@pytest.mark.parametrize(("release", "setting", "rows"), TRACES, ids=[f"{case[0]}-{case[1]}" for case in TRACES])
def test_trigger_ratios_of_real_runs_follow_from_what_the_cycles_did(
    release: str, setting: str, rows: list[list[float]]
) -> None:
    for decision in replay(pacer_row(parse_version(release)), int(setting.removeprefix("GOGC=")), rows):
        assert decision.trigger_ratio == pytest.approx(decision.real_trigger_ratio, abs=2e-6)
        assert decision.trigger == pytest.approx(decision.real_trigger, rel=2e-6)
        assert decision.heap_marked == pytest.approx(decision.real_heap_marked, rel=2e-6)


@pytest.mark.parametrize(("release", "setting", "rows"), STOPPED, ids=[f"{case[0]}-{case[1]}" for case in STOPPED])
def test_collectors_that_stop_the_world_set_the_next_collection_as_real_ones(
    release: str, setting: str, rows: list[list[int]]
) -> None:
    percent = int(setting.removeprefix("GOGC="))
    for heap, next_collection in rows:
        c = new_state(pacer_row(parse_version(release)), percent)[0]
        garbage = 0 if c["generation"] == Generation.SWEPT_STOP else 100 * 1000
        c["heap_live"] = heap + garbage
        kernels.commit(c, True)
        for _ in range(garbage // 1000):
            kernels.swept_garbage(c, 1000)
        # Each span swept rounds down what it takes off; with GOGC=100 there is nothing to round.
        rounding = 0 if percent == 100 or garbage == 0 else 300
        assert 0 <= next_collection - kernels.trigger(c) <= rounding
