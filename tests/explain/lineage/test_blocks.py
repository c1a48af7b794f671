"""The timed blocks: every part of every release once a block, resumed, and ended when the time is over."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from pathlib import Path

from whence.evidence.run import Run, Sample, used_runs
from whence.explain.lineage.blocks import run_blocks
from whence.explain.lineage.programs import Program
from whence.golang.build import Built
from whence.golang.toolchains import Toolchain
from whence.measure.lab.calibrate import Calibrator
from whence.measure.lab.launch import Launch, ProcessRecord, RunOptions
from whence.store.journal import Journal


def program(version: str) -> Program:
    root = Path("/go") / version
    built = Built(
        path=root / "program", sha256=version, size_bytes=1, seconds=0, cached=True, layout_seed=None, toolchain=version
    )
    return Program(toolchain=Toolchain(version=version, goroot=root, go=root / "go", origin="module"), built=built)


PROGRAMS = (program("1.2.2"), program("1.27.4"))


class MadeUpRunner:
    """Ends every process at once; fails as a killed session would after `until` runs."""

    def __init__(self, until: int = 1000) -> None:
        self.until, self.runs = until, 0

    def __call__(self, launch: Launch, options: RunOptions) -> ProcessRecord:
        self.runs += 1
        if self.runs > self.until:
            raise KeyboardInterrupt
        return ProcessRecord(started_at=0.0, seconds=0.1, outcome="ok", samples=(Sample("alloc-64-ns", 20.0, "ns"),))


def measure(path: Path, runner: MadeUpRunner, *, blocks: int, left_s: float = 1e9, seconds: float = 0.0) -> int:
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += seconds
        return now

    return run_blocks(
        PROGRAMS,
        Journal(path),
        blocks=blocks,
        seed=3,
        left_s=left_s,
        on_event=lambda event: None,
        runner=runner,
        calibrator=Calibrator((0,), iterations=1, spinner=lambda cpus, iterations: 0.02),
        clock=clock,
    )


def test_in_each_block_every_part_of_every_release_runs_once_with_a_spin_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    assert measure(path, MadeUpRunner(), blocks=3) == 3
    runs = used_runs(Journal(path).read())
    assert Counter(run.variant for run in runs) == {
        "1.2.2 cost": 3, "1.2.2 load": 3, "1.27.4 cost": 3, "1.27.4 load": 3,
    }  # fmt: skip
    assert all(run.calibration_before_s and run.calibration_after_s for run in runs)
    assert len({tuple(run.variant for run in runs if run.block == block) for block in range(3)}) > 1


def test_a_killed_session_is_gone_on_with_and_complete_blocks_are_not_measured_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with suppress(KeyboardInterrupt):
        measure(path, MadeUpRunner(until=6), blocks=3)
    again = MadeUpRunner()
    assert measure(path, again, blocks=3) == 3
    assert again.runs == 8
    assert len(used_runs(Journal(path).read())) == 12
    assert len([line for line in Journal(path).read() if isinstance(line, Run)]) == 14


def test_no_block_begins_that_would_not_fit_but_two_are_measured_in_any_case(tmp_path: Path) -> None:
    assert measure(tmp_path / "a.jsonl", MadeUpRunner(), blocks=9, left_s=0.0, seconds=10.0) == 2
    assert measure(tmp_path / "b.jsonl", MadeUpRunner(), blocks=9, left_s=75.0, seconds=10.0) == 3
