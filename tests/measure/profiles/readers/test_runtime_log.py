"""Logs of a small real program, recorded with 1.2 to 1.27; its MemStats at the end say what they must add up to."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whence.measure.profiles.readers import gctrace, runtime_log, scavtrace, schedtrace

RECORDED = Path(__file__).parent / "recorded"
LOGS = sorted(RECORDED.glob("go1*.log"))
NEWEST = RECORDED / "go1.27.4.log"
MS = 1e-3


def memstats(log: Path) -> dict[str, int]:
    return json.loads(log.with_suffix(".json").read_text())


@pytest.mark.parametrize("log", LOGS, ids=lambda path: path.stem)
def test_every_line_of_every_release_is_read_or_the_programs_own(log: Path) -> None:
    content = log.read_bytes()
    found = runtime_log.read(content)
    assert found.broken == ()
    # 1.27 broke one of its own lines in two by an init line; the rest of it counts as the program's.
    assert found.other_lines == (2 if log.stem == "go1.27.4" else 1)
    assert len(found.scavenges) == content.count(b"scav ") + content.count(b"scvg")
    assert len(found.scheduler) == content.count(b"SCHED ")
    assert len(found.initialisations) == content.count(b"init ")


@pytest.mark.parametrize("log", LOGS, ids=lambda path: path.stem)
def test_as_many_cycles_as_the_program_counted(log: Path) -> None:
    cycles = gctrace.read(log.read_bytes())
    # 1.3 collected once more while its MemStats were written out.
    assert len(cycles) == memstats(log)["NumGC"] + (log.stem == "go1.3.3")
    assert cycles.number.tolist() == list(range(1, len(cycles) + 1))


@pytest.mark.parametrize("log", LOGS, ids=lambda path: path.stem)
def test_pauses_add_up_to_the_programs_own_within_what_the_log_cuts_off(log: Path) -> None:
    cycles = gctrace.read(log.read_bytes())
    if log.stem == "go1.3.3":
        cycles = cycles.rows(slice(0, -1))
    stopped, cut = cycles.clock_ms[:, [0, 2]], cycles.clock_step_ms[:, [0, 2]]
    total_s = memstats(log)["PauseTotalNs"] * 1e-9
    assert stopped.sum() * MS <= total_s <= (stopped + cut).sum() * MS


def test_forced_cycles_are_those_that_the_program_counted() -> None:
    for log in LOGS:
        stats = memstats(log)
        forced = int(gctrace.read(log.read_bytes()).forced.sum())
        if log.stem in {"go1.13.15", "go1.16.15"}:
            # These marked the cycle that was running when the program asked for one as well.
            assert forced == stats["NumForcedGC"] + 1
        else:
            assert forced == stats.get("NumForcedGC", 0), log


def test_what_was_given_back_last_is_what_memstats_says_before_it_was_taken_again() -> None:
    for log in LOGS:
        found = scavtrace.read(log.read_bytes())
        assert (found.released_bytes[found.released_bytes >= 0] <= memstats(log)["HeapSys"]).all()
        assert found.forced.any() or log.stem in {"go1.2.2", "go1.3.3", "go1.4.3", "go1.10.8"}


def test_columns_of_a_line_stand_where_the_runtime_prints_them() -> None:
    line = (
        b"gc 14 @0.260s 2%: 0.14+2.7+0.002 ms clock, 0.28+4/1.3/2.7+0.005 ms cpu, 7->8->5 MB, 15 MB goal, 1 MB stacks, "
        b"2 MB globals, 4 P (forced)\n"
    )
    found = gctrace.read(line)
    assert (found.number[0], found.start_s[0], found.percent[0], found.procs[0]) == (14, 0.26, 2, 4)
    assert found.clock_ms[0].tolist() == [0.14, 2.7, 0.002]
    np.testing.assert_allclose(found.clock_step_ms[0], [0.01, 0.1, 0.001])
    assert found.cpu_ms[0].tolist() == [0.28, 4.0, 1.3, 2.7, 0.005]
    heap = (found.start_mib, found.end_mib, found.live_mib, found.goal_mib, found.stacks_mib, found.globals_mib)
    assert [int(column[0]) for column in heap] == [7, 8, 5, 15, 1, 2]
    assert found.forced[0]
    assert not found.old[0]


def test_lines_of_1_5_have_five_phases_of_which_the_outer_stop_the_world() -> None:
    line = (
        b"gc 1 @0.008s 2%: 0.12+0.48+0.75+0.19+0.1 ms clock, 0.12+0.48+0+0.19/0.1/0.05+0.1 ms cpu, 4->4->0 MB, "
        b"4 MB goal, 1 P\n"
    )
    found = gctrace.read(line)
    np.testing.assert_allclose(found.clock_ms[0], [0.12, 0.48 + 0.75 + 0.19, 0.1])
    np.testing.assert_allclose(found.cpu_ms[0], [0.12, 0.19, 0.48 + 0 + 0.1, 0.05, 0.1])


def test_lines_behind_a_log_collectors_prefix_are_read() -> None:
    cycles = b"".join(b"2026-11-24T12:00:00Z stderr F " + line for line in NEWEST.read_bytes().splitlines(True))
    assert len(gctrace.read(cycles)) == memstats(NEWEST)["NumGC"]


def test_a_line_that_another_writer_broke_is_told_by_its_byte_and_left_out() -> None:
    content = NEWEST.read_bytes()
    at = content.index(b"gc 5 @")
    broken = content[: at + 9] + b"hello from the program\n" + content[at + 9 :]
    found = runtime_log.read(broken)
    assert [line.offset for line in found.broken] == [at]
    assert 5 not in found.cycles.number
    assert len(found.cycles) == memstats(NEWEST)["NumGC"] - 1


def test_detailed_scheduler_lines_add_up_the_run_queues() -> None:
    text = (
        b"SCHED 10ms: gomaxprocs=2 idleprocs=0 threads=4 spinningthreads=1 needspinning=0 idlethreads=2 runqueue=3 "
        b"gcwaiting=true nmidlelocked=0 stopwait=0 sysmonwait=false\n"
        b"  P0: status=1 schedtick=2 syscalltick=0 m=0 runqsize=4 gfreecnt=0 timerslen=0\n"
        b"  P1: status=0 schedtick=2 syscalltick=0 m=nil runqsize=5 gfreecnt=0 timerslen=0\n"
    )
    found = schedtrace.read(text)
    assert (found.at_ms[0], found.runqueue[0], found.local_queues[0], found.gcwaiting[0]) == (10, 3, 9, 1)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), log=st.sampled_from(LOGS))
def test_no_damage_raises_or_invents_cycles(data: st.DataObject, log: Path) -> None:
    content = bytearray(log.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=12))
    found = runtime_log.read(bytes(content))
    assert len(found.cycles) <= memstats(log)["NumGC"] + 7
    assert (np.diff(found.cycles.offset) > 0).all()
