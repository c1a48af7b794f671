"""Random scripts for a pacer, and the simulator's answers to them."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator

from whence.explain.simulator.pacer import kernels
from whence.explain.simulator.pacer.kernels_revise import revise
from whence.explain.simulator.pacer.new_state import new_state
from whence.explain.simulator.pacer.state import UNLIMITED, PacerState
from whence.explain.simulator.versions.pacers import Generation, PacerRow

Line = tuple[str, tuple[int, ...]]
Answer = tuple[int, ...]


def script(seed: int, cycles: int, row: PacerRow) -> Iterator[Line]:
    """Yields the lines of one script: heaps from KiB to hundreds of GiB, settings that change, cycles cut short."""
    draw = random.Random(seed)
    has_limit = row.memory_limit
    old = row.generation == Generation.REDESIGN

    def sweep_done() -> int:
        return 1 if old else draw.randrange(2)

    def size(largest_exponent: float = 38) -> int:
        return int(2 ** draw.uniform(8, largest_exponent))

    def percent() -> int:
        return draw.choice([100, 100, 100, draw.randrange(1, 3000), 0 if has_limit else 1, -1 if has_limit else 100])

    def limit() -> int:
        return draw.choice([UNLIMITED, UNLIMITED, size(40)])

    yield "init", (percent(), limit())
    live = 0
    top = draw.uniform(16, 38)
    for _ in range(cycles):
        if draw.random() < 0.3:
            yield "percent", (percent(), sweep_done())
        if has_limit and draw.random() < 0.3:
            yield "limit", (limit(), sweep_done())
        if has_limit and draw.random() < 0.5:
            free, allocated = size(top), size(top)
            yield "memory", (free, allocated, free + allocated + size(top))
        if draw.random() < 0.5:
            yield "commit", (sweep_done(),)
        live += size(top)
        processors = draw.choice([1, 2, 3, 4, 5, 6, 7, 8, 16, 48, 129])
        stack, roots = size(24), size(22)
        yield (
            "start",
            (stack, roots, live, draw.randrange(live + 1) >> draw.randrange(8), processors, draw.randrange(2)),
        )
        elapsed = 0
        for _ in range(draw.randrange(8)):
            step = size(top) >> draw.randrange(6)
            live += step
            elapsed += draw.randrange(1, 10**7)
            yield "revise", (step, step >> 1, size(top) >> draw.randrange(3), stack >> 3, roots >> 3)
        marked = draw.randrange(live + 1)
        elapsed = max(elapsed, 1000)
        yield "end", (marked, draw.randrange(elapsed), elapsed, draw.randrange(elapsed), processors)
        live = marked


def _bits(number: float) -> int:
    return struct.unpack("<Q", struct.pack("<d", number))[0]


def _answer(row: PacerRow, state: PacerState) -> Answer:
    c = state[0]
    old = row.generation == Generation.REDESIGN
    return (
        int(kernels.heap_goal(c)),
        int(kernels.trigger(c)),
        0 if old else int(c["runway"]),
        _bits(c["assist_work_per_byte"]),
        _bits(c["assist_bytes_per_work"]),
        _bits(c["cons_mark"]),
        int(c["dedicated_workers_needed"]),
        _bits(c["fractional_utilization_goal"]),
        0 if old else int(c["max_idle_workers"]),
    )


def simulate(row: PacerRow, lines: list[Line]) -> Iterator[Answer]:
    """Yields the simulator's answer to each line: goal, trigger, runway, both assist ratios and cons/mark as bits,
    dedicated workers, fractional goal as bits, most idle workers."""
    state = new_state(row)
    for word, numbers in lines:
        c = state[0]
        if word == "init":
            state = new_state(row, *numbers)
        elif word == "memory":
            c["heap_free"], c["heap_alloc"], c["mapped_ready"] = numbers
        elif word == "start":
            c["max_stack_scan"], c["globals_scan"], c["heap_live"] = numbers[:3]
            c["heap_scan"] += numbers[3]
            kernels.start_cycle(c, 0, numbers[4], numbers[5] == 1, False)
        elif word == "revise":
            fields = ("heap_live", "heap_scan", "heap_scan_work", "stack_scan_work", "globals_scan_work")
            for field, number in zip(fields, numbers, strict=True):
                c[field] += number
            revise(c)
        elif word == "end":
            c["assist_time"], c["idle_mark_time"] = numbers[1], numbers[3]
            kernels.end_cycle(c, numbers[2], numbers[4], False)
            kernels.reset_live(c, numbers[0])
            kernels.commit(c, row.generation == Generation.REDESIGN)
        elif word == "percent":
            kernels.set_gc_percent(c, numbers[0], numbers[1] == 1)
            revise(c)
        elif word == "limit":
            c["memory_limit"] = numbers[0]
            kernels.commit(c, numbers[1] == 1)
            revise(c)
        elif word == "commit":
            kernels.commit(c, numbers[0] == 1)
            revise(c)
        yield _answer(row, state)
