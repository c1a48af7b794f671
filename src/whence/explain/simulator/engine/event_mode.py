"""Runs a described program in event mode: arrays for the kernels, and what came of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whence.evidence.errors import BadInput
from whence.explain.simulator.allocator.state import new_allocator
from whence.explain.simulator.costs.rows import Costs
from whence.explain.simulator.engine import kernels_described as described
from whence.explain.simulator.engine import layout as at
from whence.explain.simulator.engine.config import Config
from whence.explain.simulator.engine.kernels_event_process import COUNTS, Process
from whence.explain.simulator.engine.kernels_marking import WORK
from whence.explain.simulator.engine.workload import Workload
from whence.explain.simulator.pacer.new_state import new_limiter, new_state
from whence.explain.simulator.pacer.state import UNLIMITED
from whence.explain.simulator.pages import layout as pages_at
from whence.explain.simulator.pages.for_release import heap_of_release
from whence.explain.simulator.scavenger.kernels_rest import new_rest
from whence.explain.simulator.versions.table import Model
from whence.golang.size_classes import class_of

QUEUE = 1 << 24
"""Deaths between two collections that can be followed; only what is used takes memory."""
CAPACITY_BYTES = 16 << 30
FIRST_BITMAP_RELEASE = "1.14"
_HUGE = {"never": pages_at.HUGE_NEVER, "madvise": pages_at.HUGE_WHERE_ADVISED, "always": pages_at.HUGE_ALWAYS}


def new_process(config: Config, rules: Model, settings: NDArray[np.float64], rows: int) -> Process:
    """Returns a process that has not begun. Raises BadInput before 1.14, whose page heaps the allocator cannot use."""
    if not rules.page_heap.bitmap:
        raise BadInput(
            f"Go {rules.version.text} has no event mode, which begins with {FIRST_BITMAP_RELEASE}. Use the fluid mode."
        )
    limit = int(settings[at.MEMORY_LIMIT]) if settings[at.MEMORY_LIMIT] < UNLIMITED else UNLIMITED
    heap = heap_of_release(
        rules.version,
        processors=config.processors,
        memory_limit=limit if limit < UNLIMITED else pages_at.NO_GOAL,
        capacity_bytes=CAPACITY_BYTES,
        system_huge_pages=_HUGE[config.huge_pages],
    )
    return Process(
        allocator=new_allocator(
            heap, rules.span_classes(), processors=config.processors, capacity_bytes=CAPACITY_BYTES
        ),
        pacer=new_state(rules.pacer, config.gogc, limit)[0],
        limiter=new_limiter(0, config.processors)[0],
        rest=new_rest(rules.scavenger.rest, min_fraction=rules.scavenger.min_fraction),
        settings=settings,
        state=np.zeros(at.STATE),
        work=np.zeros(WORK),
        counts=np.zeros(COUNTS, np.int64),
        queue=np.zeros(QUEUE, np.int64),
        series=np.zeros((at.SERIES_COLUMNS, rows)),
    )


def play_described(workload: Workload, rules: Model, costs: Costs, process: Process, seed: int) -> None:
    """Runs a described program. Raises BadInput when more dies between two collections than can be followed."""
    kinds, cost_ns = _kinds_of(workload, rules, costs)
    objects = sum(kind.rate for kind in workload.kinds)
    each_peak = workload.start_peak_object_bytes
    slot = class_of(each_peak, rules.version.text, noscan=True)
    length = workload.duration_seconds - workload.start_seconds
    pace = np.zeros(described.PACE_SLOTS)
    pace[described.START_NS] = workload.start_seconds * 1e9
    pace[described.PEAK_OBJECTS] = workload.start_peak_bytes // each_peak
    pace[described.PEAK_CLASS] = 1 if slot.large else 2 * slot.number + 1
    pace[described.PEAK_PAGES] = slot.slot_bytes // 8192 if slot.large else 0
    pace[described.PEAK_BYTES] = slot.slot_bytes
    pace[described.OBJECT_NS] = 1e9 / objects if objects else 0.0
    pace[described.COST] = max(workload.cpu_share + cost_ns * 1e-9, 1e-9)
    pace[described.LENGTH_OBJECTS] = int(objects * length)
    tables = np.full(max(1, sum(kind.live for kind in workload.kinds)), -1, np.int64)
    peak = np.zeros(max(1, int(pace[described.PEAK_OBJECTS])), np.int64)
    random = np.array([(seed * 2862933555777941757 + 3037000493) % 2**64], np.uint64)
    why = described.run_described(process, kinds, tables, peak, pace, random)
    if why == described.TOO_MANY_DEATHS:
        raise BadInput(f"{workload.name}: more than {QUEUE} objects die between two collections. Use the fluid mode.")


def _kinds_of(workload: Workload, rules: Model, costs: Costs) -> tuple[NDArray[np.int64], float]:
    """Returns the kinds as rows for the kernels, and the core-ns that a second of allocating costs."""
    rows = np.zeros((max(1, len(workload.kinds)), described.KIND_FIELDS), np.int64)
    total = sum(kind.rate for kind in workload.kinds)
    table, reached, cost = 0, 0.0, 0.0
    for index, kind in enumerate(workload.kinds):
        slot = class_of(kind.size_bytes, rules.version.text, noscan=not kind.pointers)
        reached += kind.rate
        cost += kind.rate * (costs.allocate_ns + slot.slot_bytes * costs.allocate_byte_ns)
        row = rows[index]
        row[described.SPAN_CLASS] = (0 if slot.large else 2 * slot.number) + (not kind.pointers)
        row[described.PAGES] = slot.slot_bytes // 8192 if slot.large else 0
        row[described.BYTES] = slot.slot_bytes
        row[described.SCAN] = kind.size_bytes if kind.pointers else 0
        row[described.LIVE] = kind.live
        row[described.TABLE] = table
        row[described.THRESHOLD] = int(reached / total * 2**32) if total else 0
        row[described.FIXED] = kind.lifetimes == "fixed"
        row[described.TINY] = max(1, 16 // kind.size_bytes) if slot.tiny else 1
        row[described.KEPT_KIND] = kind.rate == 0
        table += kind.live
    return rows, cost
