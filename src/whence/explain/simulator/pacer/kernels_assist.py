"""Assists: the scan work that an allocation in debt must do or take from the credit of background workers.

Read at mgcmark.go gcAssistAlloc and gcFlushBgCredit, 1.6 to 1.27.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from whence.explain.simulator.pacer.kernels_numbers import to_int64
from whence.explain.simulator.pacer.state import PacerRecord
from whence.explain.simulator.versions.pacers import Assist

_BYTES_AHEAD = int(Assist.BYTES_AHEAD)
_WORK_AHEAD = int(Assist.WORK_AHEAD)


@njit(cache=True, error_model="numpy")
def assist(c: PacerRecord, credit_bytes: int) -> tuple[int, int]:
    """Settles the debt of a goroutine whose credit is `credit_bytes` (negative) with background credit.

    Returns its new credit in bytes and the scan work that it has to do itself (0: none). The credit of work done later
    is `assist_credit`. Only called while marking and while the CPU limiter does not limit.
    """
    debt = -credit_bytes
    if c.assist_rule == _BYTES_AHEAD:
        debt += c.over_assist_bytes
    work = to_int64(c.assist_work_per_byte * float(debt))
    if c.assist_rule == _WORK_AHEAD and work < c.over_assist_bytes:
        work = c.over_assist_bytes
        debt = to_int64(c.assist_bytes_per_work * float(work))
    if c.background_scan_credit > 0:
        if c.background_scan_credit < work:
            stolen = c.background_scan_credit
            credit_bytes += 1 + to_int64(c.assist_bytes_per_work * float(stolen))
        else:
            stolen = work
            credit_bytes += debt
        c.background_scan_credit -= stolen
        work -= stolen
    return credit_bytes, work


@njit(cache=True, error_model="numpy")
def assist_credit(c: PacerRecord, work_done: int) -> int:
    """Returns the bytes that may be allocated for `work_done` bytes scanned by an assist."""
    return 1 + to_int64(c.assist_bytes_per_work * float(work_done))


@njit(cache=True, error_model="numpy")
def flush_background_credit(c: PacerRecord, work: int, waiting_credit: NDArray[np.int64]) -> int:
    """Adds `work` bytes scanned by a background worker, first to the assists that wait.

    waiting_credit: credits of waiting goroutines in the order of arrival, bytes, negative; changed in place: 0 for
    those that may run again. Returns how many of them may run.
    """
    if waiting_credit.size == 0:
        c.background_scan_credit += work
        return 0
    scan_bytes = to_int64(float(work) * c.assist_bytes_per_work)
    ready = 0
    for index in range(waiting_credit.size):
        if scan_bytes <= 0:
            break
        if scan_bytes + waiting_credit[index] < 0:
            waiting_credit[index] += scan_bytes
            scan_bytes = 0
            break
        scan_bytes += waiting_credit[index]
        waiting_credit[index] = 0
        ready += 1
    if scan_bytes > 0:
        c.background_scan_credit += to_int64(float(scan_bytes) * c.assist_work_per_byte)
    return ready
