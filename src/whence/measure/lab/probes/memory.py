"""Resident memory as the kernel counts it: at the exit stop exactly, else as last sampled, and as a time line.

`rss`, `rss-anon`, `rss-file` are what the process holds as it exits, `rss-peak` is `VmHWM`; `rss-lazyfree` and
`rss-hugepages` split the anonymous part. Peak values of wait(2) (`ru_maxrss`) are not used: they keep the peak of
whoever called `execve`. Reading `status` takes 0.03 ms, `smaps_rollup` 5 ms at 200 MB, so that is read once.
"""

from __future__ import annotations

import os
import time
from collections import deque
from pathlib import Path

import msgspec

from whence.evidence.run import Sample
from whence.measure.lab.exit_stop import tasks
from whence.measure.lab.launch import RunOptions
from whence.measure.lab.probes.probe import Ending, Probe, Reading

MAX_AGE_S = 0.010
"""A reading older than this when the process ended is missing, never a number."""
MAX_TIMELINE = 2000


class Resident(msgspec.Struct, kw_only=True):
    """Bytes of one process. Fields of `smaps_rollup` are None where only `status` was read."""

    rss: int
    peak: int
    anon: int
    file: int
    shared_memory: int = 0
    pss: int | None = None
    lazy_free: int | None = None
    huge_pages: int | None = None


def read_status(text: bytes) -> Resident | None:
    """Returns what `/proc/PID/status` says; None for a process without memory (a zombie)."""
    peak = _field(text, b"\nVmHWM:")
    rss = _field(text, b"\nVmRSS:")
    if peak is None or rss is None:
        return None
    return Resident(
        rss=rss,
        peak=peak,
        anon=_field(text, b"\nRssAnon:") or 0,
        file=_field(text, b"\nRssFile:") or 0,
        shared_memory=_field(text, b"\nRssShmem:") or 0,
    )


def _field(text: bytes, name: bytes) -> int | None:
    start = text.find(name)
    if start < 0:
        return None
    return int(text[start + len(name) : text.find(b"kB", start)]) * 1024


def read_process(pid: int) -> Resident | None:
    """Returns `status` and `smaps_rollup` of a process or thread; None when it is gone or may not be read.

    `VmRSS` comes from per-CPU counters that some kernels (6.2 to 6.16) print without adding them up; where the page
    tables say something else, the page tables are right.
    """
    try:
        resident = read_status(Path(f"/proc/{pid}/status").read_bytes())
    except OSError:
        return None
    if resident is None:
        return None
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_bytes()
    except OSError:
        return resident
    rss, anon = _field(rollup, b"\nRss:"), _field(rollup, b"\nAnonymous:")
    if rss and anon is not None:
        if rss != resident.rss:
            resident.rss, resident.anon = rss, anon
            resident.file = max(rss - anon - resident.shared_memory, 0)
            resident.peak = max(resident.peak, rss)
        resident.pss = _field(rollup, b"\nPss:")
        resident.lazy_free = _field(rollup, b"\nLazyFree:")
        resident.huge_pages = _field(rollup, b"\nAnonHugePages:")
    return resident


def descendants(pid: int) -> list[int]:
    """Returns the live processes that a process started, directly or not."""
    found: list[int] = []
    waiting = deque([pid])
    while waiting:
        parent = waiting.popleft()
        for thread in tasks(parent):
            try:
                children = Path(f"/proc/{parent}/task/{thread}/children").read_text().split()
            except OSError:
                continue
            found += [int(child) for child in children]
            waiting += [int(child) for child in children]
    return found


class MemoryProbe(Probe):
    """Reads memory at the exit stop; samples it every 50 ms for the time line and as the fallback."""

    def __init__(self, options: RunOptions) -> None:
        super().__init__(options)
        self.timeline: list[tuple[float, float]] = []
        self._keep_every = 1
        self._ticks = 0
        self._status = -1
        self._started = 0.0
        self._last: Resident | None = None
        self._last_at = 0.0
        self._exact: Resident | None = None
        self._children_pss: list[int] = []
        self._exited_children: list[int] = []

    def before(self, pid: int) -> None:
        self._status = os.open(f"/proc/{pid}/status", os.O_RDONLY | os.O_CLOEXEC)
        self._started = time.perf_counter()

    def at_tick(self, pid: int, elapsed_s: float) -> None:
        try:
            resident = read_status(os.pread(self._status, 8192, 0))
        except OSError:
            return
        if resident is None:
            return
        self._last, self._last_at = resident, time.perf_counter()
        self._ticks += 1
        if self._ticks % self._keep_every == 0:
            self.timeline.append((round(elapsed_s, 4), float(resident.rss)))
        if len(self.timeline) > MAX_TIMELINE:
            self.timeline = self.timeline[::2]
            self._keep_every *= 2

    def at_exit(self, pid: int) -> None:
        elapsed_s = time.perf_counter() - self._started
        self._exact = read_process(pid)
        if self._exact is not None:
            self.timeline.append((round(elapsed_s, 4), float(self._exact.rss)))
        for child in descendants(pid):
            resident = read_process(child)
            if resident is not None:
                self._children_pss.append(resident.pss if resident.pss is not None else resident.rss)

    def at_child_exit(self, pid: int) -> None:
        resident = read_process(pid)
        if resident is not None:
            self._exited_children.append(resident.rss)

    def after(self, ending: Ending) -> Reading:
        notes: list[str] = []
        resident = self._exact
        if resident is None and self._last is not None and ending.ended_at - self._last_at <= MAX_AGE_S:
            resident = self._last
        host: dict[str, float] = {}
        if self._exited_children:
            host["children-rss-at-exit-max"] = float(max(self._exited_children))
            notes.append(
                f"children: {len(self._exited_children)} ended before the program did, so rss is without them "
                f"(the largest held {max(self._exited_children) / 1e6:.1f} MB)"
            )
        samples: tuple[Sample, ...] = ()
        if ending.outcome in {"oom", "timeout"}:
            notes.append(f"{ending.outcome}: memory of a process that was killed is not a result")
        elif resident is None:
            notes.append("memory: no reading younger than 10 ms when the process ended")
        else:
            samples = self._samples(resident, notes)
        return Reading(samples=samples, host=host, notes=tuple(notes), timeline=tuple(self.timeline))

    def _samples(self, resident: Resident, notes: list[str]) -> tuple[Sample, ...]:
        rss = resident.rss
        if self._children_pss:
            own = resident.pss if resident.pss is not None else resident.rss
            rss = own + sum(self._children_pss)
            notes.append(f"children: rss is the sum of PSS of {1 + len(self._children_pss)} processes")
        values: dict[str, int | None] = {
            "rss": rss,
            "rss-peak": resident.peak,
            "rss-anon": resident.anon,
            "rss-file": resident.file,
            "rss-lazyfree": resident.lazy_free,
            "rss-hugepages": resident.huge_pages,
        }
        return tuple(Sample(name, float(value), "B") for name, value in values.items() if value is not None)

    def close(self) -> None:
        if self._status >= 0:
            os.close(self._status)
            self._status = -1
