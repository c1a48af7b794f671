"""Folded stacks and speedscope: read back what the writers write, other tools' documents, and damage."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whence.evidence.errors import BadInput
from whence.measure.profiles.readers import read
from whence.measure.profiles.readers.damage import DamagedInput, UnknownFormat
from whence.measure.profiles.readers.folded import is_folded, read_folded
from whence.measure.profiles.readers.profile import Profile, ValueType
from whence.measure.profiles.readers.speedscope import is_speedscope, read_speedscope
from whence.measure.profiles.writers.folded import write_folded
from whence.measure.profiles.writers.speedscope import write_speedscope

SCHEMA = "https://www.speedscope.app/file-format-schema.json"
PGO = Path("/usr/local/go/src/cmd/compile/default.pgo")


def stacks(profile: Profile) -> dict[tuple[str, ...], list[int]]:
    """Returns the values of each stack, root first."""
    names = profile.function_names()
    return {
        tuple(names[frame] for frame in profile.stack(row)[::-1]): profile.values[row].tolist()
        for row in range(len(profile))
    }


def summed(folded: bytes) -> Counter[str]:
    """Returns the sum of each stack of names: functions of one name in two files are one there."""
    sums: Counter[str] = Counter()
    for line in folded.decode().splitlines():
        stack, _, count = line.rpartition(" ")
        sums[stack] += int(count)
    return sums


def document(*profiles: dict[str, object], names: str = "ab") -> bytes:
    shared = {"frames": [{"name": name, "file": f"{name}.go", "line": 3} for name in names]}
    return json.dumps({"$schema": SCHEMA, "shared": shared, "profiles": profiles}).encode()


def evented(*events: tuple[str, int, float]) -> dict[str, object]:
    told = [{"type": kind, "frame": frame, "at": at} for kind, frame, at in events]
    return {"type": "evented", "name": "t", "unit": "milliseconds", "startValue": 0, "endValue": 9, "events": told}


@pytest.mark.skipif(not PGO.exists(), reason="SKIPPED no Go at /usr/local/go with the compiler's own profile")
def test_a_real_profile_comes_back_from_both_formats_with_every_value() -> None:
    profile = read(PGO)
    folded = write_folded(profile)
    assert is_folded(folded)
    assert summed(write_folded(read_folded(folded))) == summed(folded)
    scope = write_speedscope(profile)
    assert is_speedscope(scope)
    again = read_speedscope(scope)
    assert again.sample_types == profile.sample_types
    for column in range(len(profile.sample_types)):
        assert summed(write_folded(again, column)) == summed(write_folded(profile, column))


def test_folded_names_may_hold_spaces_and_counts_decimals() -> None:
    found = read_folded(b"main;net/http.(*conn).serve {a b} 3\nmain 2.5\n\nmain;x -1\n")
    assert stacks(found) == {("main", "net/http.(*conn).serve {a b}"): [3], ("main",): [2], ("main", "x"): [-1]}
    assert found.sample_types == (ValueType("samples", "count"),)
    assert "1 counts had decimals" in found.notes[0]


def test_folded_damage_is_told_by_the_byte_of_its_line() -> None:
    with pytest.raises(DamagedInput) as found:
        read_folded(b"a;b 1\na;c\n")
    assert (found.value.offset, found.value.readable) == (6, "1 stacks")
    with pytest.raises(UnknownFormat):
        read_folded(b"\n\n")
    assert not is_folded(b"hello world\n")
    assert not is_folded(b"gc 1 @0.1s 2%: \n")


def test_an_evented_profile_gives_time_to_the_stack_that_is_open() -> None:
    found = read_speedscope(document(evented(("O", 0, 0), ("O", 1, 1), ("C", 1, 3.5), ("C", 0, 4))))
    assert stacks(found) == {("a",): [1_500_000], ("a", "b"): [2_500_000]}
    assert found.sample_types == (ValueType("time", "nanoseconds"),)
    assert found.strings[int(found.functions.filename[0])] == "a.go"


def test_threads_of_one_run_stay_apart_by_their_label() -> None:
    one = {"type": "sampled", "name": "one", "unit": "none", "samples": [[0], [0, 1]], "weights": [1, 2]}
    found = read_speedscope(document(one, {**one, "name": "two", "weights": [3, 4]}))
    labels = [found.strings[int(text)] for text in found.labels.text]
    assert list(zip(found.values[:, 0].tolist(), labels, strict=True)) == [
        (1, "one"),
        (2, "one"),
        (3, "two"),
        (4, "two"),
    ]


@pytest.mark.parametrize(
    "profile",
    [
        {"type": "sampled", "samples": [[0]], "weights": []},
        {"type": "sampled", "samples": [[7]], "weights": [1]},
        {"type": "sampled", "samples": [0], "weights": [1]},
        evented(("C", 0, 1)),
        evented(("O", 0, 1), ("C", 1, 2)),
        evented(("O", 0, 2), ("C", 0, 1)),
    ],
)
def test_what_contradicts_itself_is_damage(profile: dict[str, object]) -> None:
    with pytest.raises(DamagedInput):
        read_speedscope(document(profile))


def test_nested_calls_that_unfold_beyond_measure_are_refused() -> None:
    depth = 20_000
    events = [("O", 0, at) for at in range(depth)] + [("C", 0, depth + at) for at in range(depth)]
    with pytest.raises(BadInput, match="unfold"):
        read_speedscope(document(evented(*events)))


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, 1 << 16), put=st.binary(max_size=6), folded=st.booleans())
def test_no_damage_raises_anything_but_bad_input(at: int, put: bytes, folded: bool) -> None:
    whole = b"main;a 1\nmain;b;c 22\n" if folded else document(evented(("O", 0, 0), ("C", 0, 4)))
    content = bytearray(whole)
    content[at % len(content) : at % len(content) + len(put)] = put
    try:
        (read_folded if folded else read_speedscope)(bytes(content))
    except BadInput as error:
        assert "\n" not in str(error)
