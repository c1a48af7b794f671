"""Versions are written in one way and ordered as the go command orders them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.golang.versions import STAGES, BadVersion, Version, at_least, parse_release, parse_version

versions = st.builds(
    Version,
    st.integers(1, 2),
    st.integers(0, 40),
    st.integers(2, len(STAGES) - 1),
    st.integers(0, 30),
)
lines = st.builds(Version, st.integers(1, 2), st.integers(0, 40), st.just(0))


@given(versions | lines)
def test_a_version_reads_back_from_its_text(version: Version) -> None:
    assert parse_version(version.text) == version
    assert parse_version(f"go{version.text}") == version


@given(versions)
def test_what_go_writes_reads_back_as_the_same_release(version: Version) -> None:
    assert parse_release(f"go{version.module_name}") == version
    assert parse_release(f"go{version.module_name} X:nogreenteagc") == version


@given(versions)
def test_every_version_of_a_line_is_at_least_that_line(version: Version) -> None:
    assert at_least(version.text, version.line)


@given(versions, versions)
def test_a_newer_line_is_newer_whatever_the_patch(one: Version, other: Version) -> None:
    if (one.major, one.minor) < (other.major, other.minor):
        assert one < other
        assert not at_least(one.text, other.line)


@given(st.text(max_size=12))
def test_any_text_is_a_version_or_is_refused(text: str) -> None:
    try:
        assert parse_version(text).line
    except BadVersion as error:
        assert "\n" not in str(error)


def test_order_is_that_of_the_go_command() -> None:
    written = (
        "1.2 1.2.2 1.9rc2 1.9.0 1.10 1.10.8 1.18beta1 1.18.0 1.21 1.21rc2 1.21rc10 1.21.0 1.21.9 1.21.10 1.28-devel"
    )
    parsed = [parse_version(text) for text in written.split()]
    assert sorted(parsed) == parsed


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("go1.18", "1.18.0"),
        ("go1.2.2", "1.2.2"),
        ("go1.24.3 X:noswissmap", "1.24.3"),
        ("go1.27rc1", "1.27rc1"),
        ("go1.22.4-distro", "1.22.4"),
        ("devel go1.28-3a5b1c2f Thu Aug 6", "1.28-devel"),
    ],
)
def test_versions_that_go_wrote_itself(text: str, version: str) -> None:
    assert parse_release(text).text == version


def test_the_first_release_of_an_old_line_was_called_by_the_line() -> None:
    assert parse_version("1.18.0").module_name == "1.18"
    assert parse_version("1.21.0").module_name == "1.21.0"


@pytest.mark.parametrize("text", ["", "1", "1.", "1.24.", "1.24.3 ", "1.24.3\n", "v1.24.3", "1.24-rc1", "١.٢"])
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(BadVersion):
        parse_version(text)
