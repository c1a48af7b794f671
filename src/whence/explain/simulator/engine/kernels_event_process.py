"""The event mode: every allocation through the allocator of the release, collections and scavenging between them.

Time passes as in the fluid mode, whenever a cache is refilled or a large object is allocated; there, and only there,
the trigger is tested. Objects that die during marking survive that cycle, as what it found reachable at its start is
kept (the deletion barrier of 1.8 and later).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from whence.explain.simulator.allocator import layout as slots_at
from whence.explain.simulator.allocator.kernels_allocate import (
    allocate,
    allocate_large,
    begin_collection,
    flush_processor,
    start_sweep,
)
from whence.explain.simulator.allocator.kernels_sweep import NOTHING, kill, pace_sweeper, sweep_one
from whence.explain.simulator.allocator.state import Allocator
from whence.explain.simulator.engine import layout as at
from whence.explain.simulator.engine.kernels_fluid_process import pause
from whence.explain.simulator.engine.kernels_marking import (
    DONE_FROM,
    begin_marking,
    cores_wanted,
    marking_step,
    own_speed,
    step_length,
    wanted_when_late,
    work_left,
)
from whence.explain.simulator.pacer.kernels import commit, end_cycle, heap_goal, reset_live, start_cycle, trigger
from whence.explain.simulator.pacer.kernels_limiter import finish_transition, start_transition
from whence.explain.simulator.pages import kernels_heap as heap_of
from whence.explain.simulator.pages import layout as pages_at
from whence.explain.simulator.pages.compiling import kernel
from whence.explain.simulator.pages.kernels_residency import touch
from whence.explain.simulator.scavenger import kernels_background as background

_NEVER = 9.2e18
_UNLIMITED = 2**63 - 1

# Slots of `counts`, int64.
ROWS = 0
QUEUE_FIRST = 1
QUEUE_END = 2
QUEUE_DEAD = 3
"""Deaths queued before this place happened before the last cycle began to mark."""
OBJECTS_ALIVE = 4
SCAN_ALIVE = 5
SCAN_PENDING = 6
"""Scannable bytes allocated since the pacer was told."""
OBJECTS = 7
MOST_SPANS = 8
LAST_LIVE = 9
SWEPT = 10
NEXT_SAMPLE = 11
COUNTS = 16


class Process(NamedTuple):
    """All state of a process in event mode."""

    allocator: Allocator
    pacer: Any
    """A record of pacer.state.PACER."""
    limiter: Any
    """A record of pacer.limiter_state.LIMITER."""
    rest: np.ndarray
    settings: np.ndarray
    state: np.ndarray
    work: np.ndarray
    counts: np.ndarray
    queue: np.ndarray
    """int64 ring of slots whose objects are dead and not yet known to be; its length is a power of two."""
    series: np.ndarray


@kernel
def resident_of(process: Process) -> float:
    """Returns the resident bytes of the process."""
    s, pages = process.settings, process.allocator.heap.pages
    held = float(pages.state[pages_at.TOUCHED_PAGES]) * 8192.0
    return held + s[at.BASE_RESIDENT] + metadata_of(process)


@kernel
def metadata_of(process: Process) -> float:
    """Returns the runtime's notes on the heap."""
    s, counts = process.settings, process.counts
    spans = process.allocator.state[slots_at.SPANS_IN_USE]
    counts[MOST_SPANS] = max(counts[MOST_SPANS], spans)
    return float(counts[MOST_SPANS]) * s[at.SPAN_METADATA] + process.state[at.MOST_HEAP] * s[at.BITMAP_SHARE]


