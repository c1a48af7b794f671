"""A Ray cluster gives the values that processes of this host give, and loses none when workers are killed."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import work_of_tests as work

from whence.measure.executing.executor import open_executor
from whence.measure.executing.tasks import Task, WorkersUnusable

pytestmark = [
    pytest.mark.real,
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install 'whence[cluster]'"),
]
WEIGHTS = {"weights": np.linspace(0.0, 1.0, 1_000_001)}


@pytest.fixture(scope="module", autouse=True)
def cluster():
    import ray

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield
    ray.shutdown()


def test_it_gives_the_same_values_as_processes_here() -> None:
    tasks = [Task(str(number), number) for number in range(12)]
    with open_executor(work.weighed, WEIGHTS, workers=2) as here:
        expected = {done.task.key: done.value for done in here.map(tasks)}
    with open_executor(work.weighed, WEIGHTS, cluster="ray", workers=2) as there:
        assert {done.task.key: done.value for done in there.map(tasks)} == expected


def test_arrays_are_in_the_object_store_and_cannot_be_written() -> None:
    with open_executor(work.place, WEIGHTS, cluster="ray", workers=2) as executor:
        found = [done.value for done in executor.map([Task(str(n), n) for n in range(8)])]
    assert {writable for writable, _, _ in found} == {False}  # type: ignore[misc]
    assert len({name for _, name, _ in found}) == 1  # type: ignore[misc]
    assert "plasma" in found[0][1]  # type: ignore[index]


def test_tasks_of_killed_workers_are_done_by_others(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with open_executor(work.dies_once, str(tmp_path), cluster="ray", workers=2) as executor:
        done = {d.task.payload: d for d in executor.map([Task(str(n), n) for n in range(5)])}
    assert {payload: d.value for payload, d in done.items()} == {n: n * n for n in range(5)}
    assert capfd.readouterr().out == ""
    assert {payload: len(d.losses) for payload, d in done.items()} == {n: int(n % 3 == 0) for n in range(5)}


def test_a_cluster_that_is_not_there_is_told_in_one_line() -> None:
    import ray

    ray.shutdown()
    with pytest.raises(WorkersUnusable, match=r"^no Ray cluster at 127\.0\.0\.1:1 .*ray start --head") as caught:
        open_executor(work.weighed, WEIGHTS, cluster="ray", address="127.0.0.1:1").__enter__()
    assert "\n" not in str(caught.value)
