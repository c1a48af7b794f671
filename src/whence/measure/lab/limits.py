"""Container-like limits of CPU time and memory for one run, through cgroup version 1 or 2.

A run gets a group of its own below the group of the lab (or the nearest ancestor that lets this user make one), so a
container's or a service manager's own limits stay in force. Groups carry the lab's pid in their name; those of a lab
that was killed are swept when the next one is made. Swap is closed to a limited group: a limit that is met by swapping
is no limit of memory. See `Documentation/admin-guide/cgroup-v2.rst`, `cgroup-v1/memory.rst` of Linux.
"""

from __future__ import annotations

import errno
import itertools
import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from whence.evidence.errors import UnusableEnvironment
from whence.measure.lab.exit_stop import kill
from whence.measure.lab.launcher import Gate

_NAME = re.compile(r"whence-(?P<namespace>\d+)-(?P<pid>\d+)-\d+\Z")
_counter = itertools.count(1)


class CannotLimit(UnusableEnvironment):
    """This host, or this user on it, cannot limit CPU or memory of a process."""


class Limits:
    """The limits of one run. Raises CannotLimit with the reason when they cannot be set."""

    def __init__(self, cpu_limit: float | None, memory_limit_bytes: int | None) -> None:
        self._groups: list[Path] = []
        self._memory: Path | None = None
        self._cpu: Path | None = None
        try:
            if cpu_limit is not None:
                self._cpu = self._group("cpu")
                _limit_cpu(self._cpu, cpu_limit)
            if memory_limit_bytes is not None:
                self._memory = self._group("memory")
                _limit_memory(self._memory, memory_limit_bytes)
        except OSError as error:
            self.remove()
            what = "memory" if self._cpu is not None or cpu_limit is None else "cpu"
            raise CannotLimit(_refusal(what, f"{error.strerror} at {error.filename}")) from error
        except CannotLimit:
            self.remove()
            raise

    def _group(self, controller: str) -> Path:
        """Returns a fresh group in which `controller` works; in version 2 one group serves both controllers."""
        name = f"whence-{_pid_namespace()}-{os.getpid()}-{next(_counter)}"
        reasons: list[str] = []
        for parent in parents(controller):
            if self._groups and self._groups[0].parent == parent:
                return self._groups[0]
            try:
                sweep(parent)
                if not _is_version_1(parent):
                    _enable(parent, "cpu", "memory")
                group = parent / name
                group.mkdir()
            except OSError as error:
                reasons.append(f"{parent}: {error.strerror}")
                continue
            self._groups.append(group)
            return group
        raise CannotLimit(_refusal(controller, reasons[0] if reasons else "no cgroup controller is mounted"))

    def attach(self, pid: int) -> None:
        """Moves a process, before it starts others, under the limits. Raises CannotLimit."""
        for group in self._groups:
            try:
                (group / "cgroup.procs").write_text(str(pid))
            except OSError as error:
                what = "cpu" if group == self._cpu else "memory"
                raise CannotLimit(_refusal(what, f"{error.strerror} when moving a process to {group}")) from error

    def oom_killed(self) -> bool:
        """True when the kernel killed a process of the group because of its memory limit."""
        if self._memory is None:
            return False
        kept_in = "memory.oom_control" if _is_version_1(self._memory) else "memory.events"
        return _count(self._memory / kept_in, "oom_kill") > 0

    def throttled_s(self) -> float | None:
        """Returns for how many seconds the CPU limit held the process back; None without a CPU limit."""
        if self._cpu is None:
            return None
        statistics = self._cpu / "cpu.stat"
        return _count(statistics, "throttled_time") / 1e9 + _count(statistics, "throttled_usec") / 1e6

    def remove(self) -> None:
        """Removes the groups, and kills what is still in them."""
        for group in self._groups:
            remove_group(group)
        self._groups.clear()


def check(cpu_limit: float | None, memory_limit_bytes: int | None) -> None:
    """Raises CannotLimit, with the reason, when this host cannot limit a process so. Tries it on a waiting shell."""
    if cpu_limit is None and memory_limit_bytes is None:
        return
    limits = Limits(cpu_limit, memory_limit_bytes)
    try:
        gate = Gate(("true",), os.environ, None)
        try:
            limits.attach(gate.pid)
        finally:
            kill(gate.pid)
            os.waitpid(gate.pid, 0)
            gate.close()
    finally:
        limits.remove()


