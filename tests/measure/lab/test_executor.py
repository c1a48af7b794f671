"""The executor carries a plan out exactly once, whatever interrupts it, and drops nothing because of its outcome."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whence.evidence.comparison import Plan
from whence.evidence.run import BlockEnd, Outcome, Run, Sample, Session, used_runs
from whence.measure.lab.calibrate import Calibrator
from whence.measure.lab.events import BlockEnded, BlockInterrupted, BlockRepeated, Event, RunEnded, SessionStarted
from whence.measure.lab.executor import Execution, execute
from whence.measure.lab.launch import Arm, Launch, ProcessRecord, RunOptions
from whence.measure.lab.plan import make_plan
from whence.store.journal import Journal

OPTIONS = RunOptions()


def plan(pairs: int = 4, variants: tuple[str, ...] = ("a", "b"), **changes: int) -> Plan:
    return make_plan(variants=variants, pairs=pairs, seed=7, metrics=("wall",), **changes)


def arms(made: Plan, layouts: int = 1) -> list[Arm]:
    return [
        Arm(variant=v, launches=tuple(Launch(argv=(v, str(n)), layout_seed=n) for n in range(layouts)))
        for v in made.variants
    ]


def record(outcome: Outcome = "ok", *samples: Sample) -> ProcessRecord:
    return ProcessRecord(started_at=time.time(), seconds=0.1, outcome=outcome, samples=samples)


class Program:
    """A runner that remembers what it was asked to run, and can be told to fail at one call."""

    def __init__(self, fail_at: int | None = None, error: BaseException | None = None) -> None:
        self.calls: list[tuple[str, ...]] = []
        self._fail_at, self._error = fail_at, error

    def __call__(self, launch: Launch, options: RunOptions) -> ProcessRecord:
        if len(self.calls) == self._fail_at:
            self._fail_at = None
            raise self._error or KeyboardInterrupt
        self.calls.append(launch.argv)
        return record("ok", Sample("wall", 0.1, "s"))


def steady(spins: Callable[[], float] = lambda: 0.02) -> Calibrator:
    return Calibrator((0,), iterations=1000, spinner=lambda cpus, n: spins(), sleep=lambda s: None)


def lines_of(path: Path) -> list[Run | BlockEnd | Session]:
    return Journal(path).read()


def carry_out(
    path: Path,
    made: Plan,
    program: Callable[[Launch, RunOptions], ProcessRecord],
    calibrator: Calibrator | None = None,
) -> list[Event]:
    events: list[Event] = []
    journal = Journal(path)
    try:
        execute(made, arms(made), program, OPTIONS, journal, on_event=events.append, calibrator=calibrator or steady())
    finally:
        journal.close()
    return events


def test_every_block_is_run_once_in_its_order_after_one_warm_up_of_each_variant(tmp_path: Path) -> None:
    made, program = plan(), Program()
    carry_out(tmp_path / "j", made, program)
    counted = [made.variants[i] for order in made.order for i in order]
    assert [argv[0] for argv in program.calls] == ["a", "b", *counted]
    used = used_runs(lines_of(tmp_path / "j"))
    assert [(run.block, run.variant) for run in used] == [
        (block, made.variants[i]) for block, order in enumerate(made.order) for i in order
    ]
    assert len({run.id for run in used}) == len(used)


def test_each_run_is_on_the_disk_when_its_event_comes(tmp_path: Path) -> None:
    seen: list[bool] = []
    journal = Journal(tmp_path / "j")

    def on_event(event: Event) -> None:
        if isinstance(event, RunEnded):
            seen.append(event.run in lines_of(tmp_path / "j"))

    made = plan(2)
    execute(made, arms(made), Program(), OPTIONS, journal, on_event=on_event, calibrator=steady())
    assert len(seen) == 6
    assert all(seen)


def test_a_finished_plan_runs_nothing_again_and_writes_nothing(tmp_path: Path) -> None:
    made = plan()
    carry_out(tmp_path / "j", made, Program())
    content = (tmp_path / "j").read_bytes()
    program = Program()
    carry_out(tmp_path / "j", made, program)
    assert program.calls == []
    assert (tmp_path / "j").read_bytes() == content


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 11), st.sampled_from([KeyboardInterrupt, OSError]), st.integers(0, 11))
def test_interrupted_anywhere_it_goes_on_where_it_was(
    tmp_path_factory: pytest.TempPathFactory, first: int, error: type[BaseException], second: int
) -> None:
    path = tmp_path_factory.mktemp("run") / "j"
    made = plan(4)
    for fail_at in (first, second):
        with suppress(error):
            carry_out(path, made, Program(fail_at, error()))
    before = {(r.block, r.attempt, r.position) for r in used_runs(lines_of(path))}
    carry_out(path, made, Program())
    lines = lines_of(path)
    used = used_runs(lines)
    assert [(r.block, made.variants.index(r.variant)) for r in used] == [
        (block, i) for block, order in enumerate(made.order) for i in order
    ]
    assert before <= {(r.block, r.attempt, r.position) for r in used}, "a complete block was run again"
    ends = [(line.block, line.attempt) for line in lines if isinstance(line, BlockEnd)]
    assert len(ends) == len(set(ends))
    attempts = {(r.block, r.attempt) for r in lines if isinstance(r, Run) and r.kind == "counted"}
    assert attempts <= set(ends), "rows of an attempt without an end"


def test_an_interruption_marks_its_block_keeps_its_rows_and_is_passed_on(tmp_path: Path) -> None:
    made = plan(4)
    with pytest.raises(KeyboardInterrupt):
        carry_out(tmp_path / "j", made, Program(fail_at=5))  # two warm-ups, block 0, one run of block 1
    lines = lines_of(tmp_path / "j")
    last = lines[-1]
    assert isinstance(last, BlockEnd)
    assert (last.block, last.attempt, last.status) == (1, 0, "interrupted")
    assert [r.attempt for r in lines if isinstance(r, Run) and r.block == 1] == [0]
    carry_out(tmp_path / "j", made, Program())
    block = [r for r in lines_of(tmp_path / "j") if isinstance(r, Run) and r.kind == "counted" and r.block == 1]
    assert [r.attempt for r in block] == [0, 1, 1]


def test_a_killed_session_is_closed_by_the_next_one(tmp_path: Path) -> None:
    made = plan(3)
    carry_out(tmp_path / "j", made, Program())
    content = (tmp_path / "j").read_bytes().splitlines(keepends=True)
    # session, two warm-ups, block 0 (two runs, end), one run of block 1 and a torn line
    (tmp_path / "j").write_bytes(b"".join(content[:7]) + content[7][:30])
    events = carry_out(tmp_path / "j", made, Program())
    assert events[0] == BlockInterrupted(block=1, attempt=0)
    assert isinstance(events[1], SessionStarted)
    assert events[1].blocks_done == 1
    assert len(used_runs(lines_of(tmp_path / "j"))) == 6


def test_a_disturbed_spin_repeats_the_whole_block_and_not_for_ever(tmp_path: Path) -> None:
    state = {"seconds": 0.020}
    runs = {"n": 0}

    def program(launch: Launch, options: RunOptions) -> ProcessRecord:
        runs["n"] += 1
        if runs["n"] > 4:  # from block 1 on
            state["seconds"] *= 1.5
        return record()

    made = plan(2, max_repeats=2)
    events = carry_out(tmp_path / "j", made, program, steady(lambda: state["seconds"]))
    assert [type(e) for e in events if isinstance(e, BlockRepeated)] == [BlockRepeated, BlockRepeated]
    lines = lines_of(tmp_path / "j")
    ends = [(e.block, e.attempt, e.status) for e in lines if isinstance(e, BlockEnd)]
    assert ends == [(0, 0, "complete"), (1, 0, "repeat"), (1, 1, "repeat"), (1, 2, "complete")]
    assert "kept" in next(e.reason for e in lines if isinstance(e, BlockEnd) and (e.block, e.attempt) == (1, 2))
    used = used_runs(lines)
    assert [(r.block, r.attempt) for r in used] == [(0, 0), (0, 0), (1, 2), (1, 2)]
    last = [e for e in events if isinstance(e, BlockEnded)][-1]
    assert (last.blocks_done, last.counted_runs, last.repeated) == (2, 4, 2)


def test_one_bad_spin_between_two_blocks_speaks_against_one_attempt_only(tmp_path: Path) -> None:
    spins = iter([0.02] * 14 + [0.09])  # wake, baseline of nine, before + two warm-ups + first run: then one bad spin
    events = carry_out(tmp_path / "j", plan(3), Program(), steady(lambda: next(spins, 0.02)))
    assert sum(isinstance(e, BlockRepeated) for e in events) == 1


def test_repeats_are_limited_over_all_sessions_together(tmp_path: Path) -> None:
    made = plan(1, max_repeats=1)
    journal = Journal(tmp_path / "j")
    journal.append(Session(started_at=0, host_name="h"))
    journal.append(BlockEnd(block=0, attempt=0, status="repeat"))
    journal.close()
    spins = iter([0.02] * 10)
    carry_out(tmp_path / "j", made, Program(), steady(lambda: next(spins, 0.2)))
    ends = [(e.attempt, e.status) for e in lines_of(tmp_path / "j") if isinstance(e, BlockEnd)]
    assert ends == [(0, "repeat"), (1, "complete")]


@pytest.mark.parametrize("outcome", ["exit", "signal", "oom", "timeout"])
def test_failures_are_rows_and_repeat_nothing(tmp_path: Path, outcome: Outcome) -> None:
    def program(launch: Launch, options: RunOptions) -> ProcessRecord:
        return record(outcome) if launch.argv[0] == "b" else record()

    carry_out(tmp_path / "j", plan(3), program)
    used = used_runs(lines_of(tmp_path / "j"))
    assert [r.outcome for r in used if r.variant == "b"] == [outcome] * 3
    assert len(used) == 6


def test_a_slow_run_is_kept(tmp_path: Path) -> None:
    seconds = iter([0.1, 0.1, 0.1, 0.1, 60.0, 0.1])

    def program(launch: Launch, options: RunOptions) -> ProcessRecord:
        return ProcessRecord(started_at=time.time(), seconds=next(seconds), outcome="ok")

    carry_out(tmp_path / "j", plan(2), program)
    assert sorted(r.seconds for r in used_runs(lines_of(tmp_path / "j"))) == [0.1, 0.1, 0.1, 60.0]


def test_a_number_that_is_none_is_missing_and_named(tmp_path: Path) -> None:
    def program(launch: Launch, options: RunOptions) -> ProcessRecord:
        return record("ok", Sample("wall", 0.1, "s"), Sample("ns/op", float("nan"), "ns/op"))

    carry_out(tmp_path / "j", plan(1), program)
    run = used_runs(lines_of(tmp_path / "j"))[0]
    assert [s.metric for s in run.samples] == ["wall"]
    assert any("ns/op" in note for note in run.notes)


def test_blocks_take_layouts_in_turn(tmp_path: Path) -> None:
    made, journal = plan(5), Journal(tmp_path / "j")
    execute(made, arms(made, layouts=3), Program(), OPTIONS, journal, calibrator=steady())
    assert [r.layout_seed for r in used_runs(journal.read()) if r.variant == "a"] == [0, 1, 2, 0, 1]


def test_neighbouring_runs_share_the_spin_between_them(tmp_path: Path) -> None:
    count = iter(range(10**6))
    carry_out(tmp_path / "j", plan(2), Program(), steady(lambda: 0.02 + next(count) * 1e-9))
    runs = [r for r in lines_of(tmp_path / "j") if isinstance(r, Run)]
    assert all(a.calibration_after_s == b.calibration_before_s for a, b in pairwise(runs))


def test_looks_continue_one_session_and_warm_up_once(tmp_path: Path) -> None:
    made, program, journal = plan(4), Program(), Journal(tmp_path / "j")
    execution = Execution(made, arms(made), program, OPTIONS, journal, calibrator=steady())
    execution.run_until(2)
    assert execution.blocks_done == 2
    execution.run_until(4)
    lines = journal.read()
    assert sum(isinstance(line, Session) for line in lines) == 1
    assert [r.kind for r in lines if isinstance(r, Run)].count("warmup") == 2


def test_a_pilot_is_run_once_and_never_counted(tmp_path: Path) -> None:
    made, program = plan(2), Program()
    for _ in range(2):
        journal = Journal(tmp_path / "j")
        pilot = Execution(made, arms(made), program, OPTIONS, journal, calibrator=steady()).run_pilot()
        journal.close()
        assert [(r.kind, r.variant) for r in pilot] == [("pilot", "a"), ("pilot", "b")]
    assert len(program.calls) == 2
    assert used_runs(lines_of(tmp_path / "j")) == []


def test_later_sessions_do_the_calibration_work_of_the_first(tmp_path: Path) -> None:
    made = plan(4)
    with pytest.raises(KeyboardInterrupt):
        journal = Journal(tmp_path / "j")
        execute(made, arms(made), Program(fail_at=3), OPTIONS, journal, calibrator=Calibrator((0,), iterations=1234))
    journal.close()
    second = Journal(tmp_path / "j")
    execute(made, arms(made), Program(), OPTIONS, second)
    sessions = [line for line in second.read() if isinstance(line, Session)]
    assert [s.calibration["iterations"] for s in sessions] == [1234, 1234]


def test_arms_of_another_plan_are_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not the plan's variants"):
        execute(plan(), arms(plan(variants=("a", "c"))), Program(), OPTIONS, Journal(tmp_path / "j"))


DRIVER = """
import subprocess, sys, time
from pathlib import Path
from whence.measure.lab.calibrate import Calibrator
from whence.measure.lab.executor import execute
from whence.measure.lab.launch import Arm, Launch, ProcessRecord, RunOptions
from whence.measure.lab.plan import make_plan
from whence.store.journal import Journal

