"""What a host lets the lab do: each question is one function that looks, or tries, and answers with a remedy.

Nothing is changed on the host. Answers come from the kernel, not from what a distribution usually does.
"""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from whence.evidence.errors import WhenceError
from whence.measure.lab.launch import Launch, RunOptions

State = Literal["yes", "partly", "no"]
_CPU = Path("/sys/devices/system/cpu")


class Capability(msgspec.Struct, frozen=True, kw_only=True):
    """One thing the lab would do here, whether it can, and what to change when it cannot."""

    name: str
    state: State
    detail: str
    remedy: str = ""


def examine_host() -> tuple[Capability, ...]:
    """Returns every capability, the ones that decide what can be measured first."""
    return tuple(question() for question in QUESTIONS)


def exit_stop() -> Capability:
    """Tries it on a process that ends between two samples: only at its exit stop can its memory be read."""
    from whence.measure.lab.process import run_process

    name = "memory at the exit stop"
    try:
        record = run_process(Launch(argv=("sleep", "0.03")), RunOptions(metrics=frozenset({"rss"})))
    except (WhenceError, OSError) as error:
        return Capability(name=name, state="no", detail=str(error), remedy="Allow ptrace for this user.")
    if any(sample.metric == "rss" for sample in record.samples):
        return Capability(name=name, state="yes", detail="rss is read when the process exits, to the page")
    scope = _text("/proc/sys/kernel/yama/ptrace_scope")
    return Capability(
        name=name,
        state="partly",
        detail=f"ptrace is refused{f' (ptrace_scope {scope})' if scope else ''}; memory is sampled every 50 ms",
        remedy="Let the lab trace its own children: kernel.yama.ptrace_scope below 3; in a container, add SYS_PTRACE "
        "or a seccomp profile that allows ptrace.",
    )


def limits() -> Capability:
    """Tries `cpu=` and `memory=` on a process of its own."""
    from whence.measure.lab import limits as cgroups

    name = "cpu= and memory= limits"
    version = "v2" if Path("/sys/fs/cgroup/cgroup.controllers").exists() else "v1"
    try:
        cgroups.check(0.5, 64 * 2**20)
    except WhenceError as error:
        reason, _, remedy = str(error).partition("). ")
        return Capability(name=name, state="no", detail=reason.replace("(", "", 1), remedy=remedy)
    return Capability(name=name, state="yes", detail=f"through cgroup {version}")


def pressure() -> Capability:
    name = "pressure (PSI)"
    if _text("/proc/pressure/cpu") is not None:
        return Capability(name=name, state="yes", detail="stalls for CPU, memory and I/O are noted with every run")
    return Capability(
        name=name,
        state="no",
        detail="/proc/pressure is missing: a disturbance during a run is seen by calibration only",
        remedy="Boot with psi=1 (kernel 4.20 or newer).",
    )


def cpus() -> Capability:
    """Whether a program and the lab have CPUs enough, and whether pinning works."""
    allowed = sorted(os.sched_getaffinity(0))
    load = os.getloadavg()[0]
    detail = f"{len(allowed)} of {os.cpu_count()} CPUs may be used, pinned by affinity; load {load:.1f}"
    if load > 0.5 * len(allowed):
        return Capability(
            name="CPUs",
            state="partly",
            detail=detail,
            remedy="Other programs are running. Stop them, or give the lab CPUs of its own (taskset -c, isolcpus=, "
            "a cpuset): the load of others is the largest source of noise.",
        )
    if len(allowed) == 1:
        return Capability(
            name="CPUs",
            state="partly",
            detail=detail,
            remedy="With one CPU the lab and the program take turns; effects of parallel work cannot be seen.",
        )
    return Capability(name="CPUs", state="yes", detail=detail)


def autogroup() -> Capability:
    """With autogroups, `nice` acts inside a session only; weight between sessions is the autogroup's own value."""
    enabled = _text("/proc/sys/kernel/sched_autogroup_enabled")
    if enabled != "1":
        return Capability(name="autogroup", state="yes", detail="off: nice values count between all processes")
    if _writable("/proc/self/autogroup") and os.geteuid() == 0:
        return Capability(name="autogroup", state="yes", detail="on, and the weight of the lab's session can be raised")
    return Capability(
        name="autogroup",
        state="partly",
        detail="on: nice has no effect against other sessions, and this user may not raise its own",
        remedy="As root: echo -10 > /proc/PID/autogroup for the shell that starts Whence, "
        "or sysctl kernel.sched_autogroup_enabled=0.",
    )


def governor() -> Capability:
    name = "clock governor"
    current = _text(_CPU / "cpu0/cpufreq/scaling_governor")
    if current is None:
        return Capability(
            name=name,
            state="partly",
            detail="the clock is not visible from here (usual in a virtual machine): calibration must notice changes",
            remedy="On the machine underneath: cpupower frequency-set -g performance.",
        )
    if current == "performance":
        return Capability(name=name, state="yes", detail="performance")
    return Capability(
        name=name,
        state="partly",
        detail=f"{current}: the clock follows the load, so short programs start slow",
        remedy="cpupower frequency-set -g performance",
    )


