"""Carries a plan out: runs what the journal does not hold yet, writes down every run as it ends, and can be killed.

The journal is the only state. A block counts when it has a `BlockEnd` line with status `complete`; whatever else it
holds of a block belongs to an attempt that was repeated or interrupted, stays there, and is not used. So a session
that starts on the journal of another one, killed at any moment, finds what is missing and does exactly that.

No run is dropped because of its outcome: a crash, a timeout or a slow run is a row like any other. Only calibration,
read beside the runs and never during one, has a block repeated, and then the whole block.
"""

from __future__ import annotations

import math
import platform
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from whence.evidence.comparison import Plan
from whence.evidence.run import BlockEnd, BlockStatus, JournalLine, Run, RunKind, Session
from whence.measure.lab.calibrate import Calibrator
from whence.measure.lab.events import (
    BlockEnded,
    BlockInterrupted,
    BlockRepeated,
    Event,
    RunEnded,
    RunStarted,
    SessionStarted,
)
from whence.measure.lab.launch import Arm, Launch, ProcessRecord, Runner, RunOptions
from whence.measure.lab.progress import read_progress

Listener = Callable[[Event], None]


class Journal(Protocol):
    """Where a session writes, and reads what earlier ones wrote: `store.journal`, or a list for blocks elsewhere."""

    def read(self) -> list[JournalLine]: ...

    def append(self, line: JournalLine) -> None: ...


def silent(event: Event) -> None:
    """The listener of those who need none."""


def execute(
    plan: Plan,
    arms: Sequence[Arm],
    runner: Runner,
    options: RunOptions,
    journal: Journal,
    *,
    on_event: Listener = silent,
    calibrator: Calibrator | None = None,
    clock: Callable[[], float] = time.time,
) -> None:
    """Runs every block of the plan that the journal does not hold complete. `arms[v]` is `plan.variants[v]`.

    Each run is on the disk before the next one starts. On KeyboardInterrupt the block in progress is marked
    interrupted and the exception goes on; whatever the runner raises is treated likewise.
    """
    execution = Execution(plan, arms, runner, options, journal, on_event=on_event, calibrator=calibrator, clock=clock)
    execution.run_until(plan.pairs)