def run(launch, options):
    began = time.time()
    subprocess.run(launch.argv, check=True)
    return ProcessRecord(started_at=began, seconds=time.time() - began, outcome="ok")

plan = make_plan(variants=("a", "b"), pairs=12, seed=3, metrics=("wall",), warmup=0, max_repeats=0)
arms = [Arm(variant=v, launches=(Launch(argv=("sleep", "0.003")),)) for v in plan.variants]
calibrator = Calibrator((), iterations=1000, baseline_spins=1)
execute(plan, arms, run, RunOptions(), Journal(Path(sys.argv[1])), calibrator=calibrator)
"""


@pytest.mark.real
def test_killed_at_random_moments_it_loses_at_most_the_run_in_flight(tmp_path: Path) -> None:
    rng = random.Random(11)
    path = tmp_path / "j"
    words = [sys.executable, "-c", DRIVER, str(path)]
    known: set[str] = set()
    complete: set[tuple[int, int]] = set()
    kills = 0
    for _ in range(12):
        session = subprocess.Popen(words, stderr=subprocess.DEVNULL, start_new_session=True)
        wanted = path.stat().st_size + rng.randrange(1, 1200) if path.exists() else 1
        while session.poll() is None and (not path.exists() or path.stat().st_size < wanted):
            time.sleep(0.001)
        time.sleep(rng.random() * 0.02)
        if session.poll() is None:
            os.killpg(session.pid, signal.SIGKILL)
            kills += 1
        session.wait()
        lines = Journal(path).inspect()
        assert not lines.damaged
        ids = {line.id for line in lines.lines if isinstance(line, Run)}
        assert known <= ids, "a run that was written is gone"
        known = ids
        complete = {
            (line.block, line.attempt)
            for line in lines.lines
            if isinstance(line, BlockEnd) and line.status == "complete"
        } | complete
    assert kills >= 3
    subprocess.run(words, check=True)
    lines = Journal(path).read()
    used = used_runs(lines)
    assert [r.block for r in used] == [block for block in range(12) for _ in "ab"]
    assert complete <= {(r.block, r.attempt) for r in used}, "a complete block was measured again"
    interrupted = [line for line in lines if isinstance(line, BlockEnd) and line.status == "interrupted"]
    assert len(interrupted) <= kills
