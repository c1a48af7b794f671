"""A Go execution trace as columns: events, allocations, stacks and the tables that they refer to.

Both trace formats (v1 of Go 1.11–1.21, v2 of 1.22 and later) come out in one vocabulary, that of v2: `kind` is the
code of its event table (`trace_v2_events.CODE["GCBegin"]`), `args` are its arguments behind the time, in its order.
What an argument means (string id, stack id, goroutine, bytes) stands in that table. Numbers that the file writes as
unsigned 64-bit are kept as int64, so "no thread" and the like read -1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .trace_v2_events import CODE

Int64 = NDArray[np.int64]

ARGUMENTS = 4
"""No event has more arguments behind its time."""
NONE = -1
"""No goroutine, processor, thread, type or span class."""


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """Events in time order; all columns have one length n, `args` is (4, n) with zeros where a kind has fewer."""

    kind: NDArray[np.uint8]
    time_ns: Int64
    """Since the first batch of the whole trace."""
    thread: Int64
    """Id of the operating system's thread (M); -1 in v1 traces where it is not known."""
    proc: NDArray[np.int32]
    """The P it ran on, -1 for none."""
    goroutine: Int64
    """The goroutine that was running before the event (for an event that starts one: the started one), -1 for none."""
    args: Int64

    def __len__(self) -> int:
        return len(self.kind)

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_] | slice) -> Events:
        """Returns the chosen events (rows, a mask or a slice)."""
        return Events(
            self.kind[rows],
            self.time_ns[rows],
            self.thread[rows],
            self.proc[rows],
            self.goroutine[rows],
            self.args[:, rows],
        )

    def of(self, *names: str) -> Events:
        """Returns the events of these kinds, by the names of the event table ("GCBegin", "HeapGoal")."""
        return self.take(np.flatnonzero(kinds_mask(names)[self.kind]))


def kinds_mask(names: Sequence[str]) -> NDArray[np.bool_]:
    """Returns a table of 256 truths, true at the code of every name."""
    mask = np.zeros(256, np.bool_)
    for name in names:
        mask[CODE[name]] = True
    return mask


def join_events(parts: Sequence[Events]) -> Events:
    """Returns the events of all parts one after another."""
    if not parts:
        empty = np.zeros(0, np.int64)
        return Events(
            empty.astype(np.uint8), empty, empty, empty.astype(np.int32), empty, np.zeros((ARGUMENTS, 0), np.int64)
        )
    if len(parts) == 1:
        return parts[0]
    return Events(
        np.concatenate([part.kind for part in parts]),
        np.concatenate([part.time_ns for part in parts]),
        np.concatenate([part.thread for part in parts]),
        np.concatenate([part.proc for part in parts]),
        np.concatenate([part.goroutine for part in parts]),
        np.concatenate([part.args for part in parts], axis=1),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Allocations:
    """What GODEBUG=traceallocfree=1 adds to a trace (Go 1.23 and later): spans, objects and goroutine stacks.

    `kind` is a code of the event table: Span, HeapObject and GoroutineStack existed when tracing began,
    …Alloc and …Free came and went while it ran. An object tells its address and type; its slot's size is that
    of the span that holds it. Tiny objects share 16-byte blocks, each at an address of its own: Go 1.23 tells only of
    the one that opens a block, later releases of all; a free is told once a block, at the block's address. The events
    of a thread are in their true order; between threads, a burst of frees that ran ahead of the clock may be dated
    some microseconds late.
    """

    kind: NDArray[np.uint8]
    time_ns: Int64
    address: NDArray[np.uint64]
    type_row: NDArray[np.int32]
    """Objects: row of the generation's `types`, 0 for an untyped object, -1 for a type that the trace does not name;
    other kinds: -1."""
    span_class: NDArray[np.int16]
    """Spans of the heap: size class × 2 + (1 when free of pointers); -1 for stack and other spans, and other kinds."""
    size_bytes: Int64
    """Spans: pages × page size; goroutine stacks: size; frees and objects: 0."""
    goroutine: Int64

    def __len__(self) -> int:
        return len(self.kind)

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_] | slice) -> Allocations:
        """Returns the chosen rows."""
        return Allocations(
            self.kind[rows],
            self.time_ns[rows],
            self.address[rows],
            self.type_row[rows],
            self.span_class[rows],
            self.size_bytes[rows],
            self.goroutine[rows],
        )

    def of(self, *names: str) -> Allocations:
        """Returns the rows of these kinds ("HeapObjectAlloc")."""
        return self.take(np.flatnonzero(kinds_mask(names)[self.kind]))


