"""The executor: gives tasks to a crew of workers, those of workers that died to others, and results as they come."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

from whence.measure.executing import clusters
from whence.measure.executing.crew import Crew, Death
from whence.measure.executing.tasks import Done, Loss, Task, TaskFunction, TaskLost, error_of

MOST_LOSSES = 3
"""A task over which so many workers died is not tried again: it is the task that kills them."""


class Executor:
    """Spreads tasks over a crew. A context manager: leaving it ends the workers, whatever they are doing."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew

    @property
    def workers(self) -> int:
        """Tasks that are worked on at a time."""
        return self.crew.size

    def __enter__(self) -> Self:
        try:
            self.crew.open()
        except BaseException:
            self.crew.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.crew.close()

    def map(self, tasks: Sequence[Task]) -> Iterator[Done]:
        """Yields every task once it is done, in order of completion. Whoever stops taking them cancels the rest.

        A worker that is killed costs the time of its task, no result: another worker takes the task. Raises TaskLost
        when workers keep dying over one task, the error of a task that raised one of Whence's, TaskFailed for
        any other, WorkersUnusable when none can be started.
        """
        waiting = deque(tasks)
        given: dict[str, tuple[Task, str]] = {}
        losses: dict[str, list[Loss]] = {}
        try:
            while waiting or given:
                for worker in self.crew.idle(len(waiting)):
                    given[worker] = waiting.popleft(), self.crew.host_of(worker)
                    self.crew.give(worker, given[worker][0])
                for event in self.crew.wait():
                    if event.worker not in given:
                        continue
                    task, host = given.pop(event.worker)
                    if isinstance(event, Death):
                        losses.setdefault(task.key, []).append(Loss(host, event.reason))
                        _check_losses(task, losses[task.key])
                        waiting.appendleft(task)
                        continue
                    if event.failure is not None:
                        raise error_of(task.key, event.failure)
                    yield Done(task, event.value, host, tuple(losses.get(task.key, ())))
        finally:
            if given:
                self.crew.abandon()


def _check_losses(task: Task, losses: Sequence[Loss]) -> None:
    if len(losses) < MOST_LOSSES:
        return
    raise TaskLost(
        f"{task.key}: {len(losses)} workers died over it (the last: {losses[-1].reason}). "
        "If memory ran out, use fewer --workers or a bigger host."
    )


def open_executor(
    function: TaskFunction,
    shared: object,
    *,
    workers: int | None = None,
    cluster: str | None = None,
    address: str | None = None,
    whole_hosts: bool = False,
) -> Executor:
    """Returns an executor, not yet entered, whose tasks are `function(shared, payload)`.

    shared: any picklable object; its NumPy arrays are there once a node and read-only. workers: None for one a CPU.
    cluster: None for processes of this host, `ray` for a Ray cluster at `address` (None: a cluster on this host alone,
    started for this). whole_hosts: one worker a host, which has it for itself. Raises BadInput, WorkersUnusable.
    """
    if cluster is None:
        from whence.measure.executing.pool import ProcessCrew

        return Executor(ProcessCrew(function, shared, workers=workers))
    clusters.check(cluster)
    from whence.measure.executing.ray_crew import RayCrew

    return Executor(RayCrew(function, shared, workers=workers, address=address, whole_hosts=whole_hosts))
