"""Kernels of how the background scavenger rests between two pieces of work, by generation.

- RATE, 1.13: a line from what is retained down to the goal over time, at most a page every millisecond (1 % of one
  processor at 10 µs a page), and doubling waits while nothing is to be had.
- AVERAGE, 1.14 to 1.17: after each page, as long as makes the moving average of its share 1 % of one processor.
- CONTROLLER, 1.18 to 1.27: after at least 1 ms of work, by a PI controller towards 1 % of all processors.

Times are nanoseconds. The meaning is that of bgscavenge, scavengerState and piController in runtime/mgcscavenge.go
(mgcpacer.go in 1.18 and 1.19).
"""

# Numba gives the numbers of arrays their types, which pyright takes for arrays.
# pyright: reportArgumentType=false, reportReturnType=false, reportCallIssue=false

from __future__ import annotations

import math

import numpy as np

from whence.explain.simulator.pages.compiling import kernel
from whence.explain.simulator.scavenger.rules import AVERAGE

# Slots of `rest`, float64.
KIND = 0
RATIO = 1
"""CONTROLLER: work to sleep. AVERAGE: the moving average of the share of time worked."""
INTEGRAL = 2
COOLDOWN_NS = 3
SLEEPING_SINCE = 4
WORKED_NS = 5
MIN_FRACTION = 6
"""AVERAGE: the least share that is counted; 0 up to 1.16, where 1/1000 was divided as whole numbers."""
BYTES_PER_NS = 7
RETAINED_BASIS = 8
TIME_BASIS_NS = 9
RETRY_NS = 10
RESETS = 11
REST_SLOTS = 12

IDEAL_FRACTION = 0.01
START_RATIO = 0.001
LEAST_WORK_NS = 1e6
MOST_WORK_NS = 10e6
LEAST_SLEEP_NS = 100e3
_KP, _TI, _TT = 0.3375, 3.2e6, 1e9
_LOWEST, _HIGHEST = 0.001, 1000.0
_COOLDOWN_NS = 5e9
PAGE_PERIOD_NS = 10e3 / 0.01
_NEVER_SLEPT = -1.0


def new_rest(kind: int, *, min_fraction: float = 0.001) -> np.ndarray:
    """Returns the state of a scavenger that has not worked yet."""
    rest = np.zeros(REST_SLOTS, np.float64)
    rest[KIND] = kind
    rest[RATIO] = IDEAL_FRACTION if kind == AVERAGE else START_RATIO
    rest[SLEEPING_SINCE] = _NEVER_SLEPT
    rest[MIN_FRACTION] = min_fraction
    rest[RETRY_NS] = LEAST_SLEEP_NS
    return rest


@kernel
def control(rest: np.ndarray, share: float, setpoint: float, period_ns: float) -> bool:
    """Moves the ratio of work to sleep by one step of the controller; False when it overflowed and was reset."""
    raw = _KP * (setpoint - share) + rest[INTEGRAL]
    if math.isinf(raw) or math.isnan(raw):
        rest[INTEGRAL] = 0.0
        rest[RATIO] = _LOWEST
        return False
    output = min(max(raw, _LOWEST), _HIGHEST)
    rest[INTEGRAL] += (_KP * period_ns / _TI) * (setpoint - share) + (period_ns / _TT) * (output - raw)
    if math.isinf(rest[INTEGRAL]) or math.isnan(rest[INTEGRAL]):
        rest[INTEGRAL] = 0.0
        rest[RATIO] = _LOWEST
        return False
    rest[RATIO] = output
    return True


@kernel
def sleep_for(rest: np.ndarray, worked_ns: float) -> int:
    """Returns how long to sleep after `worked_ns` of work."""
    if rest[KIND] == AVERAGE:
        worked = min(worked_ns, MOST_WORK_NS)
        return int(rest[RATIO] / IDEAL_FRACTION * worked / IDEAL_FRACTION)
    return int(max(worked_ns, LEAST_WORK_NS) / rest[RATIO])


@kernel
def slept(rest: np.ndarray, worked_ns: float, slept_ns: float, processors: int) -> None:
    """Learns from a sleep of `slept_ns` after `worked_ns` of work."""
    if rest[KIND] == AVERAGE:
        worked = min(worked_ns, MOST_WORK_NS)
        fraction = max(worked / (worked + slept_ns), rest[MIN_FRACTION])
        rest[RATIO] = 0.5 * fraction + (1 - 0.5) * rest[RATIO]
        return
    worked = max(worked_ns, LEAST_WORK_NS)
    if rest[COOLDOWN_NS] > 0:
        passed = slept_ns + math.floor(worked)
        rest[COOLDOWN_NS] = 0.0 if passed > rest[COOLDOWN_NS] else rest[COOLDOWN_NS] - passed
        return
    share = worked / ((slept_ns + worked) * float(processors))
    if not control(rest, share, IDEAL_FRACTION, slept_ns + worked):
        rest[RATIO] = START_RATIO
        rest[COOLDOWN_NS] = _COOLDOWN_NS
        rest[RESETS] += 1


@kernel
def set_rate(
    rest: np.ndarray, retained: int, goal: int, huge_pages_unscavenged: int, now_ns: int, physical_page_bytes: int
) -> None:
    """Paces the 1.13 scavenger from now on: `goal` bytes are to be retained, huge pages are taken in one go."""
    if retained <= goal:
        rest[BYTES_PER_NS] = 0.0
        return
    work = retained - goal
    huge = min(huge_pages_unscavenged, work >> 21)
    regular = work - (huge << 21)
    total_ns = float(huge) * PAGE_PERIOD_NS + float(regular // physical_page_bytes) * PAGE_PERIOD_NS
    rest[RETAINED_BASIS] = retained
    rest[TIME_BASIS_NS] = now_ns
    rest[BYTES_PER_NS] = float(work) / max(total_ns, 1.0)
    rest[RETRY_NS] = LEAST_SLEEP_NS


@kernel
def due_by_rate(rest: np.ndarray, retained: int, now_ns: int) -> int:
    """Returns the bytes that the 1.13 scavenger is behind its line."""
    want = rest[RETAINED_BASIS] - math.floor(rest[BYTES_PER_NS] * (now_ns - rest[TIME_BASIS_NS]))
    return max(0, int(retained - want))
