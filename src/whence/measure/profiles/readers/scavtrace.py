"""What the scavenger prints: with gctrace=1 up to Go 1.13, with scavtrace=1 since.

| releases | line |
|---|---|
| to 1.12 | `scvg3: 6 MB released`, `scvg3: GC forced`, `scvg3: inuse: 10, idle: 6, sys: 17, released: 6, … (MB)` |
| 1.13 | the same without the number (`scvg: …`), behind `forced ` when a program asked for it |
| 1.14 | `scav 8 KiB work, 51512 KiB total, 74% util (forced)` |
| 1.16 to 1.18 | `scav 13 0 KiB work, …`: behind `scav` the number of the cycle |
| 1.19 to 1.20 | as 1.14, and ` [controller reset]` may end it |
| 1.21 on | `scav 8 KiB work (bg), 0 KiB work (eager), 12784 KiB now, 93% util` |

Sources: `mheap.c` and `mheap.go` of 1.2 to 1.13, `mgcscavenge.go` since. Lines carry no time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.readers.text_lines import Broken, broken_lines, table

Int64 = NDArray[np.int64]

UNKNOWN = -1
_NEW = re.compile(
    rb"\bscav (?:(?P<generation>\d{1,10}) )?(?P<work>\d{1,15}) KiB work"
    rb"(?: \(bg\), (?P<eager>\d{1,15}) KiB work \(eager\))?, (?P<total>\d{1,15}) KiB (?:total|now), "
    rb"(?P<util>\d{1,20})% util"
    rb"(?P<forced> \(forced\))?(?P<reset> \[controller reset\])?"
)
_OLD = re.compile(
    rb"(?P<forced>forced )?scvg-?\d{0,10}: (?:(?P<work>\d{1,15}) MB released|inuse: (?P<inuse>\d{1,15}), "
    rb"idle: (?P<idle>\d{1,15}), sys: (?P<sys>\d{1,15}), released: (?P<total>\d{1,15}), "
    rb"consumed: (?P<consumed>\d{1,15}) \(MB\)"
    rb"|(?P<gc>GC forced))"
)
_HEAD = re.compile(rb"\bscav (?=\d)|(?:forced )?scvg-?\d{0,10}: ")


@dataclass(frozen=True, slots=True, eq=False)
class Scavenges:
    """A row a line, in the order of the file. Amounts are bytes (printed in KiB or MiB, cut); UNKNOWN where absent."""

    offset: Int64
    background_bytes: Int64
    """Released since the line before; before 1.21 by whomever."""
    eager_bytes: Int64
    """Released by allocations that would have passed the memory limit, or by the program's own request (1.21 on)."""
    released_bytes: Int64
    """Given back to the system and not taken again, at this moment."""
    utilisation_percent: Int64
    """In use, as percent of what is retained."""
    retained_bytes: Int64
    """Heap memory obtained and not given back (`consumed`, to 1.13)."""
    in_use_bytes: Int64
    forced: NDArray[np.bool_]
    unit_bytes: Int64
    """What one of the printed unit is worth: the true amount is less than this above the printed one."""
    broken: tuple[Broken, ...] = ()

    def __len__(self) -> int:
        return len(self.offset)


def read(data: bytes) -> Scavenges:
    """Returns what the scavenger printed in `data`; no rows when it printed nothing."""
    old = [match.start() for match in _OLD.finditer(data)]
    new = (_new(match) for match in _NEW.finditer(data))
    whole = table(chain(new, (_old(match) for match in _OLD.finditer(data) if match["gc"] is None)), 9).astype(np.int64)
    columns = [whole[:, column] for column in range(9)]
    offsets = np.concatenate([whole[:, 0], np.array(old, np.int64)])
    return Scavenges(
        *columns[:7],
        forced=columns[7] > 0,
        unit_bytes=columns[8],
        broken=broken_lines(data, _HEAD, offsets),
    )


def looks_like(data: bytes) -> bool:
    """Tells whether the beginning of a file holds such a line."""
    return _NEW.search(data) is not None or _OLD.search(data) is not None


def _new(match: re.Match[bytes]) -> tuple[int, ...]:
    return (
        match.start(), int(match["work"]) << 10, _scaled(match["eager"], 10), int(match["total"]) << 10,
        min(int(match["util"]), 1 << 40), UNKNOWN, UNKNOWN, int(match["forced"] is not None), 1 << 10,
    )  # fmt: skip


def _old(match: re.Match[bytes]) -> tuple[int, ...]:
    released, consumed, in_use = (_scaled(match[name], 20) for name in ("total", "consumed", "inuse"))
    util = 100 * in_use // consumed if consumed > 0 else UNKNOWN
    work = _scaled(match["work"], 20)
    return (
        match.start(), work, UNKNOWN, released, util, consumed, in_use, int(match["forced"] is not None), 1 << 20,
    )  # fmt: skip


def _scaled(text: bytes | None, bits: int) -> int:
    return UNKNOWN if text is None else min(int(text) << bits, 1 << 62)
