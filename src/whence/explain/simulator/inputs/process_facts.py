"""What the kernel counted of a process that was recorded: CPU, resident text, how long its threads waited for a CPU.

A process's own counters do not know these: its CPU classes are the time of its Ps, which on a busy host is more than
CPU, and of resident memory it sees only what it mapped itself.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from whence.evidence.errors import BadInput

FILE_NAME = "process.json"
ANONYMOUS_BYTES = 1_000_000
"""Resident beside the heap and beside files in a small program: the runtime's data, stacks of threads."""


class ProcessFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One process over a stretch of its life."""

    seconds: float
    cpu_seconds: float
    rss_file_bytes: int = 0
    hwm_bytes: int = 0
    run_delay_seconds: float = 0.0
    """Mean wait of a thread for a CPU (schedstat: run delay ÷ timeslices)."""

    @property
    def resident_bytes(self) -> int | None:
        """Resident beside the heap, None where it was not counted."""
        return self.rss_file_bytes + ANONYMOUS_BYTES if self.rss_file_bytes else None

    @property
    def cores(self) -> float:
        return self.cpu_seconds / self.seconds


def read_facts(path: Path) -> ProcessFacts:
    """Returns the facts in a file. Raises BadInput."""
    try:
        facts = msgspec.json.decode(path.read_bytes(), type=ProcessFacts)
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}). Leave --process out, or name the file.") from error
    except msgspec.DecodeError as error:
        raise BadInput(f"{path} is no {FILE_NAME} of whence simulate record ({error}).") from error
    numbers = (facts.cpu_seconds, facts.rss_file_bytes, facts.hwm_bytes, facts.run_delay_seconds)
    if not facts.seconds > 0 or not all(0 <= number < 1e18 for number in numbers):
        raise BadInput(f"{path}: seconds must lie above 0 and the other numbers not below. Record it again.")
    return facts


def facts_of(process: int, seconds: float, cpu_before: float = 0.0) -> ProcessFacts | None:
    """Returns what /proc knows of a process, its CPU less `cpu_before`; None where it does not say."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
        threads = [path.read_text().split() for path in Path(f"/proc/{process}/task").glob("*/schedstat")]
        cpu = cpu_of(process)
    except (OSError, ValueError):
        return None
    waited, slices = sum(int(one[1]) for one in threads), sum(int(one[2]) for one in threads)
    return ProcessFacts(
        seconds=seconds,
        cpu_seconds=cpu - cpu_before,
        rss_file_bytes=_kib(status, "RssFile"),
        hwm_bytes=_kib(status, "VmHWM"),
        run_delay_seconds=waited / slices / 1e9 if slices else 0.0,
    )


def cpu_of(process: int) -> float:
    """Returns user and system seconds so far. Raises OSError and ValueError."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _kib(status: str, name: str) -> int:
    found = [line.split() for line in status.splitlines() if line.startswith(f"{name}:")]
    return int(found[0][1]) * 1024 if found else 0
