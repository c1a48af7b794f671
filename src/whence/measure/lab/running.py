"""One process from gate to grave: spawned, seized, let go, watched, reaped.

Two threads share the work. The *follower* starts the process and blocks in wait(2); it alone may speak ptrace, and it
runs the probes while the process is held at its exit. The *watcher* (whoever calls `step`) blocks in poll(2) on the
pipes, samples every 50 ms and keeps the deadline. Neither uses CPU while nothing happens.
"""

from __future__ import annotations

import os
import resource
import select
import signal
import threading
import time
from contextlib import suppress
from types import TracebackType

from whence.evidence.errors import UnusableEnvironment
from whence.measure.lab import isolation
from whence.measure.lab.capture import Capture
from whence.measure.lab.exit_stop import TraceForbidden, Tracer, kill
from whence.measure.lab.launch import Launch, RunOptions
from whence.measure.lab.launcher import Gate
from whence.measure.lab.limits import Limits
from whence.measure.lab.probes import Probe
from whence.measure.lab.probes.memory import descendants

TICK_S = 0.050
_STDOUT_HALF = 4 << 20
_STDERR_HEAD, _STDERR_TAIL = 8 << 10, 64 << 10


class RunningProcess:
    """Used as a context manager: leaving it ends the process whatever state it is in."""

    def __init__(self, launch: Launch, options: RunOptions, probes: list[Probe], environment: dict[str, str]) -> None:
        self._launch, self._options, self._probes, self._environment = launch, options, probes, environment
        self.pid = 0
        self.started_at = 0.0
        """Seconds since the epoch when it was let through the gate."""
        self.first_output_s: float | None = None
        self.status: int | None = None
        """As wait(2) gives it, once the process is reaped."""
        self.usage: resource.struct_rusage | None = None
        self.ended_at = 0.0
        self.held_s = 0.0
        """Seconds for which the process was held for reading."""
        self.traced = False
        self.stops = 0
        """How often the process was stopped for tracing; each stop costs it two context switches."""
        self.notes: list[str] = []
        self.limits: Limits | None = None
        self.killed = False
        self._start = 0.0
        self._failure: BaseException | None = None
        self._ready = threading.Event()
        self._over = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._follower = threading.Thread(target=self._follow, name="whence-follower", daemon=True)

    def __enter__(self) -> RunningProcess:
        try:
            self._begin()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _begin(self) -> None:
        if self._launch.cpu_limit is not None or self._launch.memory_limit_bytes is not None:
            self.limits = Limits(self._launch.cpu_limit, self._launch.memory_limit_bytes)
        self._follower.start()
        self._ready.wait()
        if self._failure is not None:
            raise self._failure
        isolation.pin(self.pid, self._options.affinity)
        if self.limits is not None:
            self.limits.attach(self.pid)
        else:
            isolation.raise_autogroup(self.pid)
        self.stdout = Capture(self._gate.stdout, head=_STDOUT_HALF, tail=_STDOUT_HALF)
        self.stderr = Capture(self._gate.stderr, head=_STDERR_HEAD, tail=_STDERR_TAIL)
        self._poll = select.poll()
        for descriptor in (self._over, self._gate.stdout, self._gate.stderr):
            self._poll.register(descriptor, select.POLLIN)
        for probe in self._probes:
            probe.before(self.pid)
        self.started_at, self._start = time.time(), time.perf_counter()
        self._next_tick = self._start + TICK_S
        self._gate.open()

    def _end(self) -> None:
        if self._follower.ident is not None:
            self._ready.wait()  # before it there is no process to end
        if self.pid and self.status is None:
            self.kill()
            self._gate.close()
        if self._follower.ident is not None:
            self._follower.join()
        if self.pid:
            self._gate.close()
        os.close(self._over)
        for probe in self._probes:
            probe.close()
        if self.limits is not None:
            self.limits.remove()

    @property
    def elapsed_s(self) -> float:
        return time.perf_counter() - self._start

    @property
    def seconds(self) -> float:
        """How long the process ran, once it has ended."""
        return max(self.ended_at - self._start - self.held_s, 0.0)

    def step(self, until_s: float) -> bool:
        """Waits for something to happen, at most until `until_s` seconds after the start; true while it runs."""
        now = time.perf_counter()
        if now >= self._next_tick:
            for probe in self._probes:
                probe.at_tick(self.pid, now - self._start)
            self._next_tick += TICK_S * (1 + (now - self._next_tick) // TICK_S)
        timeout_s = min(self._next_tick, self._start + until_s) - time.perf_counter()
        events = self._poll.poll(max(timeout_s, 0.0) * 1000)
        if self._failure is not None:
            raise self._failure
        for descriptor, _ in events:
            if descriptor in (self.stdout.descriptor, self.stderr.descriptor):
                self._read(descriptor)
        if self.status is None:
            return True
        for capture in (self.stdout, self.stderr):
            while capture.read():
                pass
        return False

    def watch(self, descriptor: int) -> None:
        """Lets `step` return when this descriptor becomes readable too, until `unwatch`."""
        self._poll.register(descriptor, select.POLLIN)

    def unwatch(self, descriptor: int) -> None:
        self._poll.unregister(descriptor)

    def _read(self, descriptor: int) -> None:
        capture = self.stdout if descriptor == self.stdout.descriptor else self.stderr
        came = capture.read()
        if came and self.first_output_s is None and capture is self.stdout:
            self.first_output_s = self.elapsed_s
        if not capture.open:
            self._poll.unregister(descriptor)

    def kill(self) -> None:
        """Kills the process, its group, and what it started elsewhere."""
        self.killed = True
        family = descendants(self.pid)
        self.signal_group(signal.SIGKILL)
        for pid in family:
            kill(pid)

    def signal_group(self, number: int) -> None:
        """Sends a signal to the process and its group."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    def _follow(self) -> None:
        try:
            isolation.bind_memory_of_this_thread(self._options.affinity)
            self._gate = Gate(self._launch.argv, self._environment, self._launch.cwd)
            self._gate.wait_at_gate()
            self.pid = self._gate.pid
            tracer = self._seize() if self._options.exit_stop else None
        except OSError as error:
            self._failure = UnusableEnvironment(
                f"cannot start {self._launch.argv[0]}: {error.strerror}. Free processes, files or memory, or shorten "
                "its arguments and environment."
            )
            return
        finally:
            self._ready.set()
        try:
            if tracer is None:
                _, status, self.usage = os.wait4(self.pid, 0)
            else:
                status, self.usage = tracer.follow()
            self.ended_at = time.perf_counter()
            self.signal_group(signal.SIGKILL)
            if tracer is not None:
                self.stops = tracer.stops
                if tracer.release_rest():
                    self.notes.append("the program left processes behind; they were killed")
            self.status = status
        except ChildProcessError:
            self._failure = UnusableEnvironment(
                f"process {self.pid} was reaped by another part of this program (waitpid of any child), so it is lost."
            )
            self.status = 0
        finally:
            os.eventfd_write(self._over, 1)

    def _seize(self) -> Tracer | None:
        tracer = Tracer(self.pid, self._held)
        try:
            tracer.seize()
        except TraceForbidden as error:
            self.notes.append(str(error))
            return None
        self.traced = True
        return tracer

    def _held(self, pid: int, root: bool) -> None:
        begun = time.perf_counter()
        for probe in self._probes:
            try:
                probe.at_exit(pid) if root else probe.at_child_exit(pid)
            except OSError as error:
                self.notes.append(f"{type(probe).__name__}: {error}")
        self.held_s += time.perf_counter() - begun
