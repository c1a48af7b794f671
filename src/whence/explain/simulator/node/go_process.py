"""One Go process without single allocations: it starts, keeps a part, allocates at a rate; what stays resident when?

In meaning from the runtime: goals and triggers from src/runtime/mgcpacer.go (heapGoalInternal, memoryLimitHeapGoal,
trigger), giving back from src/runtime/mgcscavenge.go (gcPaceScavenger, scavengerState, shouldScavenge) and mheap.go
(allocSpan), read at 1.19.13, 1.20.14, 1.21.13, 1.22.12 and 1.27.4. Marking takes no time here, freed memory lies in
whole pages, and every collection meets a heap that was dense before.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from whence.evidence.errors import BadInput
from whence.explain.simulator.node.curve import Curve, curve
from whence.explain.simulator.node.go_release import GoRelease, release_of
from whence.explain.simulator.node.scavenger_pace import ScavengerPace

SECOND = 1_000_000_000
FORCED_NS = 120 * SECOND
_MIB = 1 << 20
_HEAP_MINIMUM = 4 * _MIB
_PAGE = 8 << 10
_STARTING_STEPS = 16
_GROWING_STEPS = 8
_MOST_CYCLES = 2000
_STILL_CYCLES = 3
UNLIMITED = (1 << 63) - 1

RUNTIME_RESIDENT_BYTES = 2_800_000
"""Resident beside the heap: touched program text and the runtime's own structures (measured: docs/methods/node.md)."""
RUNTIME_MAPPED_BYTES = 6_100_000
"""What the memory limit counts beside the heap: mapped by the runtime, much of it never touched. Measured likewise."""


class GoProcess(msgspec.Struct, frozen=True, kw_only=True):
    """A process in a few numbers, bytes and seconds."""

    start_peak: int = 64_000_000
    """Alive only during the start, beside `live`."""
    live: int = 4_000_000
    start_seconds: float = 0.1
    alloc_rate: float = 100_000.0
    """Bytes a second that are allocated after the start and die before the next collection."""
    gogc: int = 100
    """GOGC; negative for off."""
    memory_limit: int = UNLIMITED
    processors: int = 2
    go: str = "1.27"
    runtime_resident: int = RUNTIME_RESIDENT_BYTES
    runtime_mapped: int = RUNTIME_MAPPED_BYTES

    def checked(self) -> GoProcess:
        """Returns itself. Raises BadInput for what no process can be."""
        if self.start_peak < 0 or self.live < 0 or self.live + self.start_peak <= 0:
            raise BadInput("a process needs live or start-up memory above 0 bytes. Set --live or --start-peak.")
        if self.start_seconds <= 0 or self.alloc_rate < 0:
            raise BadInput("the start takes time above 0 s, and no rate is negative. Set --start-time, --alloc-rate.")
        if self.processors < 1 or self.gogc == 0:
            raise BadInput("GOMAXPROCS is at least 1, and GOGC=0 collects all the time: use another value or off.")
        release_of(self.go)
        return self


