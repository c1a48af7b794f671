"""The node in plain Python: pods as objects, a heap of events, no arrays. Slow, and the specification of the kernel."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from fractions import Fraction

NEVER = 1 << 62
SECOND = 1_000_000_000
_WORD = (1 << 64) - 1


def mixed(x: int) -> int:
    z = (x + 0x9E3779B97F4A7C15) & _WORD
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _WORD
    return z ^ (z >> 31)


def uniform(seed: int, who: int, turn: int, stream: int) -> float:
    x = mixed(seed)
    for part in (who, turn, stream):
        x = mixed(x ^ part)
    return ((x >> 11) + 0.5) / 2**53


def sleep_ns(usage: int, high: int) -> int:
    """Above memory.high, for one batch of 64 pages: the overage squared, in ticks of 1 ms."""
    if usage <= high:
        return 0
    overage = Fraction(((usage // 4096 - high // 4096) << 20) // max(high // 4096, 1), 1 << 20)
    ticks = min(2000, math.floor(overage**2 * (1 << 40) * 1000 / (1 << 34)))
    return ticks * 1_000_000 if ticks > 10 else 0


@dataclass(frozen=True)
class Kind:
    steps: tuple[tuple[int, int, int], ...]
    life: tuple[int, int]
    request: int = 0
    most: int = NEVER
    high: int = NEVER
    priority: int = 0
    critical: bool = False
    tolerates: bool = False
    best_effort: bool = True
    creating: int = 0
    exit: int = 0
    gap: int = 0
    oom_adjust: int = 0


@dataclass
class Slot:
    key: int
    kind: Kind
    repeats: bool
    turn: int = 0
    phase: str = "waiting"
    version: int = 0
    step: int = -1
    born: int = 0
    dies: int = 0
    shift: int = 0
    held: int = 0
    live: int = 0
    sampled: int | None = None
    sample_at: int = 0
    samples: int = 0
    stalled: bool = False
    wakes: int = 0


@dataclass
class World:
    capacity: int
    system: int
    pods_limit: int
    end: int
    thresholds: list[tuple[bool, int, int, int]]
    first_pass: int
    seed: int
    cleanup: int = 1_500_000_000
    pressure_for: int = 300 * SECOND
    slots: list[Slot] = field(default_factory=list)
    log: list[tuple[int, int, int, str]] = field(default_factory=list)
    passes: list[tuple[int, int, int, bool]] = field(default_factory=list)
    resident_time: int = 0
    live_time: int = 0
    stall_time: int = 0
    started: int = 0
    ended: int = 0
    refused: int = 0
    peak: int = 0

    def run(self, starts: list[int]) -> None:
        self.now, self.pressure, self.since, self.busy = 0, False, None, None
        self.met: dict[int, int] = {}
        self.unresolved: set[int] = set()
        self.queue: list[tuple[int, int, int, int]] = []
        for slot, start in zip(self.slots, starts, strict=True):
            self._at(slot, start)
        next_pass = self.first_pass
        while True:
            while self.queue and self.slots[self.queue[0][1]].version != self.queue[0][2]:
                heapq.heappop(self.queue)
            pod_at = self.queue[0][0] if self.queue else NEVER
            at = min(pod_at, next_pass)
            self._pass_time(min(at, self.end))
            if at >= self.end:
                return
            if pod_at <= next_pass:
                self._act(self.slots[heapq.heappop(self.queue)[1]])
            else:
                next_pass = self._kubelet()

    def _at(self, slot: Slot, when: int) -> None:
        slot.version += 1
        if when < NEVER:
            heapq.heappush(self.queue, (when, slot.key, slot.version, 0))

    def _pass_time(self, at: int) -> None:
        self.resident_time += self._held() * (at - self.now)
        self.live_time += sum(s.live for s in self.slots) * (at - self.now)
        self.stall_time += sum(s.stalled for s in self.slots) * (at - self.now)
        self.now = at

    def _held(self) -> int:
        return sum(s.held for s in self.slots)

    def _life(self, slot: Slot) -> int:
        low, high = slot.kind.life
        return max(1, int(low + (high - low) * uniform(self.seed, slot.key, slot.turn, 0)))

    def _act(self, slot: Slot) -> None:
        kind, at = slot.kind, self.now
        if slot.phase == "waiting":
            if self.pressure and kind.best_effort and not kind.critical and not kind.tolerates:
                self.refused += 1
                life = self._life(slot)
                slot.turn += 1
                self._at(slot, at + life if slot.repeats else NEVER)
                return
            slot.phase, slot.step, slot.samples, slot.sampled, slot.stalled = "creating", -1, 0, None, False
            self._at(slot, at + kind.creating)
        elif slot.phase == "creating":
            slot.phase, slot.step, slot.born, slot.shift, slot.sample_at = "running", 0, at, 0, at
            slot.dies = at + self._life(slot)
            self.started += 1
            self._at(slot, at)
        elif slot.phase == "terminating":
            self._end(slot)
        elif slot.dies + slot.shift <= at:
            self._end(slot, wait=1)
        elif not self._climb(slot):
            self.log.append((at, slot.key, slot.turn, "limit"))
            self._end(slot)
        else:
            if slot.sample_at <= at:
                slot.sampled, slot.samples = slot.held, slot.samples + 1
                jitter = uniform(self.seed, slot.key, slot.turn * 65536 + slot.samples, 2)
                slot.sample_at = at + 10 * SECOND + int(jitter * 10 * SECOND)
            times = [slot.dies + slot.shift, slot.sample_at]
            if slot.step < len(kind.steps):
                times.append(slot.born + kind.steps[slot.step][0] + slot.shift)
            if slot.stalled:
                times.append(slot.wakes)
            self._at(slot, min(times))
        self.peak = max(self.peak, self._held())
        while self.system + self._held() > self.capacity:
            pages = self.capacity // 4096
            alive = [s for s in self.slots if s.phase in ("running", "terminating") and s.held > 0]
            if not alive:
                return
            taken = max(alive, key=lambda s: (s.held // 4096 + s.kind.oom_adjust * (pages // 1000), -s.key))
            self.log.append((at, taken.key, taken.turn, "node"))
            self._end(taken)

    def _climb(self, slot: Slot) -> bool:
        """Takes the steps that are due, a batch at a time above memory.high. False: broke through memory.max."""
        kind, at = slot.kind, self.now
        if slot.stalled and at >= slot.wakes:
            slot.stalled = False
        while slot.step < len(kind.steps) and slot.born + kind.steps[slot.step][0] + slot.shift <= at:
            age, target, live = kind.steps[slot.step]
            slot.live, before, reached = live, slot.held, target
            if target > slot.held and target > kind.high:
                reached = min(target, max(slot.held, kind.high) + 64 * 4096)
            slot.held = min(reached, kind.most)
            if reached > kind.most:
                return False
            pause = sleep_ns(reached, kind.high) if reached > before else 0
            if pause:
                slot.stalled, slot.wakes = True, at + pause
                slot.shift += pause
            if reached < target:
                if pause:  # the same step goes on when the task wakes
                    slot.shift = max(slot.shift, at + pause - slot.born - age)
                    return True
                continue
            slot.step += 1
        return True

    def _end(self, slot: Slot, wait: int = SECOND) -> None:
        self.ended += slot.step >= 0
        slot.held = slot.live = 0
        slot.stalled, slot.phase = False, "waiting"
        slot.turn += 1
        self._at(slot, self.now + max(slot.kind.gap, wait) if slot.repeats else NEVER)

    def _kubelet(self) -> int:
        at = self.now
        if self.busy is not None:
            gone = self.busy
            if at < gone + self.cleanup and at - gone < 30 * SECOND:
                return at + min(SECOND, 30 * SECOND - (at - gone))
            self.busy = None
        available = self.capacity - self.system - self._held()
        acting = []
        seen = set()
        for index, (on_pods, value, grace, reclaim) in enumerate(self.thresholds):
            left = self.pods_limit - self._held() if on_pods else available
            if left < value or (index in self.unresolved and left < value + reclaim):
                seen.add(index)
                self.met.setdefault(index, at)
                if at - self.met[index] >= grace:
                    acting.append(index)
            else:
                self.met.pop(index, None)
        self.unresolved = set(acting)
        self.since = at if seen else self.since
        self.pressure = self.since is not None and at - self.since < self.pressure_for
        candidates = [s for s in self.slots if s.phase in ("running", "creating") and not s.kind.critical]
        if not acting or not candidates:
            self.passes.append((at, available, -1, self.pressure))
            return at + 10 * SECOND

        def rank(s: Slot) -> tuple[int, int, int, int, int]:
            if s.sampled is None:
                return (0, 0, s.kind.priority, 0, s.key)
            over = s.sampled - s.kind.request
            return (1, 0 if over > 0 else 1, s.kind.priority, -over, s.key)

        taken = min(candidates, key=rank)
        self.passes.append((at, available, taken.key, self.pressure))
        self.log.append((at, taken.key, taken.turn, "soft" if self.thresholds[acting[0]][2] else "hard"))
        gone = at
        if taken.phase == "running":
            gone = min(at + taken.kind.exit, taken.dies + taken.shift)
        taken.phase = "terminating"
        self._at(taken, gone)
        self.busy = gone
        return gone + SECOND
