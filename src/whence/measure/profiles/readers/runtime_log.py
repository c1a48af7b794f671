"""A log in which a Go runtime's own lines stand among the program's: each read by its reader, the others counted.

Offsets of the tables are bytes of the log, so that lines without a time can be placed between those that have one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.readers import gcpacertrace, gctrace, inittrace, scavtrace, schedtrace
from whence.measure.profiles.readers.text_lines import Broken

READERS = (gctrace, scavtrace, schedtrace, gcpacertrace, inittrace)


@dataclass(frozen=True, slots=True, eq=False)
class RuntimeLog:
    """What the runtime printed, by kind, and how much else there was."""

    cycles: gctrace.GcCycles
    scavenges: scavtrace.Scavenges
    scheduler: schedtrace.SchedStates
    pacer: gcpacertrace.PacerTrace
    initialisations: inittrace.Initialisations
    bytes: int
    other_lines: int
    """Lines without anything of the runtime: the program's own."""
    broken: tuple[Broken, ...]
    """Lines of the runtime that another writer broke, by offset; nothing of them is in the tables."""

    @property
    def empty(self) -> bool:
        """Tells that the log holds nothing of the runtime's."""
        tables = (self.cycles, self.scavenges, self.scheduler, self.pacer.starts, self.pacer.ends, self.initialisations)
        return not any(len(table) for table in tables)


def read(data: bytes) -> RuntimeLog:
    """Returns the runtime's lines in `data` as tables; all empty when there are none."""
    cycles, scavenges, scheduler = gctrace.read(data), scavtrace.read(data), schedtrace.read(data)
    pacer, initialisations = gcpacertrace.read(data), inittrace.read(data)
    broken = sorted({*cycles.broken, *scavenges.broken, *scheduler.broken, *pacer.broken, *initialisations.broken})
    offsets = [
        cycles.offset, scavenges.offset, scheduler.offset, pacer.starts.offset, pacer.ends.offset, pacer.swept,
        initialisations.offset, np.array([line.offset for line in broken], np.int64),
    ]  # fmt: skip
    return RuntimeLog(
        cycles=cycles,
        scavenges=scavenges,
        scheduler=scheduler,
        pacer=pacer,
        initialisations=initialisations,
        bytes=len(data),
        other_lines=_lines(data) - _lines_of(data, np.concatenate(offsets)),
        broken=tuple(broken),
    )


def looks_like(data: bytes) -> bool:
    """Tells whether the beginning of a file holds a line of the runtime's."""
    return any(reader.looks_like(data) for reader in READERS)


def _lines(data: bytes) -> int:
    return data.count(b"\n") + (not data.endswith(b"\n") and bool(data))


def _lines_of(data: bytes, offsets: NDArray[np.int64]) -> int:
    """Returns how many different lines the offsets lie in."""
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n"))
    return len(np.unique(np.searchsorted(ends, offsets)))
