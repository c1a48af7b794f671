"""How fast the background scavenger gives memory back: bursts of at least 1 ms, sleeps set by a controller.

The controller aims at 1 % of the CPU of all processors. In meaning from scavengerState and piController in
src/runtime/mgcscavenge.go and mgcpacer.go, the same from 1.18 to 1.27. The cost of a quantum is a measured constant.
"""

from __future__ import annotations

from math import isfinite

QUANTUM_BYTES = 64 << 10
QUANTUM_NS = 9_000.0
"""CPU that giving back 64 KiB takes: 7.5 to 11 µs measured (docs/methods/node.md)."""
_LEAST_WORK_NS = 1e6
_SET_POINT = 0.01
_START_RATIO = 0.001
_LOW, _HIGH = 0.001, 1000.0
_KP, _TI, _TT = 0.3375, 3.2e6, 1e9
_COOLDOWN_NS = 5e9


class ScavengerPace:
    """The scavenger's controller of one process."""

    def __init__(self, processors: int, quantum_ns: float = QUANTUM_NS) -> None:
        self.processors = processors
        self.quantum_ns = quantum_ns
        self.ratio = _START_RATIO
        self.integral = 0.0
        self.cooldown_ns = 0.0

    def burst(self, wanted_bytes: int) -> tuple[int, int]:
        """Returns the bytes that one burst gives back and the ns until the next may begin."""
        quanta = min(-(-wanted_bytes // QUANTUM_BYTES), max(1, -int(-_LEAST_WORK_NS // self.quantum_ns)))
        worked = max(quanta * self.quantum_ns, _LEAST_WORK_NS)
        slept = worked / self.ratio
        self._learn(worked, slept)
        return min(wanted_bytes, quanta * QUANTUM_BYTES), int(worked + slept)

    def _learn(self, worked: float, slept: float) -> None:
        if self.cooldown_ns > 0:
            self.cooldown_ns = max(0.0, self.cooldown_ns - slept - worked)
            return
        used = worked / ((slept + worked) * self.processors)
        wanted = _KP * (_SET_POINT - used) + self.integral
        limited = min(max(wanted, _LOW), _HIGH)
        period = slept + worked
        self.integral += (_KP * period / _TI) * (_SET_POINT - used) + (period / _TT) * (limited - wanted)
        if not isfinite(self.integral) or not isfinite(wanted):
            self.integral, self.ratio, self.cooldown_ns = 0.0, _START_RATIO, _COOLDOWN_NS
            return
        self.ratio = limited
