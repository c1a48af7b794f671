"""Profiles with every field set to something, made from a seed; and what it means for two to be the same."""

from __future__ import annotations

from collections import Counter

import numpy as np

from whence.measure.profiles.readers.profile import (
    Functions,
    Labels,
    Locations,
    Mappings,
    Profile,
    ValueType,
)

TEXTS = (
    "",
    "main.main",
    "main.(*T).run",
    "runtime.mallocgc",
    "/bin/server",
    "ab12",
    "bytes",
    "worker",
    "é;x",
    "main.go",
)
PERIODS = (ValueType("space", "bytes"), ValueType("", ""))


def made(seed: int, *, samples: int = 40, types: int = 3) -> Profile:
    """Returns a profile with ids in disorder, folded and bare locations, recursion, labels of both kinds."""
    random = np.random.default_rng(seed)

    def rows(count: int, high: int, low: int = 0) -> np.ndarray:
        return random.integers(low, high, count).astype(np.int32)

    def numbers(count: int) -> np.ndarray:
        signs = random.choice([-1, 1], count)
        return signs * (random.integers(0, 1 << 62, count) >> random.integers(0, 62, count))

    def ids(count: int) -> np.ndarray:
        return random.choice(np.array([*range(1, 90), 1 << 40, (1 << 63) + 5], np.uint64), count, replace=False)

    def starts(count: int, most: int) -> np.ndarray:
        return np.concatenate([[0], np.cumsum(random.integers(0, most + 1, count))]).astype(np.int64)

    functions, mappings, locations = 12, 2, 20
    line_starts, stack_starts, label_starts = starts(locations, 3), starts(samples, 9), starts(samples, 3)
    lines, labels = int(line_starts[-1]), int(label_starts[-1])
    texts = len(TEXTS)
    text = np.where(random.random(labels) < 0.5, rows(labels, texts, 1), 0).astype(np.int32)
    return Profile(
        sample_types=tuple(ValueType(f"type{column}", "count") for column in range(types)),
        values=numbers(samples * types).reshape(samples, types) >> 20,
        stack_starts=stack_starts,
        frames=rows(int(stack_starts[-1]), locations).astype(np.uint16),
        labels=Labels(
            label_starts,
            rows(labels, texts, 1),
            text,
            np.where(text == 0, numbers(labels), 0),
            np.where(text == 0, rows(labels, texts), 0).astype(np.int32),
        ),
        locations=Locations(
            ids(locations),
            rows(locations, mappings, -1),
            numbers(locations).view(np.uint64),
            random.random(locations) < 0.3,
            line_starts,
            rows(lines, functions, -1),
            numbers(lines),
            rows(lines, 90).astype(np.int64),
        ),
        functions=Functions(
            ids(functions), rows(functions, texts), rows(functions, texts), rows(functions, texts), numbers(functions)
        ),
        mappings=Mappings(
            ids(mappings),
            *(numbers(mappings).view(np.uint64) for _ in range(3)),
            rows(mappings, texts),
            rows(mappings, texts),
            random.integers(0, 16, mappings).astype(np.uint8),
        ),
        strings=list(TEXTS),
        default_sample_type="type1",
        period_type=PERIODS[seed % 2],
        period=int(numbers(1)[0]),
        time_nanos=1_700_000_000_000_000_000 + seed,
        duration_nanos=seed,
        drop_frames="drop.*" if seed % 3 else "",
        keep_frames="keep",
        comments=("one", "", "two") if seed % 2 else (),
        doc_url="http://localhost/doc",
    )


def same(one: Profile, other: Profile) -> bool:
    """Tells whether two profiles agree in every number, id, row and text, up to texts that only a header has."""
    count = min(len(one.strings), len(other.strings))
    columns = (
        *((one.values, other.values), (one.stack_starts, other.stack_starts), (one.frames, other.frames)),
        *((getattr(one.labels, n), getattr(other.labels, n)) for n in Labels.__slots__),
        *((getattr(one.locations, n), getattr(other.locations, n)) for n in Locations.__slots__),
        *((getattr(one.functions, n), getattr(other.functions, n)) for n in Functions.__slots__),
        *((getattr(one.mappings, n), getattr(other.mappings, n)) for n in Mappings.__slots__),
    )
    header = ("sample_types", "default_sample_type", "period_type", "period", "time_nanos", "duration_nanos")
    header += ("drop_frames", "keep_frames", "comments", "doc_url")
    return (
        all(np.array_equal(a, b) for a, b in columns)
        and all(getattr(one, name) == getattr(other, name) for name in header)
        and list(one.strings[:count]) == list(other.strings[:count])
    )


def contents(profile: Profile) -> Counter[tuple[object, ...]]:
    """Returns values by everything that a sample says, spelled out: no row or id of any table in it."""
    strings, functions, locations = profile.strings, profile.functions, profile.locations
    mappings, labels = profile.mappings, profile.labels

    def function(row: int) -> object:
        if row < 0:
            return None
        texts = (functions.name[row], functions.system_name[row], functions.filename[row])
        return (*(strings[text] for text in texts), int(functions.start_line[row]))

    def mapping(row: int) -> object:
        if row < 0:
            return None
        size = -(-((int(mappings.limit[row]) - int(mappings.start[row])) % (1 << 64)) // 4096)
        return size, int(mappings.offset[row]), strings[mappings.build_id[row]] or strings[mappings.filename[row]]

    def location(row: int) -> object:
        at = int(locations.mapping[row])
        address = (int(locations.address[row]) - (int(mappings.start[at]) if at >= 0 else 0)) % (1 << 64)
        lines = range(int(locations.line_starts[row]), int(locations.line_starts[row + 1]))
        told = [
            (function(locations.line_function[n]), int(locations.line_number[n]), int(locations.line_column[n]))
            for n in lines
        ]
        return mapping(at), address, bool(locations.folded[row]), *told

    found: Counter[tuple[object, ...]] = Counter()
    for sample in range(len(profile)):
        rows = range(int(labels.starts[sample]), int(labels.starts[sample + 1]))
        said = [
            (strings[labels.key[n]], strings[labels.text[n]], int(labels.number[n]), strings[labels.unit[n]])
            for n in rows
        ]
        # The values of one key are a list in order; texts and numbers are lists apart.
        said.sort(key=lambda label: (label[1] == "", label[0]))
        stack = tuple(location(row) for row in profile.stack(sample).tolist())
        for column, value in enumerate(profile.values[sample].tolist()):
            found[stack, tuple(said), column] += value
    return Counter({key: value for key, value in found.items() if value})
