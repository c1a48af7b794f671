"""The variant grammar of contracts.md: what it reads, and what it refuses in one line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.evidence.errors import BadInput
from whence.evidence.variant import Setting, parse_variant, split_list


def test_a_list_of_settings_is_read_in_order() -> None:
    variant = parse_variant("new:go=1.24.3,GOGC=50,debug.madvdontneed=1,mod.google.golang.org/grpc=v1.66.0,arg.size=8")
    assert variant.name == "new"
    assert variant.named
    assert variant.get("go") == "1.24.3"
    assert variant.environment == {"GOGC": "50"}
    assert variant.godebug == {"madvdontneed": "1"}
    assert variant.modules == {"google.golang.org/grpc": "v1.66.0"}
    assert variant.arguments == {"size": "8"}


def test_without_a_name_the_name_is_the_spec() -> None:
    variant = parse_variant("go=1.24.3,GOGC=50")
    assert variant.name == "go=1.24.3,GOGC=50"
    assert not variant.named


def test_an_empty_list_is_the_subject_as_it_is() -> None:
    assert parse_variant("base:").settings == ()
    assert parse_variant("base:").name == "base"


def test_only_the_first_equals_sign_splits() -> None:
    assert parse_variant("ldflags=-X main.v=1").settings == (Setting("ldflags", "-X main.v=1"),)


def test_a_colon_behind_an_equals_sign_is_no_name() -> None:
    variant = parse_variant("HTTP_PROXY=http://a:1")
    assert variant.environment == {"HTTP_PROXY": "http://a:1"}
    assert not variant.named


def test_a_backslash_keeps_a_comma_inside_a_value() -> None:
    assert parse_variant(r"gcflags=-d=a\,b,GOGC=5").settings == (Setting("gcflags", "-d=a,b"), Setting("GOGC", "5"))


@given(st.lists(st.text(st.characters(blacklist_categories=("Cs",)), max_size=8), min_size=1, max_size=5))
def test_splitting_undoes_escaping(values: list[str]) -> None:
    text = ",".join(v.replace("\\", "\\\\").replace(",", "\\,") for v in values)
    assert split_list(text) == values


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("gooo=1", "unknown key 'gooo'"),
        ("go", "not KEY=VALUE"),
        ("go=", "no value"),
        ("go=1.24,go=1.25", "given twice"),
        ("GOEXPERIMENT=jsonv2", "experiment="),
        ("GODEBUG=gctrace=1", "debug.NAME=VALUE"),
        ("GOFLAGS=-tags=x", "tags="),
        ("GOAMD64=v3", "goamd64="),
        ("CGO_ENABLED=0", "not set through the environment"),
        ("GOTOOLCHAIN=go1.24", "go="),
        ("memory=lots", "memory=256MiB"),
        ("memory=-5MB", "memory=256MiB"),
        ("cpu=0", "above zero"),
        ("cpu=half", "above zero"),
        ("cpu=nan", "above zero"),
        ("goline=go1.22", "goline=1.22"),
        ("debug.=1", "needs a name"),
        ("mod.x=", "needs a version"),
        ("a b:go=1.24", "may hold letters"),
        ("binary=./x,go=1.24", "already built"),
        ("go=1.24,", "not KEY=VALUE"),
        ("GOGC=abc", "Go cannot read GOGC=abc. Write for example GOGC=50."),
        ("GOMAXPROCS=0", "Go cannot read GOMAXPROCS=0."),
        ("GOMEMLIMIT=256MB", "Write for example GOMEMLIMIT=256MiB."),
    ],
)
def test_what_is_malformed_is_refused_with_one_line(text: str, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_variant(text)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_limits_are_in_base_units() -> None:
    variant = parse_variant("cpu=0.5,memory=256MiB")
    assert variant.cpu_limit == 0.5
    assert variant.memory_limit_bytes == 256 * 2**20