@kernel
def note_memory(process: Process) -> None:
    """Tells the pacer of the heap, and keeps the peaks."""
    c, s, x = process.pacer, process.settings, process.state
    heap, allocator = process.allocator.heap, process.allocator
    c.heap_live = allocator.state[slots_at.HEAP_LIVE]
    x[at.MOST_HEAP] = max(x[at.MOST_HEAP], float(heap_of.retained_bytes(heap)))
    heap.heap[pages_at.OTHER_READY_BYTES] = int(s[at.BASE_READY] + metadata_of(process))
    heap.heap[pages_at.LIMITING] = process.limiter.limiting
    c.heap_free = heap.heap[pages_at.FREE_BYTES]
    c.heap_alloc = c.heap_live
    if allocator.state[slots_at.DRAINED] == 0:
        left = 1.0 - float(allocator.state[slots_at.PAGES_SWEPT]) / max(float(c.pages_in_use), 1.0)
        c.heap_alloc += int(x[at.GARBAGE] * max(left, 0.0))
    c.heap_alloc = min(c.heap_alloc, heap.heap[pages_at.IN_USE_BYTES])
    c.mapped_ready = heap_of.mapped_ready_bytes(heap)
    now = resident_of(process)
    x[at.PEAK_RESIDENT] = max(x[at.PEAK_RESIDENT], now)
    if s[at.CONTAINER] > 0 and x[at.OOM_AT] < 0 and now > s[at.CONTAINER]:
        x[at.OOM_AT] = x[at.NOW]


@kernel
def record(process: Process) -> None:
    """Adds a row to the series."""
    c, x, series, counts = process.pacer, process.state, process.series, process.counts
    row = counts[ROWS]
    if row >= series.shape[1]:
        return
    account = process.allocator.heap.heap
    goal = heap_goal(c)
    series[at.SERIES_SECONDS, row] = x[at.NOW] / 1e9
    series[at.SERIES_LIVE, row] = c.heap_live
    series[at.SERIES_GOAL, row] = np.nan if goal == _UNLIMITED else float(goal)
    series[at.SERIES_IN_USE, row] = account[pages_at.IN_USE_BYTES]
    series[at.SERIES_RESIDENT, row] = resident_of(process)
    series[at.SERIES_RELEASED, row] = account[pages_at.RELEASED_BYTES]
    series[at.SERIES_CYCLES, row] = c.cycles
    series[at.SERIES_SCAVENGED, row] = account[pages_at.RELEASED_BACKGROUND] + account[pages_at.RELEASED_EAGERLY]
    counts[ROWS] = row + 1


@kernel
def swept(process: Process) -> None:
    """All is swept: the pacer is told, the scavenger woken."""
    process.counts[SWEPT] = 1
    heap_of.sweep_finished(process.allocator.heap)
    commit(process.pacer, True)
    process.state[at.SCAVENGE_AT] = min(process.state[at.SCAVENGE_AT], process.state[at.NOW] + 1e6)


@kernel
def pass_time(process: Process, wall_ns: float, idle_share: float) -> None:
    """Lets `wall_ns` pass outside of marking: sweeping in the background, scavenging, samples."""
    s, x, counts, allocator = process.settings, process.state, process.counts, process.allocator
    x[at.NOW] += wall_ns
    if counts[SWEPT] == 0:
        # Spans that allocations sweep are part of the pace; the rest goes on where a processor has nothing to do.
        budget = wall_ns * idle_share / s[at.SWEEP_PAGE_NS]
        x[at.SWEPT_AT] += budget
        while x[at.SWEPT_AT] >= 1.0 and allocator.state[slots_at.DRAINED] == 0:
            before = allocator.state[slots_at.PAGES_SWEPT]
            if sweep_one(allocator) == NOTHING:
                break
            x[at.SWEPT_AT] -= float(allocator.state[slots_at.PAGES_SWEPT] - before)
        if allocator.state[slots_at.DRAINED] == 1:
            swept(process)
    if x[at.NOW] >= x[at.SCAVENGE_AT]:
        page_ns = s[at.RELEASE_PAGE_NS]
        released, due = background.step(
            allocator.heap, process.rest, int(x[at.NOW]), page_ns, 0.0, int(s[at.PROCESSORS]), 1 << 40
        )
        x[at.SCAVENGE_AT] = float(due)
        x[at.SCAVENGED] += float(released)
        x[at.SCAVENGE_CPU] += float(released) / 8192.0 * page_ns
    if x[at.NOW] >= float(counts[NEXT_SAMPLE]):
        record(process)
        counts[NEXT_SAMPLE] = int(x[at.NOW] + s[at.SAMPLE_NS])


