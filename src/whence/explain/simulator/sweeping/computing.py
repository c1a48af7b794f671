"""What a worker does for one point: simulates it and gives it a digest that depends on the result alone.

All points have the seed of the sweep: the same draws of whatever is uncertain fall in every configuration (common
random numbers), so that differences between points are sharper than either. Nothing depends on which worker computes
a point, or when.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from whence.evidence.errors import BadInput
from whence.evidence.sweep import SweepPoint, SweepTotal
from whence.explain.simulator.engine.config import Config
from whence.explain.simulator.engine.process_run import TOTALS, Mode, ProcessRun
from whence.explain.simulator.engine.workload import Workload
from whence.explain.simulator.sweeping.digests import digest_of, digest_of_run


class How(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for every point."""

    seed: int = 1
    mode: Mode = "fluid"
    replicas: int = 24
    """Draws of what is uncertain."""


Simulate = Callable[[Workload, Config, How], ProcessRun]
"""A function of a module, so that workers find it."""


class Shared(NamedTuple):
    """What every worker of a sweep holds once."""

    programs: tuple[Workload, ...]
    how: How
    simulate: Simulate


class Payload(NamedTuple):
    """One point."""

    name: str
    settings: dict[str, str]
    program: int
    """Index into the programs."""
    config: Config


def simulate_process(workload: Workload, config: Config, how: How) -> ProcessRun:
    """Returns the run as the engine has it: what a sweep computes unless told otherwise. Raises BadInput."""
    from whence.explain.simulator.engine.simulating import simulate

    return simulate(workload, config, seed=how.seed, mode=how.mode, draws=how.replicas)


def compute_point(shared: Shared, payload: Payload) -> SweepPoint:
    """Returns one point, computed; one that the model refuses says why."""
    begun = time.perf_counter()
    try:
        run = shared.simulate(shared.programs[payload.program], payload.config, shared.how)
    except BadInput as error:
        return refused(payload.name, payload.settings, str(error))
    return SweepPoint(
        settings=payload.settings,
        configuration=payload.name,
        totals={
            name: SweepTotal(
                value=float(total.value), low=float(total.low), high=float(total.high), unit=TOTALS.get(name, "")
            )
            for name, total in run.totals.items()
        },
        oom_seconds=None if run.oom_seconds is None else float(run.oom_seconds),
        warnings=run.warnings,
        digest=digest_of_run(run),
        seconds=time.perf_counter() - begun,
    )


def refused(name: str, settings: dict[str, str], message: str) -> SweepPoint:
    """Returns a point that cannot be simulated."""
    return SweepPoint(
        settings=settings, configuration=name, outcome="refused", message=message, digest=digest_of([message.encode()])
    )
