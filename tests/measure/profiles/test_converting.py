"""Every format that is written is read again as the same profile, and what cannot be converted says so."""

from __future__ import annotations

import io
import json

import pytest

from whence.evidence.errors import BadInput
from whence.measure.profiles.converting import FORMATS, Format, convert
from whence.measure.profiles.readers import read_profile
from whence.measure.profiles.writers.pprof import write_pprof

from . import made_profiles
from .made_profiles import contents

TRACE = b"go 1.23 trace\0\0\0"


def test_profiles_keep_everything() -> None:
    profile = made_profiles.made(1)
    content = write_pprof(profile)
    assert contents(read_profile(convert(content, "pprof"))) == contents(profile)
    assert contents(read_profile(convert(content, "otlp"))) == contents(profile)


def test_a_chosen_type_is_the_only_one_left() -> None:
    content = write_pprof(made_profiles.made(1))
    one = read_profile(convert(content, "pprof", "type2"))
    assert [kind.type for kind in one.sample_types] == ["type2"]
    assert one.values.sum() == read_profile(content).values[:, 2].sum()
    assert len(json.loads(convert(content, "speedscope", "type0"))["profiles"]) == 1
    with pytest.raises(BadInput, match="no sample type bytes"):
        convert(content, "folded", "bytes")


def test_formats_convert_into_one_another() -> None:
    content = write_pprof(made_profiles.made(1))
    speedscope = convert(content, "speedscope", "type1")
    assert convert(speedscope, "folded") == convert(content, "folded")
    assert convert(io.BytesIO(content), "folded") == convert(content, "folded")


def test_a_profile_is_no_time_line() -> None:
    with pytest.raises(BadInput, match="does not say when its samples were taken"):
        convert(write_pprof(made_profiles.made(1)), "perfetto")


@pytest.mark.parametrize("to", [name for name in FORMATS if name != "perfetto"])
def test_a_trace_is_no_profile(to: Format) -> None:
    with pytest.raises(BadInput, match=f"cannot become {to}"):
        convert(TRACE, to)
