"""The fluid mode: a process from curves of its program, cycle by cycle, without single allocations."""

from __future__ import annotations

import numpy as np
from numba import njit

from whence.explain.simulator.engine import growth as curves_at
from whence.explain.simulator.engine import kernels_memory as memory
from whence.explain.simulator.engine import layout as at
from whence.explain.simulator.engine.kernels_marking import (
    DONE_FROM,
    WORK,
    begin_marking,
    cores_wanted,
    marking_step,
    own_speed,
    step_length,
    work_left,
)
from whence.explain.simulator.engine.kernels_random import exponential
from whence.explain.simulator.pacer.kernels import (
    commit,
    end_cycle,
    heap_goal,
    reset_live,
    start_cycle,
    swept_garbage,
    trigger,
)
from whence.explain.simulator.pacer.kernels_limiter import finish_transition, start_transition
from whence.explain.simulator.pacer.limiter_state import LimiterRecord
from whence.explain.simulator.pacer.state import PacerRecord

_NEVER = 9.2e18
_UNLIMITED = 2**63 - 1
_ALLOCATED, _ALIVE, _KEPT = curves_at.ALLOCATED, curves_at.ALIVE, curves_at.KEPT
_OBJECTS, _SCAN, _BIRTHS = curves_at.OBJECTS, curves_at.SCAN, curves_at.BIRTHS


@njit(cache=True, error_model="numpy")
def value_at(curves: np.ndarray, column: int, own_ns: float, place: int) -> float:
    """Returns a curve's value within the segment `place`."""
    begin, end = curves[0, place] * 1e9, curves[0, place + 1] * 1e9
    part = min(max((own_ns - begin) / max(end - begin, 1e-3), 0.0), 1.0)
    return curves[column, place] + part * (curves[column, place + 1] - curves[column, place])


@njit(cache=True, error_model="numpy")
def slope_at(curves: np.ndarray, column: int, place: int) -> float:
    """Returns what a curve grows by a nanosecond of the program's time in the segment `place`."""
    return (curves[column, place + 1] - curves[column, place]) / max(
        (curves[0, place + 1] - curves[0, place]) * 1e9, 1.0
    )


@njit(cache=True, error_model="numpy")
def cost_at(s: np.ndarray, curves: np.ndarray, place: int) -> float:
    """Returns the core-ns that a ns of the program's own time costs in a segment."""
    objects, amount = slope_at(curves, _BIRTHS, place), slope_at(curves, _ALLOCATED, place)
    return max(s[at.OWN_SHARE] + objects * s[at.ALLOCATE_NS] + amount * s[at.ALLOCATE_BYTE_NS], 1e-9)


@njit(cache=True, error_model="numpy")
def grow(c: PacerRecord, s: np.ndarray, x: np.ndarray, curves: np.ndarray, place: int, own_ns: float) -> None:
    """Lets the program run for `own_ns` of its own time within a segment: heap, pages and CPU."""
    amount = slope_at(curves, _ALLOCATED, place) * own_ns
    kept = min(max(slope_at(curves, _KEPT, place), 0.0) * own_ns, amount)
    scan = amount * s[at.SCAN_SHARE]
    if kept > 0:
        scan = max(scan, slope_at(curves, _SCAN, place) * own_ns)
    c.heap_live += int(amount)
    if c.marking == 0 or c.generation < 3:
        c.heap_scan += int(scan)
    memory.take(s, x, amount, kept)
    x[at.OWN] += own_ns
    x[at.ALLOCATED_TOTAL] += amount
    x[at.PROGRAM_CPU] += cost_at(s, curves, place) * own_ns
    if c.marking == 1:
        x[at.BLACK] += amount


@njit(cache=True, error_model="numpy")
def pause(c: PacerRecord, s: np.ndarray, x: np.ndarray, purpose: int) -> None:
    """Stops the world once: a thread that is not running must first be waited for."""
    length = s[at.PAUSE_NS]
    if s[at.RUN_DELAY_NS] > 0 and s[at.PROCESSORS] > 1:
        length += exponential(s[at.RUN_DELAY_NS] * 0.1, s[at.SEED], c.cycles, purpose)
    x[at.NOW] += length
    x[at.PAUSES] += length
    x[at.LONGEST_PAUSE] = max(x[at.LONGEST_PAUSE], length)


