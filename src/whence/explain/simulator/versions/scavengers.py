"""Which scavenger each release has: what it works towards, how it rests, what it does for the memory limit.

One row for each group of releases with the same rules, 1.0 to 1.27, with the place it was read at; a row holds from its
`since` up to the next row's. The rules are those of `simulator.scavenger.rules` and the kernels beside it.
"""

from __future__ import annotations

import bisect

import msgspec

from whence.evidence.errors import BadInput
from whence.explain.simulator.scavenger import rules
from whence.golang.versions import Version, parse_version

SECOND_NS = 1_000_000_000


class ScavengerRow(msgspec.Struct, frozen=True, kw_only=True):
    """The scavenger of all releases from `since` on."""

    since: str
    source: str
    """Release, file and line the row was read at."""
    verified: bool
    """True where choices or goals were compared with the real runtime or with its own tests."""
    goal: int
    rest: int = rules.TICK
    limit: int = rules.LIMIT_NEVER
    tick_ns: int = 0
    """TICK: time between two looks at all free spans."""
    idle_ns: int = 0
    """TICK: how long a span must have been free."""
    on_growth: bool = False
    """Growing the heap gives memory back: the largest free spans in 1.12, what is above the goal from 1.13 on."""
    on_scavenged_use: bool = False
    """1.12.0 to 1.12.4: every allocation from a scavenged span gives as much back elsewhere."""
    min_fraction: float = 0.001
    """AVERAGE: least share of time that is counted; 0 up to 1.16."""
    spares_dense: bool = False
    """Chunks more than 96.875 % in use, now or in the last cycle, are left alone unless forced (1.21 and later)."""
    wakes_at_mark_end: bool = False
    """Woken when marking ends (1.13 and 1.14), otherwise when sweeping has ended, through the system monitor."""
    eager: bool = False
    """Allocations that would pass the memory limit give memory back themselves (1.19 and later)."""


_replace = msgspec.structs.replace
_NEVER = ScavengerRow(since="1.0", source="public description of 1.0", verified=False, goal=rules.NOTHING)
_IDLE = _replace(
    _NEVER,
    since="1.1",
    source="public description of 1.1; go1.2.2 src/pkg/runtime/mheap.c:439, go1.3.3 mheap.c:507",
    goal=rules.IDLE_SPANS,
    tick_ns=60 * SECOND_NS,
    idle_ns=300 * SECOND_NS,
)
_SYSMON = _replace(
    _IDLE,
    since="1.4",
    source="go1.4.3 src/runtime/proc.c sysmon, mheap.c:609; go1.10.8 src/runtime/proc.go:4198, mheap.go:1179",
    tick_ns=150 * SECOND_NS,
)
_GROWING = _replace(
    _SYSMON,
    since="1.12",
    source="go1.12.17 src/runtime/mheap.go scavengeLargest, proc.go:4259; what was undone by commit fd3676302e",
    on_growth=True,
    on_scavenged_use=True,
)
_GROWING_5 = _replace(
    _GROWING, since="1.12.5", source="go1.12.17 src/runtime/mheap.go scavengeLargest", on_scavenged_use=False
)
_PACED = ScavengerRow(
    since="1.13",
    source="go1.13.15 src/runtime/mgcscavenge.go:105, 287; the goal from the description of commit cd951aeec4",
    verified=False,
    goal=rules.NEXT_COLLECTION,
    rest=rules.RATE,
    wakes_at_mark_end=True,
)
_PACED_3 = _replace(
    _PACED,
    since="1.13.3",
    source="go1.13.15 src/runtime/mgcscavenge.go:105, 287, mheap.go:1471",
    goal=rules.IN_USE,
    on_growth=True,
)
_PAGEWISE = _replace(
    _PACED_3,
    since="1.14",
    source="go1.14.15 src/runtime/mgcscavenge.go:111, 225",
    verified=True,
    rest=rules.AVERAGE,
    min_fraction=0.0,
)
_PAGEWISE_15 = _replace(
    _PAGEWISE,
    since="1.15",
    source="go1.15.15 src/runtime/mgcscavenge.go:116, 252, mgcsweep.go:268",
    wakes_at_mark_end=False,
)
_PAGEWISE_17 = _replace(
    _PAGEWISE_15, since="1.17", source="go1.17.13 src/runtime/mgcscavenge.go bgscavenge", min_fraction=0.001
)
_CONTROLLED = _replace(
    _PAGEWISE_17,
    since="1.18",
    source="go1.18.10 src/runtime/mgcscavenge.go:120, 259, mgcpacer.go piController",
    rest=rules.CONTROLLER,
)
_LIMITED = _replace(
    _CONTROLLED,
    since="1.19",
    source="go1.19.13 src/runtime/mgcscavenge.go:141, 429, 613; go1.20.14 mgcscavenge.go:141, 440",
    limit=rules.LIMIT_TIMES_95,
    eager=True,
)
_SPARING = _replace(
    _LIMITED,
    since="1.21",
    source="go1.21.0, go1.21.4 and go1.21.13 src/runtime/mgcscavenge.go:167, 465, 649, shouldScavenge",
    spares_dense=True,
)
_MENDED = _replace(
    _SPARING,
    since="1.22",
    source="go1.22.12, go1.24.13, go1.26.3 and go1.27.4 src/runtime/mgcscavenge.go:167, 465, 649",
    limit=rules.LIMIT_95_PERCENT,
)
ROWS = (
    _NEVER,
    _IDLE,
    _SYSMON,
    _GROWING,
    _GROWING_5,
    _PACED,
    _PACED_3,
    _PAGEWISE,
    _PAGEWISE_15,
    _PAGEWISE_17,
    _CONTROLLED,
    _LIMITED,
    _SPARING,
    _MENDED,
)
_BOUNDS = [parse_version(row.since) for row in ROWS]
_END = parse_version("1.28")


def scavenger_row(version: Version) -> ScavengerRow:
    """Returns the scavenger of a release, or of the last release of a line (`1.21`).

    Raises BadInput outside 1.0 to 1.27.
    """
    if version.kind == "line":
        version = Version(version.major, version.minor, parse_version("1.0.0").stage, 1 << 20)
    place = bisect.bisect_right(_BOUNDS, version) - 1
    if place < 0 or version >= _END:
        raise BadInput(f"Go {version.text} has no simulated scavenger. Choose a release from 1.0 to 1.27.")
    return ROWS[place]
