"""What the simulator says of the same program under a release: `predict(version)`.

The program is described to it as it is written: lists of 64-byte nodes that stay, garbage of 16 or 64 bytes as fast as
it goes, requests at a steady rate whose last 1024 results stay, 200 MB that are dropped. What happens while the live
heap is filled is taken out by a second simulation of the filling alone, with the same draws.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whence.evidence.errors import BadInput
from whence.evidence.lineage import Predicted
from whence.explain.simulator.engine.config import Config
from whence.explain.simulator.engine.process_run import ProcessRun
from whence.explain.simulator.engine.simulating import simulate
from whence.explain.simulator.engine.uncertainty import estimate
from whence.explain.simulator.engine.workload import LiveStep, ObjectKind, Workload
from whence.explain.simulator.scavenger import rules
from whence.explain.simulator.versions.table import model

DRAWS = 12
OWN_ERROR = 0.05
NODES = 1_000_000
SMALL, LARGE = 16_000_000, 8_000_000
"""Allocations of 16 and of 64 bytes, as the program's flags say."""
START_S, LOAD_S = 0.1, 3.0
REQUESTS_A_SECOND, PER_REQUEST, KEPT = 20_000, 200, 1024
SPINNING = 0.75
"""CPU of the load beside its allocations: it computes, and it waits for the next request without sleeping."""
DROPPED_BYTES, DROPPED_AT_S, WATCHED_S = 200_000_000, 0.6, 1000.0
SHARE_BACK = 0.9
ALMOST_IDLE = 1e-4

_LIVE = ObjectKind(size_bytes=64, live=NODES)


def predict(version: str) -> dict[str, Predicted | None]:
    """Returns what the model says of each metric it knows; empty for a release without a model.

    `rss-after`: resident bytes long after memory was dropped; `back`, or `lazy` where it is freed lazily: the seconds
    until 90 % were, None for never.
    """
    try:
        row = model(version)
    except BadInput:
        return {}
    found: dict[str, Predicted | None] = {}
    found |= _costs(version)
    found |= _load(version)
    found |= _dropped(version, ticks=row.scavenger.rest == rules.TICK, lazy=bool(row.page_heap.lazy))
    return found


def _run(workload: Workload, version: str, processors: int, draws: int = DRAWS) -> ProcessRun:
    return simulate(workload, Config(go=version, processors=processors), draws=draws)


def _filling(processors: int, version: str) -> ProcessRun:
    return _run(
        Workload(name="filling", kinds=(_LIVE,), start_seconds=START_S, duration_seconds=0.15), version, processors
    )


def _costs(version: str) -> dict[str, Predicted | None]:
    found: dict[str, Predicted | None] = {}
    one, two = _filling(1, version), _filling(2, version)
    for name, size, count, processors, filling in (
        ("alloc-16", 16, SMALL, 1, one),
        ("alloc-64", 64, LARGE, 1, one),
        ("alloc-64-two", 64, LARGE, 2, two),
    ):
        seconds = 0.25
        garbage = ObjectKind(size_bytes=size, rate=count / (seconds - START_S), pointers=size == 64)
        workload = Workload(
            name=name, kinds=(_LIVE, garbage), start_seconds=START_S, duration_seconds=seconds, closed_loop=True,
            goroutines=processors,
        )  # fmt: skip
        run = _run(workload, version, processors)
        births = count * seconds / (seconds - START_S)
        found[name] = _predicted((run.draws["cpu"] - filling.draws["cpu"]) / births * 1e9)
    return found


def _load(version: str) -> dict[str, Predicted | None]:
    rate = float(REQUESTS_A_SECOND * PER_REQUEST)
    served = ObjectKind(size_bytes=64, rate=rate, live=KEPT * PER_REQUEST, lifetimes="fixed")
    workload = Workload(
        name="load", kinds=(_LIVE, served), start_seconds=START_S, duration_seconds=START_S + LOAD_S, cpu_share=SPINNING
    )
    run, filling = _run(workload, version, 2), _filling(2, version)

    def beside_filling(name: str) -> NDArray[np.float64]:
        return np.maximum(run.draws[name] - filling.draws[name], 0.0)

    found: dict[str, Predicted | None] = {
        "pause-max": _predicted(run.draws["pause-max"]),
        "pause-sum": _predicted(beside_filling("pause-total")),
        "gc-cycles": _predicted(beside_filling("gc-cycles")),
    }
    if model(version).version.minor >= 5:
        found["gc-cpu"] = _predicted(beside_filling("gc-cpu") / LOAD_S)
    return found


def _dropped(version: str, *, ticks: bool, lazy: bool) -> dict[str, Predicted | None]:
    """The model has no collections that the program asks for, so time is counted from those that come by themselves:
    from the first after the drop where memory must lie idle for minutes, else from the last before it was back."""
    steps = (LiveStep(at_seconds=0.05, bytes=DROPPED_BYTES), LiveStep(at_seconds=DROPPED_AT_S, bytes=0))
    workload = Workload(
        name="drop", live_over_time=steps, start_seconds=0.02, start_peak_object_bytes=16384,
        duration_seconds=WATCHED_S, cpu_share=ALMOST_IDLE,
    )  # fmt: skip
    series = _run(workload, version, 2, draws=0).series
    after = series.seconds > DROPPED_AT_S + 0.5
    if not after.any():
        return {}
    held = series.rss - (series.released if lazy else 0.0)
    low = after & (held <= float(held[~after].max()) - SHARE_BACK * DROPPED_BYTES)
    seconds: Predicted | None = None
    if low.any():
        back_at = float(series.seconds[np.argmax(low)])
        changes = series.seconds[1:][np.diff(series.cycles) > 0]
        collected = changes[(changes > DROPPED_AT_S) & (changes <= back_at)]
        if collected.size:
            seconds = Predicted(value=back_at - float(collected[0] if ticks else collected[-1]))
    return {"rss-after": Predicted(value=float(series.rss[-1])), "lazy" if lazy else "back": seconds}


def _predicted(draws: NDArray[np.float64]) -> Predicted:
    told = estimate(draws, OWN_ERROR)
    return Predicted(value=float(told.value), low=max(float(told.low), 0.0), high=float(told.high))
