"""What `GODEBUG=gcpacertrace=1` prints about the pacing of collections, Go 1.5 to 1.27.

| line | releases |
|---|---|
| `pacer: assist ratio=R (scan S MB in A->G MB) workers=D+F` at the start of marking | all |
| `pacer: U% CPU (T exp.) for H+S+G B work (E B exp.) in A B -> B B (∆goal D, cons/mark C)` at its end | 1.18 on |
| `pacer: H_m_prev=… h_t=… H_T=… h_a=… H_a=… h_g=… H_g=… u_a=… u_g=… W_a=… …` at its end | to 1.18 |

Both ends are read into one table; the heap is in bytes there, where gctrace cuts it to whole MiB. Releases before 1.27
print fractions as `+3.989296e-001`. Source: `mgc.go`, later `mgcpacer.go`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.readers.text_lines import Broken, broken_lines, table

Int64 = NDArray[np.int64]
Float64 = NDArray[np.float64]

UNKNOWN = -1
_FLOAT = rb"[-+]?(?:\d{1,30}(?:\.\d{1,30})?(?:e[-+]?\d{1,4})?|Inf|NaN)"
_START = re.compile(
    rb"pacer: assist ratio=(?P<ratio>"
    + _FLOAT
    + rb") \(scan (?P<scan>\d{1,15}) MB in (?P<at>\d{1,15})->(?P<goal>\d{1,15})"
    rb" MB\) workers=(?P<workers>-?\d{1,9})\+(?P<fraction>" + _FLOAT + rb")"
)
_END = re.compile(
    rb"pacer: (?P<used>-?\d{1,10})% CPU \((?P<target>-?\d{1,10}) exp\.\) for "
    rb"(?P<heap>-?\d{1,18})\+(?P<stack>-?\d{1,18})"
    rb"\+(?P<globals>-?\d{1,18}) B work \((?P<expected>-?\d{1,18}) B exp\.\) in "
    rb"(?P<trigger>\d{1,18}) B -> (?P<live>\d{1,18}) B"
    rb" \([^ ]{1,4}goal (?P<beyond>-?\d{1,18}), cons/mark (?P<consmark>" + _FLOAT + rb")\)"
)
_OLD_END = re.compile(
    rb"pacer: H_m_prev=(?P<marked>\d{1,18}) h_t=" + _FLOAT + rb" H_T=(?P<trigger>\d{1,18}) h_a=" + _FLOAT
    + rb" H_a=(?P<live>\d{1,18}) h_g=" + _FLOAT + rb" H_g=(?P<goal>\d{1,18}) u_a=(?P<used>" + _FLOAT
    + rb") u_g=(?P<target>" + _FLOAT + rb") W_a=(?P<work>-?\d{1,18}) "
)  # fmt: skip
_SWEPT = re.compile(
    rb"pacer: sweep done at heap size \d{1,15}MB; allocated \d{1,15}MB during sweep; swept \d{1,15} pages at "
)
_HEAD = re.compile(rb"pacer: (?:assist ratio=|-?\d{1,10}% CPU |H_m_prev=|sweep done)")


@dataclass(frozen=True, slots=True, eq=False)
class PacerStarts:
    """A row a start of marking."""

    offset: Int64
    assist_ratio: Float64
    """Bytes to be scanned by a goroutine for each byte that it allocates."""
    scan_mib: Int64
    start_mib: Int64
    goal_mib: Int64
    workers: Int64
    """Dedicated marking workers."""
    fraction: Float64
    """Share of one processor that a fractional worker takes."""

    def __len__(self) -> int:
        return len(self.offset)


@dataclass(frozen=True, slots=True, eq=False)
class PacerEnds:
    """A row an end of marking."""

    offset: Int64
    used_share: Float64
    """Share of the CPU that marking and assists took meanwhile."""
    target_share: Float64
    work_bytes: Int64
    trigger_bytes: Int64
    heap_bytes: Int64
    """Heap when marking ended."""
    beyond_goal_bytes: Int64
    """Heap when marking ended, less the goal: above 0 is an overshoot."""

    def __len__(self) -> int:
        return len(self.offset)


@dataclass(frozen=True, slots=True, eq=False)
class PacerTrace:
    """Starts and ends of marking, and lines that another writer broke."""

    starts: PacerStarts
    ends: PacerEnds
    swept: Int64
    """Byte at which each report of a finished sweep starts."""
    broken: tuple[Broken, ...] = ()


def read(data: bytes) -> PacerTrace:
    """Returns what the pacer printed in `data`."""
    swept = np.array([match.start() for match in _SWEPT.finditer(data)], np.int64)
    first = table((_start(match) for match in _START.finditer(data)), 7)
    ends = (_end(match) for match in _END.finditer(data))
    last = table(chain(ends, (_old_end(match) for match in _OLD_END.finditer(data))), 7)
    whole = np.concatenate([_whole(first[:, 0]), _whole(last[:, 0]), swept])
    return PacerTrace(
        PacerStarts(
            _whole(first[:, 0]), first[:, 1], *(_whole(first[:, k]) for k in range(2, 6)), fraction=first[:, 6]
        ),
        PacerEnds(_whole(last[:, 0]), last[:, 1], last[:, 2], *(_whole(last[:, k]) for k in range(3, 7))),
        swept,
        broken_lines(data, _HEAD, whole),
    )


def looks_like(data: bytes) -> bool:
    """Tells whether the beginning of a file holds such a line."""
    return _HEAD.search(data) is not None


def _whole(column: Float64) -> Int64:
    return column.astype(np.int64)


def _start(match: re.Match[bytes]) -> tuple[float, ...]:
    numbers = (match[name] for name in ("ratio", "scan", "at", "goal", "workers", "fraction"))
    return (match.start(), *(float(number) for number in numbers))


def _end(match: re.Match[bytes]) -> tuple[float, ...]:
    work = sum(int(match[name]) for name in ("heap", "stack", "globals"))
    used, target, trigger, live, beyond = (
        float(match[name]) for name in ("used", "target", "trigger", "live", "beyond")
    )
    return (match.start(), used / 100, target / 100, work, trigger, live, beyond)


def _old_end(match: re.Match[bytes]) -> tuple[float, ...]:
    used, target, work, trigger, live, goal = (
        float(match[name]) for name in ("used", "target", "work", "trigger", "live", "goal")
    )
    return (match.start(), used, target, work, trigger, live, live - goal)
