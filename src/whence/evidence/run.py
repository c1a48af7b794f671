"""Runs and samples: one process, and one number of one metric read from it. Also the lines of a run's journal."""

from __future__ import annotations

from typing import Literal

import msgspec

RunKind = Literal["pilot", "warmup", "counted"]
Outcome = Literal["ok", "exit", "signal", "oom", "timeout"]
BlockStatus = Literal["complete", "repeat", "interrupted"]


class Sample(msgspec.Struct, frozen=True):
    """One number. `metric` is a built-in name or the printed unit; `benchmark` the name without `-GOMAXPROCS`."""

    metric: str
    value: float
    unit: str
    benchmark: str | None = None


class Run(msgspec.Struct, frozen=True, kw_only=True, tag="run"):
    """One process of one variant, as it ended. Never changed, never dropped because of its outcome."""

    id: str
    kind: RunKind
    variant: str
    block: int
    attempt: int = 0
    """Which try of the block: 0, then 1, 2 … when calibration asked for a repeat or a session was interrupted."""
    position: int = 0
    started_at: float
    """Seconds since the epoch."""
    seconds: float
    outcome: Outcome
    exit_code: int | None = None
    signal: str | None = None
    message: str = ""
    """For failures: the last lines the process wrote."""
    layout_seed: int | None = None
    binary_sha256: str | None = None
    host_name: str = ""
    calibration_before_s: float | None = None
    calibration_after_s: float | None = None
    host: dict[str, float] = {}
    """State of the host during the run (PSI, run-queue delay, faults …): reported, never used to discard."""
    samples: tuple[Sample, ...] = ()
    timeline: tuple[tuple[float, float], ...] = ()
    """(seconds since start, resident bytes) about every 50 ms."""
    command: tuple[str, ...] = ()
    environment: dict[str, str] = {}
    """What the variant adds to the environment."""
    declarations: dict[str, dict[str, str]] = {}
    """`Unit … better=…/assume=…` lines the program printed, by unit."""
    notes: tuple[str, ...] = ()
    """What was odd about this reading."""

    @property
    def ok(self) -> bool:
        return self.outcome == "ok"

    @property
    def ending(self) -> str:
        """How it ended, in a word or two: `exit 3`, `SIGSEGV`, `timeout`."""
        return {"exit": f"exit {self.exit_code}", "signal": self.signal or "signal"}.get(self.outcome, self.outcome)


class BlockEnd(msgspec.Struct, frozen=True, kw_only=True, tag="block"):
    """The verdict of calibration on one attempt at one block. Only rows of `complete` attempts are used."""

    block: int
    attempt: int
    status: BlockStatus
    reason: str = ""


class Session(msgspec.Struct, frozen=True, kw_only=True, tag="session"):
    """One start of the lab on a run directory."""

    started_at: float
    host_name: str
    calibration: dict[str, float] = {}
    warnings: tuple[str, ...] = ()


JournalLine = Run | BlockEnd | Session


def used_runs(lines: tuple[JournalLine, ...] | list[JournalLine]) -> list[Run]:
    """Returns the counted runs of complete block attempts, in block order: the rows that estimates are made of."""
    complete = {
        (line.block, line.attempt) for line in lines if isinstance(line, BlockEnd) and line.status == "complete"
    }
    runs = [r for r in lines if isinstance(r, Run) and r.kind == "counted" and (r.block, r.attempt) in complete]
    return sorted(runs, key=lambda r: (r.block, r.position))