@kernel
def start_marking(process: Process, idle: bool, periodic: bool) -> None:
    """Begins a cycle."""
    c, limiter, s, x, counts = process.pacer, process.limiter, process.settings, process.state, process.counts
    begin_collection(process.allocator)
    if counts[SWEPT] == 0:
        counts[SWEPT] = 1
        heap_of.sweep_finished(process.allocator.heap)
    start_transition(limiter, True, int(x[at.NOW]))
    pause(c, s, x, 8)
    finish_transition(limiter, int(x[at.NOW]))
    c.max_stack_scan = int(s[at.STACKS])
    c.globals_scan = int(s[at.GLOBALS])
    start_cycle(c, int(x[at.NOW]), int(s[at.PROCESSORS]), periodic, False)
    counts[QUEUE_DEAD] = counts[QUEUE_END]
    begin_marking(c, s, process.work, x[at.NOW], float(counts[SCAN_ALIVE]), float(counts[OBJECTS_ALIVE]), idle)


@kernel
def end_marking(process: Process) -> None:
    """Ends a cycle: what died before it is now known to be dead."""
    c, limiter, s, x, counts = process.pacer, process.limiter, process.settings, process.state, process.counts
    allocator, queue = process.allocator, process.queue
    account = allocator.heap.heap
    start_transition(limiter, False, int(x[at.NOW]))
    pause(c, s, x, 9)
    finish_transition(limiter, int(x[at.NOW]))
    note_memory(process)
    x[at.PEAK_SUM] += float(c.heap_live)
    goal = heap_goal(c)
    if goal != _UNLIMITED and float(c.heap_live) > 1.05 * float(goal):
        x[at.OVERSHOT] += 1
    end_cycle(c, int(x[at.NOW]), int(s[at.PROCESSORS]), False)
    first, last_goal = c.cycles == 0, c.last_heap_goal
    last_in_use = account[pages_at.IN_USE_BYTES]
    for place in range(counts[QUEUE_FIRST], counts[QUEUE_DEAD]):
        kill(allocator, queue[place & (len(queue) - 1)])
    counts[QUEUE_FIRST] = counts[QUEUE_DEAD]
    live = allocator.state[slots_at.HEAP_LIVE]
    start_sweep(allocator)
    x[at.GARBAGE] = float(live - allocator.state[slots_at.MARKED_BYTES])
    x[at.COLLECTOR_CPU] += float(last_in_use) / 8192.0 * s[at.SWEEP_PAGE_NS] + s[at.CYCLE_NS]
    reset_live(c, allocator.state[slots_at.MARKED_BYTES])
    c.pages_swept = 0
    c.pages_in_use = last_in_use // 8192
    counts[SWEPT] = 0
    x[at.SWEPT_AT] = 0.0
    for processor in range(int(s[at.PROCESSORS])):
        flush_processor(allocator, processor)
    note_memory(process)
    commit(c, False)
    pace_sweeper(allocator, trigger(c))
    heap_of.mark_finished(allocator.heap)
    background.pace(allocator.heap, int(s[at.LIMIT_RULE]), last_in_use, heap_goal(c), 0 if first else last_goal)
    x[at.COLLECTED_AT] = x[at.NOW]
    counts[LAST_LIVE] = c.heap_live
    record(process)


@kernel
def mark_on(process: Process, own_ns: float, cost: float, bytes_allocated: float) -> float:
    """Marks while the program runs for `own_ns`: returns what is left of that when marking ended, 0 when it has not."""
    c, s, x, work = process.pacer, process.settings, process.state, process.work
    rate = bytes_allocated / max(own_ns, 1.0)
    while own_ns > 0:
        if work_left(work) <= 0.0 and x[at.NOW] >= work[DONE_FROM]:
            end_marking(process)
            return own_ns
        speed = max(own_speed(s, x, cost), 1e-9)
        step = min(step_length(s, x, work), max(own_ns / speed, 100.0))
        passed = min(marking_step(c, process.limiter, s, x, work, step, cost, rate), own_ns)
        own_ns -= passed
    return 0.0


