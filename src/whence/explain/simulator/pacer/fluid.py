"""Fluid mode: collection cycles of one release from rates alone, without single allocations.

The model between the pacer and its inputs is that of the runtime's own pacer test (src/runtime/mgcpacer_test.go,
TestGcPacer): in steps of 500 µs the collector takes the share of the CPU that the assist ratio asks for, at least its
background share, and the program allocates with the rest.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from whence.evidence.errors import BadInput
from whence.explain.simulator.pacer.kernels_fluid import run_cycles
from whence.explain.simulator.pacer.new_state import new_state
from whence.explain.simulator.pacer.state import UNLIMITED
from whence.explain.simulator.pacer.streams import Stream, at_least, whole_steps, within
from whence.explain.simulator.versions.pacers import Generation, PacerRow

_SMALLEST_RATE = 0.0001
_STACK_STEP_BYTES = 2048


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """A program in rates, one number a cycle."""

    name: str
    alloc_rate: Stream
    """KiB per CPU-ms."""
    scan_rate: Stream
    """KiB per CPU-ms."""
    growth_rate: Stream
    """Live heap at the end of a cycle ÷ at the end of the one before."""
    scannable: Stream
    """Share of the heap that may hold pointers, in [0, 1]."""
    stack_bytes: Stream
    """Bytes of all stacks, cut to multiples of 2048."""
    length: int
    gc_percent: int = 100
    memory_limit: int = UNLIMITED
    globals_bytes: int = 32 << 10
    processors: int = 8


class Cycles(NamedTuple):
    """One entry a cycle, arrays of shape (length,); bytes, except for the last."""

    heap_live: NDArray[np.int64]
    """Marked by the cycle before."""
    heap_trigger: NDArray[np.int64]
    heap_peak: NDArray[np.int64]
    heap_goal: NDArray[np.int64]
    utilization: NDArray[np.float64]
    """The collector's share of all CPU while the cycle ran."""


def run(row: PacerRow, scenario: Scenario) -> Cycles:
    """Returns the cycles of a scenario under the pacer of a release. Raises BadInput for a row before 1.5.

    The runtime's own test, which this is equal to, exists since 1.18; for 1.5 to 1.17 it is the same model of the
    program around that release's pacer.
    """
    if row.generation < Generation.RATIO:
        raise BadInput(f"Go {row.since} stops the world to collect; fluid mode has no model of that. Use 1.5 or later.")
    length = scenario.length
    integers = np.empty((4, length), dtype=np.int64)
    utilization = np.empty(length)
    state = new_state(row, scenario.gc_percent, scenario.memory_limit)
    run_cycles(
        state[0],
        at_least(scenario.alloc_rate, _SMALLEST_RATE)(length),
        at_least(scenario.scan_rate, _SMALLEST_RATE)(length),
        at_least(scenario.growth_rate, _SMALLEST_RATE)(length),
        within(scenario.scannable, 0, 1)(length),
        at_least(whole_steps(scenario.stack_bytes, _STACK_STEP_BYTES), 0)(length).astype(np.int64),
        scenario.globals_bytes,
        scenario.processors,
        integers,
        utilization,
    )
    return Cycles(integers[0], integers[1], integers[2], integers[3], utilization)
