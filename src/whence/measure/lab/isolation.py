"""Keeps a measured process apart from everything else, as far as this user may.

Its session is its own (and with it, where the kernel has autogroups, its share of the CPU); it is pinned to the CPUs
asked for; on hosts with several memory nodes its memory comes from the node of those CPUs. A CPU cgroup of its own
(`limits`) replaces the autogroup, so that is set up only for runs with a limit.
"""

from __future__ import annotations

import ctypes
import os
import platform
from pathlib import Path

from whence.evidence.errors import UnusableEnvironment

AUTOGROUP_NICE = -10
"""Weight against other sessions. `nice` of the process itself would act inside its own session only."""
_NODES = Path("/sys/devices/system/node")
_MPOL_BIND = 2
_SET_MEMPOLICY = {"x86_64": 238, "aarch64": 237}


def pin(pid: int, affinity: tuple[int, ...]) -> None:
    """Pins a process that has not started threads yet. Raises UnusableEnvironment when the host has no such CPU."""
    if not affinity:
        return
    try:
        os.sched_setaffinity(pid, affinity)
    except OSError as error:
        allowed = ",".join(map(str, sorted(os.sched_getaffinity(0))))
        raise UnusableEnvironment(
            f"cannot pin a process to CPUs {','.join(map(str, affinity))} ({error.strerror}). "
            f"This session may use CPUs {allowed}."
        ) from error


def raise_autogroup(pid: int) -> bool:
    """Gives the session of `pid` more weight than others; returns whether the kernel and this user's rights allow."""
    try:
        Path(f"/proc/{pid}/autogroup").write_text(str(AUTOGROUP_NICE))
    except OSError:
        return False
    return True


def bind_memory_of_this_thread(affinity: tuple[int, ...]) -> int | None:
    """On hosts with several memory nodes, binds this thread (and what it starts) to the node of `affinity`.

    Returns the node; None when there is one node only, the CPUs lie on several, or the kernel refuses.
    """
    number = _SET_MEMPOLICY.get(platform.machine())
    node = node_of(affinity)
    if node is None or number is None:
        return None
    mask = (ctypes.c_ulong * (node // 64 + 1))()
    mask[node // 64] = 1 << (node % 64)
    libc = ctypes.CDLL(None, use_errno=True)
    refused = libc.syscall(number, _MPOL_BIND, ctypes.byref(mask), ctypes.c_ulong(64 * len(mask) + 1))
    return None if refused else node


def node_of(affinity: tuple[int, ...], nodes: Path = _NODES) -> int | None:
    """Returns the memory node that all these CPUs belong to; None with only one node, or when they span several."""
    if not affinity or not nodes.is_dir():
        return None
    cpus = {
        int(entry.name.removeprefix("node")): parse_cpu_list((entry / "cpulist").read_text())
        for entry in nodes.iterdir()
        if entry.name.removeprefix("node").isdigit() and (entry / "cpulist").is_file()
    }
    if len(cpus) < 2:
        return None
    return next((node for node, own in sorted(cpus.items()) if set(affinity) <= own), None)


def parse_cpu_list(text: str) -> set[int]:
    """Returns the CPUs of a kernel list such as `0-3,8`."""
    cpus: set[int] = set()
    for part in text.strip().split(","):
        first, _, last = part.partition("-")
        if first:
            cpus.update(range(int(first), int(last or first) + 1))
    return cpus
