"""Workers that are processes of this host, each a fresh interpreter.

They are not forked from this process, whose threads and locks they would inherit, and not in its foreground group: an
interruption from the terminal reaches the command alone, which then ends them. A worker that dies is noticed by the
end of its line, and another is started.
"""

from __future__ import annotations

import os
import pickle
import platform
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait

from whence.evidence.errors import BadInput
from whence.measure.executing.crew import Death, Reply
from whence.measure.executing.sharing import put
from whence.measure.executing.tasks import Task, TaskFunction, WorkersUnusable, error_of
from whence.measure.executing.worker import READY, import_path

MOST_FAILED_STARTS = 3
_COMMAND = "from whence.measure.executing.worker import main; import sys; main(*map(int, sys.argv[1:]))"
_OVER_S = 5.0


class _Worker:
    """A process and the line to it."""

    def __init__(self, name: str, function: bytes, memory: int) -> None:
        self.name = name
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-c", _COMMAND, str(theirs.fileno()), str(memory), str(os.getpid())],
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(), memory),
                env={**os.environ, "PYTHONPATH": os.pathsep.join(import_path())},
                process_group=0,
            )
        self.line = Connection(ours.detach())
        self.ready = False
        self.busy = False
        with suppress(OSError):
            self.line.send_bytes(function)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.line.close()
        self.process.wait()

    def reason(self) -> str:
        """Returns how it ended, in words, after waiting for it to end."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(_OVER_S)
        status = self.process.poll()
        if status is None:
            return "it no longer answers"
        if status < 0:
            memory = ", as the kernel does when memory runs out" if status == -signal.SIGKILL else ""
            return f"killed by {signal.Signals(-status).name}{memory}"
        return f"it ended with {status}"


class ProcessCrew:
    """`Crew` of processes; see `open_executor`."""

    def __init__(self, function: TaskFunction, shared: object, *, workers: int | None = None) -> None:
        """Starts nothing yet. Raises BadInput for a number of workers below one."""
        if workers is not None and workers < 1:
            raise BadInput(f"--workers {workers}: at least one worker is needed.")
        self.size = workers or len(os.sched_getaffinity(0))
        self._function, self._shared = function, shared
        self._memory = -1
        self._text = b""
        self._workers: dict[str, _Worker] = {}
        self._started = 0
        self._failed_starts = 0

    def open(self) -> None:
        """Lays what is shared into memory. Workers start with the first tasks."""
        if self._function.__module__ == "__main__":
            raise ValueError(f"{self._function.__qualname__} must be in a module that workers can import")
        self._text = pickle.dumps(self._function)
        try:
            self._memory = put(self._shared)
        except OSError as error:
            raise WorkersUnusable(f"no memory for what workers share ({error.strerror}). Free some.") from error

    def idle(self, wanted: int) -> Sequence[str]:
        busy = sum(worker.busy for worker in self._workers.values())
        while len(self._workers) < min(self.size, busy + wanted):
            self._started += 1
            name = f"worker {self._started}"
            self._workers[name] = _Worker(name, self._text, self._memory)
        return [worker.name for worker in self._workers.values() if not worker.busy][:wanted]

    def host_of(self, worker: str) -> str:
        return platform.node()

    def give(self, worker: str, task: Task) -> None:
        handle = self._workers[worker]
        handle.busy = True
        with suppress(OSError):  # a worker that is gone is found by `wait`
            handle.line.send_bytes(pickle.dumps(task.payload, protocol=5))

    def wait(self) -> Sequence[Reply | Death]:
        by_line = {worker.line: worker for worker in self._workers.values()}
        happened = [self._hear(by_line[line]) for line in wait(list(by_line), timeout=1.0) if line in by_line]  # type: ignore[index]
        return [event for event in happened if event is not None]

    def _hear(self, worker: _Worker) -> Reply | Death | None:
        try:
            said = pickle.loads(worker.line.recv_bytes())
        except (EOFError, OSError):
            return self._bury(worker)
        if said == READY:
            worker.ready, self._failed_starts = True, 0
            return None
        value, failure = said
        if not worker.ready:
            raise error_of("starting a worker", failure)
        worker.busy = False
        return Reply(worker.name, value, failure)

    def _bury(self, worker: _Worker) -> Death:
        reason = worker.reason()
        worker.kill()
        del self._workers[worker.name]
        if not worker.ready:
            self._failed_starts += 1
            if self._failed_starts >= MOST_FAILED_STARTS:
                raise WorkersUnusable(
                    f"{self._failed_starts} workers in a row could not be started ({reason}). "
                    "Look for its message above; use fewer --workers if memory is short."
                )
            time.sleep(0.1 * self._failed_starts)
        return Death(worker.name, reason)

    def abandon(self) -> None:
        for worker in [worker for worker in self._workers.values() if worker.busy]:
            worker.kill()
            del self._workers[worker.name]

    def close(self) -> None:
        for worker in self._workers.values():
            worker.kill()
        self._workers.clear()
        if self._memory >= 0:
            os.close(self._memory)
            self._memory = -1
