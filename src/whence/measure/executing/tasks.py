"""What is spread over workers and what comes back: the nouns of this room, and its errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from whence.evidence.errors import UnusableEnvironment, WhenceError

TaskFunction = Callable[[Any, Any], Any]
"""(shared, payload) → value. A function of a module, found by its name in every worker. Whatever is random in it is
seeded by the payload, never by who computes it or when: then any number of workers gives the same values."""


class Task(NamedTuple):
    """One piece of work. `key` names it in errors; `payload` and the value are pickled."""

    key: str
    payload: object


class Failure(NamedTuple):
    """A task that raised: its error, and the worker's traceback."""

    error: BaseException
    traceback: str


class Loss(NamedTuple):
    """A worker died with a task that was not finished; the task was given to another one."""

    host: str
    reason: str


class Done(NamedTuple):
    """A finished task."""

    task: Task
    value: object
    host: str
    losses: tuple[Loss, ...] = ()
    """Workers that died over it before."""


class TaskLost(UnusableEnvironment):
    """Every worker that took this task died."""


class WorkersUnusable(UnusableEnvironment):
    """Workers cannot be started."""


class TaskFailed(WhenceError):
    """A task raised something that no part of Whence foresaw. `traceback` is the worker's."""

    def __init__(self, message: str, traceback: str = "") -> None:
        super().__init__(message)
        self.traceback = traceback

    def __reduce__(self) -> tuple[type[TaskFailed], tuple[str, str]]:
        return TaskFailed, (str(self), self.traceback)


def error_of(key: str, failure: Failure) -> WhenceError:
    """Returns what is raised for a task that failed: Whence's own errors as they are, others in one line."""
    if isinstance(failure.error, WhenceError):
        return failure.error
    kind = type(failure.error).__name__
    return TaskFailed(f"{key}: unexpected {kind} in a worker: {failure.error}.", failure.traceback)
