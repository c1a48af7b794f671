"""Go's text profiles (debug=1): heap and allocs, goroutine and threadcreate, mutex and block.

Addresses are moved back by one onto the call, and values unsampled, as pprof does (profile/legacy_profile.go). The
comment lines behind a stack name its functions, which pprof leaves aside; here they become the profile's functions. The
statistics of the runtime at the end of a heap profile become comments, as `MemStats.Mallocs = 1567`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from whence.measure.profiles.readers.damage import DamagedInput
from whence.measure.profiles.readers.profile import (
    Functions,
    Labels,
    Locations,
    Mappings,
    Profile,
    ValueType,
)

_HEAP = re.compile(rb"heap profile: *(\d+): *(\d+) *\[ *(\d+): *(\d+) *\] *@ *(heap[_a-z0-9]*)/?(\d*)\s*\Z")
_HEAP_SAMPLE = re.compile(rb"(-?\d+): *(-?\d+) *\[ *(\d+): *(\d+) *\] @((?: *0x[0-9a-f]{1,16})*)\s*\Z")
_COUNT = re.compile(rb"(\S+) profile: total (\d+)\s*\Z")
_COUNT_SAMPLE = re.compile(rb"(\d+) @((?: *0x[0-9a-f]{1,16})*)\s*\Z")
_CONTENTION = re.compile(rb"--- (mutex|contention):\s*\Z")
_CONTENTION_SAMPLE = re.compile(rb"(\d+) +(\d+) @((?: *0x[0-9a-f]{1,16})*)\s*\Z")
_ATTRIBUTE = re.compile(rb"(cycles/second|sampling period|ms since reset|discarded samples)\s*=\s*(\d{1,18})\s*\Z")
_FRAME = re.compile(rb"#\t0x([0-9a-f]{1,16})\t(\S.*?)\+0x[0-9a-f]+\t+(.*):(\d{1,9})\s*\Z")
_STATISTIC = re.compile(rb"# ([A-Za-z]+) = (\d{1,20})\s*\Z")
_LARGEST = (1 << 63) - 1
_Row = tuple[tuple[int, ...], bytes, int]
"""Values, addresses each behind 0x, and the size of one object or 0."""


def is_legacy_text(head: bytes | bytearray) -> bool:
    """Tells whether content begins as one of Go's text profiles."""
    first = bytes(head[:512]).partition(b"\n")[0]
    return bool(_HEAP.match(first) or _COUNT.match(first) or _CONTENTION.match(first))


@dataclass
class _Building:
    """What has been read so far, row by row."""

    values: list[tuple[int, ...]] = field(default_factory=list)
    stacks: list[list[int]] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    names: dict[int, list[tuple[bytes, bytes, int]]] = field(default_factory=dict)
    comments: list[str] = field(default_factory=list)
    attributes: dict[bytes, int] = field(default_factory=dict)


def read_legacy_text(content: bytes | bytearray) -> Profile:
    """Returns the profile in `content`. Raises DamagedInput with the offset of the first line that is none of it."""
    content = bytes(content)
    first, _, _ = content.partition(b"\n")
    building = _Building()
    if header := _HEAP.match(first):
        has_alloc = (header[3] not in (header[1], b"0")) or (header[4] not in (header[2], b"0"))
        rate = min(int(header[6] or 0), _LARGEST) // (2 if header[5] == b"heap" else 1)
        types = ("alloc_objects", "alloc_space", "inuse_objects", "inuse_space") if has_alloc else ("objects", "space")
        _lines(content, len(first) + 1, building, lambda line: _heap_row(line, rate, has_alloc))
        kinds = tuple(ValueType(name, "count" if name.endswith("objects") else "bytes") for name in types)
        return _profile(building, kinds, ValueType("space", "bytes"), rate)
    if header := _CONTENTION.match(first):
        _lines(content, len(first) + 1, building, lambda line: _contention_row(line, building.attributes))
        kinds = (ValueType("contentions", "count"), ValueType("delay", "nanoseconds"))
        period = building.attributes.get(b"sampling period", 1)
        return _profile(building, kinds, ValueType("contentions", "count"), period)
    header = _COUNT.match(first)
    if header is None:
        raise DamagedInput("the first line is that of no text profile", 0, "nothing")
    _lines(content, len(first) + 1, building, _count_row)
    kind = ValueType(header[1].decode("utf-8", "replace"), "count")
    return _profile(building, (kind,), kind, 1)


def _lines(content: bytes, at: int, building: _Building, read_row: Callable[[bytes], _Row | None]) -> None:
    """Reads every line from `at` on: samples by `read_row`, names, statistics, attributes."""
    while at < len(content):
        end = content.find(b"\n", at)
        end = len(content) if end < 0 else end
        line = content[at:end].strip(b" \r")
        if line.startswith(b"#"):
            _comment(line, building)
        elif line.startswith((b"---", b"MAPPED_LIBRARIES:")):
            return
        elif line:
            found = read_row(line)
            if found is not None:
                values, addresses, size = found
                building.values.append(values)
                building.stacks.append([(int(a, 16) - 1) & ((1 << 64) - 1) for a in addresses.split(b"0x")[1:]])
                building.sizes.append(size)
            elif attribute := _ATTRIBUTE.match(line):
                building.attributes[attribute[1]] = int(attribute[2])
            else:
                raise DamagedInput("a line is no sample", at, f"{len(building.values)} samples")
        at = end + 1


