"""What `GODEBUG=schedtrace=N` prints every N ms, Go 1.2 to 1.27.

    SCHED 106ms: gomaxprocs=2 idleprocs=2 threads=4 … runqueue=0 [ 0 0 ] schedticks=[ 1692 1025 ]

Counts are read by their names, so those that a release lacks are UNKNOWN. With scheddetail=1 the run queues stand in
the `  P0: …` lines that follow. The time runs from the first such line, which is printed within milliseconds of the
program's start. Source: `schedtrace` in `proc.c`, later `proc.go`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.readers.text_lines import Broken, broken_lines, table

Int64 = NDArray[np.int64]

UNKNOWN = -1
_LINE = re.compile(
    rb"SCHED (?P<at>\d{1,15})ms: (?P<counts>(?:[a-z]{1,20}=\S{1,20} ?){1,14})(?:\[(?P<queues>[\d ]{1,40000})\])?"
)
_HEAD = re.compile(rb"SCHED \d")
_DETAIL = re.compile(rb"^  P\d{1,6}: status=.{0,120}? runqsize=(\d{1,10})", re.MULTILINE)
_NAMES = (
    "gomaxprocs",
    "idleprocs",
    "threads",
    "spinningthreads",
    "needspinning",
    "idlethreads",
    "runqueue",
    "gcwaiting",
)


@dataclass(frozen=True, slots=True, eq=False)
class SchedStates:
    """A row a line. Counts are UNKNOWN where a release prints none."""

    offset: Int64
    at_ms: Int64
    gomaxprocs: Int64
    idleprocs: Int64
    threads: Int64
    spinningthreads: Int64
    needspinning: Int64
    idlethreads: Int64
    runqueue: Int64
    """Goroutines in the global run queue."""
    gcwaiting: Int64
    """1 while the world is being stopped (scheddetail only)."""
    local_queues: Int64
    """Goroutines in the run queues of all processors together."""
    broken: tuple[Broken, ...] = ()

    def __len__(self) -> int:
        return len(self.offset)


def read(data: bytes) -> SchedStates:
    """Returns the states that `data` holds; no rows when it has no such line."""
    matches = (match for match in _LINE.finditer(data) if b"gomaxprocs=" in match["counts"])
    rows = ((match.start(), int(match["at"]), *_counts(match)) for match in matches)
    whole = table(rows, 3 + len(_NAMES)).astype(np.int64)
    offsets, local = whole[:, 0], whole[:, -1].copy()
    _add_details(local, offsets, data)
    columns = [whole[:, column] for column in range(2 + len(_NAMES))]
    return SchedStates(*columns, local_queues=local, broken=broken_lines(data, _HEAD, offsets))


def looks_like(data: bytes) -> bool:
    """Tells whether the beginning of a file holds such a line."""
    return _LINE.search(data) is not None


def _counts(match: re.Match[bytes]) -> list[int]:
    named: dict[bytes, int] = {}
    for item in match["counts"].split():
        name, _, value = item.partition(b"=")
        named[name] = _integer(value)
    queues = match["queues"]
    total = sum(_integer(text) for text in queues.split()) if queues is not None else UNKNOWN
    return [*(named.get(name.encode(), UNKNOWN) for name in _NAMES), total]


def _integer(text: bytes) -> int:
    if text in (b"true", b"false"):
        return int(text == b"true")
    return int(text) if text.isdigit() and len(text) < 16 else UNKNOWN


def _add_details(local: Int64, offsets: Int64, data: bytes) -> None:
    """Adds the run queues of the detailed lines to the state that each follows."""
    for match in _DETAIL.finditer(data):
        row = int(np.searchsorted(offsets, match.start())) - 1
        if row >= 0:
            local[row] = max(local[row], 0) + int(match[1])
