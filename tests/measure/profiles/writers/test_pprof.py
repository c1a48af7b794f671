"""A written pprof profile is the profile: for our reader to the last id, and for pprof itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from whence.measure.profiles.readers import read, read_profile
from whence.measure.profiles.writers import pprof as writer
from whence.measure.profiles.writers.pprof import write_pprof

from .. import made_profiles, recording


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("at_once", [1, 7, 1 << 20])
def test_every_field_comes_back(seed: int, at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "_FRAMES_AT_ONCE", at_once)
    profile = made_profiles.made(seed)
    assert made_profiles.same(profile, read_profile(write_pprof(profile, compress=seed % 2 == 0)))


def test_an_empty_profile_comes_back() -> None:
    profile = made_profiles.made(1).take(np.zeros(0, np.int64))
    assert made_profiles.same(profile, read_profile(write_pprof(profile)))


def test_extreme_numbers_come_back() -> None:
    profile = made_profiles.made(2)
    values = profile.values.copy()
    values[:3, 0] = (-(1 << 63), (1 << 63) - 1, -1)
    labels = replace(profile.labels, text=profile.labels.text * 0, number=np.full(len(profile.labels), -(1 << 63)))
    profile = replace(profile, values=values, labels=labels, period=-(1 << 63))
    assert made_profiles.same(profile, read_profile(write_pprof(profile)))


def test_the_same_profile_is_the_same_bytes() -> None:
    assert write_pprof(made_profiles.made(3)) == write_pprof(made_profiles.made(3))


@pytest.mark.real
def test_pprof_reads_recorded_profiles_the_same(tmp_path: Path) -> None:
    _, place = recording.recorded()
    for path in (*(place / "a" / f"{kind}.pb.gz" for kind in recording.KINDS), recording.default_pgo("1.27")):
        written = tmp_path / "written.pb.gz"
        written.write_bytes(write_pprof(read(path)))
        assert recording.pprof("-raw", written) == recording.pprof("-raw", path), path.name