def parents(controller: str) -> Iterator[Path]:
    """Yields the groups below which a run's group may be made: the lab's own, then its ancestors.

    A controller that version 1 has mounted is not available in version 2.
    """
    own = _own_groups()
    found = _mounts()
    for key in (controller, ""):
        if key not in own or key not in found:
            continue
        root, mount_point = found[key]
        relative = Path(own[key].removeprefix(root).lstrip("/")) if root != "/" else Path(own[key].lstrip("/"))
        path = mount_point / relative
        while path.is_relative_to(mount_point):
            if path.is_dir():
                yield path
            path = path.parent
        return


def _own_groups() -> dict[str, str]:
    """Returns the lab's group by version 1 controller; under "" that of version 2."""
    groups: dict[str, str] = {}
    for line in _lines("/proc/self/cgroup"):
        _, controllers, path = line.split(":", 2)
        groups |= dict.fromkeys(controllers.split(","), path)
    return groups


def _mounts() -> dict[str, tuple[str, Path]]:
    """Returns (root within the hierarchy, mount point) by version 1 controller; under "" that of version 2."""
    found: dict[str, tuple[str, Path]] = {}
    for line in _lines("/proc/self/mountinfo"):
        before, _, after = line.partition(" - ")
        fields, kind = before.split(), after.split()
        if kind[0] == "cgroup2":
            found.setdefault("", (fields[3], Path(fields[4])))
        elif kind[0] == "cgroup":
            for option in kind[-1].split(","):
                found.setdefault(option, (fields[3], Path(fields[4])))
    return found


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def _is_version_1(group: Path) -> bool:
    return not (group / "cgroup.controllers").exists()


def _enable(parent: Path, *controllers: str) -> None:
    """Hands the controllers down to the children of a version 2 group. Raises OSError when it holds processes."""
    control = parent / "cgroup.subtree_control"
    missing = [name for name in controllers if name not in control.read_text().split()]
    if missing:
        control.write_text(" ".join(f"+{name}" for name in missing))


def _limit_cpu(group: Path, cpus: float) -> None:
    period_us = 100_000 if cpus >= 0.01 else 1_000_000
    quota_us = max(round(cpus * period_us), 1000)
    if _is_version_1(group):
        (group / "cpu.cfs_period_us").write_text(str(period_us))
        (group / "cpu.cfs_quota_us").write_text(str(quota_us))
    else:
        (group / "cpu.max").write_text(f"{quota_us} {period_us}")


def _limit_memory(group: Path, limit_bytes: int) -> None:
    version_1 = _is_version_1(group)
    (group / ("memory.limit_in_bytes" if version_1 else "memory.max")).write_text(str(limit_bytes))
    swap = group / ("memory.memsw.limit_in_bytes" if version_1 else "memory.swap.max")
    with suppress(OSError):  # there is no such file on a kernel that does not account swap
        if swap.exists():
            swap.write_text(str(limit_bytes) if version_1 else "0")


def _count(path: Path, name: str) -> int:
    """Returns the number behind `name` in a flat keyed file; 0 where it is missing."""
    for line in _lines(str(path)):
        key, _, value = line.partition(" ")
        if key == name and value.strip().isdigit():
            return int(value)
    return 0


def remove_group(group: Path) -> None:
    """Removes a group, killing what is in it; one that stays busy for a second is left to the next sweep."""
    for _ in range(100):
        try:
            group.rmdir()
        except FileNotFoundError:
            return
        except OSError as error:
            if error.errno != errno.EBUSY:
                return
        else:
            return
        for line in _lines(str(group / "cgroup.procs")):
            kill(int(line))
        time.sleep(0.01)


def sweep(parent: Path) -> None:
    """Removes the groups that labs of this pid namespace left when they were killed."""
    for group in parent.glob("whence-*"):
        match = _NAME.match(group.name)
        if match and int(match["namespace"]) == _pid_namespace() and not Path(f"/proc/{match['pid']}").exists():
            remove_group(group)


def _pid_namespace() -> int:
    return os.stat("/proc/self/ns/pid").st_ino  # noqa: PTH116


def _refusal(what: str, reason: str) -> str:
    return (
        f"{what}= needs a cgroup that this user may make ({reason}). Run as root, in a delegated cgroup "
        "(systemd-run --user --scope -p Delegate=yes …), or drop the limit."
    )
