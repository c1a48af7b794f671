"""Under which settings a program is simulated: release, GOGC, memory limit, processors, CPU it gets, container."""

from __future__ import annotations

from typing import Literal

import msgspec

from whence.evidence.errors import BadInput

HugePages = Literal["never", "madvise", "always"]


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of one run. Sizes in bytes, times in seconds."""

    go: str = "1.27"
    gogc: int = 100
    """GOGC; negative for off."""
    memory_limit: int | None = None
    """GOMEMLIMIT; without effect before 1.19."""
    processors: int = 1
    """GOMAXPROCS."""
    cpus: float | None = None
    """CPUs that the process gets: its quota, or its share of a contended host. None: as many as processors."""
    run_delay_seconds: float = 0.0
    """Mean wait of a thread that is woken until it runs (schedstat: run delay ÷ timeslices). 0 on an idle host."""
    container_memory: int | None = None
    """memory.max of the container."""
    lifetime_seconds: float | None = None
    """The process ends after this time; None: when the program is done."""
    huge_pages: HugePages = "never"
    """/sys/kernel/mm/transparent_hugepage/enabled."""
    resident_bytes: int | None = None
    """Resident beside the heap: touched text and data of the program. None: that of a small program."""
    allow_nearest: bool = False
    """Take the nearest release that has a model, with a warning and wider intervals."""

    def checked(self) -> Config:
        """Returns itself. Raises BadInput for settings that contradict each other."""
        if self.processors < 1:
            raise BadInput(f"GOMAXPROCS={self.processors}: there is at least one processor.")
        if self.gogc == 0:
            raise BadInput("GOGC=0 would collect at every allocation. Choose at least 1, or off.")
        if self.memory_limit is not None and self.memory_limit <= 0:
            raise BadInput(f"GOMEMLIMIT={self.memory_limit}: a limit is above 0 bytes.")
        if self.cpus is not None and self.cpus <= 0:
            raise BadInput(f"cpu={self.cpus}: a process needs CPU above 0.")
        if self.run_delay_seconds < 0 or (self.lifetime_seconds is not None and self.lifetime_seconds <= 0):
            raise BadInput("a wait is not negative, and a process lives longer than 0 s.")
        if self.container_memory is not None and self.container_memory <= 0:
            raise BadInput(f"memory={self.container_memory}: a container needs memory above 0 bytes.")
        return self

    def label(self) -> str:
        """Returns the settings as one writes them: `go=1.27,GOGC=50`."""
        parts = [f"go={self.go}", f"GOGC={self.gogc if self.gogc >= 0 else 'off'}"]
        if self.memory_limit is not None:
            parts.append(f"GOMEMLIMIT={self.memory_limit}")
        parts.append(f"GOMAXPROCS={self.processors}")
        if self.cpus is not None:
            parts.append(f"cpu={self.cpus:g}")
        if self.container_memory is not None:
            parts.append(f"memory={self.container_memory}")
        return ",".join(parts)
