"""The wait for memory to come back: one idle process a release, all at the same time, outside the timed blocks.

The processes sleep, so that they do not disturb one another; only their start is spread, two at a time. As many wait
together as half of the memory that is available holds.
"""

from __future__ import annotations

import os
import platform
import re
import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from whence.evidence.errors import UnusableEnvironment
from whence.evidence.run import Run
from whence.explain.lineage.programs import Program
from whence.explain.lineage.running import run_probed
from whence.explain.lineage.watching import Memory, WatchingProbe
from whence.measure.lab.executor import run_of
from whence.measure.lab.launch import RunOptions
from whence.measure.lab.probes.output import OutputProbe
from whence.measure.lab.running import RunningProcess
from whence.store.journal import Journal

STARTS_AT_A_TIME = 2
EXTRA_BYTES = 30e6
"""What a process needs beside the memory that it drops."""
START_LIMIT_S = 120.0
_DROPPED = re.compile(r"^dropped: (\d+\.\d+)$", re.MULTILINE)
Tell = Callable[[str], None]


def wait_for_memory(
    programs: Sequence[Program], journal: Journal, *, wait_s: float, tell: Tell, megabytes: int = 200
) -> None:
    """Watches every release that the journal does not hold yet, `wait_s` seconds after its drop at most.

    Each process is in the journal as soon as it has ended. An interruption ends the processes and goes on.
    """
    done = {line.variant for line in journal.read() if isinstance(line, Run)}
    waiting = [program for program in programs if program.version not in done]
    room = at_a_time(available_bytes(), megabytes * 1e6)
    for begin in range(0, len(waiting), room):
        _wait_together(waiting[begin : begin + room], journal, wait_s, megabytes, tell)


def at_a_time(available: float, dropped: float) -> int:
    """Returns how many processes may hold their memory at once. Raises UnusableEnvironment when there is no room."""
    count = int(available / 2 / (dropped + EXTRA_BYTES))
    if count < 1:
        raise UnusableEnvironment(
            f"only {available / 1e6:.0f} MB of memory are available, and one process needs {dropped / 1e6:.0f} MB "
            "twice over. Free memory, then give the same command again."
        )
    return count


def available_bytes(meminfo: Path = Path("/proc/meminfo")) -> float:
    """Returns MemAvailable, of which a container's own limit is no part."""
    found = re.search(r"^MemAvailable:\s+(\d+) kB", meminfo.read_text(), re.MULTILINE)
    return float(found[1]) * 1024 if found else 0.0


def _wait_together(programs: Sequence[Program], journal: Journal, wait_s: float, megabytes: int, tell: Tell) -> None:
    starts = threading.Semaphore(STARTS_AT_A_TIME)
    writing = threading.Lock()
    stop = threading.Event()
    left = [program.version for program in programs]

    def watch(program: Program) -> None:
        run = _watch(program, wait_s, megabytes, starts, stop)
        with writing:
            if not stop.is_set():
                journal.append(run)
                left.remove(program.version)

    with ThreadPoolExecutor(len(programs)) as pool:
        futures = [pool.submit(watch, program) for program in programs]
        begun = time.monotonic()
        try:
            while not all(future.done() for future in futures):
                done = len(programs) - len(left)
                tell(f"waiting for memory since {time.monotonic() - begun:.0f} s, ended {done} of {len(programs)}")
                _sleep_while_running(futures)
        except BaseException:
            stop.set()
            raise
    for future in futures:
        future.result()


def _sleep_while_running(futures: Sequence[object]) -> None:
    end = time.monotonic() + 10.0
    while time.monotonic() < end and not all(future.done() for future in futures):  # type: ignore[attr-defined]
        time.sleep(0.2)


def _watch(program: Program, wait_s: float, megabytes: int, starts: threading.Semaphore, stop: threading.Event) -> Run:
    """Runs one process to its end; returns its row. The memory it holds is dropped by itself, its end is told to it."""
    launch = program.launch("drop", (f"-megabytes={megabytes}",))
    options = RunOptions(timeout_s=START_LIMIT_S + wait_s + 30.0)
    memory = Memory(dropped_bytes=megabytes * 1e6)
    probes = (WatchingProbe(options, memory), OutputProbe(options))
    started, asked = threading.Event(), threading.Event()

    def step(process: RunningProcess) -> None:
        if memory.dropped_at is None:
            memory.dropped_at = _dropped(process.stdout.text())
        elif not started.is_set():
            started.set()
            starts.release()
        if stop.is_set() or (memory.dropped_at is None and process.elapsed_s > START_LIMIT_S):
            process.kill()
        elif not asked.is_set() and _over(memory, process.elapsed_s, wait_s):
            asked.set()
            process.signal_group(signal.SIGTERM)

    starts.acquire()
    try:
        record = run_probed(launch, options, probes, {**os.environ, **launch.environment}, step)
    finally:
        if not started.is_set():
            starts.release()
    return run_of(
        record,
        launch,
        id=f"w-{program.version}",
        kind="counted",
        variant=program.version,
        block=0,
        attempt=0,
        position=0,
        host_name=platform.node(),
        spins=(None, None),
    )


def _dropped(said: str) -> float | None:
    found = _DROPPED.search(said)
    return float(found[1]) if found else None


def _over(memory: Memory, elapsed_s: float, wait_s: float) -> bool:
    if memory.dropped_at is None:
        return False
    if elapsed_s >= memory.dropped_at + wait_s:
        return True
    return memory.settled_at is not None and elapsed_s >= memory.settled_at
