"""The frame of a v2 trace: a header, then batches; which batches make a generation, and where they lie in the file.

Only the heads of batches are read here: a generation takes some 30 bytes of memory a batch (of up to 64 KiB).
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

from whence.evidence.errors import BadInput

from .damage import DamagedInput
from .trace_v2_events import CODE, VERSIONS

HEADER_BYTES = 16
MOST_BATCH_BYTES = 64 << 10
"""MaxBatchSize of src/internal/trace/tracev2/events.go."""
_HEAD_BYTES = 64
"""More than the head of any batch has: two bytes and four varints, and the first byte of its content."""
_HEADER = re.compile(rb"go 1\.(\d+) trace\0\0\0")

_STRUCTURAL = frozenset(CODE[name] for name in ("Stacks", "Strings", "CPUSamples", "Frequency", "Sync"))


class SmallBatch(NamedTuple):
    """A batch that holds tables rather than events."""

    kind: int
    """Code of its first byte (Stacks, Strings, CPUSamples, Frequency, Sync), or ExperimentalBatch."""
    experiment: int
    offset: int
    size: int
    ticks: int


@dataclass(slots=True)
class Frame:
    """The batches of one generation: where the content of each lies, of which thread it is, when it began."""

    number: int
    offset: array[int] = field(default_factory=lambda: array("q"))
    size: array[int] = field(default_factory=lambda: array("l"))
    thread: array[int] = field(default_factory=lambda: array("q"))
    ticks: array[int] = field(default_factory=lambda: array("q"))
    tables: list[SmallBatch] = field(default_factory=list)
    complete: bool = True


class _Head(NamedTuple):
    experiment: int
    generation: int
    thread: int
    ticks: int
    size: int
    content: int
    """Where the content begins, from the batch's first byte."""


def read_version(head: bytes) -> int:
    """Returns the minor Go version of a trace header; raises BadInput when it is none, or none of v2."""
    found = _HEADER.match(head)
    if not found:
        raise BadInput("this is no Go execution trace: it does not begin with 'go 1.N trace'")
    version = int(found[1])
    if version not in VERSIONS:
        known = ", ".join(f"go 1.{known}" for known in VERSIONS)
        raise BadInput(f"trace format go 1.{version} is not known; known are {known}. Convert it, or update whence")
    return version


def frames(file: BinaryIO, version: int) -> Iterator[Frame]:
    """Yields the generations of a seekable file, read from behind its header. Raises DamagedInput after the last one.

    A generation in which the file breaks off is yielded as well, with `complete` false.
    """
    place = HEADER_BYTES
    frame: Frame | None = None
    done = 0
    while True:
        file.seek(place)
        head_bytes = file.read(_HEAD_BYTES)
        if not head_bytes:
            break
        if version >= 26 and head_bytes[0] == CODE["EndOfGeneration"]:
            place += 1
            if frame is not None:
                yield frame
                done += 1
            frame = None
            continue
        head: _Head | None = None
        try:
            head = _read_head(head_bytes, version)
            _check_head(head, frame, version)
            if len(head_bytes) < _HEAD_BYTES or head.size > _HEAD_BYTES:
                _check_content(file, place, head)
        except ValueError as error:
            if frame is not None:
                # A whole head of the next generation means that this one is whole.
                frame.complete = version < 26 and head is not None and head.generation == frame.number + 1
                yield frame
                done += frame.complete
            raise DamagedInput(
                f"the trace is broken ({error})",
                place,
                _readable(done, None if frame is None or frame.complete else frame),
            ) from None
        if frame is None:
            frame = Frame(head.generation)
        elif head.generation != frame.number:
            yield frame
            done += 1
            frame = Frame(head.generation)
        _add(frame, head, place, head_bytes, version)
        place += head.content + head.size
    if frame is None:
        return
    if version >= 26:
        frame.complete = False
        yield frame
        raise DamagedInput("the trace ends within a generation", place, _readable(done, frame))
    yield frame


def _readable(done: int, frame: Frame | None) -> str:
    whole = f"{done} whole generation{'' if done == 1 else 's'}"
    if frame is None:
        return whole
    return f"{whole} and {len(frame.offset)} batches of events of the next"


def _add(frame: Frame, head: _Head, place: int, head_bytes: bytes, version: int) -> None:
    content = place + head.content
    if head.experiment:
        frame.tables.append(SmallBatch(CODE["ExperimentalBatch"], head.experiment, content, head.size, head.ticks))
        return
    if head.size == 0:
        return
    kind = head_bytes[head.content]
    if kind in _STRUCTURAL and kind != (CODE["Sync"] if version < 25 else CODE["Frequency"]):
        frame.tables.append(SmallBatch(kind, 0, content, head.size, head.ticks))
        return
    frame.offset.append(content)
    frame.size.append(head.size)
    frame.thread.append(head.thread)
    frame.ticks.append(head.ticks)


def _read_head(data: bytes, version: int) -> _Head:
    place = 1
    experiment = 0
    if data[0] == CODE["ExperimentalBatch"] and version >= 23:
        if len(data) < 2:
            raise ValueError("the file ends in the head of a batch")
        experiment = data[1]
        place = 2
    elif data[0] != CODE["EventBatch"]:
        raise ValueError(f"byte {data[0]} where a batch should begin")
    numbers: list[int] = []
    for _ in range(4):
        number, place = read_varint(data, place)
        numbers.append(number)
    generation, thread, ticks, size = numbers
    return _Head(experiment, generation, _signed(thread), _signed(ticks), size, place)


def _check_head(head: _Head, frame: Frame | None, version: int) -> None:
    if head.size > MOST_BATCH_BYTES:
        raise ValueError(f"a batch claims {head.size} bytes, the most is {MOST_BATCH_BYTES}")
    if head.generation == 0:
        raise ValueError("a batch of generation 0")
    if frame is None or head.generation == frame.number:
        return
    if version >= 26 or head.generation != frame.number + 1:
        raise ValueError(f"a batch of generation {head.generation} within generation {frame.number}")


def _check_content(file: BinaryIO, place: int, head: _Head) -> None:
    """Raises ValueError when the content that a head announces is not there."""
    if head.size:
        file.seek(place + head.content + head.size - 1)
        if not file.read(1):
            raise ValueError("the file ends within a batch")


def _signed(number: int) -> int:
    """Returns the number as an int64 holds it: no thread, written as 2^64 - 1, becomes -1."""
    return number - (1 << 64) if number >= 1 << 63 else number


def read_varint(data: bytes | memoryview, place: int) -> tuple[int, int]:
    """Returns the number at a place and the place behind it; raises ValueError when it has no end or passes 64 bits."""
    value = 0
    shift = 0
    for at in range(place, min(place + 10, len(data))):
        byte = data[at]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            if value >= 1 << 64:
                raise ValueError("a number is longer than 64 bits")
            return value, at + 1
        shift += 7
    raise ValueError("a number has no end")
