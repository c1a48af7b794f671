"""The records of heap profiles with their sampling undone: what was recorded, of which size, by which stack.

runtime/pprof writes one sample for each stack and size, its counts already divided by the probability of being
recorded, and that size as the label `bytes` (runtime/pprof/protomem.go). Both can be turned back exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from whence.evidence.errors import BadInput
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.sites import counts

Int64 = NDArray[np.int64]
_MADE = ("alloc_objects", "alloc_space")
_IN_USE = ("inuse_objects", "inuse_space")
_OLD = ("objects", "space")
"""What the first releases wrote: objects in use, only."""


@dataclass(frozen=True, slots=True, eq=False)
class Buckets:
    """Columns by bucket: one stack, one size, of one profile. Empty buckets are left out."""

    profile: Int64
    """Index of the profile."""
    sample: Int64
    """Row of the sample in it."""
    size_bytes: Int64
    probability: counts.Float64
    """Of an object to be recorded."""
    shown_objects: Int64
    """As the profile has it: scaled."""
    recorded: Int64
    in_use: Int64
    """Recorded objects that were not freed."""

    def __len__(self) -> int:
        return len(self.sample)

    def take(self, rows: Int64) -> Buckets:
        """Returns these buckets; a row may stand there several times."""
        return Buckets(*(getattr(self, column.name)[rows] for column in fields(self)))


def rate_of(profile: Profile) -> int:
    """Returns the MemProfileRate of a heap profile; 1 when it does not say, as runtime/pprof then scales nothing."""
    return max(profile.period, 1)


def buckets(profiles: Sequence[Profile]) -> Buckets:
    """Returns the buckets of all profiles. Raises BadInput for one that is no profile of allocations."""
    parts = [_buckets(index, profile) for index, profile in enumerate(profiles)]
    if not parts:
        empty = np.zeros(0, np.int64)
        return Buckets(empty, empty, empty, empty.astype(np.float64), empty, empty, empty)
    return Buckets(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _buckets(index: int, profile: Profile) -> tuple[NDArray[np.generic], ...]:
    names = [kind.type for kind in profile.sample_types]
    made = next((pair for pair in (_MADE, _IN_USE, _OLD) if all(name in names for name in pair)), None)
    if made is None:
        raise BadInput(
            f"the profile has {', '.join(names) or 'no values'}, not what was allocated. "
            "Give an allocs or heap profile (/debug/pprof/allocs)."
        )
    objects, bytes_ = (profile.values[:, names.index(name)] for name in made)
    if (objects < 0).any():
        raise BadInput("the profile is a difference of two (negative counts). Give both as they were recorded.")
    in_use = profile.values[:, names.index(_IN_USE[0])] if _IN_USE[0] in names else np.zeros_like(objects)
    rows = np.flatnonzero(objects > 0)
    sizes = _sizes(profile, objects, bytes_)[rows]
    probability = counts.recording_probability(sizes.astype(np.float64), float(rate_of(profile)))
    shown = objects[rows]
    return (
        np.full(len(rows), index),
        rows,
        sizes,
        probability,
        shown,
        np.maximum(counts.recorded(shown, probability), 1),
        counts.recorded(np.maximum(in_use[rows], 0), probability),
    )


def _sizes(profile: Profile, objects: Int64, bytes_: Int64) -> Int64:
    """Returns the slot size of each sample: its label, else the mean of its objects."""
    sizes = np.rint(np.divide(bytes_, objects, out=np.zeros(len(objects)), where=objects > 0)).astype(np.int64)
    labels = profile.labels
    key = next((row for row, text in enumerate(profile.strings) if text == "bytes"), -1)
    owner = np.repeat(np.arange(len(objects)), np.diff(labels.starts))
    chosen = (labels.key == key) & (labels.number > 0)
    sizes[owner[chosen]] = labels.number[chosen]
    return np.maximum(sizes, 1)
