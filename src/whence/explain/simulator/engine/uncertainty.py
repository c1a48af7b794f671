"""What is not known about a program and a machine, as random draws that are the same for every configuration."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from whence.explain.simulator.costs.rows import UNCERTAINTY, Costs
from whence.explain.simulator.engine.process_run import Estimate
from whence.explain.simulator.engine.workload import Source, Workload

DRAWS = 24
LOW, HIGH = 0.05, 0.95
_RATE = {"recorded": 0.0, "described": 0.005, "profile": 0.08, "few-numbers": 0.05}
_LIVE = {"recorded": 0.0, "described": 0.01, "profile": 0.1, "few-numbers": 0.1}
_MIXING = {"recorded": 0.0, "described": 0.2, "profile": 0.7, "few-numbers": 0.7}
"""Spread, on a logarithmic scale, of allocation rates, of live bytes, of how finely live objects and garbage mix."""
STAND_IN = 2.0
"""How much wider everything is where another release stands in."""


class Draw(msgspec.Struct, frozen=True, kw_only=True):
    """One draw of all that is uncertain."""

    costs: Costs
    workload: Workload
    mixing: float
    """Factor of the slots that share the fate of a span."""


def draw(number: int, seed: int, costs: Costs, workload: Workload, wider: float = 1.0) -> Draw:
    """Returns draw `number` of a seed; number 0 is what is known best. The same numbers fall in every configuration."""
    if number == 0:
        return Draw(costs=costs, workload=workload, mixing=1.0)
    random = np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence([seed, number])))
    factors = {name: float(np.exp(wider * spread * random.standard_normal())) for name, spread in UNCERTAINTY.items()}
    changed: dict[str, float | int] = {}
    for name, factor in factors.items():
        value = getattr(costs, name) * factor
        changed[name] = round(value) if isinstance(getattr(costs, name), int) else value
    rate, live, mixing = (
        float(np.exp(wider * table[workload.source] * random.standard_normal())) for table in (_RATE, _LIVE, _MIXING)
    )
    return Draw(costs=msgspec.structs.replace(costs, **changed), workload=_scaled(workload, rate, live), mixing=mixing)


def _scaled(workload: Workload, rate: float, live: float) -> Workload:
    replace = msgspec.structs.replace
    kinds = tuple(replace(kind, rate=kind.rate * rate, live=round(kind.live * live)) for kind in workload.kinds)
    return replace(workload, kinds=kinds, start_peak_bytes=round(workload.start_peak_bytes * live))


def estimate(draws: NDArray[np.float64], relative_error: float) -> Estimate:
    """Returns the value of draw 0 with the 90 % interval of all draws, widened by the model's own relative error (sd).

    The two are independent: distances from the value add in squares.
    """
    value = float(draws[0])
    low, high = (float(bound) for bound in np.quantile(draws, (LOW, HIGH)))
    own = 1.645 * relative_error * abs(value)
    return Estimate(value, value - np.hypot(max(value - low, 0.0), own), value + np.hypot(max(high - value, 0.0), own))


def source_factor(source: Source) -> float:
    """Returns how much wider the model's own error is for a source."""
    return {"recorded": 1.0, "described": 1.0, "profile": 2.0, "few-numbers": 1.5}[source]
