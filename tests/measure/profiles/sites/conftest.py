"""Profiles and allocation events written by hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from whence.measure.profiles.readers.profile import Functions, Labels, Locations, Mappings, Profile, ValueType
from whence.measure.profiles.readers.trace_columns import Allocations, Clock, Generation, HeapLayout, Stacks, Types
from whence.measure.profiles.readers.trace_v2_events import CODE

Row = tuple[Sequence[str], int, int, int]
"""Stack as `function@file:line`, leaf first; slot bytes; objects recorded; of those in use."""
Event = tuple[str, int, int, int, int]
"""Kind, address, type row, span class, size."""
KINDS = ("alloc_objects", "alloc_space", "inuse_objects", "inuse_space")


@pytest.fixture(scope="session")
def made_profile() -> Callable[..., Profile]:
    """Returns a function that writes a heap profile as runtime/pprof does: scaled, with the size as a label."""

    def make(rows: Sequence[Row], rate: int = 1, kinds: Sequence[str] = KINDS, label: bool = True) -> Profile:
        strings = ["", "bytes", "space"]
        row_of: dict[str, int] = {}

        def text(word: str) -> int:
            if word not in strings:
                strings.append(word)
            return strings.index(word)

        frames = [frame for stack, *_ in rows for frame in stack]
        for frame in frames:
            row_of.setdefault(frame, len(row_of))
        names, files, lines = [], [], []
        for frame in row_of:
            name, _, place = frame.partition("@")
            file, _, line = place.rpartition(":")
            names.append(text(name))
            files.append(text(file))
            lines.append(int(line or 0))
        values = []
        for _, size, objects, in_use in rows:
            scale = 1.0 if rate <= 1 else 1 / (1 - math.exp(-size / rate))
            values.append([int(n * scale) for n in (objects, objects * size, in_use, in_use * size)])
        count = len(row_of)
        rows32, ids = np.arange(count, dtype=np.int32), np.arange(1, count + 1, dtype=np.uint64)
        none = np.zeros(0, np.int32)
        return Profile(
            sample_types=tuple(ValueType(kind, "bytes" if "space" in kind else "count") for kind in kinds),
            values=np.array(values, np.int64).reshape(len(rows), 4)[:, : len(kinds)],
            stack_starts=np.cumsum([0, *(len(stack) for stack, *_ in rows)]).astype(np.int64),
            frames=np.array([row_of[frame] for frame in frames], np.uint32),
            labels=Labels(
                np.arange(len(rows) + 1, dtype=np.int64) * int(label),
                np.full(len(rows) * int(label), 1, np.int32),
                np.zeros(len(rows) * int(label), np.int32),
                np.array([size for _, size, *_ in rows] if label else [], np.int64),
                np.zeros(len(rows) * int(label), np.int32),
            ),
            locations=Locations(
                ids,
                np.full(count, -1, np.int32),
                ids,
                np.zeros(count, np.bool_),
                np.arange(count + 1, dtype=np.int64),
                rows32,
                np.array(lines, np.int64),
                np.zeros(count, np.int64),
            ),
            functions=Functions(
                ids,
                np.array(names, np.int32),
                np.array(names, np.int32),
                np.array(files, np.int32),
                np.zeros(count, np.int64),
            ),
            mappings=Mappings(ids[:0], ids[:0], ids[:0], ids[:0], none, none, np.zeros(0, np.uint8)),
            strings=tuple(strings),
            period_type=ValueType("space", "bytes"),
            period=rate,
        )

    return make


@pytest.fixture(scope="session")
def made_generation() -> Callable[..., Generation]:
    """Returns a function that lays allocation events out as a trace's generation, cut into blocks of a given length."""

    def make(events: Sequence[Event], types: Sequence[tuple[str, int, int]] = (), block: int = 1 << 30) -> Generation:
        table = Types()
        for name, size, pointers in types:
            table.address.append(len(table))
            table.size_bytes.append(size)
            table.pointer_bytes.append(pointers)
            table.name.append(name)
        whole = Allocations(
            np.array([CODE[event[0]] for event in events], np.uint8),
            np.arange(len(events), dtype=np.int64) * 1000,
            np.array([event[1] for event in events], np.uint64),
            np.array([event[2] for event in events], np.int32),
            np.array([event[3] for event in events], np.int16),
            np.array([event[4] for event in events], np.int64),
            np.zeros(len(events), np.int64),
        )
        blocks = [whole.take(slice(i, i + block)) for i in range(0, len(events), block)]
        empty = np.zeros(0, np.int64)
        return Generation(
            number=1,
            version=26,
            complete=True,
            clock=Clock(1_000_000_000),
            origin_ns=0,
            strings={},
            stacks=Stacks({}, np.zeros(1, np.int64), empty.astype(np.uint64), empty, empty, empty),
            cpu_samples=None,  # type: ignore[arg-type]
            types=table,
            layout=HeapLayout(0, 8192, 8, 2048, known=True),
            read_blocks=lambda _: iter(()),
            read_allocations=lambda: iter(blocks),
        )

    return make
