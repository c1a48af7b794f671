"""The tables of one generation of a v2 trace: strings, stacks, CPU samples, clock, types, heap layout.

Source: src/internal/trace/generation.go (Go 1.22–1.27), src/runtime/traceallocfree.go and tracetype.go (Go 1.23–1.27).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .trace_columns import Clock, HeapLayout, Int64, Stacks, Types
from .trace_v2_events import CODE
from .trace_v2_framing import read_varint
from .varints import MOST_BYTES, varint_values, words_at_every_byte

MOST_STRING_BYTES = 1 << 10
MOST_FRAMES = 128
"""MaxEventTrailerDataSize and MaxFramesPerStack of src/internal/trace/tracev2/events.go."""

_STRING, _STACK, _SAMPLE = CODE["String"], CODE["Stack"], CODE["CPUSample"]
_FREQUENCY, _CLOCK_SNAPSHOT = CODE["Frequency"], CODE["ClockSnapshot"]
_TYPES_BATCH, _LAYOUT_BATCH = 0, 1
"""First byte of the alloc/free experiment's own batches."""
ALLOC_FREE = 1
"""The experiment's number."""


def read_strings(data: bytes, strings: dict[int, str]) -> None:
    """Adds the strings of a batch by id. Raises ValueError."""
    place = 1
    while place < len(data):
        if data[place] != _STRING:
            raise ValueError(f"byte {data[place]} where a string should begin")
        number, place = read_varint(data, place + 1)
        length, place = read_varint(data, place)
        if length > MOST_STRING_BYTES or place + length > len(data):
            raise ValueError(f"a string claims {length} bytes")
        strings[number] = data[place : place + length].decode("utf-8", "replace")
        place += length


def varints(data: bytes) -> Int64:
    """Returns all numbers of bytes that are nothing but varints. Raises ValueError."""
    octets = np.frombuffer(data, np.uint8)
    if not len(octets):
        return np.zeros(0, np.int64)
    if octets[-1] >= 0x80:
        raise ValueError("a number has no end")
    ends = np.flatnonzero(octets < 0x80)
    starts = np.append(0, ends[:-1] + 1)
    if (ends - starts).max() >= MOST_BYTES:
        raise ValueError("a number is longer than 64 bits")
    return varint_values(words_at_every_byte(data), starts)


class StackParts(NamedTuple):
    """The stacks of one batch: ids, frame counts, and a row a frame: pc, function, file, line."""

    ids: list[int]
    counts: list[int]
    frames: Int64


def read_stacks(data: bytes) -> StackParts:
    """Returns the stacks of a batch. Raises ValueError."""
    numbers = varints(data)
    plain = numbers.tolist()
    ids: list[int] = []
    counts: list[int] = []
    frames = np.zeros(len(plain), np.bool_)
    place = 1
    while place < len(plain):
        if plain[place] != _STACK or place + 3 > len(plain):
            raise ValueError(f"number {plain[place]} where a stack should begin")
        count = plain[place + 2]
        behind = place + 3 + 4 * count
        if not 0 <= count <= MOST_FRAMES or behind > len(plain):
            raise ValueError(f"a stack claims {count} frames")
        ids.append(plain[place + 1])
        counts.append(count)
        frames[place + 3 : behind] = True
        place = behind
    return StackParts(ids, counts, numbers[frames].reshape(-1, 4))


def join_stacks(parts: list[StackParts]) -> Stacks:
    """Returns the stacks of all batches of a generation."""
    ids = [number for part in parts for number in part.ids]
    counts = np.array([count for part in parts for count in part.counts], np.int64)
    frames = np.concatenate([np.zeros((0, 4), np.int64), *(part.frames for part in parts)])
    starts = np.append(0, np.cumsum(counts)).astype(np.int64)
    pc, function, file, line = (np.ascontiguousarray(frames[:, column]) for column in range(4))
    return Stacks({number: row for row, number in enumerate(ids)}, starts, pc.view(np.uint64), function, file, line)


def read_cpu_samples(data: bytes) -> Int64:
    """Returns (n, 5): ticks, thread, processor, goroutine, stack id. Raises ValueError."""
    numbers = varints(data)[1:]
    if len(numbers) % 6 or (numbers[::6] != _SAMPLE).any():
        raise ValueError("a CPU sample is not whole")
    return numbers.reshape(-1, 6)[:, 1:]


def read_clock(data: bytes, batch_ticks: int) -> Clock:
    """Returns what a sync batch (before Go 1.25: a lone frequency) says. Raises ValueError."""
    place = 0 if data[0] == _FREQUENCY else 1
    clock = Clock(0)
    while place < len(data):
        kind = data[place]
        if kind == _FREQUENCY:
            frequency, place = read_varint(data, place + 1)
            clock = clock._replace(ticks_per_second=frequency)
        elif kind == _CLOCK_SNAPSHOT:
            since, place = read_varint(data, place + 1)
            monotonic, place = read_varint(data, place)
            seconds, place = read_varint(data, place)
            nanoseconds, place = read_varint(data, place)
            wall = seconds * 1_000_000_000 + nanoseconds
            clock = Clock(clock.ticks_per_second, batch_ticks + since, monotonic, wall)
        else:
            raise ValueError(f"byte {kind} in a sync batch")
    return clock


def read_experiment(
    data: bytes, types: Types, row_of: dict[int, int], row_of_address: dict[int, int]
) -> HeapLayout | None:
    """Reads a batch of the alloc/free experiment: adds types, or returns the layout of the heap. Raises ValueError.

    `row_of` gets the row of each type id of this generation; `row_of_address` knows the rows of earlier generations.
    """
    if not data:
        return None
    if data[0] == _LAYOUT_BATCH:
        numbers = varints(data[1:]).tolist()
        if len(numbers) != 4 or min(numbers[1:]) <= 0:
            raise ValueError("the heap layout is not four numbers")
        return HeapLayout(*numbers, known=True)
    if data[0] != _TYPES_BATCH:
        raise ValueError(f"a batch of the alloc/free experiment of kind {data[0]}")
    place = 1
    while place < len(data):
        numbers: list[int] = []
        for _ in range(5):
            number, place = read_varint(data, place)
            numbers.append(number)
        number, address, size, pointer_bytes, length = numbers
        if place + length > len(data):
            raise ValueError(f"a type's name claims {length} bytes")
        name = data[place : place + length].decode("utf-8", "replace")
        place += length
        row = row_of_address.get(address)
        if row is None or types.name[row] != name or types.size_bytes[row] != size:
            row = row_of_address[address] = len(types)
            types.address.append(address)
            types.size_bytes.append(size)
            types.pointer_bytes.append(pointer_bytes)
            types.name.append(name)
        row_of[number] = row
    return None
