"""The events of one generation in time order, block by block.

Batches are taken in the order of their own times, a few at a time. What happened before the next batch of any thread
began can be handed out; the rest waits for it. So memory holds a few batches a thread, however long the generation.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .damage import DamagedInput
from .trace_columns import Clock, Events, Int64, join_events
from .trace_v2_context import Context
from .trace_v2_decode import BrokenBatch, Decoded, decode_batches
from .trace_v2_events import argument_counts
from .trace_v2_framing import Frame

LEAST_BLOCK_BYTES = 512 << 10
MOST_BLOCK_BYTES = 2 << 20
MOST_WAITING = 1 << 20
"""Events; when threads are so many that more would have to wait, they are handed out all the same."""


_NOTHING = join_events([])


class Timing(NamedTuple):
    """Turns the clock's ticks into nanoseconds since the trace began."""

    clock: Clock
    origin_ns: int

    def nanoseconds(self, ticks: Int64) -> Int64:
        """Returns nanoseconds since the origin, exact where a tick is a whole number of them."""
        whole, rest = divmod(1_000_000_000, self.clock.ticks_per_second)
        time_ns = ticks * whole if rest == 0 else (ticks * (1e9 / self.clock.ticks_per_second)).astype(np.int64)
        time_ns -= self.origin_ns
        return time_ns


def event_blocks(
    file: BinaryIO, frame: Frame, version: int, timing: Timing, wanted: NDArray[np.bool_] | None
) -> Iterator[Events]:
    """Yields the events of a generation (only those of wanted kinds) in time order. Raises DamagedInput."""
    counts = argument_counts(version)
    ticks = np.array(frame.ticks, np.int64)
    sizes = np.array(frame.size, np.int64)
    threads = np.array(frame.thread, np.int64)
    order = _batch_order(threads, ticks)
    block_bytes = min(MOST_BLOCK_BYTES, max(LEAST_BLOCK_BYTES, len(np.unique(threads)) << 17))
    block_of = np.cumsum(sizes[order]) // block_bytes
    bounds = [0, *(np.flatnonzero(np.diff(block_of)) + 1).tolist(), len(order)]
    context = Context()
    waiting = _NOTHING
    done = 0
    for begin, end in pairwise(bounds):
        if begin == end:
            continue
        batches = order[begin:end]
        batches = batches[np.argsort(threads[batches], kind="stable")]
        damage: DamagedInput | None = None
        decoded: Decoded | None = None
        while len(batches) and decoded is None:
            try:
                decoded = _decode(file, frame, batches, counts)
            except BrokenBatch as broken:  # a batch before it may be broken in another way
                readable = f"the events before it, {done} of this generation"
                what = f"a batch of the trace is broken ({broken.reason})"
                damage = DamagedInput(what, frame.offset[batches[broken.row]], readable)
                batches = batches[: broken.row]
        pieces = [waiting]
        if decoded is not None:
            new = _events(decoded, threads[batches], ticks[batches], context, timing, wanted)
            pieces = _merge(waiting, new)
        waiting = _NOTHING
        if damage is None and end < len(order) and sum(len(piece) for piece in pieces) <= MOST_WAITING:
            next_begins = timing.nanoseconds(ticks[order[end : end + 1]])[0]
            pieces, waiting = _split(pieces, next_begins)
        for piece in pieces:
            if len(piece):
                done += len(piece)
                yield piece
        if damage is not None:
            raise damage


def _batch_order(threads: Int64, ticks: Int64) -> Int64:
    """Returns batches by their time, those of one thread as they lie in the file whatever their times say."""
    rising = ticks.copy()
    by_thread = np.argsort(threads, kind="stable")
    for rows in np.split(by_thread, np.flatnonzero(np.diff(threads[by_thread])) + 1):
        rising[rows] = np.maximum.accumulate(ticks[rows])
    return np.argsort(rising, kind="stable")


def _decode(file: BinaryIO, frame: Frame, batches: Int64, counts: NDArray[np.uint8]) -> Decoded:
    parts: list[bytes] = []
    for row, batch in enumerate(batches.tolist()):
        file.seek(frame.offset[batch])
        part = file.read(frame.size[batch])
        if len(part) != frame.size[batch]:
            raise BrokenBatch(row, "the file ends within it")
        parts.append(part)
    starts = np.cumsum([0, *(len(part) for part in parts[:-1])])
    return decode_batches(b"".join(parts), starts, counts)


def _events(
    decoded: Decoded,
    batch_threads: Int64,
    batch_ticks: Int64,
    context: Context,
    timing: Timing,
    wanted: NDArray[np.bool_] | None,
) -> Events:
    """Returns the events of batches that lie thread by thread, in time order."""
    bounds = decoded.first_of_batch
    lengths = np.diff(bounds)
    ticks = np.cumsum(decoded.since())
    before = np.append(0, ticks)[bounds[:-1]]
    ticks += np.repeat(batch_ticks - before, lengths)
    time_ns = timing.nanoseconds(ticks)
    total = len(decoded.kind)
    goroutine = np.empty(total, np.int64)
    proc = np.empty(total, np.int32)
    changes = np.flatnonzero(np.diff(batch_threads)) + 1
    for begin, end in zip([0, *changes.tolist()], [*changes.tolist(), len(lengths)], strict=True):
        some = slice(int(bounds[begin]), int(bounds[end]))
        context.fill(int(batch_threads[begin]), some, decoded, goroutine, proc)
        context.keep_order(int(batch_threads[begin]), time_ns[some])
    thread = np.repeat(batch_threads, lengths)

    rows: NDArray[np.integer] | None = None
    if wanted is not None:
        rows = np.flatnonzero(wanted[decoded.kind])
    if len(changes):
        chosen = time_ns if rows is None else time_ns[rows]
        in_order = np.argsort(chosen, kind="stable")
        rows = in_order if rows is None else rows[in_order]
    if rows is None:
        return Events(decoded.kind, time_ns, thread, proc, goroutine, decoded.args())
    return Events(decoded.kind[rows], time_ns[rows], thread[rows], proc[rows], goroutine[rows], decoded.args(rows))


def _merge(waiting: Events, new: Events) -> list[Events]:
    """Returns pieces that are in time order one after another; only those of the new that overlap are moved."""
    if not len(waiting):
        return [new]
    count = int(np.searchsorted(new.time_ns, waiting.time_ns[-1], "right"))
    if count == 0:
        return [waiting, new]
    both = join_events([waiting, new.take(slice(0, count))])
    return [both.take(np.argsort(both.time_ns, kind="stable")), new.take(slice(count, None))]


def _split(pieces: list[Events], limit_ns: int) -> tuple[list[Events], Events]:
    """Returns what happened before the limit, in pieces, and the rest as one."""
    counts = [int(np.searchsorted(piece.time_ns, limit_ns)) for piece in pieces]
    before = [piece.take(slice(0, count)) for piece, count in zip(pieces, counts, strict=True)]
    rest = [piece.take(slice(count, None)) for piece, count in zip(pieces, counts, strict=True)]
    return before, join_events([piece for piece in rest if len(piece)])
