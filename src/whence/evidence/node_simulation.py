"""What a simulated node tells: memory kept by pods, what scans miss, who is evicted, when throttling begins."""

from __future__ import annotations

from typing import Literal

import msgspec


class Range(msgspec.Struct, frozen=True, kw_only=True):
    """A number over the replicas: their median, and the ends that 90 % of them lie between."""

    value: float
    low: float
    high: float


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One question with its number."""

    name: str
    """A stable name for scripts, such as `resident-mean`."""
    words: str
    unit: str
    """`B`, `s`, `1` (a share or ratio), `count` or `1/h`."""
    range: Range
    better: Literal["lower", "higher", "neither"] = "lower"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """From this age on a pod's process holds this much."""

    age_s: float
    resident: int
    live: int


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of the simulated time, of the first replica; memory of all pods together, in bytes."""

    from_s: float
    resident: float
    most: float
    live: float
    scanned: float | None
    """The most that a scan within the stretch saw; null when none fell into it."""
    evicted: int
    killed: int
    refused: int
    stalled: float
    """Pods asleep above memory.high, on average."""
    pressure: float
    """Share of the stretch under MemoryPressure."""
    some_avg10: float
    """The largest `avg10` of PSI memory `some`, percent."""


End = Literal["evicted-hard", "evicted-soft", "killed-node", "killed-limit"]


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """A pod that did not end by itself."""

    at_s: float
    pod: str
    how: End
    age_s: float | None
    """Null when its process had not started."""
    held: int
    seen: int | None
    """What the kubelet knew it to hold; null without statistics."""
    available: int
    """Memory of the node that was available then; below 0 when more was asked for than there is."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Which acts first when a pod's memory grows: memory.high, which also slows the collector, or GOMEMLIMIT."""

    memory_high: int | None
    memory_max: int | None
    go_memory_limit: int | None
    resident_at_go_limit: int | None
    """What the cgroup holds when Go's own count reaches its limit."""
    first: Literal["memory.high", "memory.max", "GOMEMLIMIT", "none"]
    margin: int | None
    """Bytes between the first and the second; null when only one is set."""
    crosses_at_age_s: float | None
    """When an undisturbed pod first holds more than memory.high."""
    sleep_s: float | None
    """How long it would sleep until it reached its peak; null when it never crosses."""


class Protection(msgspec.Struct, frozen=True, kw_only=True):
    """What protects a pod's memory from the pressure of others, with all pods of the node together."""

    memory_min: int
    memory_low: int
    effective_min: int
    effective_low: int
    resident: int
    note: str | None = None


class NodeVariant(msgspec.Struct, frozen=True, kw_only=True):
    """One setting of the pods, simulated with the same pods as the others."""

    name: str
    spec: str
    qos: str
    answers: tuple[Answer, ...]
    process: tuple[Step, ...]
    moments: tuple[Moment, ...]
    losses: tuple[Loss, ...]
    losses_left_out: int = 0
    order: Order
    protection: Protection
    events: int
    """Simulated events of all replicas."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A variant against the first, replica by replica with the same pods: candidate − base."""

    name: str
    base: str
    candidate: str
    unit: str
    range: Range


class NodeSimulation(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `whence simulate node`."""

    schema: Literal["whence.node-simulation/1"] = "whence.node-simulation/1"
    simulated: bool = True
    sentence: str
    seed: int
    replicas: int
    simulated_s: float
    memory_bytes: int
    pods: int
    """Places for pods that are refilled, or explicit pods."""
    explicit: bool = False
    pass_s: float
    scan_s: float
    variants: tuple[NodeVariant, ...]
    differences: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()

    def answer(self, variant: str, name: str) -> Answer:
        """Returns one answer by its name. Raises KeyError."""
        for each in self.variants:
            if each.name == variant:
                for answer in each.answers:
                    if answer.name == name:
                        return answer
        raise KeyError(f"{variant}: {name}")
