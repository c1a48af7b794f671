"""Which pacer each release has: when a collection starts, how large the heap may get, how marking is paced.

One row for each group of releases with the same rules, 1.0 to 1.27, with the place each was read at. A row holds for
every release from its `since` up to the next row's. The rules themselves are the kernels of `simulator.pacer`.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import IntEnum

import msgspec

from whence.golang.versions import Version, parse_version

MIB = 1 << 20


class Generation(IntEnum):
    """How the start of a cycle is decided."""

    SWEPT_STOP = 0  # 1.0-1.2: the world stops, the heap is swept, then next_gc is known
    LAZY_STOP = 1  # 1.3-1.4: swept later, next_gc falls as garbage is found
    RATIO = 2  # 1.5-1.17: a ratio of heap growth, corrected by feedback
    REDESIGN = 3  # 1.18: runway from cons/mark, trigger and goal stored
    ON_DEMAND = 4  # 1.19+: the same with a memory limit, trigger and goal computed when asked


class Reachable(IntEnum):
    """What trigger and goal are based on (RATIO)."""

    MARKED = 0  # 1.8+: heap_marked
    LESS_ALLOCATED = 1  # 1.5: marked less allocated during the cycle, as unsigned numbers
    LESS_ALLOCATED_CLAMPED = 2  # 1.6: the same, nothing allocated when the heap shrank
    ALL_MARKED = 3  # 1.7: marked, kept apart from heap_marked


class RatioBounds(IntEnum):
    """The range of the trigger ratio, g being GOGC/100 (RATIO)."""

    ZERO_AT_CYCLE_END = 0  # 1.5-1.8: [0, g * 0.95], when a cycle ends
    ZERO = 1  # 1.9-1.13: [0, 0.95 * GOGC / 100]
    SIX_TENTHS = 2  # 1.14.0, 1.14.1: [0.6, 0.95 * g]
    SIX_TENTHS_SCALED = 3  # 1.14.2+: [0.6 * g, 0.95 * g]


class SweepDistance(IntEnum):
    """Heap growth kept for sweeping before the next trigger."""

    NONE = 0
    ALWAYS_SCALED = 1  # 1.5-1.8: 1 MiB * g, at the end of every cycle
    SCALED = 2  # 1.9-1.12: 1 MiB * g while sweeping is unfinished
    FIXED = 3  # 1.13+: 1 MiB while sweeping is unfinished


class Revise(IntEnum):
    """How scan work is spread over the allocation that is left."""

    NONE = 0
    AT_START = 1  # 1.5: by the heap at the start of the cycle, 1 MiB at least
    ALL_SCANNABLE = 2  # 1.6-1.9: all scannable bytes that are left
    PAST_GOAL = 3  # 1.10-1.13: the steady state's share, all of it past the goal
    PAST_GOAL_OR_WORK = 4  # 1.14-1.17: also when more work was found than expected
    EXTRAPOLATED = 5  # 1.18+: last cycle's work; the goal moves with the work found


class Workers(IntEnum):
    """How many mark workers a quarter of the processors makes."""

    NONE = 0
    ONE_FRACTIONAL = 1  # 1.5-1.9: rounded down, the rest by one fractional worker
    ROUNDED = 2  # 1.10+: rounded; fractional work on every processor when that is 30 % off


class ConsMark(IntEnum):
    """How the measured cons/mark ratio becomes the estimate (1.18+)."""

    NONE = 0
    CONTROLLER = 1  # 1.18, 1.19: a PI controller
    MEAN_OF_TWO = 2  # 1.20
    LARGEST_OF_FIVE = 3  # 1.21+: the newest and the four before it


class Assist(IntEnum):
    """How much scan work an allocation in debt does beyond its debt."""

    NONE = 0  # 1.5
    BYTES_AHEAD = 1  # 1.6: 1 MiB of further allocation
    WORK_AHEAD = 2  # 1.7+: at least 64 KiB of work


class PacerRow(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of all releases from `since` on."""

    since: str
    name: str
    """Short name of the generation: `stop`, `lazy`, `v1` to `v5`."""
    generation: Generation
    source: str
    """Release, file and lines the row was read at."""
    verified: bool = True
    """False when the release could not be fetched and the row rests on public descriptions alone."""
    default_heap_minimum: int = 4 * MIB
    """Bytes; 0: no minimum."""
    goal_utilization: float = 0.25
    background_utilization: float = 0.25
    minimum_goal_distance: int = 0
    """Bytes from the heap at the start of a cycle to its goal."""
    reachable: Reachable = Reachable.MARKED
    fakes_small_heap: bool = False
    ratio_bounds: RatioBounds = RatioBounds.ZERO_AT_CYCLE_END
    effective_growth: bool = False
    forced_keeps_ratio: bool = False
    sweep_distance: SweepDistance = SweepDistance.NONE
    revise: Revise = Revise.NONE
    workers: Workers = Workers.NONE
    cons_mark: ConsMark = ConsMark.NONE
    triggered_is_live: bool = False
    headroom_percent: int = 0
    memory_limit: bool = False
    """GOMEMLIMIT and the limiter of the collector's CPU exist."""
    limits_idle_workers: bool = False
    assist: Assist = Assist.NONE
    over_assist_bytes: int = 0
    """1.6: bytes of allocation, 1.7+: bytes of scan work."""
    periodic: bool = True
    """Two minutes without a cycle start one."""