def _comment(line: bytes, building: _Building) -> None:
    if frame := _FRAME.match(line):
        there = building.names.setdefault(int(frame[1], 16), [])
        entry = (frame[2], frame[3], int(frame[4]))
        if entry not in there and len(there) < 64:
            there.append(entry)
    elif statistic := _STATISTIC.match(line):
        building.comments.append(f"MemStats.{statistic[1].decode()} = {statistic[2].decode()}")


def _heap_row(line: bytes, rate: int, has_alloc: bool) -> _Row | None:
    match = _HEAP_SAMPLE.match(line)
    if match is None:
        return None
    numbers = [int(match[n]) for n in range(1, 5)]
    if max(abs(n) for n in numbers) > _LARGEST:
        return None
    in_use, allocated = unsampled(numbers[0], numbers[1], rate), unsampled(numbers[2], numbers[3], rate)
    size = next((s // n for n, s in (numbers[:2], numbers[2:]) if n > 0), 0)
    return (*allocated, *in_use) if has_alloc else in_use, match[5], size


def _contention_row(line: bytes, attributes: dict[bytes, int]) -> _Row | None:
    match = _CONTENTION_SAMPLE.match(line)
    if match is None:
        return None
    cycles, count = int(match[1]), int(match[2])
    period, per_second = attributes.get(b"sampling period", 1), attributes.get(b"cycles/second", 0)
    if period > 0:
        cycles = int(float(cycles) * float(period) / (per_second / 1e9)) if per_second > 0 else cycles
        count *= period
    return None if max(cycles, count) > _LARGEST else ((count, cycles), match[3], 0)


def _count_row(line: bytes) -> _Row | None:
    match = _COUNT_SAMPLE.match(line)
    return None if match is None or int(match[1]) > _LARGEST else ((int(match[1]),), match[2], 0)


def unsampled(count: int, size: int, rate: int) -> tuple[int, int]:
    """Returns objects and bytes that these samples of one size stand for, when one in `rate` bytes is sampled.

    An object of size s is sampled with probability 1 - exp(-s / rate).
    """
    if not count or not size:
        return 0, 0
    if rate <= 1:
        return count, size
    scale = -1 / math.expm1(-size / count / rate) if size / count > 0 else 0.0
    objects, whole = count * scale, size * scale
    return (int(objects), int(whole)) if max(abs(objects), abs(whole)) < _LARGEST else (0, 0)


def _profile(building: _Building, kinds: tuple[ValueType, ...], period: ValueType, rate: int) -> Profile:
    strings: dict[str, int] = {"": 0}

    def text(value: bytes | str) -> int:
        return strings.setdefault(value if isinstance(value, str) else value.decode("utf-8", "replace"), len(strings))

    functions: dict[tuple[int, int], int] = {}
    addresses: dict[int, int] = {}
    for stack in building.stacks:
        for address in stack:
            addresses.setdefault(address, len(addresses))
    line_starts, line_function, line_number = [0], [], []
    for address in addresses:
        for name, file, number in building.names.get(address, []):
            line_function.append(functions.setdefault((text(name), text(file)), len(functions)))
            line_number.append(number)
        line_starts.append(len(line_function))
    rows = np.array(list(functions) or np.zeros((0, 2)), np.int32).reshape(-1, 2)
    places = len(addresses)
    sized = [(sample, size) for sample, size in enumerate(building.sizes) if size > 0]
    key, unit = (text("bytes"), text("bytes")) if sized else (0, 0)
    starts = np.zeros(len(building.stacks) + 1, np.int64)
    np.cumsum([len(stack) for stack in building.stacks], out=starts[1:])
    labelled = np.zeros(len(building.stacks) + 1, np.int64)
    np.cumsum([size > 0 for size in building.sizes], out=labelled[1:])
    return Profile(
        sample_types=kinds,
        values=np.array(building.values, np.int64).reshape(len(building.values), len(kinds)),
        stack_starts=starts,
        frames=np.array([addresses[a] for stack in building.stacks for a in stack], np.uint32),
        labels=Labels(
            labelled,
            np.full(len(sized), key, np.int32),
            np.zeros(len(sized), np.int32),
            np.array([size for _, size in sized], np.int64),
            np.full(len(sized), unit, np.int32),
        ),
        locations=Locations(
            id=np.arange(1, places + 1, dtype=np.uint64),
            mapping=np.full(places, -1, np.int32),
            address=np.array(list(addresses), np.uint64),
            folded=np.zeros(places, np.bool_),
            line_starts=np.array(line_starts, np.int64),
            line_function=np.array(line_function, np.int32),
            line_number=np.array(line_number, np.int64),
            line_column=np.zeros(len(line_number), np.int64),
        ),
        functions=Functions(
            id=np.arange(1, len(rows) + 1, dtype=np.uint64),
            name=rows[:, 0].copy(),
            system_name=rows[:, 0].copy(),
            filename=rows[:, 1].copy(),
            start_line=np.zeros(len(rows), np.int64),
        ),
        mappings=_no_mappings(),
        strings=list(strings),
        period_type=period,
        period=rate,
        duration_nanos=building.attributes.get(b"ms since reset", 0) * 1_000_000 % (1 << 63),
        comments=tuple(building.comments),
    )


def _no_mappings() -> Mappings:
    words, rows = np.zeros(0, np.uint64), np.zeros(0, np.int32)
    return Mappings(words, words, words, words, rows, rows, np.zeros(0, np.uint8))
