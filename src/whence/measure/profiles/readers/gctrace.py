"""What `GODEBUG=gctrace=1` prints, a line a collection, in the wordings of every release from Go 1.2 on.

| releases | line |
|---|---|
| 1.2 | `gc7(2): 1+1+0 ms, 8 -> 4 MB 99 -> 50 (120-70) objects, …`: mark, sweep, the rest of the pause |
| 1.3, 1.4 | `gc7(2): 1+0+4192+0 us, 7 -> 7 MB, 60146 (…) objects, …`: all four parts are pause |
| 1.5 | `gc 7 @0.1s 2%: a+b+c+d+e ms clock, a+b+c+assist/background/idle+e ms cpu, …`: a and e stop the world |
| 1.6 to 1.17 | `gc 7 @0.1s 2%: a+b+c ms clock, a+assist/background/idle+c ms cpu, 4->4->2 MB, 5 MB goal, 8 P` |
| 1.18 on | the same with `# MB stacks, # MB globals,` before the processors |

`(forced)` marks a call of runtime.GC (up to 1.16 also the cycle that was running when it was called), `(checking for
goroutine leaks)` (1.26) such a cycle. Sources: `mgc0.c` of 1.2 to 1.4, `mgc.go` since. All numbers are cut, not
rounded, to the last digit printed: the true one is less than one `step` above. MB are 2**20 bytes. A line may start
anywhere in a line of a log, behind the prefix of a log collector; one that another writer broke in two is counted as
broken, never guessed at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.readers.text_lines import Broken, broken_lines, table

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

MIB = 1 << 20
UNKNOWN = -1

_TIME = rb"\d{1,15}(?:\.\d{1,3})?"
_CYCLE = re.compile(
    rb"gc (?P<number>\d{1,10}) @(?P<at>\d{1,12}\.\d{3})s (?P<percent>-?\d{1,10})%"
    rb"(?P<leaks> \(checking for goroutine leaks\))?"
    rb": (?P<clock>" + _TIME + rb"(?:\+" + _TIME + rb"){2,4}) ms clock, "
    rb"(?P<cpu>" + _TIME + rb"(?:[+/]" + _TIME + rb"){4,6}) ms cpu, "
    rb"(?P<start>\d{1,12})->(?P<end>\d{1,12})->(?P<live>\d{1,12}) MB, (?P<goal>\d{1,15}) MB goal, "
    rb"(?:(?P<stacks>\d{1,12}) MB stacks, (?P<globals>\d{1,12}) MB globals, )?"
    rb"(?P<procs>\d{1,9}) P(?P<forced> \(forced\))?"
)
_OLD = re.compile(
    rb"gc(?P<number>\d{1,10})\((?P<procs>\d{1,9})\): (?P<times>\d{1,15}(?:\+\d{1,15}){2,3}) (?P<unit>[mu]s), "
    rb"(?P<start>\d{1,12}) -> (?P<end>\d{1,12}) MB,? (?:\d{1,15} -> )?"
    rb"(?P<objects>\d{1,15}) \(\d{1,15}-\d{1,15}\) objects"
    rb"(?:, (?P<goroutines>\d{1,12}) goroutines)?"
)
_HEAD = re.compile(rb"gc \d{1,10} @\d|gc\d{1,10}\(\d{1,9}\): \d")


@dataclass(frozen=True, slots=True, eq=False)
class GcCycles:
    """A row a collection, in the order of the file. Times are NaN and amounts UNKNOWN where a release prints none."""

    offset: Int64
    """Byte of the file at which the line starts."""
    number: Int64
    start_s: Float64
    """Seconds from the program's start to the cycle's."""
    percent: Int64
    """Share of the CPU in collection since the program's start, as printed."""
    clock_ms: Float64
    """(rows, 3): sweep termination (world stopped), concurrent mark, mark termination (world stopped)."""
    clock_step_ms: Float64
    """(rows, 3): the true time is less than this above the printed one."""
    cpu_ms: Float64
    """(rows, 5): sweep termination, assists, background marking (dedicated and fractional), idle marking, mark
    termination."""
    cpu_step_ms: Float64
    start_mib: Int64
    end_mib: Int64
    live_mib: Int64
    """What was found live by marking; for 1.4 and older the heap after the collection."""
    goal_mib: Int64
    stacks_mib: Int64
    globals_mib: Int64
    procs: Int64
    forced: NDArray[np.bool_]
    checks_leaks: NDArray[np.bool_]
    old: NDArray[np.bool_]
    """Lines of 1.4 and older: the whole collection stands in `clock_ms[:, 2]`, as the world was stopped for it."""
    broken: tuple[Broken, ...] = ()

    def __len__(self) -> int:
        return len(self.number)

    def rows(self, rows: slice) -> GcCycles:
        """Returns only these rows."""
        parts = {name: getattr(self, name)[rows] for name in self.__slots__ if name != "broken"}
        return GcCycles(**parts, broken=self.broken)


