"""What an executor asks of a set of workers, wherever they are: few verbs, so losses are handled in one place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from whence.measure.executing.tasks import Failure, Task


class Reply(NamedTuple):
    """A worker finished what it was given: a value, or a failure."""

    worker: str
    value: object
    failure: Failure | None = None


class Death(NamedTuple):
    """A worker is gone, with what it was given. Never heard of again."""

    worker: str
    reason: str


class Crew(Protocol):
    """Workers that hold the function and what is shared. Each takes one task at a time."""

    @property
    def size(self) -> int:
        """Workers wanted."""
        ...

    def open(self) -> None:
        """Prepares everything that workers share. Raises WorkersUnusable."""
        ...

    def idle(self, wanted: int) -> Sequence[str]:
        """Returns at most `wanted` workers that can take a task, after starting what is missing to `size`.

        Raises WorkersUnusable when they die as soon as they are started.
        """
        ...

    def host_of(self, worker: str) -> str:
        """Returns the name of an idle or busy worker's host; no two hosts have the same."""
        ...

    def give(self, worker: str, task: Task) -> None:
        """Gives an idle worker a task."""
        ...

    def wait(self) -> Sequence[Reply | Death]:
        """Returns what happened, after waiting until something did; may be empty after a while."""
        ...

    def abandon(self) -> None:
        """Ends every worker that has a task, without waiting for it."""
        ...

    def close(self) -> None:
        """Ends all workers and frees what they share."""
        ...
