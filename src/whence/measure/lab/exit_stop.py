"""Stops a process at the last moment at which its memory can still be read: as it exits.

A tracer seizes the first thread of a process and asks to be told when it exits (`PTRACE_O_TRACEEXIT`). Whoever ends
the process (any thread calling `exit_group`, a fatal signal), its first thread passes that stop before it lets go of
the address space, so what is read there is exactly what the process held. Only the first thread is traced: signals
sent to the other threads (the Go runtime preempts with signals) are then delivered without a stop, which keeps the
effect on CPU time within the noise. Two exits of the first thread are no exits of the process, and are told apart by
the system call it is in: it leaves early while other threads go on, or another thread calls `execve`.

See ptrace(2), wait(2) and `kernel/exit.c`, `fs/exec.c` of Linux. All calls of one Tracer belong to one thread.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import signal
from collections.abc import Callable
from pathlib import Path

from whence.evidence.errors import UnusableEnvironment

PTRACE_CONT = 7
PTRACE_SEIZE = 0x4206
PTRACE_LISTEN = 0x4208
OPTION_TRACEFORK = 1 << 1
OPTION_TRACEVFORK = 1 << 2
OPTION_TRACECLONE = 1 << 3
OPTION_TRACEEXIT = 1 << 6
OPTION_EXITKILL = 1 << 20
EVENT_EXIT = 6
EVENT_STOP = 128
WALL = 0x40000000
"""Wait for children of every kind, threads included."""
WNOTHREAD = 0x20000000
"""Wait only for children and tracees of the calling thread: children that others started are not taken away."""

FIRST_THREAD = OPTION_TRACEFORK | OPTION_TRACEVFORK | OPTION_TRACEEXIT | OPTION_EXITKILL
EVERY_THREAD = FIRST_THREAD | OPTION_TRACECLONE

_STOP_SIGNALS = frozenset({signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU})
_EXIT_AND_EXECVE = {"x86_64": (60, frozenset({59, 322})), "aarch64": (93, frozenset({221, 281}))}
"""Numbers of the system calls `exit` (of one thread) and `execve`, `execveat`, by machine."""

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
_libc.ptrace.restype = ctypes.c_long

ExitStatus = tuple[int, resource.struct_rusage]
"""Status as wait(2) gives it, and what the process and its waited-for children used."""


class TraceForbidden(UnusableEnvironment):
    """This host does not let one process trace its own child (ptrace is filtered or switched off)."""


def _ptrace(request: int, pid: int, data: int = 0) -> int:
    """Returns 0, or the error number."""
    ctypes.set_errno(0)
    return 0 if _libc.ptrace(request, pid, None, data) == 0 else ctypes.get_errno()


class Tracer:
    """Traces one process from before its `execve` to its end. `on_exit(pid_or_tid, root)` runs while it is stopped.

    `root` is true for the exit of the process itself and false for that of a process it started.
    """

    def __init__(self, pid: int, on_exit: Callable[[int, bool], None], *, every_thread: bool = False) -> None:
        self.pid = pid
        self.stops = 0
        """How often the process was stopped: each costs it two context switches."""
        self._on_exit = on_exit
        self._options = EVERY_THREAD if every_thread else FIRST_THREAD
        self._followed = {pid}
        self._done = False

    def seize(self) -> None:
        """Attaches without stopping the process. Raises TraceForbidden."""
        error = _ptrace(PTRACE_SEIZE, self.pid, self._options)
        if error:
            raise TraceForbidden(
                f"ptrace of process {self.pid} is refused ({os.strerror(error)}). Allow it (SYS_PTRACE in containers, "
                "kernel.yama.ptrace_scope below 3), or memory is only sampled every 50 ms."
            )

    def follow(self) -> ExitStatus:
        """Passes every stop on until the process has ended and is reaped; blocks without using CPU."""
        while True:
            pid, status, usage = os.wait4(-1, WALL | WNOTHREAD)
            if os.WIFSTOPPED(status):
                self.stops += 1
                self._pass_on(pid, status)
            elif pid == self.pid:
                return status, usage
            else:
                self._followed.discard(pid)

    def release_rest(self) -> int:
        """Kills and reaps the traced processes that outlived the root; returns how many there were."""
        rest = self._followed - {self.pid}
        for pid in rest:
            kill(pid)
        while True:
            try:
                pid, status, _ = os.wait4(-1, WALL | WNOTHREAD)
            except ChildProcessError:
                return len(rest)
            if os.WIFSTOPPED(status):
                rest.add(pid)
                kill(pid)
                _ptrace(PTRACE_CONT, pid)

    def _pass_on(self, pid: int, status: int) -> None:
        event, number = status >> 16, os.WSTOPSIG(status)
        self._followed.add(pid)
        if event == EVENT_EXIT:
            successors, options = self._exit(pid)
            _ptrace(PTRACE_CONT, pid)
            # Only now: a thread inside execve waits for this one, and seizing it waits for that execve.
            for successor in successors:
                if _ptrace(PTRACE_SEIZE, successor, options) == errno.ESRCH:
                    _ptrace(PTRACE_SEIZE, self.pid, options)  # it has become the first thread already
        elif event == EVENT_STOP and number in _STOP_SIGNALS:
            _ptrace(PTRACE_LISTEN, pid)  # a job-control stop: stay stopped until SIGCONT, as without a tracer
        elif event:
            _ptrace(PTRACE_CONT, pid)
        else:
            _ptrace(PTRACE_CONT, pid, number)

    def _exit(self, thread: int) -> tuple[list[int], int]:
        """Reports the end of a process; returns the threads to trace from now on when only `thread` goes, and how."""
        threads = tasks(self.pid)
        if thread != self.pid and thread not in threads:
            self._on_exit(thread, False)
            return [], 0
        others = [t for t in threads if t != thread]
        successors, options = self._successors(thread, others)
        if not self._done and not successors:
            self._done = True
            self._on_exit(thread, True)
        return successors, options

    def _successors(self, thread: int, others: list[int]) -> tuple[list[int], int]:
        """Returns those of `others` in which the process lives on after `thread`; none when it ends as a whole."""
        numbers = _EXIT_AND_EXECVE.get(platform.machine())
        if numbers is None or self._done:
            return [], 0
        own_exit, execve = numbers
        executing = [t for t in others if current_call(self.pid, t) in execve]
        if executing:
            return executing[:1], self._options
        if current_call(self.pid, thread) != own_exit:
            return [], 0
        return [t for t in others if not is_zombie(self.pid, t)], EVERY_THREAD


def tasks(pid: int) -> list[int]:
    """Returns the thread ids of a process; empty when it is gone."""
    try:
        return [int(name) for name in os.listdir(f"/proc/{pid}/task")]  # noqa: PTH208
    except OSError:
        return []


def current_call(pid: int, thread: int) -> int | None:
    """Returns the number of the system call that a thread is in; None when it is in none or cannot be read."""
    try:
        return int(Path(f"/proc/{pid}/task/{thread}/syscall").read_text().split(maxsplit=1)[0])
    except (OSError, ValueError, IndexError):
        return None


def is_zombie(pid: int, thread: int) -> bool:
    """True when a thread has ended, or is gone."""
    try:
        return Path(f"/proc/{pid}/task/{thread}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (OSError, IndexError):
        return True


def kill(pid: int) -> None:
    """Sends SIGKILL; that the process is gone already is no error."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