@njit(cache=True, error_model="numpy")
def record(c: PacerRecord, s: np.ndarray, x: np.ndarray, series: np.ndarray, rows: int) -> int:
    """Adds a row to the series and returns their number."""
    if rows >= series.shape[1]:
        return rows
    goal = heap_goal(c)
    series[at.SERIES_SECONDS, rows] = x[at.NOW] / 1e9
    series[at.SERIES_LIVE, rows] = c.heap_live
    series[at.SERIES_GOAL, rows] = np.nan if goal == _UNLIMITED else float(goal)
    series[at.SERIES_IN_USE, rows] = memory.in_use(x)
    series[at.SERIES_RESIDENT, rows] = memory.resident(s, x)
    series[at.SERIES_RELEASED, rows] = x[at.RELEASED]
    series[at.SERIES_CYCLES, rows] = c.cycles
    series[at.SERIES_SCAVENGED, rows] = x[at.SCAVENGED]
    return rows + 1


@njit(cache=True, error_model="numpy")
def segment_of(curves: np.ndarray, own_ns: float, place: int) -> int:
    """Returns the segment that a time lies in, at or after `place`."""
    while place + 2 < curves.shape[1] and curves[0, place + 1] * 1e9 <= own_ns:
        place += 1
    return place


@njit(cache=True, error_model="numpy")
def collect(
    c: PacerRecord,
    limiter: LimiterRecord,
    s: np.ndarray,
    x: np.ndarray,
    work: np.ndarray,
    curves: np.ndarray,
    place: int,
    periodic: bool,
) -> int:
    """Runs one whole cycle: returns the segment in which the program is then."""
    processors = int(s[at.PROCESSORS])
    alive = value_at(curves, _ALIVE, x[at.OWN], place) + s[at.BASE_LIVE]
    scan = value_at(curves, _SCAN, x[at.OWN], place) + s[at.BASE_LIVE] * 0.5
    objects = value_at(curves, _OBJECTS, x[at.OWN], place) + s[at.BASE_LIVE] / 100.0
    alive = min(alive, float(c.heap_live))
    x[at.BLACK] = 0.0
    start_transition(limiter, True, int(x[at.NOW]))
    pause(c, s, x, 8)
    finish_transition(limiter, int(x[at.NOW]))
    c.max_stack_scan = int(s[at.STACKS])
    c.globals_scan = int(s[at.GLOBALS])
    concurrent = s[at.CONCURRENT] == 1
    start_cycle(c, int(x[at.NOW]), processors, periodic, not concurrent)
    idle = cores_wanted(s, cost_at(s, curves, place)) < min(s[at.PROCESSORS], s[at.CPUS])
    begin_marking(c, s, work, x[at.NOW], scan, objects, idle)
    if not concurrent:
        cores = min(s[at.PROCESSORS], s[at.CPUS], 8.0)
        length = work_left(work) * work[3] / cores
        x[at.COLLECTOR_CPU] += work_left(work) * work[3]
        x[at.NOW] += length
        x[at.PAUSES] += length
        x[at.LONGEST_PAUSE] = max(x[at.LONGEST_PAUSE], length)
        c.heap_scan_work = int(scan)
    else:
        while (work_left(work) > 0.0 or x[at.NOW] < work[DONE_FROM]) and x[at.OWN] < s[at.PROGRAM_NS]:
            place = segment_of(curves, x[at.OWN], place)
            step = step_length(s, x, work)
            cost = cost_at(s, curves, place)
            own = marking_step(c, limiter, s, x, work, step, cost, slope_at(curves, _ALLOCATED, place))
            grow(c, s, x, curves, place, own)
            memory.give_back_for_limit(s, x, limiter.limiting)
            memory.note_memory(c, s, x)
    start_transition(limiter, False, int(x[at.NOW]))
    pause(c, s, x, 9)
    finish_transition(limiter, int(x[at.NOW]))
    x[at.PEAK_SUM] += float(c.heap_live)
    goal = heap_goal(c)
    if goal != _UNLIMITED and float(c.heap_live) > 1.05 * float(goal):
        x[at.OVERSHOT] += 1
    end_cycle(c, int(x[at.NOW]), processors, False)
    last_in_use, last_goal = memory.in_use(x), c.last_heap_goal
    first = c.cycles == 0
    marked = alive + x[at.BLACK]
    kept = value_at(curves, _KEPT, x[at.OWN], place)
    if c.generation == 1:
        # Everything not swept counts; garbage lowers the trigger as it is found.
        garbage = max(c.heap_live - int(marked), 0)
        reset_live(c, c.heap_live)
        commit(c, False)
        swept_garbage(c, garbage)
    else:
        reset_live(c, int(marked))
        c.pages_swept = 0
        c.pages_in_use = int(last_in_use) // 8192
        commit(c, False)
    memory.sweep(s, x, marked, kept)
    if s[at.LIVE_BY_SPAN] == 1:
        c.heap_live += int(s[at.CACHED_BYTES] * s[at.PROCESSORS])
    x[at.GARBAGE] = max(last_in_use - marked, 0.0)
    memory.note_memory(c, s, x)
    memory.pace_scavenger(s, x, last_in_use, heap_goal(c), 0 if first else last_goal, c.memory_limit)
    pages = last_in_use / 8192.0
    swept_ns = pages * s[at.SWEEP_PAGE_NS]
    x[at.COLLECTOR_CPU] += swept_ns + s[at.CYCLE_NS]
    x[at.SWEPT_AT] = x[at.NOW] + swept_ns * 2.0
    x[at.COLLECTED_AT] = x[at.NOW]
    x[at.NEXT_TEST] = float(c.heap_live) + s[at.UNIT_BYTES]
    return place


