"""Blocks of one comparison on several hosts, each block whole on one host, one block a host at a time.

Everything that a host does to all variants alike cancels inside a block, so hosts need not be alike; what they do to
the effect itself is estimated (`stats.hosts`). The journal stays here: the lines of a block are written when it is
complete. A host that is lost costs the block that it was running, which is run again elsewhere.
"""

from __future__ import annotations

import os
import platform
import uuid
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import msgspec
import numpy as np

from whence.evidence.comparison import Plan
from whence.evidence.run import BlockEnd, JournalLine, Run, Session
from whence.evidence.subject import Subject
from whence.measure.block_elsewhere import GO_ENVIRONMENT, Asked, Spread, run_block
from whence.measure.executing.executor import Executor, open_executor
from whence.measure.executing.tasks import Done, Task
from whence.measure.lab.events import BlockEnded, BlockInterrupted, BlockRepeated, RunEnded, SessionStarted
from whence.measure.lab.executor import Listener
from whence.measure.lab.launch import Arm, RunOptions
from whence.measure.lab.progress import Progress, read_progress
from whence.store.journal import Journal


class SpreadExecution:
    """Carries a plan out on a cluster, as `lab.executor.Execution` does here. A context manager: it holds workers."""

    def __init__(
        self,
        plan: Plan,
        arms: Sequence[Arm],
        subject: Subject,
        options: RunOptions,
        journal: Journal,
        *,
        sent: bool,
        cluster: str,
        address: str | None,
        on_event: Listener,
    ) -> None:
        """Reads the journal; starts nothing yet. `sent`: hosts get the programs; else each has the command itself.

        Raises BadInput where the cluster's library is missing.
        """
        self._plan = plan
        self._journal = journal
        self._on_event = on_event
        lines = journal.read()
        self._progress = read_progress(lines)
        shared = Spread(
            session=uuid.uuid4().hex,
            plan=plan,
            arms=tuple(arms),
            subject=subject,
            options=options,
            programs=_programs(arms) if sent else {},
            environment={name: os.environ[name] for name in GO_ENVIRONMENT if name in os.environ},
            iterations=_iterations(lines),
            machine=platform.machine(),
        )
        self._executor: Executor = open_executor(run_block, shared, cluster=cluster, address=address, whole_hosts=True)

    def __enter__(self) -> Self:
        self._executor.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._executor.__exit__(kind, error, trace)

    def run_until(self, blocks: int) -> None:
        """Runs what the journal lacks of the plan's first `blocks` blocks."""
        progress = self._progress
        for block, attempt in progress.open_attempts:
            self._interrupted(block, attempt, "an earlier session ended inside this block")
        progress.open_attempts = []
        missing = [block for block in range(min(blocks, self._plan.pairs)) if block not in progress.complete]
        tasks = [
            Task(f"block {block + 1}", Asked(block, progress.attempts.get(block, 0), progress.repeats.get(block, 0)))
            for block in missing
        ]
        for done in self._executor.map(tasks):
            self._store(done)

    def _store(self, done: Done) -> None:
        """Writes down a block that is complete, behind the attempts at it that were lost with their hosts."""
        asked = done.task.payload
        assert isinstance(asked, Asked) and isinstance(done.value, tuple)
        for number, loss in enumerate(done.losses):
            reason = f"host {loss.host} was lost inside this block ({loss.reason})"
            self._interrupted(asked.block, asked.attempts + number, reason)
        for line in done.value:
            line = _placed(line, done.host, asked.block, len(done.losses))
            self._journal.append(line)
            self._tell(line, self._progress)

    def _interrupted(self, block: int, attempt: int, reason: str) -> None:
        self._journal.append(BlockEnd(block=block, attempt=attempt, status="interrupted", reason=reason))
        self._on_event(BlockInterrupted(block=block, attempt=attempt))

    def _tell(self, line: JournalLine, progress: Progress) -> None:
        match line:
            case Session():
                self._on_event(
                    SessionStarted(
                        blocks_done=len(progress.complete), blocks=self._plan.pairs, calibration=line.calibration
                    )
                )
            case Run():
                self._on_event(RunEnded(run=line))
            case BlockEnd(status="repeat"):
                progress.repeats[line.block] = progress.repeats.get(line.block, 0) + 1
                self._on_event(BlockRepeated(block=line.block, attempt=line.attempt, reason=line.reason))
            case BlockEnd(status="complete"):
                progress.complete.add(line.block)
                self._on_event(
                    BlockEnded(
                        block=line.block,
                        attempt=line.attempt,
                        blocks_done=len(progress.complete),
                        blocks=self._plan.pairs,
                        counted_runs=len(progress.complete) * len(self._plan.variants),
                        repeated=sum(progress.repeats.values()),
                        reason=line.reason,
                    )
                )
            case _:
                pass


def _placed(line: JournalLine, host: str, block: int, losses: int) -> JournalLine:
    """Returns a line with its host's name, and with its attempt counted behind those that were lost."""
    if isinstance(line, Session):
        return msgspec.structs.replace(line, host_name=host)
    own = line.block == block and not (isinstance(line, Run) and line.kind != "counted")
    attempt = line.attempt + losses * own
    if isinstance(line, BlockEnd):
        return msgspec.structs.replace(line, attempt=attempt)
    return msgspec.structs.replace(line, attempt=attempt, host_name=host, id=f"{line.id}@{host.replace(' #', '-')}")


def _programs(arms: Sequence[Arm]) -> dict[str, np.ndarray]:
    """Returns the bytes of every program, by digest."""
    found: dict[str, np.ndarray] = {}
    for launch in (launch for arm in arms for launch in arm.launches):
        digest = launch.binary_sha256
        if digest is not None and digest not in found:
            found[digest] = np.fromfile(launch.argv[0], np.uint8)
    return found


def _iterations(lines: Sequence[JournalLine]) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in lines:
        if isinstance(line, Session) and "iterations" in line.calibration:
            found.setdefault(line.host_name.partition(" #")[0], int(line.calibration["iterations"]))
    return found
