"""Concurrent marking in steps of time, the same for both modes: who works on it, how much, and what the program pays.

A quarter of all processors marks in the background, idle processors help, and an allocation pays for what neither
does (assists). Where the process has fewer CPUs than processors, all share what there is. Workers that must first be
woken or given a slice wait (src/runtime/mgc.go, mgcpacer.go, proc.go of Go 1.5 to 1.27).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from whence.explain.simulator.engine import layout as at
from whence.explain.simulator.engine.kernels_random import exponential, uniform
from whence.explain.simulator.pacer.kernels_limiter import update_limiter
from whence.explain.simulator.pacer.kernels_numbers import to_int64
from whence.explain.simulator.pacer.kernels_revise import revise
from whence.explain.simulator.pacer.limiter_state import LimiterRecord
from whence.explain.simulator.pacer.state import PacerRecord

# The work of a cycle (array `work`, float64).
GLOBALS_LEFT, STACKS_LEFT, HEAP_LEFT, NS_PER_BYTE, WORKERS_FROM, DONE_FROM, STARTED, CREDIT = range(8)
FRACTIONAL_NS = 8
"""Time that a fractional worker has had the only processor in this cycle."""
WORK = 10
_QUARTER = 0.25
_FRACTION_EXCEEDED = 0.3
"""Share of a cycle's time at which a fractional worker yields: 1.2 times its goal (pollFractionalWorkerExit)."""
_LATE_NS = 1e5
_WAITS = 4
"""Waits for a CPU that marking cannot end without: a worker's first and its next slice, the thread that agrees last
that all is marked, the thread that stops last."""


@njit(cache=True, error_model="numpy")
def begin_marking(
    c: PacerRecord, s: np.ndarray, work: np.ndarray, now: float, scan_bytes: float, objects: float, idle: bool
) -> None:
    """Sets the work of a cycle that starts at `now` and when its workers will run. `idle`: some processor has nothing
    to do."""
    work[GLOBALS_LEFT] = s[at.GLOBALS]
    work[STACKS_LEFT] = s[at.STACKS]
    work[HEAP_LEFT] = max(scan_bytes, 1.0)
    total = work[GLOBALS_LEFT] + work[STACKS_LEFT] + work[HEAP_LEFT]
    work[NS_PER_BYTE] = s[at.MARK_BYTE_NS] + s[at.MARK_OBJECT_NS] * objects / total
    work[STARTED] = now
    work[CREDIT] = 0.0
    work[FRACTIONAL_NS] = 0.0
    work[WORKERS_FROM] = now
    work[DONE_FROM] = now + s[at.LATENCY_NS]
    if c.dedicated_workers_needed == 0 and not idle:
        # Only when the program's goroutine is made to yield does a worker get the processor.
        work[WORKERS_FROM] = now + s[at.SLICE_NS] * uniform(s[at.SEED], c.cycles, 1)
    if s[at.RUN_DELAY_NS] > 0 and s[at.PROCESSORS] > 1:
        wait = exponential(s[at.RUN_DELAY_NS], s[at.SEED], c.cycles, 2)
        work[WORKERS_FROM] = now + wait
        for index in range(1, _WAITS):
            wait += exponential(s[at.RUN_DELAY_NS], s[at.SEED], c.cycles, 2 + index)
        work[DONE_FROM] = max(work[DONE_FROM], now + wait)


@njit(cache=True, error_model="numpy")
def work_left(work: np.ndarray) -> float:
    """Returns the scannable bytes still to be looked through."""
    return work[GLOBALS_LEFT] + work[STACKS_LEFT] + work[HEAP_LEFT]


@njit(cache=True, error_model="numpy")
def do_work(c: PacerRecord, work: np.ndarray, amount: float) -> float:
    """Looks through `amount` bytes, globals and stacks first: returns those done."""
    done = 0.0
    part = min(amount, work[GLOBALS_LEFT])
    work[GLOBALS_LEFT] -= part
    c.globals_scan_work += to_int64(part)
    done += part
    part = min(amount - done, work[STACKS_LEFT])
    work[STACKS_LEFT] -= part
    c.stack_scan_work += to_int64(part)
    done += part
    part = min(amount - done, work[HEAP_LEFT])
    work[HEAP_LEFT] -= part
    c.heap_scan_work += to_int64(part)
    return done + part


@njit(cache=True, error_model="numpy")
def cores_wanted(s: np.ndarray, cost: float) -> float:
    """Returns the cores that the program occupies when it gets them. `cost`: core-ns for a ns of its own time."""
    most = min(s[at.GOROUTINES], s[at.PROCESSORS])
    return most if s[at.CLOSED] == 1 else min(cost, most)


@njit(cache=True, error_model="numpy")
def wanted_when_late(s: np.ndarray) -> float:
    """Returns the cores that a program occupies while it catches up."""
    return min(s[at.GOROUTINES], s[at.PROCESSORS])


