"""The cons/mark estimate of Go 1.18 and later: bytes allocated per byte scanned, each per CPU second.

Read at mgcpacer.go, endCycle and piController.next, of the releases named in versions.pacers.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from whence.explain.simulator.pacer.state import PacerRecord
from whence.explain.simulator.versions.pacers import ConsMark, Generation

_CONTROLLER = int(ConsMark.CONTROLLER)
_MEAN_OF_TWO = int(ConsMark.MEAN_OF_TWO)
_REDESIGN = int(Generation.REDESIGN)
_GAIN = 0.9
_INTEGRAL_CYCLES = 4.0
_RESET_CYCLES = 1000.0
_LARGEST = 1000.0


@njit(cache=True, error_model="numpy")
def control_cons_mark(c: PacerRecord, measured: float) -> None:
    """Moves cons_mark towards the measured value by the PI controller of 1.18 and 1.19; overflow resets both."""
    error = measured - c.cons_mark
    raw = _GAIN * error + c.error_integral
    if np.isinf(raw) or np.isnan(raw):
        c.error_integral = 0.0
        c.cons_mark = 0.0
        return
    output = min(max(raw, -_LARGEST), _LARGEST)
    c.error_integral += (_GAIN * 1.0 / _INTEGRAL_CYCLES) * error + (1.0 / _RESET_CYCLES) * (output - raw)
    if np.isinf(c.error_integral) or np.isnan(c.error_integral):
        c.error_integral = 0.0
        c.cons_mark = 0.0
        return
    c.cons_mark = output


@njit(cache=True, error_model="numpy")
def end_cons_mark_cycle(c: PacerRecord, utilization: float, idle_utilization: float) -> None:
    """Updates the cons/mark estimate by the cycle that ends; a cycle without growth teaches nothing."""
    start = c.stored_trigger if c.generation == _REDESIGN else c.triggered
    if c.heap_live <= start:
        return
    work = c.heap_scan_work + c.stack_scan_work + c.globals_scan_work
    measured = (float(c.heap_live - start) * (utilization + idle_utilization)) / (float(work) * (1.0 - utilization))
    if c.cons_mark_rule == _CONTROLLER:
        control_cons_mark(c, measured)
        return
    if c.cons_mark_rule == _MEAN_OF_TWO:
        c.cons_mark = (measured + c.cons_mark_1) / 2.0
        c.cons_mark_1 = measured
        return
    largest = measured
    if c.cons_mark_4 > largest:
        largest = c.cons_mark_4
    if c.cons_mark_3 > largest:
        largest = c.cons_mark_3
    if c.cons_mark_2 > largest:
        largest = c.cons_mark_2
    if c.cons_mark_1 > largest:
        largest = c.cons_mark_1
    c.cons_mark = largest
    c.cons_mark_4 = c.cons_mark_3
    c.cons_mark_3 = c.cons_mark_2
    c.cons_mark_2 = c.cons_mark_1
    c.cons_mark_1 = measured
