"""Finds the events in joined batches of a v2 trace, all varints at once, and decodes the arguments that are asked for.

A byte below 0x80 ends a varint. An event is its code and its arguments, each one varint; only codes of experiments,
from 128 on, are bytes that run together with the varint behind them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .trace_columns import ARGUMENTS, Int64
from .trace_v2_chain import chain_starts
from .trace_v2_events import EXPERIMENTAL
from .varints import MOST_BYTES, Words, varint_values, words_at_every_byte


class BrokenBatch(Exception):
    """The batch of this row cannot be decoded; those before it can."""

    def __init__(self, row: int, reason: str) -> None:
        super().__init__(reason)
        self.row = row
        self.reason = reason


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """Events in the order of the bytes."""

    words: Words
    starts: NDArray[np.int32]
    """First byte of every varint (of an experimental code with the time behind it)."""
    kind: NDArray[np.uint8]
    since_at: NDArray[np.int32]
    """Which varint tells the time of each event; its further arguments follow."""
    counts: NDArray[np.uint8]
    """How many arguments each event has, time included."""
    first_of_batch: Int64
    """Row of the first event of every batch, and the number of events at the end."""

    def since(self) -> Int64:
        """Returns the ticks of each event since the one before, or since its batch began."""
        return varint_values(self.words, self.starts[self.since_at] + (self.kind >= EXPERIMENTAL))

    def args(self, rows: NDArray[np.integer] | None = None, columns: int = ARGUMENTS) -> Int64:
        """Returns the arguments behind the time of the chosen events: (columns, n), zeros where a kind has fewer."""
        at = self.since_at if rows is None else self.since_at[rows]
        counts = self.counts if rows is None else self.counts[rows]
        args = np.zeros((columns, len(at)), np.int64)
        for column in range(columns):
            has = counts > column + 1
            some = np.flatnonzero(has)
            if 8 * len(some) > 7 * len(at):
                # Nearly all have it: decode for all, whatever stands there, and wipe the rest.
                varints = np.minimum(at + np.int32(column + 1), len(self.starts) - 1)
                np.multiply(varint_values(self.words, self.starts[varints]), has, out=args[column])
            else:
                args[column, some] = varint_values(self.words, self.starts[at[some] + np.int32(column + 1)])
        return args


def decode_batches(content: bytes, batch_starts: Int64, argument_counts: NDArray[np.uint8]) -> Decoded:
    """Returns the events of batches that lie end to end in `content` (no batch is empty). Raises BrokenBatch.

    `argument_counts` is the table of `trace_v2_events.argument_counts`.
    """
    data = np.frombuffer(content, np.uint8)
    last_bytes = np.append(batch_starts[1:], len(data)) - 1
    unended = np.flatnonzero(data[last_bytes] >= 0x80)
    if len(unended):
        raise BrokenBatch(int(unended[0]), "a number has no end")
    ends = np.flatnonzero(data < 0x80).astype(np.int32)
    tokens = len(ends)
    starts = np.empty(tokens, np.int32)
    starts[0] = 0
    np.add(ends[:-1], 1, out=starts[1:])
    first = data[starts]
    tokens_of_kind = argument_counts + (argument_counts > 0)
    tokens_of_kind[EXPERIMENTAL:] = argument_counts[EXPERIMENTAL:]
    following = np.arange(tokens + 1, dtype=np.int32)
    following[:-1] += np.maximum(tokens_of_kind, 1)[first]
    np.minimum(following, tokens, out=following)
    events = chain_starts(following, tokens)
    kind = first[events]
    batch_tokens = np.searchsorted(ends, batch_starts.astype(np.int32))
    first_of_batch = _check(events, kind, tokens_of_kind, batch_tokens, tokens)
    ends -= starts
    if ends.max() >= MOST_BYTES:
        too_long = np.flatnonzero(ends >= MOST_BYTES + (first >= EXPERIMENTAL))
        if len(too_long):
            row = int(np.searchsorted(batch_tokens, too_long[0], "right")) - 1
            raise BrokenBatch(row, "a number is longer than 64 bits")
    events += kind < EXPERIMENTAL
    return Decoded(words_at_every_byte(content), starts, kind, events, argument_counts[kind], first_of_batch)


def _check(
    events: NDArray[np.int32],
    kind: NDArray[np.uint8],
    tokens_of_kind: NDArray[np.uint8],
    batch_tokens: Int64,
    tokens: int,
) -> Int64:
    """Returns the first event's row of every batch; raises BrokenBatch where events and batches do not agree."""
    first_of_batch = np.searchsorted(events, batch_tokens.astype(np.int32))
    found = events[np.minimum(first_of_batch, len(events) - 1)]
    astray = np.flatnonzero(found != batch_tokens)
    worst = int(astray[0]) - 1 if len(astray) else len(batch_tokens)
    reason = "an event does not end with its batch"
    unknown = np.flatnonzero(tokens_of_kind[kind] == 0)
    if len(unknown):
        row = int(np.searchsorted(first_of_batch, unknown[0], "right")) - 1
        if row <= worst:
            worst, reason = row, f"there is no event of kind {kind[unknown[0]]}"
    if worst == len(batch_tokens) and int(events[-1]) + int(tokens_of_kind[kind[-1]]) != tokens:
        worst -= 1
    if worst < len(batch_tokens):
        raise BrokenBatch(worst, reason)
    return np.append(first_of_batch, len(events))
