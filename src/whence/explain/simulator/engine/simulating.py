"""Simulates one process: `simulate(workload, config, seed=…)`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whence.explain.simulator.allocator import layout as slots_at
from whence.explain.simulator.costs.rows import costs_of
from whence.explain.simulator.engine import layout as at
from whence.explain.simulator.engine import uncertainty
from whence.explain.simulator.engine.config import Config
from whence.explain.simulator.engine.event_mode import new_process, play_described
from whence.explain.simulator.engine.growth import growth_of
from whence.explain.simulator.engine.kernels_event_process import ROWS
from whence.explain.simulator.engine.kernels_fluid_process import run_fluid
from whence.explain.simulator.engine.process_run import TOTALS, Mode, ProcessRun, Series
from whence.explain.simulator.engine.settings import settings_of
from whence.explain.simulator.engine.workload import Workload
from whence.explain.simulator.pacer.new_state import new_limiter, new_state
from whence.explain.simulator.pacer.state import UNLIMITED
from whence.explain.simulator.pages import layout as pages_at
from whence.explain.simulator.scavenger.kernels_rest import new_rest
from whence.explain.simulator.versions.table import Model, model

MOST_ROWS = 20_000
OWN_ERRORS = {"gc-cycles": 0.16, "rss": 0.07, "rss-peak": 0.08, "working-set": 0.08, "heap-inuse": 0.1, "cpu": 0.25}
OTHER_ERROR = 0.15
"""The model's own relative error (sd) where all constants are right; see the model cards."""


class _One(NamedTuple):
    totals: dict[str, float]
    series: Series
    oom_seconds: float | None


def simulate(
    workload: Workload, config: Config, *, seed: int = 1, mode: Mode = "fluid", draws: int = uncertainty.DRAWS
) -> ProcessRun:
    """Returns one simulated process with 90 % intervals.

    The same (workload, config, seed) gives the same run; the same seed means the same draws of whatever is uncertain
    in every configuration, so that differences between them are sharper than either. Raises BadInput.
    """
    workload, config = workload.checked(), config.checked()
    rules = model(config.go, config.allow_nearest)
    wider = uncertainty.STAND_IN if rules.stands_in else 1.0
    costs = costs_of(rules.version)
    runs = [
        _run(uncertainty.draw(number, seed, costs, workload, wider), config, rules, seed, mode)
        for number in range(draws + 1)
    ]
    factor = wider * uncertainty.source_factor(workload.source)
    table = {name: np.array([run.totals[name] for run in runs]) for name in TOTALS}
    totals = {
        name: uncertainty.estimate(values, OWN_ERRORS.get(name, OTHER_ERROR) * factor) for name, values in table.items()
    }
    warnings = () if rules.warning is None else (rules.warning,)
    return ProcessRun(
        workload.name, config, seed, mode, totals, runs[0].series, table, runs[0].oom_seconds, (*warnings,)
    )


def _run(drawn: uncertainty.Draw, config: Config, rules: Model, seed: int, mode: Mode) -> _One:
    growth = growth_of(drawn.workload, rules, drawn.workload.duration_seconds)
    settings = settings_of(drawn.workload, growth, config, rules, drawn.costs, seed)
    settings[at.MIXING] = drawn.mixing
    if mode == "events":
        process = new_process(config, rules, settings, MOST_ROWS)
        play_described(drawn.workload, rules, drawn.costs, process, seed)
        state, series, rows = process.state, process.series, int(process.counts[ROWS])
        account = process.allocator.heap.heap
        state[at.SCAVENGED] = account[pages_at.RELEASED_BACKGROUND] + account[pages_at.RELEASED_EAGERLY]
        state[at.ALLOCATED_TOTAL] = process.allocator.state[slots_at.ALLOCATED_BYTES]
        totals = totals_of(process.pacer, state, series, rows)
    else:
        limit = int(settings[at.MEMORY_LIMIT]) if settings[at.MEMORY_LIMIT] < UNLIMITED else UNLIMITED
        pacer = new_state(rules.pacer, config.gogc, limit)
        limiter = new_limiter(0, config.processors)
        rest = new_rest(rules.scavenger.rest, min_fraction=rules.scavenger.min_fraction)
        state, series = np.zeros(at.STATE), np.zeros((at.SERIES_COLUMNS, MOST_ROWS))
        rows = run_fluid(pacer[0], limiter[0], rest, settings, state, growth.curves, series)
        totals = totals_of(pacer[0], state, series, rows)
    return _One(
        totals,
        Series(*(series[column, :rows].copy() for column in range(at.SERIES_COLUMNS))),
        state[at.OOM_AT] / 1e9 if state[at.OOM_AT] >= 0 else None,
    )


def totals_of(pacer: np.void, x: NDArray[np.float64], series: NDArray[np.float64], rows: int) -> dict[str, float]:
    """Returns the totals of a run by the names of TOTALS."""
    cycles = max(int(pacer["cycles"]), 1)
    last = series[:, max(rows - 1, 0)]
    return {
        "gc-cycles": float(pacer["cycles"]),
        "rss": float(last[at.SERIES_RESIDENT]),
        "rss-peak": float(x[at.PEAK_RESIDENT]),
        "working-set": float(x[at.PEAK_RESIDENT]),
        "heap-live": float(pacer["heap_marked"]),
        "heap-inuse": float(last[at.SERIES_IN_USE]),
        "heap-goal": float(last[at.SERIES_GOAL]),
        "heap-peak": float(x[at.PEAK_SUM] / cycles),
        "cpu": float(x[at.PROGRAM_CPU] + x[at.COLLECTOR_CPU] + x[at.SCAVENGE_CPU]) / 1e9,
        "wall": float(x[at.NOW]) / 1e9,
        "alloc-cpu": float(x[at.PROGRAM_CPU]) / 1e9,
        "gc-cpu": float(x[at.COLLECTOR_CPU]) / 1e9,
        "assist-cpu": float(x[at.ASSIST_CPU]) / 1e9,
        "scavenge-cpu": float(x[at.SCAVENGE_CPU]) / 1e9,
        "pause-total": float(x[at.PAUSES]) / 1e9,
        "pause-max": float(x[at.LONGEST_PAUSE]) / 1e9,
        "scavenged": float(x[at.SCAVENGED]),
        "allocated": float(x[at.ALLOCATED_TOTAL]),
        "overshot-cycles": float(x[at.OVERSHOT]) / cycles,
    }
