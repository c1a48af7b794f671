"""Collects the events and tables of a v1 trace chunk by chunk, its kinds and arguments turned into those of v2."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .damage import DamagedInput
from .trace_columns import NONE, Int64
from .trace_v1_events import (
    BATCH,
    CONSTANTS,
    CPU_SAMPLE,
    EVENTS,
    FREQUENCY,
    LOGGED,
    OWN_PROC,
    STACK,
    STOPS,
    STRING,
    STW_KIND,
    USER_LOG,
    USER_REGION,
)
from .trace_v1_scan import HEADER_BYTES, Chunk
from .trace_v2_events import CODE
from .trace_v2_framing import read_varint
from .trace_v2_tables import varints

_MADE_UP_IDS = 1 << 48
"""Ids of strings that the format does not hold as such begin here."""
_PROC_START, _SYSTEM_CALL_BLOCKED, _SYSTEM_CALL_EXITS, _TIMER_GOROUTINE = 5, 30, (29, 40), 35
_UNTIMED = (BATCH, FREQUENCY, STACK, STRING, CPU_SAMPLE, _TIMER_GOROUTINE)
_BY_CODE = {event.code: event for event in EVENTS}
_KINDS = np.zeros(64, np.uint8)
for _event in EVENTS:
    _KINDS[_event.code] = CODE[_event.becomes] if _event.becomes else 0


@dataclass(slots=True)
class Reading:
    """What was read so far."""

    version: int
    ticks_per_second: int = 0
    end: int = HEADER_BYTES
    proc: int = NONE
    last_ticks: int = 0
    strings: dict[int, str] = field(default_factory=dict)
    made_up: dict[str, int] = field(default_factory=dict)
    stacks: dict[int, tuple[int, Int64]] = field(default_factory=dict)
    samples: list[Int64] = field(default_factory=list)
    columns: list[tuple[NDArray[np.uint8], Int64, Int64, Int64, Int64]] = field(default_factory=list)
    """Per chunk: kind (0: a system call blocked), ticks, processor, thread a processor started on (or 0), arguments."""

    def text(self, text: str) -> int:
        """Returns the string id of a text that the trace does not have in its table."""
        number = self.made_up.setdefault(text, _MADE_UP_IDS + len(self.made_up))
        self.strings[number] = text
        return number

    def add(self, chunk: Chunk) -> None:
        """Takes in the events of a chunk."""
        kind, numbers = chunk.kind, chunk.numbers
        logged = self._read_tables(chunk)
        ticks, procs = self._clock(kind, numbers)
        sampled = np.flatnonzero(kind == CPU_SAMPLE)
        self.samples.append(numbers[1:, sampled].T)
        rows = np.flatnonzero((_KINDS[kind] > 0) | (kind == _SYSTEM_CALL_BLOCKED))
        args = self._arguments(kind[rows], numbers[1:, rows], procs[rows], logged)
        kinds = _KINDS[kind[rows]]
        ending = (kind[rows] == USER_REGION) & (numbers[2, rows] == 1)
        kinds[ending] = CODE["UserRegionEnd"]
        ticks = ticks[rows]
        for code in _SYSTEM_CALL_EXITS:
            # The call ended when its last number says (0: not known), long before the event could be written.
            exits = np.flatnonzero(kind[rows] == code)
            ended = numbers[_BY_CODE[code].numbers - 1, rows[exits]]
            ticks[exits] = np.where(ended > 0, ended, ticks[exits])
        threads = np.where(kind[rows] == _PROC_START, numbers[1, rows], 0)
        self.columns.append((kinds, ticks, procs[rows], threads, args))
        self.end = chunk.offset + len(chunk.content)

    def _read_tables(self, chunk: Chunk) -> list[int]:
        """Reads strings, stacks and the frequency; returns the string ids of log messages, in order."""
        logged: list[int] = []
        content = chunk.content
        special = np.flatnonzero(np.isin(chunk.kind, (STRING, STACK, USER_LOG, FREQUENCY)))
        behind = np.append(chunk.place[1:], len(content))
        for row in special.tolist():
            kind, place = int(chunk.kind[row]), int(chunk.place[row])
            if kind == FREQUENCY:
                self.ticks_per_second = int(chunk.numbers[0, row])
                continue
            try:
                text = self._read_entry(kind, content[place + 1 : int(behind[row])])
            except ValueError as error:
                readable = f"{len(self.stacks)} stacks and {len(self.strings)} strings"
                what = f"a table of the trace is broken ({error})"
                raise DamagedInput(what, chunk.offset + place, readable) from None
            if kind == USER_LOG:
                logged.append(self.text(text))
        return logged

    def _read_entry(self, kind: int, content: bytes) -> str:
        """Reads a string, a stack or a log message, of which it returns the text. Raises ValueError."""
        if kind == STRING:
            number, place = read_varint(content, 0)
            _, place = read_varint(content, place)
            self.strings[number] = content[place:].decode("utf-8", "replace")
        elif kind == USER_LOG:
            size, place = read_varint(content, 0)
            _, place = read_varint(content, place + size)
            return content[place:].decode("utf-8", "replace")
        else:
            _, place = read_varint(content, 0)
            numbers = varints(content[place:])
            count = (len(numbers) - 2) // 4
            if len(numbers) < 2 or len(numbers) != 2 + 4 * count or numbers[1] != count:
                raise ValueError("a stack with too few numbers")
            self.stacks[int(numbers[0])] = count, numbers[2:].reshape(-1, 4)
        return ""

    def _clock(self, kind: NDArray[np.uint8], numbers: Int64) -> tuple[Int64, Int64]:
        """Returns the ticks and the processor of every event; a batch sets both."""
        timed = ~np.isin(kind, _UNTIMED)
        since = np.where(timed, numbers[0], 0)
        total = np.cumsum(since)
        batches = np.flatnonzero(kind == BATCH)
        bounds = np.concatenate(([0], batches, [len(kind)]))
        bases = np.concatenate(([self.last_ticks], numbers[1, batches] - total[batches]))
        procs = np.repeat(np.concatenate(([self.proc], numbers[0, batches])), np.diff(bounds))
        ticks = total + np.repeat(bases, np.diff(bounds))
        self.last_ticks = int(ticks[-1]) if len(ticks) else self.last_ticks
        self.proc = int(procs[-1]) if len(procs) else self.proc
        return ticks, procs

    def _arguments(self, kind: NDArray[np.uint8], numbers: Int64, procs: Int64, logged: list[int]) -> Int64:
        args = np.zeros((4, len(kind)), np.int64)
        for code in np.unique(kind).tolist():
            event = _BY_CODE[code]
            rows = np.flatnonzero(kind == code)
            for column, source in enumerate(event.args):
                if isinstance(source, int):
                    args[column, rows] = numbers[source, rows]
                elif source == OWN_PROC:
                    args[column, rows] = procs[rows]
                elif source == LOGGED:
                    args[column, rows] = logged
                elif source == STW_KIND:
                    args[column, rows] = [self.text(self._stop(number)) for number in numbers[0, rows].tolist()]
                elif source in CONSTANTS and event.becomes not in ("GoBlock", "GoStop"):
                    args[column, rows] = CONSTANTS[source]
                else:
                    args[column, rows] = self.text(source)
        return args

    def _stop(self, number: int) -> str:
        if self.version < 21:
            return STOPS[number + 1] if number in (0, 1) else STOPS[0]
        return STOPS[number] if 0 <= number < len(STOPS) else STOPS[0]