_STOP = PacerRow(
    since="1.0",
    name="stop",
    generation=Generation.SWEPT_STOP,
    source="public descriptions of 1.0 and 1.1; rule of go1.2.2 src/pkg/runtime/mgc0.c:2131, malloc.goc:142",
    verified=False,
    default_heap_minimum=0,
    periodic=False,
)
_V1 = PacerRow(
    since="1.5",
    name="v1",
    generation=Generation.RATIO,
    source="go1.5.4 src/runtime/mgc.go:401-560, 1405-1525, 1565-1580, mgcsweep.go:329-345, mgcmark.go gcAssistAlloc",
    reachable=Reachable.LESS_ALLOCATED,
    fakes_small_heap=True,
    sweep_distance=SweepDistance.ALWAYS_SCALED,
    revise=Revise.AT_START,
    workers=Workers.ONE_FRACTIONAL,
)
_replace = msgspec.structs.replace
_V1_6 = _replace(
    _V1,
    since="1.6",
    source="go1.6.4 src/runtime/mgc.go:398-575, 738-742, 1524-1620, mgcmark.go:329",
    reachable=Reachable.LESS_ALLOCATED_CLAMPED,
    minimum_goal_distance=MIB,
    revise=Revise.ALL_SCANNABLE,
    assist=Assist.BYTES_AHEAD,
    over_assist_bytes=MIB,
)
_V1_7 = _replace(
    _V1_6,
    since="1.7",
    source="go1.7.6 src/runtime/mgc.go:400-580, 744-747, 1549-1625, mgcmark.go:407",
    reachable=Reachable.ALL_MARKED,
    assist=Assist.WORK_AHEAD,
    over_assist_bytes=64 << 10,
)
_V1_8 = _replace(
    _V1_7,
    since="1.8",
    source="go1.8.7 src/runtime/mgc.go:426-610, 1615-1705",
    reachable=Reachable.MARKED,
)
_V1_9 = _replace(
    _V1_8,
    since="1.9",
    source="go1.9.7 src/runtime/mgc.go:420-600, 759-840, mgcsweep.go deductSweepCredit",
    ratio_bounds=RatioBounds.ZERO,
    forced_keeps_ratio=True,
    sweep_distance=SweepDistance.SCALED,
)
_V2 = _replace(
    _V1_9,
    since="1.10",
    name="v2",
    source="go1.10.8 src/runtime/mgc.go:433-665, 795-913; go1.11.13 and go1.12.17 the same",
    goal_utilization=0.30,
    revise=Revise.PAST_GOAL,
    workers=Workers.ROUNDED,
)
_V2_13 = _replace(
    _V2,
    since="1.13",
    source="go1.13.15 src/runtime/mgc.go:408-625, 759-885",
    fakes_small_heap=False,
    effective_growth=True,
    sweep_distance=SweepDistance.FIXED,
)
_V2_14_0 = _replace(
    _V2_13,
    since="1.14",
    source="go1.14.15 src/runtime/mgc.go:412-630; the floor of 0.6 from the description of commit 9d7dad18db",
    ratio_bounds=RatioBounds.SIX_TENTHS,
    revise=Revise.PAST_GOAL_OR_WORK,
)
_V2_14 = _replace(
    _V2_14_0,
    since="1.14.2",
    source="go1.14.15 src/runtime/mgc.go:412-630, 763-912; go1.15.15, go1.16.15, go1.17.13 mgcpacer.go the same",
    ratio_bounds=RatioBounds.SIX_TENTHS_SCALED,
)
_V3 = PacerRow(
    since="1.18",
    name="v3",
    generation=Generation.REDESIGN,
    source="go1.18.10 src/runtime/mgcpacer.go:380-760, 982-1110, 1280-1350",
    minimum_goal_distance=64 << 10,
    sweep_distance=SweepDistance.FIXED,
    revise=Revise.EXTRAPOLATED,
    workers=Workers.ROUNDED,
    cons_mark=ConsMark.CONTROLLER,
    assist=Assist.WORK_AHEAD,
    over_assist_bytes=64 << 10,
)
_V3_19 = _replace(
    _V3,
    since="1.19",
    source="go1.19.13 src/runtime/mgcpacer.go:432-760, 982-1305, 1401-1468",
    generation=Generation.ON_DEMAND,
    memory_limit=True,
    limits_idle_workers=True,
)
_V4 = _replace(
    _V3_19,
    since="1.20",
    name="v4",
    source="go1.20.14 src/runtime/mgcpacer.go:385-680, 897-1220",
    cons_mark=ConsMark.MEAN_OF_TWO,
    triggered_is_live=True,
)
_V5 = _replace(
    _V4,
    since="1.21",
    name="v5",
    source="go1.21.13 src/runtime/mgcpacer.go:384-690, 903-1240; 1.22.12 to 1.27.4 differ in nothing that is computed",
    cons_mark=ConsMark.LARGEST_OF_FIVE,
    headroom_percent=3,
)