def join_allocations(parts: Sequence[Allocations]) -> Allocations:
    """Returns the rows of all parts one after another."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        empty = np.zeros(0, np.int64)
        few = empty.astype(np.uint64), empty.astype(np.int32), empty.astype(np.int16)
        return Allocations(empty.astype(np.uint8), empty, *few, empty, empty)
    return Allocations(
        np.concatenate([part.kind for part in parts]),
        np.concatenate([part.time_ns for part in parts]),
        np.concatenate([part.address for part in parts]),
        np.concatenate([part.type_row for part in parts]),
        np.concatenate([part.span_class for part in parts]),
        np.concatenate([part.size_bytes for part in parts]),
        np.concatenate([part.goroutine for part in parts]),
    )


@dataclass(slots=True, eq=False)
class Types:
    """Go types that objects had; grows from generation to generation, a row keeps its meaning. Row 0 is "no type"."""

    address: list[int] = field(default_factory=lambda: [0])
    size_bytes: list[int] = field(default_factory=lambda: [0])
    pointer_bytes: list[int] = field(default_factory=lambda: [0])
    """Length of the prefix that may hold pointers; 0: the collector need not look into it."""
    name: list[str] = field(default_factory=lambda: [""])

    def __len__(self) -> int:
        return len(self.name)


class HeapLayout(NamedTuple):
    """Numbers that turn ids into addresses: id × alignment + lowest address."""

    lowest_address: int
    page_bytes: int
    object_alignment: int
    stack_alignment: int
    known: bool
    """False: the trace lacks them (a flight recording that began later); addresses count from 0."""


class Clock(NamedTuple):
    """How the trace's clock ticks, and where it stood on other clocks (Go 1.25 and later, else 0)."""

    ticks_per_second: int
    snapshot_ticks: int = 0
    monotonic_ns: int = 0
    wall_ns: int = 0
    """Since 1970."""


@dataclass(frozen=True, slots=True, eq=False)
class Stacks:
    """Call stacks, leaf first: that of row i has frames starts[i] to starts[i + 1]; `row_of` finds a stack id's row."""

    row_of: Mapping[int, int]
    starts: Int64
    pc: NDArray[np.uint64]
    function: Int64
    """String id."""
    file: Int64
    """String id."""
    line: Int64

    def __len__(self) -> int:
        return len(self.starts) - 1

    def frames(self, stack_id: int) -> slice:
        """Returns where the frames of a stack id lie in the frame columns; an empty slice for an unknown one."""
        row = self.row_of.get(stack_id)
        return slice(0, 0) if row is None else slice(int(self.starts[row]), int(self.starts[row + 1]))


@dataclass(frozen=True, slots=True, eq=False)
class CpuSamples:
    """CPU profile samples that fell into the trace, in time order."""

    time_ns: Int64
    thread: Int64
    proc: Int64
    goroutine: Int64
    stack: Int64
    """Stack id."""

    def __len__(self) -> int:
        return len(self.time_ns)


@dataclass(frozen=True, slots=True, eq=False)
class Generation:
    """A part of a trace that stands alone: ids of strings and stacks mean something in it only.

    Events are decoded when asked for, block by block, so that a generation of any size fits in memory; the file must
    still be open then.
    """

    number: int
    version: int
    """Minor Go version of the format: 22, 23, 25, 26 (v2); 11, 19, 21 (v1)."""
    complete: bool
    """False: the file broke off within it; strings, stacks and types may be missing."""
    clock: Clock
    origin_ns: int
    """What the trace's clock showed at time_ns 0."""
    strings: Mapping[int, str]
    stacks: Stacks
    cpu_samples: CpuSamples
    types: Types
    layout: HeapLayout
    read_blocks: Callable[[NDArray[np.bool_] | None], Iterator[Events]]
    read_allocations: Callable[[], Iterator[Allocations]]

    def blocks(self) -> Iterator[Events]:
        """Yields all events in time order, some 100,000 at a time. Raises DamagedInput where a batch is broken."""
        return self.read_blocks(None)

    def select(self, *names: str) -> Events:
        """Returns only the events of these kinds; cheap in memory however large the generation is."""
        return join_events(list(self.read_blocks(kinds_mask(names))))

    @property
    def events(self) -> Events:
        """All events at once: about 60 bytes each."""
        return join_events(list(self.blocks()))

    def allocation_blocks(self) -> Iterator[Allocations]:
        """Yields what the alloc/free experiment recorded, in time order, block by block."""
        return self.read_allocations()

    @property
    def allocations(self) -> Allocations:
        """All of it at once: about 40 bytes each."""
        return join_allocations(list(self.read_allocations()))
