"""What the lab tells while it works, for progress displays. Events say nothing that the journal does not hold."""

from __future__ import annotations

import msgspec

from whence.evidence.run import Run, RunKind


class SessionStarted(msgspec.Struct, frozen=True, kw_only=True):
    """The lab begins, or resumes, on a journal."""

    blocks_done: int
    blocks: int
    calibration: dict[str, float]


class RunStarted(msgspec.Struct, frozen=True, kw_only=True):
    kind: RunKind
    variant: str
    block: int
    attempt: int
    position: int


class RunEnded(msgspec.Struct, frozen=True, kw_only=True):
    """`run` is on the disk."""

    run: Run


class BlockEnded(msgspec.Struct, frozen=True, kw_only=True):
    """A block is complete and counts."""

    block: int
    attempt: int
    blocks_done: int
    blocks: int
    counted_runs: int
    """Runs in complete blocks so far."""
    repeated: int
    """Blocks that calibration had run again so far."""
    reason: str = ""


class BlockRepeated(msgspec.Struct, frozen=True, kw_only=True):
    """Calibration found the host disturbed beside this block: all of it is run again."""

    block: int
    attempt: int
    reason: str


class BlockInterrupted(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier session ended inside this block: its rows stay unused and the block is run again."""

    block: int
    attempt: int


Event = SessionStarted | RunStarted | RunEnded | BlockEnded | BlockRepeated | BlockInterrupted
