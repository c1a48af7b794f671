"""A profile without names gets those that the process would have written itself."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from whence.measure.profiles.readers import Profile, read
from whence.measure.profiles.symbolising import WrongBinary, needs_symbols, symbolise

from . import recording


def bare(profile: Profile) -> Profile:
    """Returns the profile with addresses alone."""
    none, locations = np.zeros(0, np.int64), profile.locations
    starts = np.zeros(len(locations) + 1, np.int64)
    return replace(
        profile,
        locations=replace(
            locations,
            line_starts=starts,
            line_function=none.astype(np.int32),
            line_number=none,
            line_column=none,
        ),
    )


def told(profile: Profile) -> list[list[tuple[str, int, int, str]]]:
    """Returns function, line, first line and file of every frame of every location."""
    names, functions, locations = profile.function_names(), profile.functions, profile.locations
    return [
        [
            (
                names[row],
                int(locations.line_number[line]),
                int(functions.start_line[row]),
                profile.strings[functions.filename[row]],
            )
            for line in range(locations.line_starts[at], locations.line_starts[at + 1])
            for row in [int(locations.line_function[line])]
        ]
        for at in range(len(locations))
    ]


@pytest.mark.real
@pytest.mark.parametrize(
    ("version", "flags"),
    [
        ("1.19", ("-ldflags=-s",)),
        ("1.21", ()),
        ("1.26", ("-ldflags=-s",)),
        ("1.27", ()),
        pytest.param("1.24", ("-buildmode=pie", "-ldflags=-s"), marks=pytest.mark.slow),
    ],
)
def test_names_lines_and_inlined_calls_are_those_of_the_runtime(version: str, flags: tuple[str, ...]) -> None:
    binary, place = recording.recorded(version, flags)
    inlined = 0
    for kind in recording.KINDS:
        profile = read(place / "a" / f"{kind}.pb.gz")
        if not len(profile):
            continue  # nobody waited for anything
        named = symbolise(bare(profile), binary)
        assert [[frame[:3] for frame in frames] for frames in told(named)] == [
            [frame[:3] for frame in frames] for frames in told(profile)
        ], kind
        # The runtime takes a function's file from whatever line it meets first, which inlining may have moved.
        files = [{frame[0]: frame[3] for frames in told(one) for frame in frames} for one in (named, profile)]
        assert len(set(files[0].items()) ^ set(files[1].items())) <= 2, kind
        assert not needs_symbols(named) and not named.notes
        inlined += sum(len(frames) > 1 for frames in told(named))
    assert inlined > 5


@pytest.mark.real
def test_another_program_is_refused_unless_forced(tmp_path: Path) -> None:
    binary, place = recording.recorded()
    profile = bare(read(place / "a" / "heap.pb.gz"))
    other = tmp_path / "other"
    (tmp_path / "main.go").write_text("package main\n\nfunc main() {}\n")
    (tmp_path / "go.mod").write_text("module example.com/other\n\ngo 1.18\n")
    subprocess.run(["go", "build", "-o", other, "."], cwd=tmp_path, check=True)
    with pytest.raises(WrongBinary, match=r"^[^\n]*Give the executable that was profiled, or force it\.$"):
        symbolise(profile, other)
    forced = symbolise(profile, other, force=True)
    assert told(forced) != told(symbolise(profile, binary))
    renamed = tmp_path / "renamed"
    shutil.copy(binary, renamed)
    if profile.strings[profile.mappings.build_id[0]]:
        assert told(symbolise(profile, renamed)) == told(symbolise(profile, binary))


@pytest.mark.real
def test_names_that_are_there_stay() -> None:
    binary, place = recording.recorded()
    profile = read(place / "a" / "cpu.pb.gz")
    assert not needs_symbols(profile)
    same = symbolise(profile, binary)
    assert told(same) == told(profile)
    assert "was not needed" in same.notes[0]


@pytest.mark.real
def test_addresses_that_are_not_in_the_program_are_counted() -> None:
    binary, place = recording.recorded()
    profile = bare(read(place / "a" / "cpu.pb.gz"))
    addresses = profile.locations.address.copy()
    addresses[0] = 16
    strange = replace(profile, locations=replace(profile.locations, address=addresses))
    assert symbolise(strange, binary).notes[0].startswith(f"1 of {len(addresses)} addresses")
