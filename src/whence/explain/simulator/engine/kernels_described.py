"""A described program in event mode: makes the choices of a program that draws its objects by xorshift64.

bench/simulator_cadence/player does the same in Go: the kind by weight, what is replaced at random or in turn.
"""

from __future__ import annotations

# pyright: reportArgumentType=false, reportCallIssue=false, reportPossiblyUnboundVariable=false, reportReturnType=false
# compiled: Numba knows the types of elements and intrinsics, which pyright takes for arrays and missing arguments
import numpy as np

from whence.explain.simulator.engine import layout as at
from whence.explain.simulator.engine.kernels_event_process import (
    NEXT_SAMPLE,
    OBJECTS,
    Process,
    advance,
    begin_process,
    born,
    dies,
    record,
)
from whence.explain.simulator.pages.compiling import kernel

# Columns of `kinds` (int64), one row a kind.
SPAN_CLASS, PAGES, SCAN, LIVE, TABLE, THRESHOLD, FIXED, TINY, KEPT_KIND, PLACE, BYTES = range(11)
KIND_FIELDS = 12

# Slots of `pace` (float64).
START_NS, PEAK_OBJECTS, PEAK_CLASS, PEAK_PAGES, OBJECT_NS, COST, LENGTH_OBJECTS, PEAK_BYTES = range(8)
PACE_SLOTS = 8

DONE, TOO_MANY_DEATHS, OUT_OF_MEMORY = 0, 1, 2
_NONE = -1


@kernel
def _next(random: np.ndarray) -> np.uint64:
    z = random[0]
    z ^= z << np.uint64(13)
    z ^= z >> np.uint64(7)
    z ^= z << np.uint64(17)
    random[0] = z
    return z


@kernel
def _start(process: Process, kinds: np.ndarray, tables: np.ndarray, peak: np.ndarray, pace: np.ndarray) -> None:
    """Makes what is kept, then the start-up peak, evenly over the start or as fast as it can."""
    s = process.settings
    total = pace[PEAK_OBJECTS]
    for kind in range(len(kinds)):
        if kinds[kind, KEPT_KIND] == 1:
            total += kinds[kind, LIVE]
    each = pace[START_NS] / max(total, 1.0)
    pending, cost_ns = 0.0, 0.0
    for kind in range(len(kinds) + 1):
        is_peak = kind == len(kinds)
        if not is_peak and kinds[kind, KEPT_KIND] == 0:
            continue
        count = int(pace[PEAK_OBJECTS]) if is_peak else kinds[kind, LIVE]
        span_class = int(pace[PEAK_CLASS]) if is_peak else kinds[kind, SPAN_CLASS]
        pages = int(pace[PEAK_PAGES]) if is_peak else kinds[kind, PAGES]
        scan = 0 if is_peak else kinds[kind, SCAN]
        size = pace[PEAK_BYTES] if is_peak else float(kinds[kind, BYTES])
        own = s[at.ALLOCATE_NS] + size * s[at.ALLOCATE_BYTE_NS]
        for index in range(count):
            slot, refilled = born(process, 0, span_class, pages, scan)
            if is_peak:
                peak[index] = slot
            else:
                tables[kinds[kind, TABLE] + index] = slot
            pending += max(own, each)
            cost_ns += own
            if refilled:
                advance(process, pending, cost_ns / pending)
                pending, cost_ns = 0.0, 0.0
    for index in range(int(pace[PEAK_OBJECTS])):
        dies(process, peak[index], 0)


@kernel
def run_described(
    process: Process,
    kinds: np.ndarray,
    tables: np.ndarray,
    peak: np.ndarray,
    pace: np.ndarray,
    random: np.ndarray,
) -> int:
    """Runs a described program to its end: returns DONE or why it stopped."""
    s, x, counts = process.settings, process.state, process.counts
    begin_process(process)
    _start(process, kinds, tables, peak, pace)
    pending = 0.0
    cost, each = pace[COST], pace[OBJECT_NS]
    users = int(min(s[at.GOROUTINES], s[at.PROCESSORS]))
    for number in range(int(pace[LENGTH_OBJECTS])):
        drawn = _next(random) >> np.uint64(32)
        kind = 0
        while kind < len(kinds) - 1 and drawn >= np.uint64(kinds[kind, THRESHOLD]):
            kind += 1
        row = kinds[kind]
        pending += each
        if row[TINY] > 1 and number % row[TINY] != 0:
            continue
        slot, refilled = born(process, (number >> 6) % users, row[SPAN_CLASS], row[PAGES], row[SCAN])
        dead, scan = slot, row[SCAN]
        if row[LIVE] > 0:
            if row[FIXED] == 1:
                place = row[TABLE] + row[PLACE]
                row[PLACE] = (row[PLACE] + 1) % row[LIVE]
            else:
                place = row[TABLE] + int(_next(random) % np.uint64(row[LIVE]))
            dead = tables[place]
            tables[place] = slot
        if refilled:
            advance(process, pending, cost)
            pending = 0.0
            if x[at.OOM_AT] >= 0:
                return OUT_OF_MEMORY
            if x[at.NOW] >= s[at.END_NS]:
                break
        if dead != _NONE and not dies(process, dead, scan):
            return TOO_MANY_DEATHS
    counts[OBJECTS] = counts[OBJECTS] + 1
    if pace[LENGTH_OBJECTS] == 0:
        pending = max(min(s[at.PROGRAM_NS], s[at.END_NS]) - x[at.NOW], 0.0)
        cost = max(s[at.OWN_SHARE], 1e-9)
    advance(process, pending, cost)
    counts[NEXT_SAMPLE] = 0
    record(process)
    return DONE
