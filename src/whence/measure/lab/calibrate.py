"""Calibration: how fast this host is right now, told by a fixed amount of work, so that a disturbed block is noticed.

Before and after every run each CPU that the run may use does the same work (PBKDF2-HMAC-SHA256, a fixed number of
iterations: arithmetic in registers and first-level cache, in C, without the interpreter's lock). The slowest CPU's
wall time is the spin. It feels what slows a pure CPU loop: lower clocks, a busy sibling, a hypervisor that gives less
than it shows. Steal time and load averages of the guest do not (their correlation with slowness is near zero).

The number of iterations is chosen once, so that a spin takes about 20 ms, and stored; every later spin of the run
directory on that host does the same work. Only spins may have a block repeated, by a rule that stands in the plan
before the first counted run: what happens *during* a run may be the variant's own doing.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import statistics
import threading
import time
from collections.abc import Callable, Sequence

from whence.evidence.comparison import Plan

SPIN_SECONDS = 0.020
BASELINE_SPINS = 9
_PASSWORD, _SALT = b"whence", b"calibration"


def work(iterations: int) -> None:
    """Does the fixed work of one CPU."""
    hashlib.pbkdf2_hmac("sha256", _PASSWORD, _SALT, iterations)


class Calibrator:
    """Times the same work on the CPUs of `affinity` (empty: all that this process may use)."""

    def __init__(
        self,
        affinity: Sequence[int] = (),
        *,
        iterations: int | None = None,
        baseline_spins: int = BASELINE_SPINS,
        spinner: Callable[[tuple[int, ...], int], float] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`iterations` repeats the work of an earlier session; None chooses it. `spinner` replaces the real work."""
        self.cpus = tuple(affinity) or tuple(sorted(os.sched_getaffinity(0)))
        self._spinner = spinner or spin_on
        self._sleep = sleep
        self.iterations = iterations or choose_iterations(self.cpus)
        self._baseline_spins = baseline_spins
        self.spins: list[float] = []

    def spin(self) -> float:
        """Returns the seconds of one spin, and remembers it for the session's median."""
        seconds = self._spinner(self.cpus, self.iterations)
        self.spins.append(seconds)
        return seconds

    def start_session(self) -> dict[str, float]:
        """Spins a few times and returns what a `Session` line stores: seconds, spread, and the work done."""
        self._spinner(self.cpus, self.iterations)  # wakes the CPUs; not counted
        self.spins = []
        for _ in range(self._baseline_spins):
            self.spin()
        return self.summary()

    def settle(self, plan: Plan, *, limit_s: float = 0.5, pause_s: float = 0.05) -> None:
        """Waits until a spin is below the plan's threshold, `limit_s` at most, so that a repeat does not meet the
        same short burst. These spins are not remembered: they would pull the median towards the disturbance."""
        for _ in range(round(limit_s / pause_s)):
            if self._spinner(self.cpus, self.iterations) < plan.repeat_threshold * self.median:
                return
            self._sleep(pause_s)

    @property
    def median(self) -> float:
        """Median seconds of all spins of this session so far."""
        return statistics.median(self.spins)

    def summary(self) -> dict[str, float]:
        """Returns the session's spins in numbers: seconds, and `spread`, (90th − 10th percentile) ÷ median."""
        ordered = sorted(self.spins)
        low, high = ordered[len(ordered) // 10], ordered[(len(ordered) * 9) // 10]
        return {
            "iterations": float(self.iterations),
            "cpus": float(len(self.cpus)),
            "spins": float(len(ordered)),
            "median_s": self.median,
            "fastest_s": ordered[0],
            "slowest_s": ordered[-1],
            "spread": (high - low) / self.median,
        }

    def disturbance(self, spins: Sequence[float], plan: Plan) -> str:
        """Returns why a block with these spins beside it was disturbed, in words; empty when it was not.

        The rule: the slowest spin took at least `plan.repeat_threshold` times the session's median.
        """
        slowest, usual = max(spins, default=0.0), self.median
        if slowest < plan.repeat_threshold * usual:
            return ""
        return f"a calibration spin took {slowest / usual:.2f} times the session's median of {usual * 1e3:.1f} ms"


def choose_iterations(cpus: tuple[int, ...], seconds: float = SPIN_SECONDS) -> int:
    """Returns how many iterations make a spin on these CPUs take about `seconds` now (the median of seven trials).

    All CPUs work in the trials too: two that share a core, or a clock that falls when both are busy, are slower so.
    """
    trial = 10_000
    usual = statistics.median(spin_on(cpus, trial) for _ in range(7))
    return max(1000, round(trial * seconds / usual / 1000) * 1000)


def spin_on(cpus: tuple[int, ...], iterations: int) -> float:
    """Returns the wall seconds of the slowest CPU when each does the work at the same time.

    A CPU that this process may not use (or that went offline) is worked for by a thread that is not pinned.
    """
    seconds = [0.0] * len(cpus)
    barrier = threading.Barrier(len(cpus))

    def worker(index: int, cpu: int) -> None:
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, {cpu})  # of this thread only
        barrier.wait()
        seconds[index] = _timed(iterations)

    threads = [threading.Thread(target=worker, args=pair, daemon=True) for pair in enumerate(cpus)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return max(seconds)


def _timed(iterations: int) -> float:
    begin = time.perf_counter()
    work(iterations)
    return time.perf_counter() - begin
