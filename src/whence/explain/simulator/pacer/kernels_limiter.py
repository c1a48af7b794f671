"""The limiter of the collector's CPU, Go 1.19 and later: about half of all CPU over one second of every processor.

Read at mgclimit.go of go1.19.13 to go1.27.4. What running assists and idle processors have used so far is added by the
caller before each update to `assist_time` and `idle_time`, as the runtime does from its processors' event slots.
"""

from __future__ import annotations

from numba import njit

from whence.explain.simulator.pacer.limiter_state import LimiterRecord

_BACKGROUND_UTILIZATION = 0.25
_CAPACITY_PER_PROCESSOR = 10**9
_UPDATE_PERIOD_NS = 10_000_000


@njit(cache=True, error_model="numpy")
def accumulate(limiter: LimiterRecord, mutator_time: int, collector_time: int) -> None:
    """Fills or drains the bucket by the difference of both CPU times, in ns."""
    headroom = limiter.capacity - limiter.fill
    limiting = headroom == 0
    change = collector_time - mutator_time
    if change > 0 and headroom <= change:
        limiter.overflow += change - headroom
        limiter.fill = limiter.capacity
        if not limiting:
            limiter.limiting = 1
        return
    limiter.fill = 0 if change < 0 and limiter.fill <= -change else limiter.fill + change
    if change != 0 and limiting:
        limiter.limiting = 0


@njit(cache=True, error_model="numpy")
def update_limiter(limiter: LimiterRecord, now: int) -> None:
    """Accounts for all CPU time since the last update, the pools of assists and idle time included."""
    if now < limiter.last_update:
        return
    window = (now - limiter.last_update) * limiter.processors
    limiter.last_update = now
    collector = limiter.assist_time
    if limiter.collecting == 1:
        collector += int(float(window) * _BACKGROUND_UTILIZATION)
    window -= limiter.idle_time
    limiter.assist_time = 0
    limiter.idle_time = 0
    accumulate(limiter, window - collector, collector)


@njit(cache=True, error_model="numpy")
def limiter_needs_update(limiter: LimiterRecord, now: int) -> bool:
    """Returns whether the last update is more than 10 ms old."""
    return now - limiter.last_update > _UPDATE_PERIOD_NS


@njit(cache=True, error_model="numpy")
def start_transition(limiter: LimiterRecord, collecting: bool, now: int) -> None:
    """The world stops for a cycle to begin (collecting) or to end."""
    update_limiter(limiter, now)
    limiter.collecting = 1 if collecting else 0
    limiter.transitioning = 1


@njit(cache=True, error_model="numpy")
def finish_transition(limiter: LimiterRecord, now: int) -> None:
    """The world starts again: the whole pause was the collector's, on every processor."""
    if now >= limiter.last_update:
        accumulate(limiter, 0, (now - limiter.last_update) * limiter.processors)
    limiter.last_update = now
    limiter.transitioning = 0


@njit(cache=True, error_model="numpy")
def reset_capacity(limiter: LimiterRecord, now: int, processors: int) -> None:
    """GOMAXPROCS changes to `processors`."""
    update_limiter(limiter, now)
    limiter.processors = processors
    limiter.capacity = processors * _CAPACITY_PER_PROCESSOR
    if limiter.fill > limiter.capacity:
        limiter.fill = limiter.capacity
        limiter.limiting = 1
    elif limiter.fill < limiter.capacity:
        limiter.limiting = 0
