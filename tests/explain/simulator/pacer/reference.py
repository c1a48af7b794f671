"""What the kernels compute, written once more in plain Python: the specification they are compared with.

Integers are Python's own, wrapped where the runtime's come to wrap; floats are the same operations in the same order.
Source: src/runtime/mgcpacer.go of go1.27.4 (1.19-1.27), src/runtime/mgc.go of go1.17.13 (1.10-1.17).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

NO_GOAL = 2**64 - 1
MIB = 1 << 20
MINIMUM = 4 * MIB


def unsigned(value: float) -> int:
    """uint64(value) on amd64."""
    if math.isnan(value) or value >= 2.0**64:
        return 0
    return int(value) % 2**64


def signed(value: float) -> int:
    """int64(value) on amd64."""
    return int(value) if -(2.0**63) <= value < 2.0**63 else -(2**63)


@dataclass
class OnDemand:
    """The pacer of 1.21 to 1.27."""

    percent: int
    limit: int
    heap_minimum: int = 0
    marked: int = 0
    live: int = 0
    scan: int = 0
    last_heap: int = 0
    last_stack: int = 0
    most_stack: int = 0
    roots: int = 0
    work: list[int] = field(default_factory=lambda: [0, 0, 0])
    heap_free: int = 0
    heap_alloc: int = 0
    mapped: int = 0
    cons_mark: float = 0.0
    measured: list[float] = field(default_factory=lambda: [0.0] * 4)
    triggered: int | None = None
    percent_goal: int = 0
    sweep_trigger: int = 0
    runway: int = 0
    work_per_byte: float = 0.0

    def commit(self, sweep_done: bool) -> None:
        self.heap_minimum = MINIMUM * (self.percent % 2**64) % 2**64 // 100
        self.sweep_trigger = 0 if sweep_done else self.live + MIB
        scannable = self.marked + self.last_stack + self.roots
        goal = NO_GOAL if self.percent < 0 else self.marked + scannable * self.percent // 100
        self.percent_goal = max(goal, self.heap_minimum)
        rate = self.cons_mark * (1 - 0.25) / 0.25
        self.runway = unsigned(rate * float(self.last_heap + self.last_stack + self.roots))

    def limit_goal(self) -> int:
        other = self.mapped - self.heap_free - self.heap_alloc + max(self.mapped - self.limit, 0)
        if other >= self.limit:
            return self.marked
        goal = self.limit - other
        headroom = max(goal // 100 * 3, MIB)
        return max(headroom if goal < 2 * headroom else goal - headroom, self.marked)

    def goal(self) -> tuple[int, int]:
        limited = self.limit_goal()
        if limited < self.percent_goal:
            return limited, 0
        goal = max(self.percent_goal, self.sweep_trigger)
        if self.triggered is not None:
            goal = max(goal, self.triggered + (64 << 10))
        return goal, self.sweep_trigger

    def trigger(self) -> int:
        goal, least = self.goal()
        if self.marked >= goal:
            return goal
        part = (goal - self.marked) // 64
        least = max(least, self.marked, self.marked + part * 45)
        most = max(self.marked + part * 61, goal - MINIMUM, least)
        return min(max(goal - self.runway, least), most)

    def revise(self) -> None:
        goal, _ = self.goal()
        done = sum(self.work)
        expected = self.last_heap + self.last_stack + self.roots
        most = self.scan + self.most_stack + self.roots
        start = -1 if self.triggered is None else self.triggered
        if done > expected:
            percent = 100000 if self.percent < 0 else self.percent
            further = signed(float(goal - start) / float(expected) * float(most)) + start
            goal = min(further, signed((1.0 + float(percent) / 100.0) * float(goal)))
            expected = most
        if self.live > goal:
            goal = signed(float(goal) * 1.1)
            expected = most
        left = (goal - self.live + 2**63) % 2**64 - 2**63
        self.work_per_byte = float(max(expected - done, 1000)) / float(max(left, 1))

    def end(self, bytes_marked: int, assist: int, idle: int, elapsed: int, processors: int, sweep_done: bool) -> None:
        share = 0.25 + float(assist) / float(elapsed * processors)
        idle_share = float(idle) / float(elapsed * processors)
        if self.triggered is not None and self.live > self.triggered:
            new = (float(self.live - self.triggered) * (share + idle_share)) / (float(sum(self.work)) * (1 - share))
            self.cons_mark = max(new, *self.measured)
            self.measured = [*self.measured[1:], new]
        self.marked = self.live = bytes_marked
        self.scan = self.last_heap = self.work[0]
        self.last_stack = self.work[1]
        self.triggered = None
        self.commit(sweep_done)


@dataclass
class ByRatio:
    """The pacer of 1.14.2 to 1.17."""

    percent: int
    ratio: float = 7 / 8
    marked: int = int(MINIMUM / (1 + 7 / 8))
    live: int = 0
    goal: int = 0
    trigger: int = 0

    def commit(self, sweep_done: bool) -> None:
        scale = float(self.percent) / 100
        self.ratio = max(min(self.ratio, 0.95 * scale), 0.6 * scale)
        least = max(MINIMUM * self.percent // 100, 0 if sweep_done else self.live + MIB)
        self.trigger = max(int(float(self.marked) * (1 + self.ratio)), least)
        self.goal = max(self.marked + self.marked * self.percent // 100, self.trigger)

    def start(self) -> None:
        self.goal = max(self.goal, self.live + MIB)

    def work_per_byte(self, scannable: int, done: int) -> float:
        expected, goal = int(float(scannable) * 100 / float(100 + self.percent)), self.goal
        if self.live > goal or done > expected:
            expected, goal = scannable, int(float(goal) * 1.1)
        return float(max(expected - done, 1000)) / float(max(goal - self.live, 1))

    def end(self, bytes_marked: int, assist: int, elapsed: int, processors: int) -> None:
        share = 0.25 + float(assist) / float(elapsed * processors)
        aimed = max(float(self.goal - self.marked) / float(self.marked), 0.0)
        grown = float(self.live) / float(self.marked) - 1
        self.ratio += 0.5 * (aimed - self.ratio - share / 0.30 * (grown - self.ratio))
        self.marked = self.live = bytes_marked


@dataclass
class Limiter:
    """The limiter of the collector's CPU, 1.19 to 1.27."""

    capacity: int
    fill: int = 0
    overflow: int = 0
    limiting: bool = False

    def accumulate(self, mutator: int, collector: int) -> None:
        was_full = self.fill == self.capacity
        self.fill += collector - mutator
        if self.fill >= self.capacity and collector > mutator:
            self.overflow += self.fill - self.capacity
            self.fill = self.capacity
            self.limiting = True
            return
        self.fill = max(self.fill, 0)
        if collector != mutator and was_full:
            self.limiting = False