@njit(cache=True, error_model="numpy")
def run_fluid(
    c: PacerRecord,
    limiter: LimiterRecord,
    rest: np.ndarray,
    s: np.ndarray,
    x: np.ndarray,
    curves: np.ndarray,
    series: np.ndarray,
) -> int:
    """Runs a process to its end: fills `x` and `series`, returns the rows recorded."""
    work = np.zeros(WORK)
    place, rows = 0, 0
    next_sample = 0.0
    c.heap_live = int(s[at.BASE_LIVE])
    c.heap_scan = int(s[at.BASE_LIVE] * 0.5)
    x[at.KEPT_BYTES] = 0.0
    x[at.MIXED_BYTES] = max(s[at.BASE_LIVE], s[at.BASE_SPANS] * 8192.0)
    x[at.HOLES] = 0.0
    for mix in range(int(s[at.MIXES])):
        x[at.SPANS_OF_MIX + mix] = x[at.MIXED_BYTES] * s[at.MIX + 3 * mix + 1]
    x[at.OOM_AT] = -1.0
    x[at.SWEPT_AT] = _NEVER
    x[at.PERCENT_GOAL] = x[at.LIMIT_GOAL] = float(_UNLIMITED)
    x[at.SCAVENGE_AT] = s[at.TICK_NS] if s[at.TICK_NS] > 0 else _NEVER
    memory.note_memory(c, s, x)
    limited = s[at.MEMORY_LIMIT] < 9e18
    while x[at.NOW] < s[at.END_NS] and x[at.OWN] < s[at.PROGRAM_NS] and x[at.OOM_AT] < 0:
        if x[at.NOW] >= next_sample:
            rows = record(c, s, x, series, rows)
            next_sample = x[at.NOW] + s[at.SAMPLE_NS]
        place = segment_of(curves, x[at.OWN], place)
        at_heap = trigger(c)
        if at_heap != _UNLIMITED:
            at_heap = max(at_heap, int(x[at.NEXT_TEST]))
        forced_at = x[at.COLLECTED_AT] + s[at.FORCED_NS] if s[at.FORCED_NS] > 0 else _NEVER
        if (at_heap != _UNLIMITED and c.heap_live >= at_heap) or x[at.NOW] >= forced_at:
            periodic = c.heap_live < at_heap
            x[at.FORCED] += 1.0 if periodic else 0.0
            place = collect(c, limiter, s, x, work, curves, place, periodic)
            rows = record(c, s, x, series, rows)
            continue
        speed = own_speed(s, x, cost_at(s, curves, place))
        rate = slope_at(curves, _ALLOCATED, place) * speed
        step = min(next_sample, x[at.SCAVENGE_AT], x[at.SWEPT_AT], forced_at, s[at.END_NS]) - x[at.NOW]
        own_left = min(curves[0, place + 1] * 1e9, s[at.PROGRAM_NS]) - x[at.OWN]
        step = min(step, own_left / speed)
        if s[at.CLOSED] == 0 and speed > 1.0:
            step = min(step, (x[at.NOW] - x[at.OWN]) / (speed - 1.0))
        if rate > 0 and at_heap != _UNLIMITED:
            until = float(at_heap - c.heap_live) / rate
            # Under a limit the trigger moves with everything that is mapped.
            step = min(step, max(until / 8.0, 2e4) if limited else until)
        step = max(step, 1e3)
        own = step * speed
        if s[at.CLOSED] == 0:
            own = min(own, max(x[at.NOW] + step - x[at.OWN], 0.0))
        x[at.NOW] += step
        grow(c, s, x, curves, place, own)
        memory.give_back_for_limit(s, x, limiter.limiting)
        memory.note_memory(c, s, x)
        if x[at.NOW] >= x[at.SWEPT_AT]:
            x[at.SWEPT_AT] = _NEVER
            x[at.GARBAGE] = 0.0
            commit(c, True)
        if x[at.NOW] >= x[at.SCAVENGE_AT]:
            memory.scavenge(s, x, rest)
    return record(c, s, x, series, rows)
