"""Files of JSON lines that only grow: each line is on the disk before what comes after it starts.

Lines are only ever added. Each is written in one piece and flushed to the disk (fsync) before `append` returns, so
that a `kill -9` or a power cut loses at most the line being written. Such a torn last line is no damage: readers
leave it out, and the next writer cuts it off.
"""

from __future__ import annotations

import gc
import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from whence.evidence.errors import BadInput, UnusableEnvironment
from whence.store.files import sync

MANY_LINES = 10_000
"""From here on lines are hidden from the garbage collector, which would scan them all again and again."""
Line = TypeVar("Line")
_encoder = msgspec.json.Encoder()


class JournalNotWritable(UnusableEnvironment):
    """The disk is full, or the directory was taken away."""


class DamagedLine(msgspec.Struct, frozen=True):
    """A line that cannot be read although other lines follow it. `number` counts from 1."""

    number: int
    reason: str


class Reading(msgspec.Struct, Generic[Line], frozen=True, kw_only=True):
    """All that can be read of a file of lines, and what cannot."""

    lines: tuple[Line, ...]
    damaged: tuple[DamagedLine, ...] = ()
    torn: bool = False
    """The last line was cut short by a crash: at most the run in flight is missing."""

    def describe_damage(self) -> str:
        """Returns one clause for people, empty when nothing is damaged."""
        if len(self.damaged) == 0:
            return ""
        numbers = ", ".join(str(line.number) for line in self.damaged[:5]) + (", …" if len(self.damaged) > 5 else "")
        noun = "line" if len(self.damaged) == 1 else "lines"
        return (
            f"{noun} {numbers} of {len(self.lines) + len(self.damaged)} cannot be read ({self.damaged[0].reason}); "
            f"the other {len(self.lines)} can"
        )


class LineFile(Generic[Line]):
    """An append-only file of lines that one decoder reads. Opening it writes nothing; the first `append` creates it."""

    def __init__(self, path: Path, decoder: msgspec.json.Decoder[Line], *, remedy: str) -> None:
        """`remedy`: what a person does about a damaged file, a sentence."""
        self.path = path
        self._remedy = remedy
        self._decoder = decoder
        self._descriptor: int | None = None

    def append(self, line: Line) -> None:
        """Adds one line; when this returns the line is on the disk.

        Raises JournalNotWritable when the disk refuses; the lines before stay whole.
        """
        try:
            if self._descriptor is None:
                self._descriptor = self._open()
            _write_line(self._descriptor, _encoder.encode(line) + b"\n")
        except OSError as error:
            raise JournalNotWritable(
                f"{self.path} cannot be written ({error.strerror}). Every line before is kept: make room, then give "
                "the same command with the same --out to go on."
            ) from error

    def read(self) -> list[Line]:
        """Returns every line; a torn last line is left out.

        Raises BadInput naming the damaged lines when something before the end cannot be read.
        """
        reading = self.inspect()
        if reading.damaged:
            raise BadInput(f"{self.path} is damaged: {reading.describe_damage()}. {self._remedy}")
        return list(reading.lines)

    def inspect(self) -> Reading[Line]:
        """Returns what can be read and what cannot; never raises for damage. A missing file is an empty one."""
        try:
            with self.path.open("rb") as file:
                if os.fstat(file.fileno()).st_size == 0:
                    return Reading(lines=())
                with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                    return parse_lines(content, self._decoder)
        except FileNotFoundError:
            return Reading(lines=())

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        _mend_end(descriptor, self._decoder)
        sync(self.path.parent)
        return descriptor


def parse_lines(content: bytes | mmap.mmap, decoder: msgspec.json.Decoder[Line]) -> Reading[Line]:
    """Returns the lines of a file's bytes. Pure.

    All lines are decoded in one call and without a copy (100,000 runs in well under a second); only when that fails
    are they taken one by one to find the damaged ones.
    """
    end = content.rfind(b"\n") + 1
    tail = content[end:]
    damaged: list[DamagedLine] = []
    with _no_cyclic_collection():
        try:
            with memoryview(content) as view, view[:end] as whole_lines:
                lines = decoder.decode_lines(whole_lines)
        except (msgspec.DecodeError, UnicodeDecodeError):
            lines, damaged = _one_by_one(content[:end], decoder)
    if len(lines) > MANY_LINES:
        gc.freeze()
    if tail:
        try:
            lines.append(decoder.decode(tail))
        except (msgspec.DecodeError, UnicodeDecodeError):
            return Reading(lines=tuple(lines), damaged=tuple(damaged), torn=True)
    return Reading(lines=tuple(lines), damaged=tuple(damaged))


def _one_by_one(body: bytes, decoder: msgspec.json.Decoder[Line]) -> tuple[list[Line], list[DamagedLine]]:
    lines: list[Line] = []
    damaged: list[DamagedLine] = []
    for number, text in enumerate(body.split(b"\n"), start=1):
        if not text.strip():
            continue
        try:
            lines.append(decoder.decode(text))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            damaged.append(DamagedLine(number, str(error).splitlines()[0]))
    return lines, damaged


@contextmanager
def _no_cyclic_collection() -> Iterator[None]:
    """The structs hold no cycles, and scanning a growing list of 100,000 of them triples the time to read it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _write_line(descriptor: int, data: bytes) -> None:
    """Appends `data` and flushes it, or leaves the file as it was (a full disk takes half a line)."""
    size = os.fstat(descriptor).st_size
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, size)
        raise


def _mend_end(descriptor: int, decoder: msgspec.json.Decoder[Line]) -> None:
    """Makes the file end with a newline: a torn last line is cut off, a whole one that lacks only the newline kept."""
    size = os.fstat(descriptor).st_size
    position, tail = size, b""
    while position > 0 and b"\n" not in tail:
        step = min(65536, position)
        position -= step
        tail = os.pread(descriptor, step, position) + tail
    last = tail[tail.rfind(b"\n") + 1 :]
    if not last:
        return
    try:
        decoder.decode(last)
    except (msgspec.DecodeError, UnicodeDecodeError):
        os.ftruncate(descriptor, size - len(last))
    else:
        os.write(descriptor, b"\n")
    os.fsync(descriptor)
