"""Container-like limits of CPU time and memory for one run, through cgroup version 1 or 2."""

from __future__ import annotations


class Limits:
    def __init__(self, cpu_limit: float | None, memory_limit_bytes: int | None) -> None: ...
    def attach(self, pid: int) -> None: ...
    def oom_killed(self) -> bool:
        return False

    def remove(self) -> None: ...


def check(cpu_limit: float | None, memory_limit_bytes: int | None) -> None: ...
