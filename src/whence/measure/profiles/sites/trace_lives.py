"""From allocation to free, by kind of object: counts, a histogram of lifetimes, the most that existed at once.

An object ends when the sweeper frees its slot: at the earliest in the cycle after its last use. A tiny block is freed
as a whole, so all who shared it live as long as it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Int64 = NDArray[np.int64]
Bool = NDArray[np.bool_]
PER_OCTAVE = 8
BINS = 64 * PER_OCTAVE
"""Eighths of octaves of nanoseconds: bin b holds lifetimes from 2 ** (b / 8) on."""


def nanoseconds_at(bin_number: int) -> float:
    """Returns the middle of a bin."""
    return float(2.0 ** ((bin_number + 0.5) / PER_OCTAVE))


class Lives:
    """Fed with a trace's blocks in order."""

    def __init__(self) -> None:
        self._slot = np.zeros(0, np.uint64)
        self._kind = np.zeros(0, np.int64)
        self._born = np.zeros(0, np.int64)
        self._histogram: dict[int, Int64] = {}
        self._now: dict[int, int] = {}
        self._peak: dict[int, int] = {}

    def follow(self, slot: NDArray[np.uint64], time_ns: Int64, kind: Int64, made: Bool) -> tuple[Bool, Bool]:
        """Takes the events of a block in order: objects made, and slots freed.

        Returns, for those made: whether something made earlier is in its slot, and whether something is made into it
        later, as far as the block shows. Both are the sharing of tiny blocks.
        """
        before = len(self._slot)
        slots = np.concatenate([self._slot, slot])
        born = np.concatenate([self._born, time_ns])
        kinds = np.concatenate([self._kind, kind])
        makes = np.concatenate([np.ones(before, np.bool_), made])
        # In order of slot, then of time: a stable sort keeps the latter.
        order = np.argsort(slots, kind="stable")
        ordered, makes_ordered = slots[order], makes[order]
        starts = np.append(True, ordered[1:] != ordered[:-1]) if len(ordered) else np.zeros(0, np.bool_)
        end = _next_free(starts, makes_ordered)
        freed = makes_ordered & (end >= 0)
        self._record(kinds[order[freed]], born[order[end[freed]]] - born[order[freed]])
        follows = np.append(False, makes_ordered[:-1]) & ~starts & makes_ordered if len(ordered) else starts
        joins, company = np.zeros(len(slots), np.bool_), np.zeros(len(slots), np.bool_)
        joins[order] = follows
        company[order] = np.append(follows[1:], False) if len(follows) else follows
        self._level(kinds, makes, order, freed, end, before)
        left = np.sort(order[makes_ordered & (end < 0)])
        self._slot, self._born, self._kind = slots[left], born[left], kinds[left]
        return joins[before:][made], company[before:][made]

    def _record(self, kinds: Int64, lifetimes: Int64) -> None:
        bins = np.clip(np.log2(np.maximum(lifetimes, 1)) * PER_OCTAVE, 0, BINS - 1).astype(np.int64)
        unique, place = np.unique(kinds, return_inverse=True)
        table = np.bincount(place * BINS + bins, minlength=len(unique) * BINS).reshape(-1, BINS)
        for kind, row in zip(unique.tolist(), table, strict=True):
            self._histogram[kind] = self._histogram[kind] + row if kind in self._histogram else row

    def _level(self, kinds: Int64, makes: Bool, order: Int64, freed: Bool, end: Int64, before: int) -> None:
        """Moves the number of existing objects of each kind through the block, and keeps its peak."""
        made = np.flatnonzero(makes)
        made = made[made >= before]
        gone, when = kinds[order[freed]], order[end[freed]]
        which = np.concatenate([kinds[made], gone])
        time = np.concatenate([made, when])
        step = np.concatenate([np.ones(len(made), np.int64), np.full(len(gone), -1)])
        sequence = np.lexsort((time, which))
        which, step = which[sequence], step[sequence]
        starts = np.flatnonzero(np.append(True, which[1:] != which[:-1])) if len(which) else np.zeros(0, np.int64)
        for begin, stop in zip(starts.tolist(), [*starts[1:].tolist(), len(which)], strict=False):
            level = np.cumsum(step[begin:stop])
            kind, now = int(which[begin]), self._now.get(int(which[begin]), 0)
            self._peak[kind] = max(self._peak.get(kind, 0), now + int(level.max()))
            self._now[kind] = now + int(level[-1])

    def ended(self) -> dict[int, tuple[int, int, int, Int64]]:
        """Returns by kind: objects freed, still there, most at once, and the histogram of lifetimes."""
        none = np.zeros(BINS, np.int64)
        return {
            kind: (int(self._histogram.get(kind, none).sum()), now, self._peak[kind], self._histogram.get(kind, none))
            for kind, now in self._now.items()
        }


def _next_free(starts: Bool, makes: Bool) -> Int64:
    """Returns, for each event in order of slot, the index of the next free of the same slot, -1 for none."""
    if not len(starts):
        return np.zeros(0, np.int64)
    index = np.arange(len(starts))
    frees = np.where(makes, len(starts), index)
    following = np.minimum.accumulate(frees[::-1])[::-1]
    group = np.cumsum(starts)
    inside = following < len(starts)
    same = inside & (group[np.minimum(following, len(starts) - 1)] == group)
    return np.where(same, following, -1)
