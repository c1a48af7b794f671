"""The settings array of a run, from a program, a configuration, a release and its cost constants."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whence.explain.simulator.costs.rows import Costs
from whence.explain.simulator.engine import layout as at
from whence.explain.simulator.engine.config import Config
from whence.explain.simulator.engine.growth import Growth
from whence.explain.simulator.engine.workload import Workload
from whence.explain.simulator.pacer.state import UNLIMITED
from whence.explain.simulator.scavenger import rules
from whence.explain.simulator.versions.pacers import Generation
from whence.explain.simulator.versions.table import Model

SECOND = 1e9
FORCED_NS = 120 * SECOND
SLICE_NS = 10e6
"""A goroutine that runs longer than this is made to yield (proc.go, forcePreemptNS)."""
MOST_SAMPLES = 1000
GOROUTINE_STACK_BYTES = 8 << 10
"""Least stack memory: the main goroutine's and those of the runtime's own goroutines, in spans of 32 KiB each."""
_RATE_1_13 = 4096 / 1e6
"""Bytes a nanosecond: 1.13 gives a physical page back each millisecond (mgcscavenge.go, scavengePercent)."""
_SHARE = 0.01
_CONTENDED_WAIT_NS = 4e6
"""Mean wait of a woken thread where a process has fewer CPUs than threads: about one slice of the scheduler."""


def run_delay_ns(config: Config) -> float:
    """Returns the mean wait for a CPU: as given, or a slice for a process with fewer CPUs than processors."""
    if config.run_delay_seconds > 0:
        return config.run_delay_seconds * SECOND
    cpus = config.cpus if config.cpus is not None else config.processors
    return _CONTENDED_WAIT_NS * max(0.0, min(1.0, config.processors / cpus - 1)) if cpus < config.processors else 0.0


def settings_of(
    workload: Workload, growth: Growth, config: Config, model: Model, costs: Costs, seed: int
) -> NDArray[np.float64]:
    """Returns the settings of a run, see `layout`."""
    s = np.zeros(at.SETTINGS)
    cpus = config.cpus if config.cpus is not None else float(config.processors)
    end = config.lifetime_seconds if config.lifetime_seconds is not None else 1e9
    values = {
        at.PROCESSORS: config.processors,
        at.CPUS: cpus,
        at.RUN_DELAY_NS: run_delay_ns(config),
        at.OWN_SHARE: workload.cpu_share,
        at.CLOSED: workload.closed_loop,
        at.PAGE_FACTOR: growth.page_factor,
        at.GOROUTINES: workload.goroutines,
        at.END_NS: end * SECOND,
        at.PROGRAM_NS: workload.duration_seconds * SECOND,
        at.SEED: seed,
        at.GLOBALS: workload.globals_bytes,
        at.STACKS: workload.stack_bytes,
        at.STACKS_IN_USE: max(workload.stack_bytes, GOROUTINE_STACK_BYTES * (workload.goroutines + 4), 256 << 10),
        at.SCAN_SHARE: growth.scan_share,
        at.CACHED_BYTES: growth.cached_bytes,
        at.MIXING: 1.0,
        at.UNIT_BYTES: growth.unit_bytes,
        at.MEMORY_LIMIT: _memory_limit(config, model),
        at.CONTAINER: config.container_memory or 0,
        at.SLICE_NS: SLICE_NS,
        at.SAMPLE_NS: min(end, workload.duration_seconds) * SECOND / MOST_SAMPLES,
        at.LIVE_BY_SPAN: model.allocator.live_by_span,
        at.CONCURRENT: model.pacer.generation >= Generation.RATIO,
        at.FORCED_NS: FORCED_NS if config.gogc >= 0 and model.version.minor >= 1 else 0,
    }
    values |= _costs(costs, config) | _scavenger(model, costs)
    for place, value in values.items():
        s[place] = value
    largest = sorted(growth.mixes.items(), key=lambda item: -item[1][0])[: at.MOST_MIXES]
    s[at.MIXES] = len(largest)
    for index, (slots, (made, live)) in enumerate(largest):
        s[at.MIX + 3 * index : at.MIX + 3 * index + 3] = slots, made, live
    return s


def _memory_limit(config: Config, model: Model) -> int:
    if config.memory_limit is None or not model.pacer.memory_limit:
        return UNLIMITED
    return config.memory_limit


def _costs(costs: Costs, config: Config) -> dict[int, float]:
    return {
        at.ALLOCATE_NS: costs.allocate_ns,
        at.ALLOCATE_BYTE_NS: costs.allocate_byte_ns,
        at.MARK_OBJECT_NS: costs.mark_object_ns,
        at.MARK_BYTE_NS: costs.mark_byte_ns,
        at.SWEEP_PAGE_NS: costs.sweep_page_ns,
        at.RELEASE_PAGE_NS: costs.release_page_ns,
        at.FAULT_PAGE_NS: costs.fault_page_ns,
        at.PAUSE_NS: costs.pause_ns,
        at.LATENCY_NS: costs.mark_latency_ns,
        at.CYCLE_NS: costs.cycle_ns,
        at.BASE_RESIDENT: config.resident_bytes if config.resident_bytes is not None else costs.resident_bytes,
        at.BASE_READY: costs.ready_bytes,
        at.SPAN_METADATA: costs.span_metadata_bytes,
        at.BITMAP_SHARE: costs.heap_bitmap_share,
        at.BASE_LIVE: costs.base_live_bytes,
        at.BASE_SPANS: costs.base_spans,
    }


def _scavenger(model: Model, costs: Costs) -> dict[int, float]:
    row, pages = model.scavenger, model.page_heap
    slow = 0.0
    if row.rest == rules.RATE:
        slow = _RATE_1_13
    elif row.rest == rules.AVERAGE:
        slow = 8192 * _SHARE / costs.release_page_ns
    return {
        at.LAZY: pages.lazy,
        at.SPARES_DENSE: row.spares_dense,
        at.SCAVENGE_GOAL: row.goal,
        at.LIMIT_RULE: row.limit,
        at.TICK_NS: row.tick_ns,
        at.IDLE_NS: row.idle_ns,
        at.EAGER: row.eager,
        at.GROWTH_GIVES_BACK: row.on_growth,
        at.FOUR_KIB_RESTS: slow,
    }
