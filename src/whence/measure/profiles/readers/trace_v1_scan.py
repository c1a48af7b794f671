"""Finds the events of a v1 trace in its bytes, and decodes their numbers.

An event is a byte (kind, and in the top two bits how many numbers follow the first), then varints; with four or more
numbers the byte length of them stands first. Strings and log messages carry text. For every byte it is computed where
the next event would begin if one began here; following that from the first event finds all. Source:
src/internal/trace/internal/tracev1/parser.go (Go 1.27).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .damage import DamagedInput
from .trace_v1_events import EVENTS, STACK, STRING, USER_LOG
from .trace_v2_chain import chain_starts
from .varints import MOST_BYTES, Int64, varint_values, words_at_every_byte

HEADER_BYTES = 16
CHUNK_BYTES = 1 << 20
MOST_TEXT_BYTES = 1_000_000
_FOUR_OR_MORE = 3


class Chunk(NamedTuple):
    """Whole events that lie one after another in the file."""

    offset: int
    """In the file, of the chunk's first byte."""
    content: bytes
    place: Int64
    """First byte of each event in `content`."""
    kind: NDArray[np.uint8]
    numbers: Int64
    """(5, n): the numbers of each event but stacks and strings, zeros where a kind has fewer."""


def chunks(file: BinaryIO) -> Iterator[Chunk]:
    """Yields the events of a trace, read from behind its header. Raises DamagedInput where they break off."""
    offset = HEADER_BYTES
    rest = b""
    events = 0
    while True:
        fresh = file.read(CHUNK_BYTES)
        content = rest + fresh
        if not content:
            return
        place, end = _event_places(content)
        if end == 0 and (not fresh or len(content) > 4 * MOST_TEXT_BYTES):
            raise DamagedInput("the trace breaks off within an event", offset, f"{events} events")
        if len(place):
            chunk, damage = _decode(offset, content[:end], place, events)
            yield chunk
            if damage is not None:
                raise damage
        events += len(place)
        offset += end
        rest = content[end:]


def _event_places(content: bytes) -> tuple[Int64, int]:
    """Returns where the whole events begin, and where the first that is not whole does."""
    data = np.frombuffer(content, np.uint8)
    length = len(data)
    ends = np.flatnonzero(data < 0x80)
    before = np.zeros(length + 2, np.int32)
    np.cumsum(data < 0x80, out=before[1:-1])
    before[-1] = before[-2]
    # Behind the last varint lies a place past the end, whichever number is asked for.
    behind = np.concatenate((ends + 1, np.full(MOST_BYTES, length + 1)))
    limit = len(behind) - 1

    def skip(places: Int64, varints: NDArray[np.integer] | int) -> Int64:
        return behind[np.minimum(before[np.minimum(places, length + 1)] + varints - 1, limit)]

    words = words_at_every_byte(content)
    places = np.arange(1, length + 1)
    kind = data & 0x3F
    following = skip(places, (data >> 6).astype(np.int32) + 1)
    sized = np.flatnonzero((data >> 6 == _FOUR_OR_MORE) & (kind != STRING))
    following[sized] = _past_text(words, places[sized], skip)
    logs = sized[kind[sized] == USER_LOG]
    following[logs] = _past_text(words, following[logs], skip)
    strings = np.flatnonzero(kind == STRING)
    following[strings] = _past_text(words, skip(places[strings], 1), skip)

    clipped = np.append(np.minimum(following, length), length).astype(np.int32)
    starts = chain_starts(clipped, length).astype(np.int64)
    whole = starts[following[starts] <= length]
    return whole, int(following[whole[-1]]) if len(whole) else 0


def _past_text(words: NDArray[np.uint64], places: Int64, skip: Callable[[Int64, int], Int64]) -> Int64:
    """Returns where the bytes end whose number stands at each place; past everything when the number is absurd."""
    inside = np.minimum(places, len(words) - MOST_BYTES)
    sizes = varint_values(words, inside)
    absurd = (sizes < 0) | (sizes > MOST_TEXT_BYTES) | (places >= len(words) - MOST_BYTES)
    return np.where(absurd, len(words) + MOST_TEXT_BYTES, skip(inside, 1) + np.where(absurd, 0, sizes))


_NUMBERS = np.zeros(64, np.int64)
for _event in EVENTS:
    _NUMBERS[_event.code] = _event.numbers


def _decode(offset: int, content: bytes, place: Int64, before: int) -> tuple[Chunk, DamagedInput | None]:
    data = np.frombuffer(content, np.uint8)
    head = data[place]
    kind = (head & 0x3F).astype(np.uint8)
    sized = head >> 6 == _FOUR_OR_MORE
    ends = np.flatnonzero(data < 0x80)
    varint = np.searchsorted(ends, place + 1) + sized
    expected = _NUMBERS[kind]
    behind = np.append(place[1:], len(content))
    found = (head >> 6) + np.int64(1)
    found = np.where(sized, np.searchsorted(ends, behind) - varint, found)
    exact = (kind != STRING) & (kind != STACK) & (kind != USER_LOG)
    wrong = np.flatnonzero((expected == 0) & (kind != STRING) | exact & (found != expected) | (found < expected))
    damage = None
    if len(wrong):
        first = int(wrong[0])
        what = f"an event of kind {kind[first]} with {found[first]} numbers, which it never has,"
        damage = DamagedInput(what, offset + int(place[first]), f"{before + first} events")
        place, kind, varint, sized = place[:first], kind[:first], varint[:first], sized[:first]
        expected = expected[:first]
    starts = np.append(0, ends + 1)
    words = words_at_every_byte(content)
    numbers = np.zeros((5, len(place)), np.int64)
    for column in range(5):
        rows = np.flatnonzero((expected > column) & (kind != STRING))
        begins = starts[np.minimum(varint[rows] + column, len(starts) - 1)]
        if column == 0:
            # The event's own byte may look like the first of the varint behind it.
            begins = np.where(sized[rows], begins, place[rows] + 1)
        numbers[column, rows] = varint_values(words, begins)
    return Chunk(offset, content, place, kind, numbers), damage
