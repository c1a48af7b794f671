"""Folded stacks and speedscope documents hold the whole profile, root first, inlined calls spelled out."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from whence.measure.profiles.readers import Profile, read, read_profile
from whence.measure.profiles.writers.folded import write_folded
from whence.measure.profiles.writers.speedscope import write_speedscope

from .. import made_profiles, recording

FRAME = re.compile(r"^ *(?:(-?\d+)[A-Za-z]*   )? *(\S.*?)(?: \(inline\))?$")
"""A line of `go tool pprof -traces`: the value on the first, a function on each."""


def stacks_by_name(profile: Profile, column: int) -> Counter[tuple[str, ...]]:
    """Returns values by names, worked out one sample at a time."""
    names, locations = profile.function_names(), profile.locations
    found: Counter[tuple[str, ...]] = Counter()
    for sample in range(len(profile)):
        stack: list[str] = []
        for row in profile.stack(sample).tolist():
            functions = locations.line_function[locations.line_starts[row] : locations.line_starts[row + 1]].tolist()
            bare, mapping = f"{int(locations.address[row]):#x}", int(locations.mapping[row])
            if mapping >= 0 and (file := profile.strings[profile.mappings.filename[mapping]]):
                bare = f"{file.rsplit('/', 1)[-1]}+{bare}"
            stack += [(names[one] or "(unnamed)") if one >= 0 else "(unknown)" for one in functions] or [bare]
        found[tuple(reversed(stack))] += int(profile.values[sample, column])
    return Counter({stack: value for stack, value in found.items() if value})


def unfolded(content: bytes) -> Counter[tuple[str, ...]]:
    found: Counter[tuple[str, ...]] = Counter()
    for line in content.decode().splitlines():
        stack, _, value = line.rpartition(" ")
        found[tuple(stack.split(";")) if stack else ()] += int(value)
    return Counter({stack: value for stack, value in found.items() if value})


def colons(stacks: Counter[tuple[str, ...]]) -> Counter[tuple[str, ...]]:
    """Returns stacks as far as the folded format can tell them."""
    return Counter(
        {tuple(name.replace(";", ":") for name in stack or ("(no stack)",)): value for stack, value in stacks.items()}
    )


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("column", [None, 0, 2])
def test_folded_stacks_add_up_to_the_profile(seed: int, column: int | None) -> None:
    profile = made_profiles.made(seed)
    expected = stacks_by_name(profile, 1 if column is None else column)  # the default is type1
    assert unfolded(write_folded(profile, column)) == colons(expected)


@pytest.mark.parametrize("seed", range(4))
def test_speedscope_holds_every_column(seed: int) -> None:
    profile = made_profiles.made(seed)
    document = json.loads(write_speedscope(profile))
    assert document["activeProfileIndex"] == 1
    frames = [frame["name"] for frame in document["shared"]["frames"]]
    for column, one in enumerate(document["profiles"]):
        found: Counter[tuple[str, ...]] = Counter()
        for stack, weight in zip(one["samples"], one["weights"], strict=True):
            found[tuple(frames[frame] for frame in stack)] += weight
        assert Counter({s: v for s, v in found.items() if v}) == stacks_by_name(profile, column)
        assert one["endValue"] == sum(map(abs, one["weights"]))


def test_speedscope_keeps_units_it_knows_and_files() -> None:
    profile = made_profiles.made(1)
    kind = profile.sample_types[0]
    document = json.loads(write_speedscope(replace(profile, sample_types=(kind._replace(unit="bytes"),) * 3), [0, 2]))
    assert [one["unit"] for one in document["profiles"]] == ["bytes", "bytes"]
    assert json.loads(write_speedscope(profile))["profiles"][0]["unit"] == "none"
    files = {frame.get("file") for frame in document["shared"]["frames"]}
    assert "main.go" in files or "main.main" in files


@pytest.mark.parametrize("seed", range(3))
def test_what_is_written_is_read_back(seed: int) -> None:
    profile = made_profiles.made(seed)
    expected = stacks_by_name(profile, 1)
    folded = read_profile(write_folded(profile))
    assert stacks_by_name(folded, 0) == colons(expected)
    speedscope = read_profile(write_speedscope(profile))
    assert [stacks_by_name(speedscope, column) for column in range(3)] == [
        stacks_by_name(profile, column) for column in range(3)
    ]


def test_recursion_and_empty_profiles() -> None:
    profile = made_profiles.made(0)
    nothing = profile.take(np.zeros(0, np.int64))
    assert write_folded(nothing) == b""
    assert json.loads(write_speedscope(nothing))["profiles"][0]["samples"] == []


@pytest.mark.real
@pytest.mark.parametrize("kind", ["cpu", "allocs"])
def test_folded_stacks_are_pprofs_traces(kind: str) -> None:
    path = recording.recorded()[1] / "a" / f"{kind}.pb.gz"
    profile = read(path)
    unit = profile.sample_types[profile.default_type]
    raw = recording.pprof("-traces", f"-unit={unit.unit}", f"-sample_index={unit.type}", path)
    expected: Counter[tuple[str, ...]] = Counter()
    for block in raw.split("-----------+")[1:]:
        value, stack = 0, []
        for line in block.splitlines()[1:]:
            found = FRAME.match(line)
            if found and not re.match(r" *\S+:  ", line):
                value = int(found[1] or value)
                stack.append(found[2])
        expected[tuple(reversed(stack))] += value
    expected = Counter({stack: value for stack, value in expected.items() if value})
    assert unfolded(write_folded(profile)) == expected
