"""Workers, assists and proportional sweeping by release."""

from __future__ import annotations

import json

import numpy as np
import pytest
from bench.pacer_oracle.script import simulate
from tests.explain.simulator.pacer.golden_files import files

from whence.explain.simulator.pacer import kernels
from whence.explain.simulator.pacer.kernels_assist import assist, assist_credit, flush_background_credit
from whence.explain.simulator.pacer.kernels_sweep import note_span, sweep_debt
from whence.explain.simulator.pacer.kernels_workers import add_idle_worker, remove_idle_worker, wants_fractional_worker
from whence.explain.simulator.pacer.new_state import new_state
from whence.explain.simulator.versions.pacers import ROWS, pacer_row
from whence.golang.versions import parse_version

MIB = 1 << 20
DRIVEN = files("pacer_drive")


def started(line: str, processors: int = 8, periodic: bool = False) -> np.void:
    c = new_state(pacer_row(parse_version(line)))[0]
    c["heap_live"], c["heap_scan"], c["globals_scan"] = 4 * MIB, 2 * MIB, 1 << 16
    kernels.start_cycle(c, 0, processors, periodic, False)
    return c


@pytest.mark.parametrize("path", DRIVEN, ids=lambda path: path.stem)
def test_random_scripts_get_the_real_pacers_answers(path) -> None:
    document = json.loads(path.read_text())
    row = pacer_row(parse_version(path.stem))
    lines = [(word, tuple(numbers)) for word, numbers in document["lines"]]
    assert list(simulate(row, lines)) == [tuple(answer) for answer in document["answers"]]


def test_a_quarter_of_the_processors_marks() -> None:
    # Only 1, 2, 3 and 6 processors need fractional workers since 1.10.
    dedicated = {n: int(started("1.27", n)["dedicated_workers_needed"]) for n in range(1, 10)}
    assert dedicated == {1: 0, 2: 0, 3: 0, 4: 1, 5: 1, 6: 1, 7: 2, 8: 2, 9: 2}
    shares = {n: float(started("1.27", n)["fractional_utilization_goal"]) for n in range(1, 10)}
    assert {n for n, share in shares.items() if share > 0} == {1, 2, 3, 6}
    assert shares[6] == (6 * 0.25 - 1) / 6
    old = started("1.9", 6)
    assert (old["dedicated_workers_needed"], old["fractional_workers_needed"]) == (1, 1)
    assert old["fractional_utilization_goal"] == 0.5


def test_a_fractional_worker_runs_until_it_is_ahead_of_its_share() -> None:
    c = started("1.27", 1)
    assert wants_fractional_worker(c, 1000, 250)
    assert not wants_fractional_worker(c, 1000, 251)
    assert not wants_fractional_worker(started("1.27", 8), 1000, 0)


def test_idle_workers_are_capped_from_1_19_on() -> None:
    assert started("1.18", 8)["max_idle_workers"] == 8
    assert started("1.19", 8)["max_idle_workers"] == 6
    assert started("1.19", 8, periodic=True)["max_idle_workers"] == 0
    assert started("1.19", 2, periodic=True)["max_idle_workers"] == 1


def test_idle_worker_count_as_the_runtime_tests_it() -> None:
    # TestIdleMarkWorkerCount of src/runtime/mgcpacer_test.go, as (cap, what is done, whether it succeeds).
    c = started("1.27")
    add, remove = True, False
    steps = (
        [(10, add, True)] * 10
        + [(10, add, False)]
        + [(10, remove, None)] * 10
        + [(10, add, True)] * 9
        + [(10, add, True), (10, add, False), (10, remove, None)] * 10
        + [(0, add, False)]
        + [(0, remove, None)] * 9
        + [(0, add, False), (1, add, True), (1, add, False)]
    )
    for cap, adds, succeeds in steps:
        c["max_idle_workers"] = cap
        if adds:
            assert add_idle_worker(c) == succeeds
        else:
            remove_idle_worker(c)


def test_an_assist_does_at_least_64_kib_and_takes_background_credit_first() -> None:
    c = started("1.27")
    c["assist_work_per_byte"], c["assist_bytes_per_work"] = 0.5, 2.0
    assert assist(c, -100) == (-100, 64 << 10)
    c["background_scan_credit"] = 1000
    assert assist(c, -100) == (-100 + 1 + 2000, (64 << 10) - 1000)
    assert c["background_scan_credit"] == 0
    c["background_scan_credit"] = 1 << 20
    assert assist(c, -(1 << 20)) == (0, 0)
    assert c["background_scan_credit"] == 1 << 19
    assert assist_credit(c, 64) == 129


def test_an_assist_of_1_6_pays_for_a_further_mebibyte() -> None:
    c = started("1.6")
    c["assist_work_per_byte"], c["assist_bytes_per_work"] = 0.5, 2.0
    assert assist(c, -100) == (-100, (MIB + 100) // 2)


def test_background_credit_goes_to_waiting_assists_in_their_order() -> None:
    c = started("1.27")
    c["assist_work_per_byte"], c["assist_bytes_per_work"] = 0.5, 2.0
    waiting = np.array([-1000, -500, -800], dtype=np.int64)
    assert flush_background_credit(c, 900, waiting) == 2
    assert waiting.tolist() == [0, 0, -500]
    assert c["background_scan_credit"] == 0
    assert flush_background_credit(c, 900, waiting[2:]) == 1
    assert c["background_scan_credit"] == 650
    assert flush_background_credit(c, 900, waiting[:0]) == 0
    assert c["background_scan_credit"] == 1550


def end_with_garbage(line: str) -> np.void:
    """A heap of 20 MiB marked, 4000 pages to sweep."""
    c = started(line)
    c["heap_live"], c["heap_scan_work"] = 4 * MIB + 65536, 10 * MIB
    kernels.end_cycle(c, 10**7, 8, False)
    kernels.reset_live(c, 20 * MIB)
    c["pages_in_use"], c["pages_swept"] = 4000, 0
    kernels.commit(c, False)
    return c


@pytest.mark.parametrize("line", ["1.5", "1.8", "1.9", "1.17", "1.18", "1.27"])
def test_everything_is_swept_a_mebibyte_before_the_next_cycle(line: str) -> None:
    c = end_with_garbage(line)
    assert sweep_debt(c, 0, 0) == 0
    while c["heap_live"] < kernels.trigger(c) - MIB:
        note_span(c, 8192)
        while sweep_debt(c, 8192, 1) > 0:
            c["pages_swept"] += 1
        c["pages_swept"] += 1
        c["heap_live"] += 8192
    assert c["pages_swept"] >= 3998


def test_every_release_has_a_row_with_its_source() -> None:
    lines = [f"1.{minor}" for minor in range(28)]
    assert all(pacer_row(parse_version(line)).source for line in lines)
    assert [line for line in lines if not pacer_row(parse_version(line)).verified] == ["1.0", "1.1"]
    assert [row.since for row in ROWS] == [row.since for row in sorted(ROWS, key=lambda row: parse_version(row.since))]
    assert pacer_row(parse_version("1.14.1")).since == "1.14"
    assert pacer_row(parse_version("1.14")).since == "1.14.2"
