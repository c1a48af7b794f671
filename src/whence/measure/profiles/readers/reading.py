"""Which reader a file needs: told by its first bytes, never by its name."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from whence.evidence.errors import BadInput, UnusableEnvironment
from whence.measure.profiles.readers import pprof
from whence.measure.profiles.readers.damage import DamagedInput, UnknownFormat
from whence.measure.profiles.readers.profile import Profile

MOST_BYTES = 4 << 30
"""Decompressed bytes that are read at most: a few kilobytes of gzip can claim any number."""
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"

PROFILE_READERS: tuple[tuple[str, Callable[[bytes | bytearray], bool], Callable[[bytes | bytearray], Profile]], ...] = (
    ("pprof profile", pprof.is_pprof, pprof.read_pprof),
)
"""Name, test of the first bytes, reader; in the order in which they are asked."""


def read(source: str | Path | bytes | BinaryIO) -> Profile:
    """Returns the profile in a file, in bytes or in a binary stream. Raises UnknownFormat, DamagedInput, BadInput."""
    if isinstance(source, bytes):
        return read_profile(source)
    if isinstance(source, str | Path):
        return read_profile(content_of(Path(source)))
    return read_profile(source.read())


def content_of(path: Path) -> bytearray:
    """Returns the bytes of a file, read once into memory of its size. Raises BadInput."""
    try:
        with open(path, "rb", buffering=0) as file:
            content = bytearray(path.stat().st_size)
            filled = 0
            while filled < len(content) and (got := file.readinto(memoryview(content)[filled:])):
                filled += got
            del content[filled:]
            content += file.read()  # what grew meanwhile, and files that do not say their size
            return content
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}). Give a profile's file.") from error


def read_profile(content: bytes | bytearray) -> Profile:
    """Returns the profile in `content`, compressed or not; a bytearray must not be used by the caller again."""
    content = decompressed(content)
    for _, recognises, reader in PROFILE_READERS:
        if recognises(content):
            return reader(content)
    raise UnknownFormat("the content is no profile that is known here. Give a pprof, folded or speedscope file.")


def decompressed(content: bytes | bytearray, most_bytes: int = MOST_BYTES) -> bytes | bytearray:
    """Returns the content without gzip or zstd around it; content without either comes back as it is."""
    if content[:2] == _GZIP:
        return _gunzip(content, most_bytes)
    if content[:4] == _ZSTD:
        return _unzstd(content, most_bytes)
    return content


def _gunzip(content: bytes | bytearray, most_bytes: int) -> bytearray:
    whole, rest = bytearray(), bytes(content)
    while rest[:2] == _GZIP:
        inflater = zlib.decompressobj(wbits=31)
        try:
            whole += inflater.decompress(rest, most_bytes + 1 - len(whole))
        except zlib.error as error:
            raise DamagedInput(f"the gzip stream is damaged ({error})", len(whole), f"{len(whole)} bytes") from error
        if len(whole) > most_bytes:
            raise BadInput(f"the content is larger than {most_bytes} bytes when decompressed. Give a smaller profile.")
        if not inflater.eof:
            raise DamagedInput("the gzip stream breaks off", len(whole), f"{len(whole)} bytes")
        rest = inflater.unused_data
    return whole


def _unzstd(content: bytes | bytearray, most_bytes: int) -> bytes:
    try:
        import zstandard  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise UnusableEnvironment(
            "the content is zstd. Install the package zstandard, or decompress it first."
        ) from error
    try:
        with zstandard.ZstdDecompressor().stream_reader(content, read_across_frames=True) as stream:
            whole = stream.read(most_bytes + 1)
    except zstandard.ZstdError as error:
        raise DamagedInput(f"the zstd stream is damaged ({error})", 0, "nothing") from error
    if len(whole) > most_bytes:
        raise BadInput(f"the content is larger than {most_bytes} bytes when decompressed. Give a smaller profile.")
    return whole
