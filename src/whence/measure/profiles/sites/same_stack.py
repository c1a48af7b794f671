"""What stacks tell by their sizes: that a place allocates in several ways, and what may be the runtime's own.

The profile hides the runtime's frames above the first other one. So what the runtime allocates for itself while it
serves a call (starting a collection, a goroutine, waiting for a lock) stands under the caller's stack, in sizes of its
own and in small numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.sites import counts
from whence.measure.profiles.sites.buckets import Buckets

Int64 = NDArray[np.int64]
SMALLEST_SLOT_BYTES = 8.0
OWN_MOST_BYTES = 512
OWN_MOST_OBJECTS = 64
OWN_MOST_PART, OWN_FEW, OWN_FEW_PART = 0.01, 8, 0.1
"""The runtime's own objects: small, few, rare beside what the stack mainly allocates; a handful may be less rare."""


def stack_numbers(profiles: Sequence[Profile], data: Buckets) -> Int64:
    """Returns a number for each bucket, the same for buckets of one stack in one profile."""
    numbers = np.zeros(len(data), np.int64)
    known: dict[tuple[int, bytes], int] = {}
    for bucket, (index, sample) in enumerate(zip(data.profile.tolist(), data.sample.tolist(), strict=True)):
        numbers[bucket] = known.setdefault((index, profiles[index].stack(sample).tobytes()), len(known))
    return numbers


def may_be_own(data: Buckets, stack: Int64) -> NDArray[np.bool_]:
    """Tells which buckets may hold what the runtime allocated for itself."""
    if not len(data):
        return np.zeros(0, np.bool_)
    most = np.zeros(int(stack.max()) + 1, np.int64)
    np.maximum.at(most, stack, data.recorded)
    rare = (data.recorded <= OWN_MOST_OBJECTS) & (data.recorded <= OWN_MOST_PART * most[stack])
    few = rare | ((data.recorded <= OWN_FEW) & (data.recorded <= OWN_FEW_PART * most[stack]))
    return few & (data.size_bytes <= OWN_MOST_BYTES)


def varies(data: Buckets, stack: Int64, site: Int64, sites: int, own: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tells which places allocate in more than one way, by stack or by size, the runtime's own aside."""
    ways = np.unique(np.stack([site[~own], stack[~own], data.size_bytes[~own]]), axis=1)
    return np.bincount(ways[0], minlength=sites) > 1


def widened(
    total: counts.Estimates, data: Buckets, site: Int64, profiles: Sequence[Profile], rate: float, level: float
) -> counts.Estimates:
    """Returns the objects of every place with limits that allow for the runtime's own and for sizes never recorded.

    What was never recorded is allowed for where a place allocates in several ways: as many of the smallest objects as
    chance may have missed. A place with one stack and one size is taken to have no other.
    """
    stack = stack_numbers(profiles, data)
    own = may_be_own(data, stack)
    made = data.recorded / data.probability
    low = total.low - np.bincount(site[own], made[own], len(total.low))
    high = total.high
    probability = counts.recording_probability(np.array([SMALLEST_SLOT_BYTES]), rate)
    if probability[0] < 1:
        unseen = float(counts.objects(np.zeros(1, np.int64), probability, level).high[0])
        several = varies(data, stack, site, len(total.high), own)
        high = np.where(several, total.value + np.hypot(total.high - total.value, unseen), high)
    return counts.Estimates(total.value, np.maximum(low, 0.0), high)