ROWS: tuple[PacerRow, ...] = (
    _STOP,
    _replace(_STOP, since="1.1", periodic=True),
    _replace(
        _STOP,
        since="1.2",
        periodic=True,
        source="go1.2.2 src/pkg/runtime/mgc0.c:2000, 2131, malloc.goc:142",
        verified=True,
    ),
    _replace(
        _STOP,
        since="1.3",
        periodic=True,
        name="lazy",
        generation=Generation.LAZY_STOP,
        source="go1.3.3 src/pkg/runtime/mgc0.c:1913, 1955, 2424; go1.4.3 src/runtime/mgc0.c:1064, 1098, 1460",
        verified=True,
    ),
    _V1,
    _V1_6,
    _V1_7,
    _V1_8,
    _V1_9,
    _V2,
    _V2_13,
    _V2_14_0,
    _V2_14,
    _V3,
    _V3_19,
    _V4,
    _V5,
)
OLDEST, NEWEST = "1.0", "1.27"
_REDESIGNED = "1.18"
_STARTS = tuple(parse_version(row.since) for row in ROWS)


def pacer_row(version: Version, experiments: Collection[str] = ()) -> PacerRow:
    """Returns the row of a release, or of a line of releases (`1.14`: that of its newest patch release).

    experiments: GOEXPERIMENT of the build; `nopacerredesign` (1.18 only) brings back the pacer of 1.17, and
    `heapminimum512kib` (1.18+) an eighth of the minimum heap. Releases beyond NEWEST get the last row; whether they may
    be asked for is for the caller to decide.
    """
    if version.line == _REDESIGNED and "nopacerredesign" in experiments:
        return _V2_14
    row = _row(version)
    if row.generation >= Generation.REDESIGN and "heapminimum512kib" in experiments:
        return _replace(row, default_heap_minimum=MIB // 2)
    return row


def _row(version: Version) -> PacerRow:
    last_of_line = version.kind == "line"
    chosen = ROWS[0]
    for row, start in zip(ROWS, _STARTS, strict=True):
        if start <= version or (last_of_line and start.line == version.line):
            chosen = row
    return chosen
