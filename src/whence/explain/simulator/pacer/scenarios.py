"""The scenarios of the runtime's own pacer test, by name (src/runtime/mgcpacer_test.go, TestGcPacer, 1.18-1.27).

The first ten are in every release since 1.18, the others since 1.19; no release changed the numbers of any.
"""

from __future__ import annotations

import functools

from whence.explain.simulator.pacer.fluid import Scenario
from whence.explain.simulator.pacer.streams import constant, delayed, oscillate, ramp, random, total, unit

_LIMIT = 512 << 20
_steady = functools.partial(
    Scenario,
    alloc_rate=constant(33.0),
    scan_rate=constant(1024.0),
    growth_rate=total(constant(2.0), ramp(-1.0, 12)),
    scannable=constant(1.0),
    stack_bytes=constant(8192),
    length=50,
)
_slow = functools.partial(_steady, alloc_rate=constant(1.0), scan_rate=constant(2048.0), scannable=constant(0.01))
_limited = functools.partial(_steady, memory_limit=_LIMIT)
_maintain = functools.partial(_limited, growth_rate=total(constant(3.0), ramp(-2.0, 12)))
_exceed = functools.partial(_limited, growth_rate=total(constant(3.5), ramp(-2.5, 12)))

SINCE_1_18: tuple[Scenario, ...] = (
    _steady(name="Steady"),
    _steady(
        name="SteadyBigStacks",
        alloc_rate=constant(132.0),
        stack_bytes=total(constant(2048), ramp(128 << 20, 8)),
    ),
    _steady(name="SteadyBigGlobals", alloc_rate=constant(132.0), globals_bytes=128 << 20),
    _steady(name="StepAlloc", alloc_rate=total(constant(33.0), delayed(ramp(66.0, 1), 50)), length=100),
    _steady(name="HeavyStepAlloc", alloc_rate=total(constant(33.0), delayed(ramp(330, 1), 50)), length=100),
    _steady(
        name="StepScannableFrac",
        alloc_rate=constant(128.0),
        scannable=total(constant(0.2), delayed(unit(0.5), 50)),
        length=100,
    ),
    _steady(
        name="HighGOGC",
        gc_percent=1500,
        alloc_rate=total(random(7, 0x53), constant(165)),
        growth_rate=total(constant(2.0), ramp(-1.0, 12), random(0.01, 0x1), delayed(unit(14), 25)),
    ),
    _steady(name="OscAlloc", alloc_rate=total(oscillate(13, 0, 8), constant(67))),
    _steady(
        name="JitterAlloc",
        alloc_rate=total(random(13, 0xF), constant(132)),
        growth_rate=total(constant(2.0), ramp(-1.0, 12), random(0.01, 0xE)),
    ),
    _steady(
        name="HeavyJitterAlloc",
        alloc_rate=total(random(33.0, 0x0), constant(330)),
        growth_rate=total(constant(2.0), ramp(-1.0, 12), random(0.01, 0x152)),
    ),
)
SINCE_1_19: tuple[Scenario, ...] = (
    _slow(name="SmallHeapSlowAlloc", growth_rate=total(constant(2.0), ramp(-1.0, 3))),
    _slow(name="MediumHeapSlowAlloc", growth_rate=total(constant(2.0), ramp(-1.0, 8))),
    _slow(name="LargeHeapSlowAlloc", growth_rate=total(constant(4.0), ramp(-3.0, 12))),
    _limited(name="SteadyMemoryLimit"),
    _limited(name="SteadyMemoryLimitNoGCPercent", gc_percent=-1),
    _exceed(name="ExceedMemoryLimit"),
    _exceed(name="ExceedMemoryLimitNoGCPercent", gc_percent=-1),
    _maintain(name="MaintainMemoryLimit"),
    _maintain(name="MaintainMemoryLimitNoGCPercent", gc_percent=-1),
)
SCENARIOS: dict[str, Scenario] = {scenario.name: scenario for scenario in (*SINCE_1_18, *SINCE_1_19)}