class _Heap:
    """The heap of a process while it is followed through its life."""

    def __init__(self, process: GoProcess) -> None:
        self.process = process
        self.rules: GoRelease = release_of(process.go)
        self.limit = process.memory_limit if self.rules.has_memory_limit else UNLIMITED
        self.in_use = 0
        self.live = 0
        self.free_fresh = 0  # freed by the last collection: spared by the background scavenger until the next one
        self.free_old = 0
        self.marked = 0
        self.collections = 0
        self.last_goal = 0
        self.percent_goal: int | None = None
        self.limit_goal: int | None = None
        self.collected_ns = 0
        self.pace = ScavengerPace(process.processors)

    @property
    def goal(self) -> int:
        """Where the heap may grow to; under a limit it moves with all that is mapped: worked out when asked."""
        gogc = self.process.gogc
        by_percent = UNLIMITED
        if gogc >= 0:
            by_percent = max(self.marked + self.marked * gogc // 100, _HEAP_MINIMUM * gogc // 100)
        return min(by_percent, self._limit_heap_goal())

    @property
    def free(self) -> int:
        return self.free_fresh + self.free_old

    @property
    def mapped(self) -> int:
        return self.process.runtime_mapped + self.in_use + self.free

    @property
    def resident(self) -> int:
        return self.process.runtime_resident + self.in_use + self.free

    @property
    def trigger(self) -> int:
        """Where the next collection starts when allocation is slow against marking: as late as is allowed."""
        goal = self.goal
        if self.marked >= goal:
            return goal
        room = (goal - self.marked) // 64
        return max(self.marked + room * 61, goal - 4 * _MIB if goal > 4 * _MIB else 0)

    def allocate(self, size: int) -> None:
        """Takes free pages first, others after; gives back what the limit would be exceeded by."""
        from_fresh = min(size, self.free_fresh)
        self.free_fresh -= from_fresh
        self.free_old -= min(size - from_fresh, self.free_old)
        self.in_use += size
        self._give_back_eagerly()

    def _give_back_eagerly(self) -> None:
        over = min(self.mapped - self.limit, self.free)
        if over > 0:
            from_old = min(over, self.free_old)
            self.free_old -= from_old
            self.free_fresh -= over - from_old

    def collect(self, now_ns: int) -> None:
        self.last_goal, in_use = self.goal, self.in_use
        self.marked = min(self.live, self.in_use)
        freed = self.in_use - self.marked
        self.in_use = self.marked
        if self.rules.spares_dense_chunks:
            self.free_old += self.free_fresh
            self.free_fresh = freed
        else:
            self.free_old += self.free_fresh + freed
            self.free_fresh = 0
        self.collections += 1
        self.collected_ns = now_ns
        self._pace_scavenger(in_use)

    def _limit_heap_goal(self) -> int:
        if self.limit == UNLIMITED:
            return UNLIMITED
        beside = self.mapped - self.free - self.in_use
        over = max(self.mapped - self.limit, 0)
        if beside + over >= self.limit:
            return self.marked
        goal = self.limit - (beside + over)
        headroom = max(goal // 100 * self.rules.headroom_percent, _MIB)
        goal = headroom if goal < 2 * headroom else goal - headroom
        return max(goal, self.marked)

    def _pace_scavenger(self, in_use_at_mark: int) -> None:
        target = int(self.limit * self.rules.limit_target) if self.limit != UNLIMITED else UNLIMITED
        self.limit_goal = None if self.mapped <= target else target
        self.percent_goal = None
        if self.collections < 2:
            return
        goal = int(in_use_at_mark * (self.goal / self.last_goal))
        goal = (goal + goal // 10 + 4095) & ~4095
        retained = self.in_use + self.free
        if retained - goal >= 4096:
            self.percent_goal = goal

    def to_give_back(self) -> int:
        """Returns the bytes that the background scavenger still wants to give back and may."""
        wanted = 0
        if self.percent_goal is not None:
            wanted = max(wanted, self.in_use + self.free - self.percent_goal)
        if self.limit_goal is not None:
            wanted = max(wanted, self.mapped - self.limit_goal)
        return min(wanted, self.free_old)


def curve_of(process: GoProcess, until_ns: int) -> Curve:
    """Returns the staircase of a process up to an age; after the last step it stays as it is. Raises BadInput."""
    return curve(list(_life(_Heap(process.checked()), until_ns)))


def collections_until(process: GoProcess, age_ns: int) -> int:
    """Returns how many collections the process makes up to an age."""
    heap = _Heap(process.checked())
    for _ in _life(heap, age_ns):
        pass
    return heap.collections


def _life(heap: _Heap, until_ns: int) -> Iterator[tuple[int, int, int]]:
    process = heap.process
    yield 0, process.runtime_resident, 0
    whole = process.start_peak + process.live
    start_ns = round(process.start_seconds * SECOND)
    done = 0
    for index in range(1, _STARTING_STEPS + 1):
        target = whole * index // _STARTING_STEPS
        heap.allocate(target - done)
        heap.live = done = target
        if heap.in_use >= heap.trigger:
            heap.collect(start_ns * index // _STARTING_STEPS)
        yield start_ns * index // _STARTING_STEPS, heap.resident, heap.live
    heap.live = process.live
    yield from _after_start(heap, start_ns, until_ns)


def _after_start(heap: _Heap, now: int, until_ns: int) -> Iterator[tuple[int, int, int]]:
    """Follows collections, growth and giving back until nothing changes any more."""
    rate = heap.process.alloc_rate
    still, before = 0, -1
    yield now, heap.resident, heap.live
    for _ in range(_MOST_CYCLES):
        room = max(0, heap.trigger - heap.in_use)
        next_ns = now + round(room / rate * SECOND) if rate > 0 else UNLIMITED
        forced_ns = heap.collected_ns + FORCED_NS if heap.process.gogc > 0 else UNLIMITED
        collect_ns = min(next_ns, forced_ns)
        grown = room if next_ns <= forced_ns else int(rate * (max(now, forced_ns) - now) / SECOND)
        yield from _until_collection(heap, now, min(collect_ns, until_ns), grown, collect_ns)
        now = max(now, collect_ns)
        if now >= until_ns:
            return
        heap.collect(now)
        if heap.mapped > heap.limit:  # the next allocation gives back at once what is over the limit
            now += SECOND * _PAGE // max(1, int(rate)) if rate >= 1 else 0
            heap.allocate(0)
        yield now, heap.resident, heap.live
        still = still + 1 if abs(heap.resident - before) < 65_536 and not heap.to_give_back() else 0
        before = heap.resident
        if still >= _STILL_CYCLES:
            return


def _until_collection(heap: _Heap, begin: int, end: int, grown: int, collect_ns: int) -> Iterator[tuple[int, int, int]]:
    """Grows the heap evenly by `grown` bytes until `collect_ns` and gives back in bursts meanwhile; stops at `end`."""
    length = max(1, collect_ns - begin)
    marks = [begin + length * (index + 1) // _GROWING_STEPS for index in range(_GROWING_STEPS)]
    done = 0
    burst_ns = begin
    for mark in marks:
        while burst_ns < min(mark, end) and (wanted := heap.to_give_back()) > 0:
            released, sleep_ns = heap.pace.burst(wanted)
            heap.free_old -= released
            yield burst_ns, heap.resident, heap.live
            burst_ns += sleep_ns
        if mark > end:
            return
        size = grown * (mark - begin) // length - done
        heap.allocate(size)
        done += size
        yield mark, heap.resident, heap.live
