"""What a simulated program does: which objects it allocates, how fast, and how long they live.

A program is either recorded (a stream of allocations and deaths) or described by kinds of objects. A kind has a rate of
allocation and a number of objects that are alive at a time; by Little's law their mean lifetime is live ÷ rate. A kind
with rate 0 is made at the start and kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

from whence.evidence.errors import BadInput

if TYPE_CHECKING:
    from whence.explain.simulator.inputs.recording import Recording

KIB, MIB = 1 << 10, 1 << 20
Lifetimes = Literal["exponential", "fixed"]
Source = Literal["recorded", "described", "profile", "few-numbers"]
RUNTIME_GLOBALS_BYTES = 120 << 10
"""Scannable globals of a small program, the runtime's own among them (/gc/scan/globals:bytes of 1.21 to 1.27)."""
RUNTIME_STACK_BYTES = 10 << 10
"""Stacks that are scanned in a program of one goroutine (/gc/scan/stack:bytes)."""


class ObjectKind(msgspec.Struct, frozen=True, kw_only=True):
    """Objects of one size that are used alike."""

    size_bytes: int
    rate: float = 0.0
    """Allocations a second."""
    live: int = 0
    """Objects alive at a time; 0: each is garbage at once."""
    pointers: bool = True
    """False: the collector does not look into them."""
    lifetimes: Lifetimes = "exponential"
    """exponential: any live object may be the next to die; fixed: the oldest is."""


class LiveStep(msgspec.Struct, frozen=True, kw_only=True):
    """From `at_seconds` on `bytes` more are kept than at the start, until the next step."""

    at_seconds: float
    bytes: int


class Workload(msgspec.Struct, frozen=True, kw_only=True):
    """A program. Times are those of the program running alone, as fast as its rates say."""

    name: str
    kinds: tuple[ObjectKind, ...] = ()
    duration_seconds: float = 10.0
    start_seconds: float = 0.05
    """How long making what is kept (rate 0) and the start-up peak takes, evenly."""
    start_peak_bytes: int = 0
    """Alive only during the start, beside what is kept."""
    start_peak_object_bytes: int = 64 * KIB
    """Size of the objects of the start-up peak and of the steps of `live_over_time`; they hold no pointers."""
    live_over_time: tuple[LiveStep, ...] = ()
    globals_bytes: int = RUNTIME_GLOBALS_BYTES
    stack_bytes: int = RUNTIME_STACK_BYTES
    goroutines: int = 1
    """Goroutines that allocate at the same time."""
    cpu_share: float = 0.0
    """CPU-seconds a second that the program itself needs beside allocating."""
    closed_loop: bool = False
    """True: it runs as fast as it can, so that collections and a lack of CPU stretch its duration; False: it is paced
    and idles in between."""
    source: Source = "described"
    """How well it is known; intervals are wider for a profile and for a few numbers."""
    recording: Recording | None = None

    @property
    def alloc_rate(self) -> float:
        """Requested bytes a second."""
        return sum(kind.rate * kind.size_bytes for kind in self.kinds)

    @property
    def live_bytes(self) -> int:
        """Requested bytes alive once the program runs steadily."""
        return sum(kind.live * kind.size_bytes for kind in self.kinds)

    def checked(self) -> Workload:
        """Returns itself. Raises BadInput for what no program can do."""
        if self.recording is None and not self.kinds and not self.start_peak_bytes and not self.live_over_time:
            raise BadInput(f"{self.name}: the program allocates nothing. Give kinds of objects or a recording.")
        if self.duration_seconds <= 0 or not 0 <= self.start_seconds <= self.duration_seconds:
            raise BadInput(f"{self.name}: lasts {self.duration_seconds} s with a start of {self.start_seconds} s.")
        for kind in self.kinds:
            if kind.size_bytes <= 0 or kind.rate < 0 or kind.live < 0:
                raise BadInput(f"{self.name}: objects need a size above 0 and no negative rate or number, not {kind}.")
        if min(self.start_peak_bytes, self.globals_bytes, self.stack_bytes, self.cpu_share) < 0 or self.goroutines < 1:
            raise BadInput(f"{self.name}: sizes and shares are not negative, and goroutines at least 1.")
        return self


class Input(Protocol):
    """Whatever a workload can be made of: a recording, a profile, a few numbers, a built-in program."""

    def workload(self) -> Workload:
        """Returns the program. Raises BadInput."""
        ...


def few_numbers(
    *,
    alloc_rate: float,
    live_bytes: int,
    object_bytes: tuple[int, ...] = (64, 256, 1024),
    pointer_share: float = 0.5,
    kept_share: float = 0.5,
    duration_seconds: float = 10.0,
    start_peak_bytes: int = 0,
    start_seconds: float = 0.05,
    name: str = "few numbers",
) -> Workload:
    """Returns a program of an allocation rate (bytes/s) and live bytes, its bytes spread evenly over the sizes.

    kept_share: share of the live bytes that is made at the start and kept; the rest is replaced all the time, as far
    as the rate allows. pointer_share: share of the objects that hold pointers. Raises BadInput.
    """
    if alloc_rate < 0 or live_bytes < 0 or not 0 <= pointer_share <= 1 or not 0 <= kept_share <= 1 or not object_bytes:
        raise BadInput("a program needs a rate and live bytes of at least 0, shares from 0 to 1 and sizes of objects.")
    kinds: list[ObjectKind] = []
    for size in object_bytes:
        for pointers, share in ((True, pointer_share), (False, 1 - pointer_share)):
            part = share / len(object_bytes)
            if part <= 0:
                continue
            kept = round(live_bytes * kept_share * part / size)
            replaced = round(live_bytes * (1 - kept_share) * part / size)
            rate = alloc_rate * part / size
            if rate == 0:
                kept, replaced = kept + replaced, 0
            if kept:
                kinds.append(ObjectKind(size_bytes=size, live=kept, pointers=pointers))
            if rate:
                kinds.append(ObjectKind(size_bytes=size, rate=rate, live=replaced, pointers=pointers))
    return Workload(
        name=name,
        kinds=tuple(kinds),
        duration_seconds=duration_seconds,
        start_peak_bytes=start_peak_bytes,
        start_seconds=start_seconds,
        source="few-numbers",
    ).checked()
