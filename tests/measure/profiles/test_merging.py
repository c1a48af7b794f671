"""Merging adds what is equal by content, as pprof does it; a difference takes away again."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from whence.measure.profiles import merging
from whence.measure.profiles.alike import alike, columns_alike, pairs_alike
from whence.measure.profiles.merging import Unmergeable, difference, merge, scaled
from whence.measure.profiles.readers import read
from whence.measure.profiles.readers.profile import ValueType
from whence.measure.profiles.writers.pprof import write_pprof

from . import made_profiles, recording
from .made_profiles import contents


@pytest.mark.parametrize("seed", range(8))
def test_a_sum_says_what_its_parts_say(seed: int) -> None:
    one, other = made_profiles.made(seed), replace(made_profiles.made(seed + 2), period=3)
    expected = contents(one)
    expected.update(contents(other))
    assert contents(merge([one, other])) == Counter({key: value for key, value in expected.items() if value})


@pytest.mark.parametrize("seed", range(4))
def test_a_merged_profile_is_merged_already(seed: int) -> None:
    once = merge([made_profiles.made(seed)])
    assert made_profiles.same(merge([once]), once)


def test_batches_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    profiles = [made_profiles.made(seed) for seed in (0, 2, 4, 6)]
    whole = merge(profiles)
    monkeypatch.setattr(merging, "_FRAMES_AT_ONCE", 1)
    assert made_profiles.same(merge(iter(profiles)), whole)


def test_weights_multiply_and_round_as_pprof_does() -> None:
    profile = made_profiles.made(0)
    values = np.array([[3, -3, 2]] * len(profile))
    half = scaled(replace(profile, values=values), 0.5).values
    assert half[0].tolist() == [2, -2, 1]  # halves away from zero
    assert contents(merge([profile], [3])) == Counter({key: 3 * value for key, value in contents(profile).items()})


def test_a_profile_less_itself_is_nothing() -> None:
    profile = made_profiles.made(5)
    nothing = difference(profile, profile)
    assert len(nothing) == len(nothing.locations) == 0


def test_the_header_of_a_sum() -> None:
    one = replace(made_profiles.made(0), time_nanos=50, duration_nanos=7, comments=("x", "y"), default_sample_type="")
    other = replace(one, time_nanos=20, duration_nanos=5, period=1 << 62, comments=("y", "z"), default_sample_type="d")
    unknown = replace(other, time_nanos=0, duration_nanos=0)
    whole = merge([one, other, unknown])
    assert (whole.time_nanos, whole.duration_nanos, whole.period) == (20, 12, 1 << 62)
    assert (whole.comments, whole.default_sample_type) == (("x", "y", "z"), "d")


def test_a_difference_of_running_counts_lasts_from_one_to_the_other() -> None:
    base = replace(made_profiles.made(0), time_nanos=100, duration_nanos=0)
    later = replace(made_profiles.made(2), time_nanos=175, duration_nanos=0)
    between = difference(base, later)
    assert (between.time_nanos, between.duration_nanos) == (100, 75)


def test_profiles_of_different_kinds_are_refused_by_name() -> None:
    heap = made_profiles.made(0)
    cpu = replace(heap, sample_types=(ValueType("cpu", "nanoseconds"),), values=heap.values[:, :1])
    with pytest.raises(Unmergeable, match=r"^a\.pb counts type0 in count, .*, b\.pb counts cpu in nanoseconds: .*\.$"):
        merge([heap, cpu], names=["a.pb", "b.pb"])
    with pytest.raises(Unmergeable, match="profile 1 samples by space in bytes, profile 2 samples by nothing named"):
        merge([heap, replace(heap, period_type=ValueType("", ""))])


@pytest.mark.parametrize("hashes", ["good", "all the same"])
def test_rows_are_alike_exactly_whatever_their_hash(hashes: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from whence.measure.profiles import alike as module

    if hashes == "all the same":
        real, asked = module._hashes, []

        def poor(starts: np.ndarray, content: np.ndarray, rows: np.ndarray, multiplier: int) -> np.ndarray:
            asked.append(multiplier)
            return real(starts, content, rows, multiplier) & np.uint64(1)

        monkeypatch.setattr(module, "_hashes", poor)
    random = np.random.default_rng(1)
    starts = np.concatenate([[0], np.cumsum(random.integers(0, 4, 300))])
    content = random.integers(0, 3, int(starts[-1]))
    found = alike(starts, content)
    seen: dict[tuple[int, ...], int] = {}
    expected = [seen.setdefault(tuple(content[a:b]), len(seen)) for a, b in pairwise(starts)]
    assert found.group.tolist() == expected
    assert [expected.index(group) for group in range(len(seen))] == found.first.tolist()


def test_pairs_are_alike_with_small_and_with_large_numbers() -> None:
    left, right = np.array([5, 0, 5, 0]), np.array([1, 2, 1, 3])
    for factor in (1, 1 << 30):
        assert pairs_alike(left * factor, right).group.tolist() == [0, 1, 0, 2]
        assert columns_alike(left * factor, right).first.tolist() == [0, 1, 3]


@pytest.mark.real
@pytest.mark.parametrize("kind", [*recording.KINDS, "compiler"])
def test_pprof_merges_recorded_profiles_the_same(kind: str, tmp_path: Path) -> None:
    if kind == "compiler":
        paths = [recording.default_pgo(version) for version in ("1.21", "1.24", "1.27")]
    else:
        place = recording.recorded()[1]
        paths = [place / run / f"{kind}.pb.gz" for run in ("a", "b", "a")]
    merged, between = tmp_path / "merged.pb.gz", tmp_path / "between.pb.gz"
    merged.write_bytes(write_pprof(merge(read(path) for path in paths)))
    assert recording.pprof("-raw", merged) == recording.pprof("-raw", *paths)
    between.write_bytes(write_pprof(difference(read(paths[0]), read(paths[1]))))
    said = recording.pprof("-raw", f"-base={paths[0]}", paths[1])
    assert _samples(recording.pprof("-raw", between)) == _samples(said)


def _samples(raw: str) -> str:
    """Returns pprof's listing behind its header: of a difference, times and duration are told another way here."""
    return raw[raw.index("Samples:") :]
