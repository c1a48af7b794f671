"""Blocks from other hosts: written down whole with their host, behind what was lost, by the bytes that were sent."""

from __future__ import annotations

import os
import platform
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest

from whence.evidence.comparison import Plan
from whence.evidence.errors import BadInput, UnusableEnvironment
from whence.evidence.request import Request
from whence.evidence.run import BlockEnd, Run, Session, used_runs
from whence.evidence.subject import parse_subject
from whence.measure import block_elsewhere, spreading
from whence.measure.block_elsewhere import Asked, Spread, run_block
from whence.measure.executing.tasks import Done, Loss, Task
from whence.measure.lab.events import BlockEnded, BlockInterrupted
from whence.measure.lab.host_shift import host_warnings
from whence.measure.lab.launch import Arm, Launch, RunOptions
from whence.measure.lab.plan import make_plan
from whence.measure.prepare import sha256_of
from whence.measure.settle import settle
from whence.measure.spreading import SpreadExecution
from whence.measure.summary import host_report
from whence.store.journal import Journal

SUBJECT = parse_subject("exec:", ("./prog",))


def plan(pairs: int = 3) -> Plan:
    return make_plan(variants=("a", "b"), pairs=pairs, seed=7, metrics=("rss",), max_repeats=0)


def arms(program: str = "./prog", digest: str | None = None, cwd: Path | None = None) -> tuple[Arm, ...]:
    launch = Launch(argv=(program,), binary_sha256=digest, cwd=cwd)
    return tuple(Arm(variant=name, launches=(launch,)) for name in ("a", "b"))


def run(variant: str, block: int, attempt: int, kind: str = "counted") -> Run:
    return Run(
        id=f"{kind[0]}{block}.{attempt}.{variant}", kind=kind, variant=variant, block=block, attempt=attempt,  # type: ignore[arg-type]
        started_at=1e9 + block, seconds=0.1, outcome="ok", host_name="inside",
    )  # fmt: skip


class Elsewhere:
    """An executor whose hosts are scripted: which host measures a block, and which were lost over it before."""

    def __init__(self, script: dict[int, tuple[str, tuple[Loss, ...]]], stop_after: int | None = None) -> None:
        self.script, self.stop_after = script, stop_after
        self.asked: list[Asked] = []
        self._sessions: set[str] = set()

    def map(self, tasks: Sequence[Task]) -> Iterator[Done]:
        for number, task in enumerate(tasks):
            if number == self.stop_after:
                raise KeyboardInterrupt
            asked = task.payload
            assert isinstance(asked, Asked)
            self.asked.append(asked)
            host, losses = self.script[asked.block]
            lines: list[object] = []
            if host not in self._sessions:
                self._sessions.add(host)
                lines.append(Session(started_at=1e9, host_name="inside", calibration={"iterations": 5000.0}))
                lines += [run(name, 0, 0, "warmup") for name in ("a", "b")]
            lines += [run(name, asked.block, asked.attempts) for name in ("a", "b")]
            lines.append(BlockEnd(block=asked.block, attempt=asked.attempts, status="complete"))
            yield Done(task, tuple(lines), host, losses)


