"""The process of one worker: takes a task, answers, until nobody asks any more. Started by `pool`."""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import sys
import traceback
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from whence.measure.executing.sharing import get
from whence.measure.executing.tasks import Failure

READY = "ready"
_SET_PARENT_DEATH_SIGNAL = 1


def main(socket: int, memory: int, parent: int) -> None:
    """Answers READY once function and shared object are loaded, then (value, failure) to each payload."""
    _die_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.dup2(2, 1)  # what a task prints must not end up among the results of the command
    line = Connection(socket)
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        try:
            function, shared = pickle.loads(line.recv_bytes()), get(memory)
        except Exception as error:
            line.send_bytes(dumped((None, Failure(error, traceback.format_exc()))))
            return
        line.send_bytes(dumped(READY))
        while True:
            line.send_bytes(dumped(answer(function, shared, pickle.loads(line.recv_bytes()))))


def import_path() -> list[str]:
    """Returns where this process finds its modules, for one that is started elsewhere."""
    return [path or str(Path.cwd()) for path in sys.path]


def answer(function: object, shared: object, payload: object) -> tuple[object, Failure | None]:
    """Returns (value, None), or (None, failure) for a task that raised."""
    try:
        return function(shared, payload), None  # type: ignore[operator]
    except Exception as error:
        return None, Failure(error, traceback.format_exc())


def dumped(reply: object) -> bytes:
    """Returns the pickled reply; where it cannot be pickled, one that says so."""
    try:
        data = pickle.dumps(reply, protocol=5)
        if isinstance(reply, tuple) and reply[1] is not None:
            pickle.loads(data)  # an exception may be pickled and still not be made again from it
        return data
    except Exception as error:
        failure = reply[1] if isinstance(reply, tuple) else None
        cause = failure.error if failure is not None else error
        told = RuntimeError(f"{type(cause).__name__}: {cause}")
        return pickle.dumps((None, Failure(told, failure.traceback if failure is not None else "")), protocol=5)


def _die_with(parent: int) -> None:
    """Has the kernel kill this process when the one that started it is gone, however it went."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