def read(data: bytes) -> GcCycles:
    """Returns the cycles that `data` holds; none when it has no such line."""
    modern = ((match.start(), *_modern(match)) for match in _CYCLE.finditer(data))
    old = ((match.start(), *_old(match)) for match in _OLD.finditer(data))
    rows = table(chain(modern, old), 30)
    offsets = rows[:, 0].astype(np.int64)
    return _columns(offsets, rows[:, 1:], broken_lines(data, _HEAD, offsets))


def looks_like(data: bytes) -> bool:
    """Tells whether the beginning of a file holds such a line."""
    return _CYCLE.search(data) is not None or _OLD.search(data) is not None


def step_of(text: bytes) -> float:
    """Returns the worth of the last digit: `0.11` is cut to hundredths; a bare `0` is below a thousandth.

    The runtime prints two digits of precision and at most three decimals, so a `0` hides less than a microsecond.
    """
    if text == b"0":
        return 1e-3
    return 10.0 ** -len(text.partition(b".")[2])


_Row = tuple[float, ...]


def _modern(match: re.Match[bytes]) -> _Row:
    clock = match["clock"].split(b"+")
    cpu = re.split(rb"[+/]", match["cpu"])
    phases = [_times(clock[:1]), _times(clock[1:-1]), _times(clock[-1:])]
    parts = [_times(cpu[:1]), _times(cpu[-4:-3]), _times([*cpu[1:-4], cpu[-3]]), _times(cpu[-2:-1]), _times(cpu[-1:])]
    stacks, global_data = match["stacks"], match["globals"]
    return (
        float(match["number"]), float(match["at"]), float(match["percent"]),
        *(time for time, _ in phases), *(step for _, step in phases),
        *(time for time, _ in parts), *(step for _, step in parts),
        float(match["start"]), float(match["end"]), float(match["live"]), float(match["goal"]),
        UNKNOWN if stacks is None else float(stacks), UNKNOWN if global_data is None else float(global_data),
        float(match["procs"]), match["forced"] is not None, match["leaks"] is not None, False,
    )  # fmt: skip


def _old(match: re.Match[bytes]) -> _Row:
    nan = float("nan")
    unit = 1e-3 if match["unit"] == b"us" else 1.0
    times = [float(part) for part in match["times"].split(b"+")]
    return (
        float(match["number"]), nan, UNKNOWN, 0.0, 0.0, sum(times) * unit, 0.0, 0.0, len(times) * unit,
        *[nan] * 10, float(match["start"]), float(match["end"]), float(match["end"]), UNKNOWN, UNKNOWN, UNKNOWN,
        float(match["procs"]), False, False, True,
    )  # fmt: skip


def _times(texts: list[bytes]) -> tuple[float, float]:
    """Returns the sum of printed times and of their steps."""
    return sum(float(text) for text in texts), sum(step_of(text) for text in texts)


def _columns(offsets: Int64, table: Float64, broken: tuple[Broken, ...]) -> GcCycles:
    whole = np.nan_to_num(table, nan=UNKNOWN).astype(np.int64)
    return GcCycles(
        offset=offsets,
        number=whole[:, 0],
        start_s=table[:, 1],
        percent=whole[:, 2],
        clock_ms=table[:, 3:6],
        clock_step_ms=table[:, 6:9],
        cpu_ms=table[:, 9:14],
        cpu_step_ms=table[:, 14:19],
        start_mib=whole[:, 19],
        end_mib=whole[:, 20],
        live_mib=whole[:, 21],
        goal_mib=whole[:, 22],
        stacks_mib=whole[:, 23],
        globals_mib=whole[:, 24],
        procs=whole[:, 25],
        forced=table[:, 26] > 0,
        checks_leaks=table[:, 27] > 0,
        old=table[:, 28] > 0,
        broken=broken,
    )