class Execution:
    """One session on one journal: a pilot, or blocks in one or several calls. Warm-ups run once, before blocks."""

    def __init__(
        self,
        plan: Plan,
        arms: Sequence[Arm],
        runner: Runner,
        options: RunOptions,
        journal: Journal,
        *,
        on_event: Listener = silent,
        calibrator: Calibrator | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Reads the journal; starts and writes nothing yet. `arms[v]` is `plan.variants[v]`."""
        if tuple(arm.variant for arm in arms) != plan.variants:
            raise ValueError(f"arms {[arm.variant for arm in arms]} are not the plan's variants {plan.variants}")
        self._plan = plan
        self._arms = tuple(arms)
        self._runner = runner
        self._options = options
        self._journal = journal
        self._on_event = on_event
        self._clock = clock
        self._host_name = platform.node()
        lines = journal.read()
        self._progress = read_progress(lines)
        self._calibrator = calibrator or Calibrator(options.affinity, iterations=self._earlier_work(lines))
        self._last_spin: float | None = None
        self._stamp = ""

    @property
    def blocks_done(self) -> int:
        """Complete blocks in the journal."""
        return len(self._progress.complete)

    def run_pilot(self) -> tuple[Run, ...]:
        """Returns a pilot run of each variant, never counted: those that the journal holds, else new ones."""
        runs: list[Run] = []
        for position, arm in enumerate(self._arms):
            stored = self._progress.pilots.get(arm.variant)
            runs.append(stored or self._run("pilot", arm, block=0, attempt=0, position=position))
            self._progress.pilots[arm.variant] = runs[-1]
        return tuple(runs)

    def run_until(self, blocks: int) -> None:
        """Runs what the journal lacks of the plan's first `blocks` blocks, after this session's warm-ups."""
        wanted = range(min(blocks, self._plan.pairs))
        missing = [block for block in wanted if block not in self._progress.complete]
        if missing:
            self._warm_up()
        for block in missing:
            self._complete(block)

    def run_block(self, block: int, *, attempts: int, repeats: int) -> None:
        """Runs one block of which other sessions made so many attempts, so many of them repeats."""
        self._progress.attempts[block] = attempts
        self._progress.repeats[block] = repeats
        self._warm_up()
        self._complete(block)

    def _warm_up(self) -> None:
        if self._progress.warmed:
            return
        for turn in range(self._plan.warmup):
            for position, arm in enumerate(self._arms):
                self._run("warmup", arm, block=turn, attempt=self._progress.sessions, position=position)
        self._progress.warmed = True

    def _open(self) -> None:
        """Starts the session, once: a baseline of calibration, and an end to the blocks that a dead session left."""
        if self._stamp:
            return
        calibration = self._calibrator.start_session()
        started_at = self._clock()
        self._stamp = f"{round(started_at * 1000):x}"
        for block, attempt in self._progress.open_attempts:
            self._end_block(block, attempt, "interrupted", "an earlier session ended inside this block")
            self._on_event(BlockInterrupted(block=block, attempt=attempt))
        self._journal.append(Session(started_at=started_at, host_name=self._host_name, calibration=calibration))
        self._on_event(SessionStarted(blocks_done=self.blocks_done, blocks=self._plan.pairs, calibration=calibration))

    def _earlier_work(self, lines: Sequence[JournalLine]) -> int | None:
        """Returns the iterations of the first session on this host, so that all spins of a journal compare."""
        for line in lines:
            if isinstance(line, Session) and line.host_name == self._host_name and "iterations" in line.calibration:
                return int(line.calibration["iterations"])
        return None

    def _complete(self, block: int) -> None:
        """Runs one block until an attempt at it counts."""
        plan, progress = self._plan, self._progress
        while True:
            attempt = progress.attempts.get(block, 0)
            progress.attempts[block] = attempt + 1
            try:
                spins = self._attempt(block, attempt)
            except BaseException:
                self._end_block(block, attempt, "interrupted", "the session ended inside this block")
                raise
            reason = self._calibrator.disturbance(spins, plan) if plan.max_repeats else ""
            if reason:
                self._last_spin = None  # one bad spin must not speak against two attempts
            repeats = progress.repeats.get(block, 0)
            if not reason or repeats >= plan.max_repeats:
                break
            progress.repeats[block] = repeats + 1
            self._end_block(block, attempt, "repeat", reason)
            self._on_event(BlockRepeated(block=block, attempt=attempt, reason=reason))
            self._calibrator.settle(plan)
        if reason:
            reason += f"; kept, the plan allows {plan.max_repeats} repeats of a block"
        self._end_block(block, attempt, "complete", reason)
        progress.complete.add(block)
        self._on_event(
            BlockEnded(
                block=block,
                attempt=attempt,
                blocks_done=len(progress.complete),
                blocks=plan.pairs,
                counted_runs=len(progress.complete) * len(self._arms),
                repeated=sum(progress.repeats.values()),
                reason=reason,
            )
        )

    def _attempt(self, block: int, attempt: int) -> list[float]:
        """Runs every variant once, in the block's order; returns the spins beside the runs."""
        spins: list[float] = []
        for position, variant in enumerate(self._plan.order[block]):
            run = self._run("counted", self._arms[variant], block=block, attempt=attempt, position=position)
            spins += [s for s in (run.calibration_before_s, run.calibration_after_s) if s is not None]
        return spins

    def _run(self, kind: RunKind, arm: Arm, *, block: int, attempt: int, position: int) -> Run:
        """Runs one process between two spins, writes it down, and returns its row."""
        self._open()
        launch = arm.launches[block % len(arm.launches)]
        self._on_event(RunStarted(kind=kind, variant=arm.variant, block=block, attempt=attempt, position=position))
        before = self._calibrator.spin() if self._last_spin is None else self._last_spin
        self._last_spin = None  # a run that is interrupted leaves no spin to share
        record = self._runner(launch, self._options)
        self._last_spin = after = self._calibrator.spin()
        run = run_of(
            record,
            launch,
            id=f"{self._stamp}-{kind[0]}{block}.{attempt}.{position}",
            kind=kind,
            variant=arm.variant,
            block=block,
            attempt=attempt,
            position=position,
            host_name=self._host_name,
            spins=(before, after),
        )
        self._journal.append(run)
        self._on_event(RunEnded(run=run))
        return run

    def _end_block(self, block: int, attempt: int, status: BlockStatus, reason: str) -> None:
        self._journal.append(BlockEnd(block=block, attempt=attempt, status=status, reason=reason))


def run_of(
    record: ProcessRecord,
    launch: Launch,
    *,
    id: str,
    kind: RunKind,
    variant: str,
    block: int,
    attempt: int,
    position: int,
    host_name: str,
    spins: tuple[float | None, float | None],
) -> Run:
    """Returns the journal's row of a measured process. A sample that is no finite number is missing, and named."""
    samples = tuple(sample for sample in record.samples if math.isfinite(sample.value))
    lost = sorted({sample.metric for sample in record.samples if not math.isfinite(sample.value)})
    notes = tuple(f"{metric}: the value read is not a finite number, so it is missing" for metric in lost)
    return Run(
        id=id,
        kind=kind,
        variant=variant,
        block=block,
        attempt=attempt,
        position=position,
        started_at=record.started_at,
        seconds=record.seconds,
        outcome=record.outcome,
        exit_code=record.exit_code,
        signal=record.signal,
        message=record.message,
        layout_seed=launch.layout_seed,
        binary_sha256=launch.binary_sha256,
        host_name=host_name,
        calibration_before_s=spins[0],
        calibration_after_s=spins[1],
        host={name: value for name, value in record.host.items() if math.isfinite(value)},
        samples=samples,
        timeline=record.timeline,
        command=launch.argv,
        environment=dict(launch.environment),
        declarations=record.declarations,
        notes=record.notes + notes,
    )