@kernel
def advance(process: Process, own_ns: float, cost: float) -> None:
    """Lets the program's own time pass that went by since the last refill, then tests the trigger."""
    c, s, x, counts = process.pacer, process.settings, process.state, process.counts
    allocator = process.allocator
    live = allocator.state[slots_at.HEAP_LIVE]
    c.heap_live = live
    if c.marking == 0 or c.generation < 3:
        c.heap_scan += counts[SCAN_PENDING]
    counts[SCAN_PENDING] = 0
    x[at.OWN] += own_ns
    x[at.PROGRAM_CPU] += cost * own_ns
    if c.marking == 1:
        own_ns = mark_on(process, own_ns, cost, float(max(live - counts[LAST_LIVE], 0)))
    wanted = cores_wanted(s, cost)
    cores = min(s[at.PROCESSORS], s[at.CPUS])
    if own_ns > 0 and c.marking == 0:
        left = own_ns / max(own_speed(s, x, cost), 1e-9)
        if s[at.CLOSED] == 0:
            # A program that a cycle held up catches up as fast as it can.
            fastest = own_ns * cost / max(min(wanted_when_late(s), s[at.CPUS]), 1e-9)
            left = max(fastest, min(left, x[at.OWN] - x[at.NOW]))
        # Long waits are cut, so that the scavenger and the timer of two minutes come in between.
        while left > 0:
            part = min(left, 1e6)
            pass_time(process, part, max(cores - wanted, 0.02))
            left -= part
            if s[at.FORCED_NS] > 0 and x[at.NOW] > x[at.COLLECTED_AT] + s[at.FORCED_NS] and c.marking == 0:
                x[at.FORCED] += 1
                start_marking(process, True, True)
                while work_left(process.work) > 0.0 or x[at.NOW] < process.work[DONE_FROM]:
                    marking_step(c, process.limiter, s, x, process.work, 1e4, cost, 0.0)
                end_marking(process)
    note_memory(process)
    counts[LAST_LIVE] = c.heap_live
    if c.marking == 0 and c.heap_live >= trigger(c):
        start_marking(process, wanted < cores, False)


@kernel
def born(process: Process, processor: int, span_class: int, pages: int, scan_bytes: int) -> tuple[int, int]:
    """Allocates an object: returns (its slot, whether a cache was refilled)."""
    allocator, counts, s, x = process.allocator, process.counts, process.settings, process.state
    if span_class > 1:
        _, slot, flags = allocate(allocator, processor, span_class)
    else:
        _, slot, flags = allocate_large(allocator, processor, pages, span_class == 1)
    if flags & slots_at.GREW:
        row = allocator.spans[allocator.span_of_bits[slot >> 6]]
        added = touch(allocator.heap.pages, row[slots_at.PAGE], row[slots_at.PAGES])
        x[at.PROGRAM_CPU] += 2.0 * added * s[at.FAULT_PAGE_NS]
    counts[OBJECTS_ALIVE] += 1
    counts[SCAN_ALIVE] += scan_bytes
    counts[SCAN_PENDING] += scan_bytes
    return slot, flags & slots_at.REFILLED


@kernel
def dies(process: Process, slot: int, scan_bytes: int) -> bool:
    """An object becomes unreachable: returns False when too many have died since the last cycle to be kept count of."""
    counts, queue = process.counts, process.queue
    if counts[QUEUE_END] - counts[QUEUE_FIRST] >= len(queue):
        return False
    queue[counts[QUEUE_END] & (len(queue) - 1)] = slot
    counts[QUEUE_END] += 1
    counts[OBJECTS_ALIVE] -= 1
    counts[SCAN_ALIVE] -= scan_bytes
    return True


@kernel
def begin_process(process: Process) -> None:
    """Makes the stacks and what a process has before its program begins."""
    s, x, counts, heap = process.settings, process.state, process.counts, process.allocator.heap
    x[at.OOM_AT] = -1.0
    x[at.SCAVENGE_AT] = _NEVER
    counts[SWEPT] = 1
    for _ in range(int(s[at.STACKS_IN_USE]) // 32768):
        page = heap_of.allocate_span(heap, 0, 4, True)[0]
        touch(heap.pages, page, 4)
    classes = process.allocator.classes
    left, place = int(s[at.BASE_SPANS]), 2
    while left > 0 and place < len(classes):
        # What the runtime keeps for itself lies one object to a span, in the classes from the smallest on.
        if classes[place, slots_at.CLASS_PAGES] == 1:
            born(process, 0, place, 0, classes[place, slots_at.CLASS_SLOT_BYTES] // 2)
            left -= 1
        place += 1
    note_memory(process)
