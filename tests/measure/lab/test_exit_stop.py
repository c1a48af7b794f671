"""The exit stop: only the end of the process counts, whichever of its threads brings it about."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from whence.measure.lab.exit_stop import TraceForbidden, Tracer, is_zombie, tasks
from whence.measure.lab.launch import Launch, ProcessRecord, RunOptions
from whence.measure.lab.process import run_process

MIB = 1 << 20
Read = Callable[[ProcessRecord, str], float | None]
Program = Callable[[str], str]

pytestmark = pytest.mark.real


def test_threads_that_end_are_no_end_of_the_process(program: Program, read: Read) -> None:
    for _ in range(3):
        rss = read(run_process(Launch(argv=(program("threads_end"),)), RunOptions(timeout_s=5)), "rss")
        assert rss is not None and 30 * MIB <= rss <= 33 * MIB


def test_a_first_thread_that_leaves_early_hands_over_to_those_that_stay(program: Program, read: Read) -> None:
    for _ in range(3):
        record = run_process(Launch(argv=(program("leader_leaves"),)), RunOptions(timeout_s=5))
        rss = read(record, "rss")
        assert record.outcome == "ok" and rss is not None and 30 * MIB <= rss <= 33 * MIB


def test_a_thread_that_executes_another_program_is_no_end_of_the_process(program: Program, read: Read) -> None:
    argv = (program("thread_executes"), program("allocate"), "25")
    records = [run_process(Launch(argv=argv), RunOptions(timeout_s=5)) for _ in range(4)]
    readings = [rss for record in records if (rss := read(record, "rss")) is not None]
    assert all(record.outcome == "ok" for record in records)
    assert readings  # on a busy host one may be too old to count; none may be of the wrong program
    assert all(25 * MIB <= rss <= 27 * MIB for rss in readings)


def test_a_process_that_is_gone_cannot_be_seized() -> None:
    with pytest.raises(TraceForbidden, match="No such process"):
        Tracer(2**22 - 1, lambda *_: None).seize()


def test_a_process_that_is_gone_has_no_threads() -> None:
    assert tasks(2**22 - 1) == [] and is_zombie(2**22 - 1, 2**22 - 1)
