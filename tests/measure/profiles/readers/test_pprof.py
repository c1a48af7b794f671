"""Reading pprof: the wire format in all its forms, and where damaged content breaks."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whence.evidence.errors import BadInput
from whence.measure.profiles.readers import DamagedInput, Profile, UnknownFormat, read, read_profile
from whence.measure.profiles.readers.reading import decompressed


def varint(value: int) -> bytes:
    out = bytearray()
    value &= (1 << 64) - 1
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def message(field: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return varint(field << 3 | 2) + varint(len(body)) + body


def listed(field: int, values: Iterable[int], *, packed: bool) -> bytes:
    if packed:
        return message(field, *map(varint, values))
    return b"".join(number(field, value) for value in values)


STRINGS = [message(6, text.encode()) for text in ("", "cpu", "nanoseconds", "main.run", "main.go", "key")]


def profile_of(samples: list[tuple[list[int], int]], *, packed: bool, ids: list[int]) -> bytes:
    """Returns an encoded profile whose locations have these ids, all in one function."""
    return b"".join(
        [
            message(1, number(1, 1), number(2, 2)),
            *(
                message(2, listed(1, [ids[row] for row in stack], packed=packed), listed(2, [value], packed=packed))
                for stack, value in samples
            ),
            *(message(4, number(1, key), number(3, 16 * key), message(4, number(1, 9))) for key in ids),
            message(5, number(1, 9), number(2, 3), number(4, 4)),
            *STRINGS,
        ]
    )


STACKS = st.lists(
    st.tuples(st.lists(st.integers(0, 4), max_size=40), st.integers(-(1 << 63), (1 << 63) - 1)), max_size=30
)


@given(STACKS, st.booleans(), st.sampled_from([[1, 2, 3, 4, 5], [7, 1 << 40, 3, (1 << 64) - 1, 999]]))
@settings(max_examples=60, deadline=None)
def test_lists_packed_or_not_and_ids_of_any_kind(samples: list[tuple[list[int], int]], packed: bool, ids: list[int]):
    profile = read_profile(profile_of(samples, packed=packed, ids=ids))
    assert profile.values[:, 0].tolist() == [value for _, value in samples]
    told = [[int(profile.locations.id[row]) for row in profile.stack(i)] for i in range(len(samples))]
    assert told == [[ids[row] for row in stack] for stack, _ in samples]


def test_lists_in_pieces_keep_their_order() -> None:
    pieces = message(2, listed(1, [1, 2], packed=True), number(1, 3), listed(1, [4], packed=True), number(2, 5))
    profile = read_profile(profile_of([], packed=True, ids=[1, 2, 3, 4]) + pieces)
    assert profile.locations.id[profile.stack(0)].tolist() == [1, 2, 3, 4]


def test_unknown_fields_are_passed_over() -> None:
    content = profile_of([([0], 7)], packed=True, ids=[1])
    odd = varint(99 << 3 | 5) + b"abcd" + varint(98 << 3 | 1) + b"abcdefgh" + message(97, b"x") + number(96, 3)
    assert read_profile(content + odd).values.tolist() == [[7]]


def whole() -> bytes:
    return profile_of([([0, 1], 7), ([1], 8)], packed=True, ids=[1, 2])


@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9])
def test_a_cut_profile_says_at_which_byte_and_what_was_readable(keep: float) -> None:
    content = whole()
    cut = content[: int(len(content) * keep)]
    with pytest.raises(DamagedInput) as error:
        read_profile(cut)
    assert 0 <= error.value.offset <= len(cut)
    assert f"byte {error.value.offset}" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (message(1, number(1, 1), number(2, 2)) + message(2, number(1, 77), number(2, 1)), "location that does not"),
        (whole() + message(2, number(1, 1)), "0 values where the profile has 1"),
        (whole() + message(2, number(1, 1), listed(2, [1, 2], packed=True)), "2 values"),
        (whole() + message(5, number(1, 4), number(2, 400)), "string 400"),
        (whole() + message(4, number(1, 8), number(2, 5)), "mapping 5"),
        (whole() + message(4, number(1, 8), message(4, number(1, 5))), "function 5"),
        (message(6, b"not empty") + message(1, number(1, 0)), "first string"),
        (whole() + b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\x7f", "breaks off"),
    ],
)
def test_contradictions_are_told_in_one_line(content: bytes, said: str) -> None:
    if b"\x32\x00" not in content:
        content += b"".join(STRINGS)
    with pytest.raises(DamagedInput, match=said):
        read_profile(content)


def test_gzip_in_pieces_is_one_profile() -> None:
    content = whole()
    assert read_profile(gzip.compress(content[:20]) + gzip.compress(content[20:])).values.tolist() == [[7], [8]]


def test_a_damaged_or_cut_gzip_stream_is_told() -> None:
    packed = gzip.compress(whole())
    with pytest.raises(DamagedInput, match="breaks off"):
        read_profile(packed[:-10])
    with pytest.raises(DamagedInput, match="damaged"):
        read_profile(packed[:12] + b"\xff\xff\xff\xff" + packed[16:])


def test_a_small_file_that_claims_gigabytes_is_refused() -> None:
    bomb = gzip.compress(bytes(1 << 22))
    with pytest.raises(BadInput, match="larger than 1048576 bytes"):
        decompressed(bomb, most_bytes=1 << 20)


@pytest.mark.parametrize("content", [b"", b"hello\nworld\n", b"\x7fELF" + bytes(64), b"{}", b"\x00\x01\x02"])
def test_what_is_no_profile_is_not_taken_for_one(content: bytes) -> None:
    with pytest.raises((UnknownFormat, DamagedInput)):
        read_profile(content)


def test_the_readers_need_numpy_alone() -> None:
    wanted = "import sys; from whence.measure.profiles.readers import read; print(*sorted(sys.modules), sep='\\n')"
    done = subprocess.run([sys.executable, "-c", wanted], capture_output=True, text=True, check=True)
    packages = {name.partition(".")[0] for name in done.stdout.split()}
    foreign = {"scipy", "msgspec", "duckdb", "rich", "typer", "jinja2", "numba", "zstandard", "google"}
    assert "numpy" in packages and not packages & foreign


def test_every_reader_module_needs_numpy_alone() -> None:
    wanted = (
        "import importlib, pkgutil, sys; import whence.measure.profiles.readers as r\n"
        "for m in pkgutil.iter_modules(r.__path__): importlib.import_module(f'{r.__name__}.{m.name}')\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}), sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", wanted], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & {"scipy", "msgspec", "duckdb", "rich", "typer", "jinja2", "numba", "google"}


def test_a_path_a_stream_and_bytes_read_alike(tmp_path) -> None:
    path = tmp_path / "p.pb.gz"
    path.write_bytes(gzip.compress(whole()))

    def told(profile: Profile) -> list[list[int]]:
        return profile.values.tolist()

    with open(path, "rb") as file:
        assert told(read(path)) == told(read(str(path))) == told(read(file)) == told(read(path.read_bytes()))
    with pytest.raises(BadInput, match="cannot be read"):
        read(tmp_path / "missing")
