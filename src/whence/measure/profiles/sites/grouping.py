"""Buckets folded into places: by responsible function, slot size and line, with sums that carry their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.sites import counts
from whence.measure.profiles.sites.buckets import Buckets
from whence.measure.profiles.sites.responsible import places

Int64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Names of the places, and by bucket which one it belongs to."""

    sites: list[str]
    files: list[str]
    site: Int64
    allocators: list[str]
    allocator: Int64
    line: Int64


@dataclass(frozen=True, slots=True, eq=False)
class Strata:
    """Sums of recorded objects that share an owner, a size and a probability; each is one binomial count."""

    owner: Int64
    size_bytes: Int64
    recorded: Int64
    in_use: Int64
    shown: Int64
    probability: counts.Float64
    level: float

    def total(
        self, owners: int, *, by_bytes: bool = False, in_use: bool = False, chosen: NDArray[np.bool_] | None = None
    ) -> counts.Estimates:
        """Returns the sum of every owner's objects, or of their slot bytes; of those `in_use` only."""
        rows = np.arange(len(self.owner)) if chosen is None else np.flatnonzero(chosen)
        factor = self.size_bytes[rows].astype(np.float64) if by_bytes else np.ones(len(rows))
        k = self.in_use if in_use else self.recorded
        return counts.summed(k[rows], self.probability[rows], factor, self.owner[rows], owners, self.level)


def place(profiles: Sequence[Profile], data: Buckets, outside: Sequence[str], standard_library: bool) -> Placed:
    """Returns the places of all buckets; functions of different profiles are the same when their names are."""
    site, allocator = np.zeros(len(data), np.int64), np.zeros(len(data), np.int64)
    line = np.zeros(len(data), np.int64)
    sites: dict[str, int] = {}
    allocators: dict[str, int] = {}
    files: dict[int, str] = {}
    for index, profile in enumerate(profiles):
        mine = data.profile == index
        found = places(profile, outside, standard_library)
        names = [*profile.function_names(), "(no stack)"]
        rows = data.sample[mine]
        site[mine] = _named(found.responsible[rows], names, sites)
        allocator[mine] = _named(found.allocator[rows], names, allocators)
        line[mine] = found.line[rows]
        for row in np.unique(found.responsible[rows]).tolist():
            if row >= 0:
                files.setdefault(sites[names[row]], profile.strings[int(profile.functions.filename[row])])
    return Placed(list(sites), [files.get(i, "") for i in range(len(sites))], site, list(allocators), allocator, line)


def _named(rows: Int64, names: list[str], known: dict[str, int]) -> Int64:
    """Returns each row's number in `known`, which grows; row -1 is the last name."""
    unique, place = np.unique(rows, return_inverse=True)
    numbers = np.array([known.setdefault(names[row], len(known)) for row in unique.tolist()], np.int64)
    return numbers[place] if len(numbers) else place.astype(np.int64)


def strata(data: Buckets, owner: Int64, level: float, chosen: NDArray[np.bool_] | None = None) -> Strata:
    """Returns the buckets summed by owner, size and probability."""
    rows = np.arange(len(data)) if chosen is None else np.flatnonzero(chosen)
    _, rate = np.unique(data.probability[rows], return_inverse=True)
    order = np.lexsort((rate, data.size_bytes[rows], owner[rows]))
    keys = np.stack([owner[rows][order], data.size_bytes[rows][order], rate[order]])
    starts = np.flatnonzero(np.append(True, (keys[:, 1:] != keys[:, :-1]).any(axis=0))) if len(rows) else order
    rows = rows[order]

    def sums(column: Int64) -> Int64:
        return np.add.reduceat(column[rows], starts) if len(rows) else column[:0]

    return Strata(
        owner[rows][starts],
        data.size_bytes[rows][starts],
        sums(data.recorded),
        sums(data.in_use),
        sums(data.shown_objects),
        data.probability[rows][starts],
        level,
    )
