"""Several profiles as one, and what one has more than another.

Samples with equal stacks and equal labels are added; mappings, functions and locations are one when what they say is
one, whatever their ids. Source of the rules: google/pprof profile/merge.go (which mappings are the same binary, how
addresses move with it, what the header of the result says), except that lines that differ only in their column stay
apart here wherever they stand in an inlined location.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from whence.evidence.errors import BadInput
from whence.measure.profiles.alike import alike, pairs_alike
from whence.measure.profiles.compacting import compact
from whence.measure.profiles.joining import join
from whence.measure.profiles.readers.profile import Int64, Profile, ValueType

_FRAMES_AT_ONCE = 1 << 24
"""Frames of the profiles that are merged in one go: what bounds the memory of merging many."""


class Unmergeable(BadInput):
    """Profiles that do not count the same things."""


def merge(
    profiles: Iterable[Profile], weights: Sequence[float] | None = None, *, names: Sequence[str] | None = None
) -> Profile:
    """Returns the sum of the profiles, each times its weight (rounded to whole numbers where it is no whole number).

    Samples, locations, functions and mappings stand in order of first appearance, numbered from 1; what no sample
    uses is left out, and so are samples whose values are all zero. The time is the earliest known, the duration the
    sum, the period the largest. `names` are what messages call the profiles. Raises Unmergeable.
    """
    first: Profile | None = None
    pending: list[Profile] = []
    for number, profile in enumerate(profiles):
        if first is None:
            first = profile
        _check(first, profile, (_name(names, 0), _name(names, number)))
        pending.append(profile if weights is None else scaled(profile, weights[number]))
        if len(pending) > 1 and sum(len(one.frames) for one in pending) > _FRAMES_AT_ONCE:
            pending = [_merged(pending)]
    if not pending:
        raise BadInput("there are no profiles to merge. Name at least one.")
    return _merged(pending)


def difference(base: Profile, candidate: Profile, *, names: Sequence[str] | None = None) -> Profile:
    """Returns candidate − base, sample by sample; negative where the base has more.

    Of two profiles that count since the start of one process (heap allocations, mutex, block) it is what happened
    between them: its time is the base's and its duration the time between. Otherwise they are the candidate's.
    """
    one = merge([candidate, scaled(base, -1)], names=names and (names[1], names[0]))
    time, duration = candidate.time_nanos, candidate.duration_nanos
    if not base.duration_nanos and not duration and 0 < base.time_nanos < time:
        time, duration = base.time_nanos, time - base.time_nanos
    return replace(one, time_nanos=time, duration_nanos=duration)


def scaled(profile: Profile, weight: float) -> Profile:
    """Returns the profile with its values times `weight`, rounded half away from zero as pprof rounds."""
    if weight == 1:
        return profile
    if float(weight).is_integer():
        return replace(profile, values=profile.values * np.int64(weight))
    values = profile.values * float(weight)
    return replace(profile, values=np.trunc(values + np.copysign(0.5, values)).astype(np.int64))


def _name(names: Sequence[str] | None, number: int) -> str:
    return names[number] if names else f"profile {number + 1}"


def _check(first: Profile, other: Profile, names: tuple[str, str]) -> None:
    if first.sample_types != other.sample_types:
        what, left, right = "counts", _types(first.sample_types), _types(other.sample_types)
    elif first.period_type != other.period_type:
        what, left, right = "samples by", _types([first.period_type]), _types([other.period_type])
    else:
        return
    raise Unmergeable(
        f"{names[0]} {what} {left}, {names[1]} {what} {right}: such profiles have no sum. Give profiles of one kind."
    )


def _types(types: Iterable[ValueType]) -> str:
    return ", ".join(f"{kind.type} in {kind.unit}" if any(kind) else "nothing named" for kind in types) or "nothing"


def _merged(profiles: list[Profile]) -> Profile:
    """Returns the sum of profiles of the same types."""
    joined = join(profiles)
    stacks = alike(joined.stack_starts, joined.frames)
    labels = _label_sets(joined)
    samples = pairs_alike(stacks.group, labels)
    values = np.zeros((len(samples.first), len(joined.sample_types)), np.int64)
    for column in range(values.shape[1]):
        np.add.at(values[:, column], samples.group, joined.values[:, column])
    kept = np.flatnonzero(values.any(axis=1))
    return compact(joined.take(samples.first[kept], values[kept]))


def _label_sets(profile: Profile) -> Int64:
    """Returns a number for each sample that is equal where the labels are: the same values of each key, in order."""
    labels = profile.labels
    sample = np.repeat(np.arange(len(profile)), np.diff(labels.starts))
    numeric = labels.text == 0
    keys, key = np.unique(labels.key, return_inverse=True)
    place = np.empty(len(keys), np.int64)
    place[sorted(range(len(keys)), key=lambda row: profile.strings[keys[row]])] = np.arange(len(keys))
    # Texts first, then numbers, each by key: a sample's labels are a set of lists.
    rank = numeric * len(keys) + place[key.reshape(-1)]
    content = np.stack([labels.key, labels.text, labels.number, labels.unit], axis=1).astype(np.int64)
    if ((np.diff(rank) < 0) & (np.diff(sample) == 0)).any():
        content = content[np.lexsort((rank, sample))]
    return alike(labels.starts * 4, content.ravel()).group