def carried_out(path: Path, made: Plan, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    monkeypatch.setattr(spreading, "open_executor", lambda *rest, **options: elsewhere)
    events: list[object] = []
    journal = Journal(path)
    try:
        SpreadExecution(
            made, arms(), SUBJECT, RunOptions(), journal, sent=False, cluster="ray", address=None,
            on_event=events.append,
        ).run_until(made.pairs)  # fmt: skip
    finally:
        journal.close()
    return events


def test_every_block_is_whole_on_one_host_and_every_run_says_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = carried_out(tmp_path / "j", plan(), Elsewhere({0: ("x", ()), 1: ("y", ()), 2: ("x", ())}), monkeypatch)
    lines = Journal(tmp_path / "j").read()
    hosts = {block: {r.host_name for r in used_runs(lines) if r.block == block} for block in range(3)}
    assert hosts == {0: {"x"}, 1: {"y"}, 2: {"x"}}
    assert [line.host_name for line in lines if isinstance(line, Session)] == ["x", "y"]
    assert len({line.id for line in lines if isinstance(line, Run)}) == 10
    assert [e.blocks_done for e in events if isinstance(e, BlockEnded)] == [1, 2, 3]
    assert host_report(lines, times=False).blocks_by_host == {"x": 2, "y": 1}
    assert any("measured on 2 hosts (x, y)" in text for text in host_warnings(lines))


def test_a_block_whose_host_was_lost_is_an_interrupted_attempt_and_then_a_whole_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = (Loss("y", "ActorDiedError on y"),)
    events = carried_out(tmp_path / "j", plan(2), Elsewhere({0: ("x", ()), 1: ("x", lost)}), monkeypatch)
    lines = Journal(tmp_path / "j").read()
    ends = [(e.block, e.attempt, e.status, e.reason) for e in lines if isinstance(e, BlockEnd)]
    assert ends == [
        (0, 0, "complete", ""),
        (1, 0, "interrupted", "host y was lost inside this block (ActorDiedError on y)"),
        (1, 1, "complete", ""),
    ]
    assert [(r.block, r.attempt, r.variant) for r in used_runs(lines)] == [
        (0, 0, "a"), (0, 0, "b"), (1, 1, "a"), (1, 1, "b"),
    ]  # fmt: skip
    assert [e for e in events if isinstance(e, BlockInterrupted)] == [BlockInterrupted(block=1, attempt=0)]


def test_interrupted_it_goes_on_with_what_is_missing_and_counts_attempts_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts = dict.fromkeys(range(4), ("x", ()))
    with pytest.raises(KeyboardInterrupt):
        carried_out(tmp_path / "j", plan(4), Elsewhere(hosts, stop_after=2), monkeypatch)
    torn = Journal(tmp_path / "j")
    torn.append(run("a", 2, 0))
    torn.close()
    again = Elsewhere(hosts)
    carried_out(tmp_path / "j", plan(4), again, monkeypatch)
    assert again.asked == [Asked(2, 1, 0), Asked(3, 0, 0)]
    assert [r.block for r in used_runs(Journal(tmp_path / "j").read())] == [0, 0, 1, 1, 2, 2, 3, 3]


def test_calibration_on_a_host_repeats_the_work_of_its_first_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    carried_out(tmp_path / "j", plan(1), Elsewhere({0: ("x #2", ())}), monkeypatch)
    assert spreading._iterations(Journal(tmp_path / "j").read()) == {"x": 5000}


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program as it lies where the command was given, and a cache as that of another host."""
    monkeypatch.setenv("WHENCE_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "prog"
    path.write_text('#!/bin/sh\necho "BenchmarkSeen 1 ${GOGC:-100} gogc ${RAY_X:-0} ray"\n')
    path.chmod(0o755)
    return path


def spread(program: Path, **changes: object) -> Spread:
    digest = sha256_of(str(program))
    assert digest is not None
    whole = Spread(
        session="s", plan=plan(), arms=arms(str(program), digest), subject=parse_subject("./dir"),
        options=RunOptions(exit_stop=False), programs={digest: np.fromfile(program, np.uint8)},
        environment={"GOGC": "33"}, iterations={platform.node(): 4000}, machine=platform.machine(),
    )  # fmt: skip
    return whole._replace(**changes)


@pytest.mark.real
def test_a_host_without_the_program_runs_the_bytes_that_were_sent(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    block_elsewhere._sessions.clear()
    asked = spread(program)
    digest = sha256_of(str(program))
    program.unlink()
    monkeypatch.setenv("GOGC", "77")
    monkeypatch.setenv("RAY_X", "1")
    lines = run_block(asked, Asked(1, 2, 0))
    runs = [line for line in lines if isinstance(line, Run)]
    assert [(r.kind, r.block, r.attempt) for r in runs] == [
        ("warmup", 0, 0), ("warmup", 0, 0), ("counted", 1, 2), ("counted", 1, 2),
    ]  # fmt: skip
    sent = tmp_path / "cache" / "sent" / str(digest) / "prog"
    assert {r.command for r in runs} == {(str(sent),)}
    assert sha256_of(str(sent)) == digest
    assert sent.stat().st_mode & stat.S_IXUSR
    assert {(s.metric, s.value) for r in runs for s in r.samples if s.benchmark} == {("gogc", 33.0), ("ray", 0.0)}
    sessions = [line for line in lines if isinstance(line, Session)]
    assert [s.calibration["iterations"] for s in sessions] == [4000.0]
    more = run_block(asked, Asked(2, 0, 0))
    assert [type(line).__name__ for line in more] == ["Run", "Run", "BlockEnd"], "the session goes on"
    os.environ.pop("GOGC", None)


def test_a_host_with_another_program_folder_or_machine_is_refused_by_name(program: Path, tmp_path: Path) -> None:
    block_elsewhere._sessions.clear()
    installed = spread(program, programs={})
    program.write_text("#!/bin/sh\n")
    with pytest.raises(UnusableEnvironment, match=rf"^host {platform.node()} has another .*prog than the one here"):
        run_block(installed, Asked(0, 0, 0))
    elsewhere = spread(program)
    elsewhere = elsewhere._replace(
        arms=arms(str(program), sha256_of(str(program)), tmp_path / "gone"), session="folder"
    )
    with pytest.raises(UnusableEnvironment, match=rf"^host {platform.node()} has no folder .*gone"):
        run_block(elsewhere, Asked(0, 0, 0))
    with pytest.raises(UnusableEnvironment, match="the programs were built for riscv"):
        run_block(spread(program, machine="riscv"), Asked(0, 0, 0))


def test_where_it_is_measured_is_no_part_of_what_was_asked() -> None:
    asked = Request(variants=("a:", "b:X=1"), subject="exec:", arguments=("true",))
    there = msgspec.structs.replace(asked, cluster="ray", address="h:6379")
    assert there.differences(asked) == ()
    assert "--cluster ray --address h:6379" in there.command()
    assert msgspec.json.decode(msgspec.json.encode(asked), type=Request) == asked


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cluster": "slurm"}, "the only cluster known is ray"),
        ({"address": "h:6379"}, "Give --cluster ray with it"),
        ({"cluster": "ray", "keep_profiles": True}, "leaves its files on the hosts"),
    ],
)
def test_what_a_cluster_cannot_do_is_refused_before_anything_is_run(
    changes: dict[str, object], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("whence.measure.executing.clusters.find_spec", lambda name: object())
    asked = Request(variants=("a:", "b:X=1"), subject="exec:", arguments=("true",))
    with pytest.raises(BadInput, match=said):
        settle(msgspec.structs.replace(asked, **changes))
