"""Profiles made of stacks written as text, for tests: `main;work;runtime.mallocgc` is leaf last."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from whence.measure.profiles.readers.profile import (
    Functions,
    Labels,
    Locations,
    Mappings,
    Profile,
    ValueType,
)

CPU = (ValueType("samples", "count"), ValueType("cpu", "nanoseconds"))
PERIOD = 10_000_000


def profile_of(
    stacks: Mapping[str, int | tuple[int, ...]],
    *,
    types: tuple[ValueType, ...] = CPU,
    period: int = PERIOD,
    seconds: float = 10.0,
    files: Mapping[str, str] | None = None,
    lines: Mapping[str, int] | None = None,
) -> Profile:
    """Returns a profile with a location for each function; a number of samples stands for (samples, nanoseconds)."""
    names = sorted({name for stack in stacks for name in stack.split(";")})
    row = {name: i for i, name in enumerate(names)}
    strings = ["", *names]
    for file in sorted(set((files or {}).values())):
        strings.append(file)
    count = len(names)
    ids = np.arange(1, count + 1, dtype=np.uint64)
    text = np.arange(1, count + 1, dtype=np.int32)
    filename = np.array([strings.index((files or {}).get(name, "")) for name in names], np.int32)
    start_line = np.array([(lines or {}).get(name, 0) for name in names], np.int64)
    frames = [row[name] for stack in stacks for name in reversed(stack.split(";"))]
    starts = np.cumsum([0, *(len(stack.split(";")) for stack in stacks)]).astype(np.int64)
    values = [(v, v * period) if isinstance(v, int) else v for v in stacks.values()]
    nothing = np.zeros(0, np.int32)
    none = np.zeros(0, np.uint64)
    return Profile(
        sample_types=types,
        values=np.array(values, np.int64).reshape(len(stacks), len(types)),
        stack_starts=starts,
        frames=np.array(frames, np.uint16),
        labels=Labels(np.zeros(len(stacks) + 1, np.int64), nothing, nothing, np.zeros(0, np.int64), nothing),
        locations=Locations(
            id=ids,
            mapping=np.full(count, -1, np.int32),
            address=np.arange(count, dtype=np.uint64),
            folded=np.zeros(count, np.bool_),
            line_starts=np.arange(count + 1, dtype=np.int64),
            line_function=np.arange(count, dtype=np.int32),
            line_number=np.zeros(count, np.int64),
            line_column=np.zeros(count, np.int64),
        ),
        functions=Functions(ids, text, text, filename, start_line),
        mappings=Mappings(none, none, none, none, nothing, nothing, np.zeros(0, np.uint8)),
        strings=strings,
        period_type=types[-1],
        period=period,
        duration_nanos=int(seconds * 1e9),
    )


def background(rng: np.random.Generator, events: int, functions: int = 30) -> dict[str, int]:
    """Returns samples of a program of so many functions with shares that fall as 1/rank."""
    chance = 1.0 / np.arange(2, functions + 2)
    counts = rng.multinomial(events, chance / chance.sum())
    return {f"main.main;main.group{i % 3};main.work{i}": int(n) for i, n in enumerate(counts) if n}
