"""OpenTelemetry profiles: what its own encoder wrote is read, and what is written comes back."""

from __future__ import annotations

import base64
import zlib

import numpy as np
import pytest

from whence.evidence.errors import BadInput
from whence.measure.profiles.readers.damage import DamagedInput
from whence.measure.profiles.readers.otlp import is_otlp, read_otlp
from whence.measure.profiles.writers.messages import field_of
from whence.measure.profiles.writers.otlp import write_otlp
from whence.measure.profiles.writers.pprof import write_pprof

from .. import made_profiles
from ..made_profiles import contents

PEER = (
    "c-oy(yN=W_6iuARIL-`sy}OVdR%|vEa*<i4Kxi7M`2>VC$|Rnhh>RV@&OW*bQBy+0FKj_Wy#*hz4HBY*AD{w>f`>DiMPli=h40b5"
    "*XJC|7rh54KsQidvg#;LS<I6qBQCP#LX_kTpaW!=j8(%sXs;|QF^^>`N)~5qp45e!%4As<Y^qL6MjT|NWlb6r*^uB((uXDijvLv{"
    "$9EpN4M7B(v(NVV%Qt{x)93=MGuea|v3k&p(Dz^KFn0`t-uwCb)y=T^@Zyu8E8c^aWP-~p@yJ>Edkm0Ij<ka<yiL5d0~2)6bt2Ou"
    "yAaUes=jsU!-`DrKXr%RLa9<tMxzt*%|-^=f=$x^+%)GPXu{B>mI*9kkRdd2^Q-|wSA%|F=?ribXla`a+TL^Bv!R9W6BmE^@%HOr"
    "Xbd5AuoJi;(x``fYXmWDQDj8B2&*eWpj-zvs6U$JeANCktLUxnGnYwO=KL^TByu{hd8%^3CEfeCne!s&Y&x&>db9(TNSTx|J7H<9"
    "l3BsxS)CWzG|%EgUQ=(G<UB4|GN-*2JQTFQ0v%Ddo~VRSH0b0CktVHvoNF(l$n=nVEUKs4tus4ST6ROR6BUYis1__-sZw`#8dl<%"
    "I#qj@I;yJGf^K(=?U8G1saP%<S9Is^a#o4*@<r|DQlBSWNR|qoN!sgHTT&+#HCJO}tUrkWZ0c;Sav$0RA~%`c9jBSDdaJ4r5$PdE"
    "vLnXF8_*|yaPeoM17FV#2zb~Z58yT8?RQIe@j#ca>+8mN2V$~KH<6~8=ap1QD|D7L*#;RPztV2<C3_ObbYe_w1WYiokUliDz;DQ%"
    "13d"
)
"""A message by the Python package opentelemetry-proto 1.45.2: two profiles with every kind of attribute, a link,
timestamps with and without values, an empty stack, a bare address."""


@pytest.fixture(scope="module")
def peer() -> bytes:
    return zlib.decompress(base64.b85decode("".join(PEER)))


def test_what_its_own_encoder_wrote(peer: bytes) -> None:
    profile = read_otlp(peer)
    assert [tuple(kind) for kind in profile.sample_types] == [("cpu", "nanoseconds"), ("samples", "count")]
    assert profile.values.tolist() == [[20_000_000, 5], [15_000_000, 3], [-7, 0], [0, 9]]
    names = profile.function_names()
    locations = profile.locations
    assert [[names[row] for row in locations.line_function[a:b]] for a, b in ((0, 2), (2, 3), (3, 3))] == [
        ["main.leaf", "main.inlined"],
        ["main.root"],
        [],
    ]
    assert [profile.stack(row).tolist() for row in range(4)] == [[0, 1], [1], [2, 1], []]
    assert locations.address.tolist() == [0x400100, 0x400200, 0xDEADBEEF]
    assert locations.folded.tolist() == [True, False, False]
    assert profile.mappings.has.tolist() == [0b1001]
    assert profile.strings[profile.mappings.build_id[0]] == "ab12cd"
    header = (profile.default_sample_type, profile.period, profile.time_nanos, profile.duration_nanos)
    assert header == ("cpu", 10_000_000, 1_700_000_000_000_000_000, 30_000_000_000)
    assert (profile.comments, profile.drop_frames) == (("first", "second"), "runtime\\..*")


def test_attributes_become_labels(peer: bytes) -> None:
    profile = read_otlp(peer)
    labels, strings = profile.labels, profile.strings
    told = [
        (strings[key], strings[text], number, strings[unit])
        for key, text, number, unit in zip(labels.key, labels.text, labels.number, labels.unit, strict=True)
    ]
    assert told == [
        ("worker", "seven", 0, ""),
        ("bytes", "", -48, "bytes"),
        ("by row", "text of the table", 0, ""),
        ("ratio", "0.25", 0, ""),
        ("truth", "false", 0, ""),
    ]


@pytest.mark.parametrize("seed", range(10))
def test_what_is_written_comes_back(seed: int) -> None:
    profile = made_profiles.made(seed)
    back = read_otlp(write_otlp(profile))
    assert contents(back) == contents(profile)
    header = ("sample_types", "default_sample_type", "period_type", "period", "time_nanos", "duration_nanos")
    header += ("drop_frames", "keep_frames", "comments", "doc_url")
    for name in header:
        assert getattr(back, name) == getattr(profile, name), name


def test_it_is_told_from_pprof(peer: bytes) -> None:
    assert is_otlp(peer) and is_otlp(write_otlp(made_profiles.made(0)))
    for seed in range(5):
        assert not is_otlp(write_pprof(made_profiles.made(seed), compress=False))
    assert not is_otlp(b"") and not is_otlp(b"\x0a" * 50)


def test_damage_is_told_never_a_crash(peer: bytes) -> None:
    random = np.random.default_rng(3)
    refused = 0
    for turn in range(500):
        content = bytearray(peer)
        for _ in range(random.integers(1, 4)):
            content[random.integers(len(content))] = random.integers(256)
        if turn % 3 == 0:
            del content[random.integers(len(content)) :]
        try:
            read_otlp(content)
        except BadInput as error:
            refused += 1
            assert "\n" not in str(error)
            if isinstance(error, DamagedInput):
                assert 0 <= error.offset <= len(content)
    assert refused > 150


def test_stacks_that_spell_out_to_too_much_are_refused() -> None:
    frames = field_of(2, b"") + field_of(2, b"") + field_of(7, b"") + field_of(7, field_of(1, b"\x01" * 5000))
    attributes = [field_of(6, field_of(2, bytes([0x18, number & 0x7F]))) for number in range(128)]
    samples = [
        field_of(2, field_of(1, 1) + field_of(2, bytes([a, b])) + field_of(4, b"\x01"))
        for a in range(1, 128)
        for b in range(1, 40)
    ]
    profile = field_of(1, field_of(2, field_of(2, field_of(1, b"") + b"".join(samples))))
    with pytest.raises(BadInput, match="spell out to"):
        read_otlp(profile + field_of(2, frames + b"".join(attributes) + field_of(5, b"")))
