"""Which reader a file needs: told by its first bytes, never by its name."""

from __future__ import annotations

import re
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
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


def _reader_of(content: bytes | bytearray) -> Callable[[bytes | bytearray], Profile] | None:
    """Returns the reader of decompressed content: text by its first line, protocol buffers by their first fields.

    Only pprof, which is nearly everything, is imported before it is needed.
    """
    if content[:1] < b"\x20" and _CONTROL.search(content[:256]):
        from whence.measure.profiles.readers import otlp

        if otlp.is_otlp(content):
            return otlp.read_otlp
        return pprof.read_pprof if pprof.is_pprof(content) else None
    from whence.measure.profiles.readers import folded, legacy_text, speedscope

    for recognises, reader in (
        (legacy_text.is_legacy_text, legacy_text.read_legacy_text),
        (speedscope.is_speedscope, speedscope.read_speedscope),
        (folded.is_folded, folded.read_folded),
    ):
        if recognises(content):
            return reader
    return pprof.read_pprof if pprof.is_pprof(content) else None


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
    reader = _reader_of(content)
    if reader is None:
        raise UnknownFormat("this is no profile. Give a pprof, Go text, folded, speedscope or OTLP profile.")
    return reader(content)


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
