"""Limits of CPU and memory: they hold, they end without a trace, and where they cannot be set that is said."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from whence.measure.lab import limits
from whence.measure.lab.launch import Launch, ProcessRecord, RunOptions
from whence.measure.lab.limits import CannotLimit, Limits, check
from whence.measure.lab.process import run_process

MIB = 1 << 20
Program = Callable[[str], str]
Read = Callable[[ProcessRecord, str], float | None]


@pytest.fixture
def can_limit() -> None:
    try:
        check(0.5, 64 * MIB)
    except CannotLimit as error:
        pytest.skip(f"SKIPPED: {error}")


def groups_of_this_lab() -> list[Path]:
    return [
        group
        for controller in ("cpu", "memory")
        for parent in limits.parents(controller)
        for group in parent.glob(f"whence-*-{os.getpid()}-*")
    ]


@pytest.mark.real
@pytest.mark.usefixtures("can_limit")
def test_a_memory_limit_that_is_hit_is_an_oom_and_not_a_signal(program: Program) -> None:
    allocate = program("allocate")
    record = run_process(Launch(argv=(allocate, "40"), memory_limit_bytes=16 * MIB), RunOptions())
    assert record.outcome == "oom" and record.samples == ()
    record = run_process(Launch(argv=(allocate, "40"), memory_limit_bytes=80 * MIB), RunOptions())
    assert record.outcome == "ok"
    assert groups_of_this_lab() == []


@pytest.mark.real
@pytest.mark.usefixtures("can_limit")
def test_a_child_that_is_killed_for_memory_makes_the_run_an_oom(program: Program) -> None:
    argv = ("/bin/sh", "-c", f"{program('allocate')} 40; exit 1")
    assert run_process(Launch(argv=argv, memory_limit_bytes=16 * MIB), RunOptions()).outcome == "oom"


@pytest.mark.real
@pytest.mark.usefixtures("can_limit")
def test_a_cpu_limit_holds_the_process_back_and_is_seen_in_the_record(read: Read) -> None:
    spin = "import time\nwhile time.process_time() < 0.3: pass"
    record = run_process(Launch(argv=("python3", "-S", "-c", spin), cpu_limit=0.25), RunOptions())
    assert record.outcome == "ok" and record.host["cpu-throttled-s"] > 0
    cpu, wall = read(record, "cpu"), read(record, "wall")
    assert cpu and wall and wall > cpu
    assert groups_of_this_lab() == []


@pytest.mark.real
@pytest.mark.usefixtures("can_limit")
def test_both_limits_together_and_a_timeout_leave_nothing_behind() -> None:
    launch = Launch(argv=("sleep", "600"), cpu_limit=0.5, memory_limit_bytes=64 * MIB)
    assert run_process(launch, RunOptions(timeout_s=0.2)).outcome == "timeout"
    assert groups_of_this_lab() == []


@pytest.mark.real
@pytest.mark.usefixtures("can_limit")
def test_groups_of_a_lab_that_was_killed_are_swept() -> None:
    parent = next(limits.parents("memory"))
    namespace = os.stat("/proc/self/ns/pid").st_ino  # noqa: PTH116
    left = parent / f"whence-{namespace}-{2**22 - 1}-1"
    stranger = parent / f"whence-{namespace + 1}-{2**22 - 1}-1"
    left.mkdir()
    stranger.mkdir()
    try:
        check(None, 64 * MIB)
        assert not left.exists() and stranger.exists()
    finally:
        stranger.rmdir()


def test_a_host_without_cgroups_is_refused_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "parents", lambda controller: iter(()))
    with pytest.raises(CannotLimit, match=r"memory= needs a cgroup.*no cgroup controller is mounted.*drop the limit"):
        check(None, 64 * MIB)
    check(None, None)


def version_2(parent: Path, controllers: str) -> Path:
    parent.mkdir(parents=True)
    (parent / "cgroup.controllers").write_text(controllers)
    (parent / "cgroup.subtree_control").write_text(controllers)
    return parent


def test_version_2_gets_its_own_files(tmp_path: Path) -> None:
    group = version_2(tmp_path / "group", "cpu memory")
    (group / "memory.swap.max").write_text("max")
    limits._limit_cpu(group, 0.5)
    limits._limit_memory(group, 64 * MIB)
    assert (group / "cpu.max").read_text() == "50000 100000"
    assert (group / "memory.max").read_text() == str(64 * MIB)
    assert (group / "memory.swap.max").read_text() == "0"
    (group / "memory.events").write_text("low 0\noom 1\noom_kill 1\n")
    assert limits._count(group / "memory.events", "oom_kill") == 1


def test_a_version_2_group_that_holds_processes_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    busy = version_2(tmp_path / "parent" / "busy", "")
    fit = tmp_path / "parent"
    (fit / "cgroup.controllers").write_text("cpu memory")
    (fit / "cgroup.subtree_control").write_text("cpu memory")

    def enable(parent: Path, *controllers: str) -> None:
        if parent == busy:
            raise OSError(16, "Device or resource busy", str(parent))

    monkeypatch.setattr(limits, "_enable", enable)
    monkeypatch.setattr(limits, "parents", lambda controller: iter((busy, fit)))
    made = Limits(None, 64 * MIB)
    (group,) = fit.glob("whence-*")
    assert (group / "memory.limit_in_bytes").exists() or (group / "memory.max").exists()
    for file in group.iterdir():
        file.unlink()
    made.remove()
    assert not group.exists()


def test_a_very_small_cpu_share_keeps_the_smallest_quota_the_kernel_takes(tmp_path: Path) -> None:
    group = version_2(tmp_path / "group", "cpu")
    limits._limit_cpu(group, 0.005)
    assert (group / "cpu.max").read_text() == "5000 1000000"


def test_the_own_group_and_its_ancestors_are_tried_in_turn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.setattr(limits, "_own_groups", lambda: {"": "/root/a/b"})
    monkeypatch.setattr(limits, "_mounts", lambda: {"": ("/root", tmp_path)})
    assert list(limits.parents("memory")) == [tmp_path / "a" / "b", tmp_path / "a", tmp_path]
