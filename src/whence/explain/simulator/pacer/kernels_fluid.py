"""The loop of fluid mode (see fluid.py), 500 µs a step. Read at src/runtime/mgcpacer_test.go and export_test.go."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from whence.explain.simulator.pacer.kernels import commit, end_cycle, heap_goal, reset_live, start_cycle, trigger
from whence.explain.simulator.pacer.kernels_numbers import to_int64
from whence.explain.simulator.pacer.kernels_revise import revise
from whence.explain.simulator.pacer.state import PacerRecord
from whence.explain.simulator.versions.pacers import Generation

_REDESIGN = int(Generation.REDESIGN)
_FIRST_HEAP_BYTES = 256 << 10
_STEP_NS = 500_000
_STEP_BYTES_PER_RATE = 1024 * float(_STEP_NS) / 1e6


@njit(cache=True, error_model="numpy")
def begin(c: PacerRecord, stack_bytes: int, globals_bytes: int, scannable: float, processors: int) -> None:
    """Starts a cycle with the heap exactly at its trigger."""
    at = trigger(c)
    if c.generation > _REDESIGN:
        at = max(at, c.heap_marked)
    c.max_stack_scan = stack_bytes
    c.globals_scan = globals_bytes
    c.heap_live = at
    c.heap_scan += to_int64(float(at - c.heap_marked) * scannable)
    start_cycle(c, 0, processors, False, False)


@njit(cache=True, error_model="numpy")
def mark(
    c: PacerRecord, left: NDArray[np.int64], alloc_rate: float, scan_rate: float, scannable: float, processors: int
) -> tuple[int, int, int]:
    """Does all scan work of a cycle. left: bytes of globals, stacks and heap to scan, set to 0.

    Returns the length of the cycle in ns, the CPU time of assists in ns, and the bytes allocated meanwhile.
    """
    duration = 0
    assist_time = 0
    allocated_black = 0
    cores = float(processors)
    while left[0] + left[1] + left[2] > 0:
        asked = c.assist_work_per_byte * alloc_rate
        utilization = max(asked / (asked + scan_rate), c.background_utilization)
        scanned = to_int64(scan_rate * _STEP_BYTES_PER_RATE * cores * utilization)
        allocated = to_int64(alloc_rate * _STEP_BYTES_PER_RATE * cores * (1.0 - utilization))
        rest = scanned
        globals_done = min(left[0], rest)
        rest -= globals_done
        stacks_done = min(left[1], rest)
        rest -= stacks_done
        heap_done = min(left[2], rest)
        rest -= heap_done
        left[0] -= globals_done
        left[1] -= stacks_done
        left[2] -= heap_done
        elapsed = _STEP_NS
        if rest > 0:
            # The cycle ends within this step.
            done = scanned - rest
            elapsed = to_int64(float(done) * float(_STEP_NS) / (scan_rate * _STEP_BYTES_PER_RATE * cores * utilization))
            share = alloc_rate * _STEP_BYTES_PER_RATE * float(elapsed) / float(_STEP_NS)
            allocated = to_int64(share * cores * (1.0 - utilization))
        c.heap_live += allocated
        c.heap_scan += to_int64(float(allocated) * scannable)
        c.heap_scan_work += heap_done
        c.stack_scan_work += stacks_done
        c.globals_scan_work += globals_done
        revise(c)
        assist_time += to_int64(float(elapsed) * cores * (utilization - c.background_utilization))
        duration += elapsed
        allocated_black += allocated
    return duration, assist_time, allocated_black


@njit(cache=True, error_model="numpy")
def run_cycles(
    c: PacerRecord,
    alloc_rates: NDArray[np.float64],
    scan_rates: NDArray[np.float64],
    growth_rates: NDArray[np.float64],
    scannables: NDArray[np.float64],
    stacks: NDArray[np.int64],
    globals_bytes: int,
    processors: int,
    integers: NDArray[np.int64],
    utilizations: NDArray[np.float64],
) -> None:
    """Runs one cycle for each entry of the rates.

    integers: shape (4, cycles), filled with marked before, trigger, peak, goal; utilizations: shape (cycles,), filled.
    """
    left = np.zeros(3, dtype=np.int64)
    black_before = 0
    for index in range(alloc_rates.size):
        scannable = scannables[index]
        begin(c, stacks[index], globals_bytes, scannable, processors)
        next_marked = _FIRST_HEAP_BYTES
        if index > 0:
            next_marked = to_int64(float(c.heap_marked - black_before) * growth_rates[index])
        left[0] = globals_bytes
        left[1] = stacks[index]
        left[2] = to_int64(float(next_marked) * scannable)
        duration, assist_time, black = mark(c, left, alloc_rates[index], scan_rates[index], scannable, processors)
        integers[0, index] = c.heap_marked
        integers[1, index] = c.triggered if c.generation > _REDESIGN else c.stored_trigger
        integers[2, index] = c.heap_live
        integers[3, index] = heap_goal(c)
        utilizations[index] = float(assist_time) / (float(duration) * float(processors)) + c.background_utilization
        c.assist_time = assist_time
        end_cycle(c, duration, processors, False)
        reset_live(c, next_marked + black)
        commit(c, False)
        black_before = black
