"""What a journal already holds of a plan: read once when a session starts, kept up to date while it runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from whence.evidence.run import BlockEnd, JournalLine, Run, Session


@dataclass(kw_only=True)
class Progress:
    """Blocks done, attempts made, repeats spent."""

    complete: set[int] = field(default_factory=set)
    attempts: dict[int, int] = field(default_factory=dict)
    """Attempts begun, by block."""
    repeats: dict[int, int] = field(default_factory=dict)
    """Repeats that calibration asked for, by block: they are limited over all sessions together."""
    open_attempts: list[tuple[int, int]] = field(default_factory=list)
    """(block, attempt) that have runs and no end: a session was killed there."""
    pilots: dict[str, Run] = field(default_factory=dict)
    """The pilot run of each variant."""
    sessions: int = 0
    """Earlier sessions."""
    warmed: bool = False
    """This session's warm-up runs are done."""


def read_progress(lines: Iterable[JournalLine]) -> Progress:
    """Returns the progress that these journal lines amount to."""
    progress = Progress()
    begun: dict[tuple[int, int], None] = {}
    ended: set[tuple[int, int]] = set()
    for line in lines:
        match line:
            case Run(kind="counted"):
                begun[line.block, line.attempt] = None
            case Run(kind="pilot"):
                progress.pilots[line.variant] = line
            case BlockEnd():
                ended.add((line.block, line.attempt))
                begun[line.block, line.attempt] = None
                if line.status == "complete":
                    progress.complete.add(line.block)
                elif line.status == "repeat":
                    progress.repeats[line.block] = progress.repeats.get(line.block, 0) + 1
            case Session():
                progress.sessions += 1
            case _:
                pass
    for block, attempt in begun:
        progress.attempts[block] = max(progress.attempts.get(block, 0), attempt + 1)
    progress.open_attempts = [key for key in begun if key not in ended]
    return progress
