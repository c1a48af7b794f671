"""A profile with some of its lines or frames left out; everything else stays as it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.readers.profile import Profile

Mask = NDArray[np.bool_]


def line_owner(profile: Profile) -> NDArray[np.int64]:
    """Returns the location of every line."""
    return np.repeat(np.arange(len(profile.locations)), np.diff(profile.locations.line_starts))


def with_lines(profile: Profile, keep: Mask) -> Profile:
    """Returns the profile with only these lines of its locations."""
    places = profile.locations
    starts = np.zeros(len(places) + 1, np.int64)
    np.cumsum(np.bincount(line_owner(profile)[keep], minlength=len(places)), out=starts[1:])
    locations = replace(
        places,
        line_starts=starts,
        line_function=places.line_function[keep],
        line_number=places.line_number[keep],
        line_column=places.line_column[keep],
    )
    return replace(profile, locations=locations)


def with_frames(profile: Profile, keep: Mask) -> Profile:
    """Returns the profile with only these frames of its stacks; a stack may be empty after it."""
    before = np.zeros(len(keep) + 1, np.int64)
    np.cumsum(keep, out=before[1:])
    return replace(profile, stack_starts=before[profile.stack_starts], frames=profile.frames[keep])


def any_of_each(profile: Profile, location_mask: Mask) -> Mask:
    """Returns for every sample whether one of its locations is in the mask."""
    hits = np.zeros(len(profile.frames) + 1, np.int64)
    np.cumsum(location_mask[profile.frames], out=hits[1:])
    return hits[profile.stack_starts[1:]] > hits[profile.stack_starts[:-1]]


def last_of_each(profile: Profile, location_mask: Mask) -> NDArray[np.int64]:
    """Returns for every sample the frame nearest the root whose location is in the mask, -1 for none."""
    index = np.where(location_mask[profile.frames], np.arange(len(profile.frames)), np.int64(-1))
    highest = np.full(len(profile) + 1, -1, np.int64)
    filled = np.flatnonzero(np.diff(profile.stack_starts) > 0)
    if len(filled):
        highest[filled] = np.maximum.reduceat(index, profile.stack_starts[:-1][filled])
    return highest[:-1]
