"""Finds where the records of a stream begin when each record only says where the next one does.

`following[i]` is the start of the record after one that starts at i, so the starts are a linked list, which NumPy
cannot follow as such. It is followed from many places at once instead: the stream is cut into segments, each segment is
entered a little early at a guessed place (wrong chains run into the right one within a few records, since records of
different length keep being met), and all segments are followed in step. Then every segment's entry must be the exit of
the one before; those where the guess failed are done again from there. A stream made so that wrong chains never join
falls back on a plain loop.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SEGMENT = 512
RUN_IN = 48
ROUNDS = 4


def chain_starts(following: NDArray[np.int32], length: int) -> NDArray[np.int32]:
    """Returns the ascending starts of all records that begin before `length`, the first one at 0.

    `following` has length + 1 elements, each greater than its index and at most `length`, the last one `length`.
    """
    if length <= 4 * SEGMENT:
        return _plainly(following, length)
    begins = np.arange(0, length, SEGMENT, dtype=np.int32)
    ends = np.minimum(begins + SEGMENT, length).astype(np.int32)
    entries = _run_until(following, np.maximum(begins - RUN_IN, 0), begins)
    steps, exits = _follow(following, entries, ends)
    for _ in range(ROUNDS):
        wrong = np.flatnonzero(entries[1:] != exits[:-1]) + 1
        if not len(wrong):
            return _collect(steps, ends)
        entries[wrong] = exits[wrong - 1]
        again, exits[wrong] = _follow(following, entries[wrong], ends[wrong])
        rows = max(len(steps), len(again))
        steps = np.vstack([steps, np.broadcast_to(exits, (rows - len(steps), len(exits)))])
        steps[:, wrong] = length
        steps[: len(again), wrong] = again
    return _plainly(following, length)


def _run_until(following: NDArray[np.int32], places: NDArray[np.int32], limits: NDArray[np.int32]) -> NDArray[np.int32]:
    """Follows every place to the first start at or behind its limit."""
    while True:
        short = places < limits
        if not short.any():
            return places
        places = np.where(short, following[places], places)


def _follow(
    following: NDArray[np.int32], places: NDArray[np.int32], limits: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Returns all starts met on the way to the limits, a row a step and a column a place, and where each came out."""
    steps = [places]
    while True:
        for _ in range(8):
            places = np.where(places < limits, following[places], places)
            steps.append(places)
        if (places >= limits).all():
            return np.array(steps), places


def _collect(steps: NDArray[np.int32], limits: NDArray[np.int32]) -> NDArray[np.int32]:
    in_order = np.ascontiguousarray(steps.T)
    return in_order[in_order < limits[:, None]]


def _plainly(following: NDArray[np.int32], length: int) -> NDArray[np.int32]:
    jumps = following.tolist()
    starts: list[int] = []
    place = 0
    while place < length:
        starts.append(place)
        place = jumps[place]
    return np.array(starts, np.int32)