@njit(cache=True, error_model="numpy")
def own_speed(s: np.ndarray, x: np.ndarray, cost: float) -> float:
    """Returns how much of the program's own time passes in a unit of time while no cycle runs.

    A paced program that has fallen behind catches up.
    """
    late = s[at.CLOSED] == 1 or x[at.NOW] - x[at.OWN] > _LATE_NS
    speed = min(wanted_when_late(s) if late else cores_wanted(s, cost), s[at.CPUS]) / max(cost, 1e-12)
    return speed if late else min(speed, 1.0)


@njit(cache=True, error_model="numpy")
def marking_step(
    c: PacerRecord,
    limiter: LimiterRecord,
    s: np.ndarray,
    x: np.ndarray,
    work: np.ndarray,
    step_ns: float,
    cost: float,
    bytes_per_own_ns: float,
) -> float:
    """Marks for `step_ns` of time while the program runs: returns the program's own time that passed, in ns.

    A ns of the program's own time costs `cost` core-ns and allocates `bytes_per_own_ns`; the caller adds those bytes to
    the heap.
    """
    processors = s[at.PROCESSORS]
    cores = min(processors, s[at.CPUS])
    ready = x[at.NOW] >= work[WORKERS_FROM]
    background = _QUARTER * processors if ready else 0.0
    demand = cores_wanted(s, cost)
    if ready and processors == 1:
        elapsed = x[at.NOW] - work[STARTED]
        if s[at.CLOSED] == 0 and elapsed < s[at.SLICE_NS]:
            # The only processor marks because it was idle; a program that a timer wakes gets it back after a slice.
            demand = 0.0
        elif s[at.CLOSED] == 1 and c.dedicated_workers_needed == 0:
            # A fractional worker has the processor until its share of the cycle's time is used up.
            demand, background = 0.0, 1.0
            work[FRACTIONAL_NS] += step_ns
            if work[FRACTIONAL_NS] > _FRACTION_EXCEEDED * (elapsed + step_ns):
                work[WORKERS_FROM] = x[at.NOW] + step_ns + s[at.SLICE_NS]
    idle = min(max(processors - demand - background, 0.0), float(max(c.max_idle_workers, 0))) if ready else 0.0
    # Where CPU is short, background workers and the program share it in proportion; idle work takes what is left.
    scale = min(1.0, cores / max(background + demand, 1e-9))
    background *= scale
    idle = min(idle, max(cores - background - demand * scale, 0.0))
    runs = demand * scale

    done = do_work(c, work, (background + idle) * step_ns / work[NS_PER_BYTE])
    worked_ns = done * work[NS_PER_BYTE]
    share = background / max(background + idle, 1e-12)
    x[at.COLLECTOR_CPU] += worked_ns
    c.idle_mark_time += to_int64(worked_ns * (1.0 - share))
    limiter.idle_time += to_int64(worked_ns * (1.0 - share))
    work[CREDIT] += done * share

    # The processors that background work leaves can be used by the program, for allocating and for assists.
    most_ns = runs * step_ns
    if s[at.CLOSED] == 0:
        most_ns = min(max(cores - background, 0.0), s[at.GOROUTINES]) * step_ns
    own_ns = runs / max(cost, 1e-12) * step_ns
    if s[at.CLOSED] == 0:
        own_ns = min(own_ns, step_ns)
    program_ns = own_ns * cost
    assist_ns = 0.0
    if limiter.limiting == 0 and bytes_per_own_ns > 0:
        owed = c.assist_work_per_byte * bytes_per_own_ns * own_ns
        paid = min(owed, work[CREDIT])
        owed = min(owed - paid, work_left(work))
        assist_ns = owed * work[NS_PER_BYTE]
        if program_ns + assist_ns > most_ns:
            factor = most_ns / (program_ns + assist_ns)
            own_ns *= factor
            paid *= factor
            assist_ns *= factor
        work[CREDIT] -= paid
        do_work(c, work, assist_ns / work[NS_PER_BYTE])
        c.assist_time += to_int64(assist_ns)
        limiter.assist_time += to_int64(assist_ns)
        x[at.ASSIST_CPU] += assist_ns
        x[at.COLLECTOR_CPU] += assist_ns
    x[at.NOW] += step_ns
    update_limiter(limiter, to_int64(x[at.NOW]))
    revise(c)
    return own_ns


@njit(cache=True, error_model="numpy")
def step_length(s: np.ndarray, x: np.ndarray, work: np.ndarray) -> float:
    """Returns how long the next step of marking may be, ns: a twentieth of what is left, or until a worker wakes."""
    cores = min(s[at.PROCESSORS], s[at.CPUS])
    step = min(max(work_left(work) * work[NS_PER_BYTE] / cores / 20.0, 5e3), 5e5)
    if work_left(work) <= 0.0:
        step = max(work[DONE_FROM] - x[at.NOW], 1e3) / 4.0 + 1e3
    if x[at.NOW] < work[WORKERS_FROM]:
        step = min(step, work[WORKERS_FROM] - x[at.NOW] + 1.0)
    return step