def turbo() -> Capability:
    name = "turbo"
    no_turbo = _text(_CPU / "intel_pstate/no_turbo")
    boost = _text(_CPU / "cpufreq/boost")
    if no_turbo is None and boost is None:
        return Capability(name=name, state="partly", detail="not visible from here")
    if no_turbo == "1" or boost == "0":
        return Capability(name=name, state="yes", detail="off")
    how = (
        "echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo"
        if no_turbo
        else "echo 0 > /sys/devices/system/cpu/cpufreq/boost"
    )
    return Capability(
        name=name,
        state="partly",
        detail="on: the clock depends on temperature and on how many cores are busy",
        remedy=f"As root, while measuring: {how}",
    )


def numa() -> Capability:
    from whence.measure.lab.isolation import node_of

    nodes = [p for p in Path("/sys/devices/system/node").glob("node[0-9]*") if p.is_dir()]
    if len(nodes) < 2:
        return Capability(name="memory nodes", state="yes", detail="one")
    node = node_of(tuple(os.sched_getaffinity(0)))
    if node is not None:
        return Capability(name="memory nodes", state="yes", detail=f"{len(nodes)}; pinned to node {node}")
    return Capability(
        name="memory nodes",
        state="partly",
        detail=f"{len(nodes)}, and the allowed CPUs span several: memory may be near in one run and far in the next",
        remedy="Start Whence on the CPUs of one node: taskset -c $(cat /sys/devices/system/node/node0/cpulist) whence",
    )


def siblings() -> Capability:
    if _text(_CPU / "smt/active") != "1":
        return Capability(name="hyper-threads", state="yes", detail="off, or not visible from here")
    return Capability(
        name="hyper-threads",
        state="partly",
        detail="on: two CPUs share one core, and what runs on one slows the other",
        remedy="Use one thread of each core (taskset -c), or as root: echo off > /sys/devices/system/cpu/smt/control",
    )


def virtualisation() -> Capability:
    text = _text("/proc/cpuinfo") or ""
    if " hypervisor" not in text:
        return Capability(name="virtual machine", state="yes", detail="no hypervisor seen")
    vendor = _text("/sys/class/dmi/id/sys_vendor")
    return Capability(
        name="virtual machine",
        state="partly",
        detail=f"yes{f' ({vendor})' if vendor else ''}: neighbours slow it in ways that steal time does not show",
        remedy="More pairs; a machine of one's own for CPU effects under 2 %.",
    )


def huge_pages() -> Capability:
    text = _text("/sys/kernel/mm/transparent_hugepage/enabled") or ""
    mode = text.partition("[")[2].partition("]")[0]
    if mode != "always":
        return Capability(name="huge pages", state="yes", detail=mode or "not visible from here")
    return Capability(
        name="huge pages",
        state="partly",
        detail="always: resident memory may jump by 2 MiB steps that depend on the state of the host's memory",
        remedy="As root, while measuring memory: echo madvise > /sys/kernel/mm/transparent_hugepage/enabled",
    )


def counters() -> Capability:
    name = "hardware counters"
    if any(Path("/sys/bus/event_source/devices").glob("cpu*")):
        level = _text("/proc/sys/kernel/perf_event_paranoid")
        return Capability(name=name, state="yes", detail=f"present (perf_event_paranoid {level}); not needed")
    return Capability(name=name, state="no", detail="none (usual in a virtual machine); not needed")


def _program(name: str, names: tuple[str, ...], use: str) -> Callable[[], Capability]:
    def look() -> Capability:
        path = next((found for found in map(shutil.which, names) if found), None)
        if path is not None:
            return Capability(name=name, state="yes", detail=path)
        return Capability(name=name, state="no", detail="not found", remedy=f"Needed only {use}.")

    return look


def go_releases() -> Capability:
    from whence.golang import toolchains

    try:
        toolchain = toolchains.bootstrap()
    except WhenceError as error:
        return Capability(name="Go", state="no", detail="not found", remedy=str(error))
    return Capability(
        name="Go", state="yes", detail=f"go{toolchain.version} ({toolchain.go}); others: whence toolchain list"
    )


def describe_host() -> dict[str, str]:
    """Returns what the host is, for the head of a report."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in (_text("/proc/cpuinfo") or "").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = next(
        (line.split()[1] for line in (_text("/proc/meminfo") or "").splitlines() if line.startswith("MemTotal")), "0"
    )
    return {
        "name": platform.node(),
        "kernel": platform.release(),
        "cpu": model,
        "cpus": str(len(os.sched_getaffinity(0))),
        "memory_bytes": str(int(memory) * 1024),
    }


def _text(path: str | Path) -> str | None:
    try:
        return Path(path).read_text(errors="replace").strip()
    except OSError:
        return None


def _writable(path: str) -> bool:
    return os.access(path, os.W_OK)


QUESTIONS: tuple[Callable[[], Capability], ...] = (
    exit_stop,
    cpus,
    limits,
    pressure,
    autogroup,
    governor,
    turbo,
    siblings,
    numa,
    virtualisation,
    huge_pages,
    counters,
    go_releases,
    _program("git", ("git",), "for ref=REV"),
    _program("C compiler", ("gcc", "cc", "clang"), "for programs with cgo"),
    _program("Chromium", ("chromium", "chromium-browser", "google-chrome"), "by the tests of the report"),
)
"""The questions in the order of the report."""
