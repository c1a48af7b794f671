"""One block on the host where this is called: what a worker of a cluster does for `spreading`.

The programs come along and are checked by their digests, so that every host runs the very bytes that were built once;
a command that was not built here must be the same file on every host. A worker keeps its session (calibration, the
warm-up runs) from block to block; a worker that is started anew begins another session and warms up again.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from whence.evidence.comparison import Plan
from whence.evidence.errors import UnusableEnvironment
from whence.evidence.run import JournalLine
from whence.evidence.subject import Subject
from whence.golang.cache import cache_root
from whence.measure.lab.calibrate import Calibrator
from whence.measure.lab.executor import Execution
from whence.measure.lab.launch import Arm, Launch, RunOptions
from whence.measure.prepare import sha256_of
from whence.measure.runners import runner_of
from whence.store.files import write_atomically

GO_ENVIRONMENT = ("GOGC", "GOMEMLIMIT", "GOMAXPROCS", "GODEBUG", "GOTRACEBACK")
"""What the runtime of a measured program reads: the same on every host as where the command was given."""
CLUSTERS_OWN = ("RAY_", "OMP_NUM_THREADS")
"""Put into a worker's environment by the cluster: no measured program should see it."""


class Spread(NamedTuple):
    """What every host holds once."""

    session: str
    """Of the command that spreads: another command's workers start anew."""
    plan: Plan
    arms: tuple[Arm, ...]
    subject: Subject
    options: RunOptions
    programs: dict[str, NDArray[np.uint8]]
    """The bytes of programs that were built or given as binary=, by digest."""
    environment: dict[str, str]
    """Of GO_ENVIRONMENT what is set."""
    iterations: dict[str, int]
    """Calibration work of earlier sessions, by host."""
    machine: str


class Asked(NamedTuple):
    """A block, and what was done for it before."""

    block: int
    attempts: int
    repeats: int


class _Lines:
    """A journal in memory."""

    def __init__(self) -> None:
        self.lines: list[JournalLine] = []

    def read(self) -> list[JournalLine]:
        return []

    def append(self, line: JournalLine) -> None:
        self.lines.append(line)


_sessions: dict[str, tuple[Execution, _Lines]] = {}


def run_block(spread: Spread, asked: Asked) -> tuple[JournalLine, ...]:
    """Returns the journal lines of one block, measured here; before the first one also those of the session's start.

    Raises UnusableEnvironment, naming the host, where it cannot run what the others run.
    """
    if spread.session not in _sessions:
        _sessions.clear()
        _sessions[spread.session] = _begin(spread)
    execution, journal = _sessions[spread.session]
    journal.lines.clear()
    execution.run_block(asked.block, attempts=asked.attempts, repeats=asked.repeats)
    return tuple(journal.lines)


def _begin(spread: Spread) -> tuple[Execution, _Lines]:
    host = platform.node()
    if platform.machine() != spread.machine:
        raise UnusableEnvironment(
            f"host {host} is {platform.machine()}, the programs were built for {spread.machine}. "
            "Use hosts of one architecture."
        )
    _set_environment(spread.environment)
    arms = tuple(_arm_here(arm, spread, host) for arm in spread.arms)
    options = msgspec.structs.replace(spread.options, affinity=tuple(sorted(os.sched_getaffinity(0))))
    journal = _Lines()
    execution = Execution(
        spread.plan,
        arms,
        runner_of(spread.subject),
        options,
        journal,
        calibrator=Calibrator(options.affinity, iterations=spread.iterations.get(host)),
    )
    return execution, journal


def _set_environment(wanted: Mapping[str, str]) -> None:
    for name in list(os.environ):
        if name in GO_ENVIRONMENT or name.startswith(CLUSTERS_OWN):
            del os.environ[name]
    os.environ.update(wanted)


def _arm_here(arm: Arm, spread: Spread, host: str) -> Arm:
    return Arm(variant=arm.variant, launches=tuple(_launch_here(x, spread, host) for x in arm.launches))


def _launch_here(launch: Launch, spread: Spread, host: str) -> Launch:
    """Returns the launch with its program and folder as they are on this host."""
    cwd = launch.cwd
    if cwd is not None and not cwd.is_dir():
        if spread.subject.kind != "workload":
            raise UnusableEnvironment(
                f"host {host} has no folder {cwd}, in which the program is started. Make it there with the same "
                "content, or share it between the hosts."
            )
        cwd = None
    return msgspec.structs.replace(launch, argv=(_program_here(launch, spread, host), *launch.argv[1:]), cwd=cwd)


def _program_here(launch: Launch, spread: Spread, host: str) -> str:
    program, digest = launch.argv[0], launch.binary_sha256
    if digest is None or sha256_of(program) == digest:
        return program
    if digest not in spread.programs:
        found = "has another" if Path(program).exists() else "has no"
        raise UnusableEnvironment(
            f"host {host} {found} {program} than the one here: blocks of different hosts would compare different "
            "programs. Install the same, or give the program as binary=, which is sent along."
        )
    path = cache_root() / "sent" / digest / Path(program).name
    if sha256_of(str(path)) != digest:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, spread.programs[digest].tobytes())
        path.chmod(0o755)
        if sha256_of(str(path)) != digest:
            raise UnusableEnvironment(f"host {host}: {path} is not what was sent. Look at its disk.")
    return str(path)
