"""Tasks give the same values on any number of workers, and a worker that dies costs time, never a result."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import work_of_tests as work

from whence.evidence.errors import BadInput
from whence.measure.executing import clusters
from whence.measure.executing.executor import open_executor
from whence.measure.executing.tasks import Task, TaskFailed, TaskFunction, TaskLost, WorkersUnusable

HERE = Path(__file__).resolve().parent
WEIGHTS = {"weights": np.linspace(0.0, 1.0, 100_001)}


def tasks(count: int) -> list[Task]:
    return [Task(f"task {number}", number) for number in range(count)]


def values(function: TaskFunction, shared: object, count: int, workers: int) -> dict[str, object]:
    with open_executor(function, shared, workers=workers) as executor:
        return {done.task.key: done.value for done in executor.map(tasks(count))}


def test_any_number_of_workers_gives_the_same_values() -> None:
    alone = values(work.weighed, WEIGHTS, 12, 1)
    assert len(set(alone.values())) == 12
    assert values(work.weighed, WEIGHTS, 12, 2) == alone
    assert values(work.weighed, WEIGHTS, 12, 5) == alone


def test_arrays_are_in_memory_once_and_cannot_be_written() -> None:
    found = values(work.place, WEIGHTS, 8, 2).values()
    assert {(writable, name) for writable, name, _ in found} == {(False, "/memfd:whence-shared (deleted)")}  # type: ignore[misc]
    assert len({pid for _, _, pid in found}) == 2  # type: ignore[misc]


def test_an_array_mapped_from_a_file_is_mapped_from_it_in_the_workers_too(tmp_path: Path) -> None:
    (tmp_path / "column").write_bytes(b"\0" * 64 + np.arange(1000.0).tobytes())
    mapped = np.memmap(tmp_path / "column", "<f8", "r", 64, (1000,))
    assert {name for _, name, _ in values(work.place, {"weights": mapped}, 2, 1).values()} == {  # type: ignore[misc]
        str(tmp_path / "column")
    }
    part = values(work.weighed, {"weights": mapped[10:20]}, 1, 1)
    assert part == values(work.weighed, {"weights": np.arange(10.0, 20.0)}, 1, 1)


def test_tasks_of_killed_workers_are_done_by_others_and_no_other_task_is_done_twice(tmp_path: Path) -> None:
    with open_executor(work.dies_once, str(tmp_path), workers=2) as executor:
        done = {d.task.payload: d for d in executor.map(tasks(7))}
    assert {payload: d.value for payload, d in done.items()} == {n: n * n for n in range(7)}
    assert {payload: len(d.losses) for payload, d in done.items()} == {n: int(n % 3 == 0) for n in range(7)}
    assert {n: len((tmp_path / str(n)).read_text()) for n in range(7)} == {n: 1 + int(n % 3 == 0) for n in range(7)}
    assert all("SIGKILL" in loss.reason for d in done.values() for loss in d.losses)


def test_a_task_that_kills_every_worker_is_given_up_and_named() -> None:
    with pytest.raises(TaskLost, match=r"^task 0: 3 workers died over it \(the last: killed by SIGKILL"):
        values(work.dies_always, None, 1, 2)


def test_what_a_task_says_to_people_reaches_them_and_a_surprise_names_the_task() -> None:
    with open_executor(work.fails, None, workers=1) as executor, pytest.raises(BadInput, match=r"^the task says what"):
        list(executor.map([Task("first", "bad")]))
    with (
        open_executor(work.fails, None, workers=1) as executor,
        pytest.raises(TaskFailed, match=r"^second: ") as caught,
    ):
        list(executor.map([Task("second", "odd")]))
    assert "in fails" in caught.value.traceback


def test_an_executor_takes_more_tasks_after_the_first() -> None:
    with open_executor(work.weighed, WEIGHTS, workers=2) as executor:
        first = [done.value for done in executor.map(tasks(1))]
        assert [done.value for done in executor.map(tasks(1))] == first
        assert list(executor.map([])) == []


def test_what_a_task_prints_stays_out_of_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    values(work.prints, None, 1, 1)
    said = capfd.readouterr()
    assert said.out == ""
    assert "noise" in said.err


def test_workers_that_cannot_start_are_an_error_not_a_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whence.measure.executing.pool._COMMAND", "import sys; sys.exit(7)")
    with pytest.raises(WorkersUnusable, match=r"3 workers in a row could not be started \(it ended with 7\)"):
        values(work.weighed, WEIGHTS, 1, 1)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
def test_nothing_is_left_running_when_the_command_ends(tmp_path: Path, how: signal.Signals) -> None:
    script = (
        f"import sys; sys.path.append({str(HERE)!r})\n"
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import work_of_tests as work\n"
        "from whence.measure.executing.executor import open_executor\n"
        "from whence.measure.executing.tasks import Task\n"
        f"with open_executor(work.sleeps, {str(tmp_path)!r}, workers=2) as executor:\n"
        "    list(executor.map([Task(str(n), n) for n in range(4)]))\n"
    )
    command = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL)
    written = [tmp_path / "pid0", tmp_path / "pid1"]
    while not all(path.exists() and path.read_text() for path in written):
        assert command.poll() is None
        time.sleep(0.01)
    workers = [int(path.read_text()) for path in written]
    command.send_signal(how)
    command.wait()
    until = time.monotonic() + 20
    while any(alive(pid) for pid in workers) and time.monotonic() < until:
        time.sleep(0.01)
    assert not any(alive(pid) for pid in workers)
    assert not (tmp_path / "pid2").exists()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_ray_is_imported_only_when_it_is_asked_for() -> None:
    script = (
        "import sys\n"
        "from operator import mul\n"
        "from whence.measure.executing.executor import open_executor\n"
        "from whence.measure.executing.tasks import Task\n"
        "with open_executor(mul, 6, workers=1) as executor:\n"
        "    assert [done.value for done in executor.map([Task('t', 7)])] == [42]\n"
        "assert 'ray' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, env={**os.environ})


def test_without_ray_one_line_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "find_spec", lambda name: None)
    with pytest.raises(clusters.ClusterMissing, match=r'Run: pip install "whence\[cluster\]"$'):
        open_executor(work.weighed, WEIGHTS, cluster="ray")
    with pytest.raises(BadInput, match="the only cluster known is ray"):
        open_executor(work.weighed, WEIGHTS, cluster="slurm")
