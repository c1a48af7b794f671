"""A profile made ready to be looked at: one sample type, drop_frames and filters applied, grouped into nodes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from whence.measure.profiles.readers.profile import Profile, ValueType
from whence.measure.profiles.views.choosing import column_of
from whence.measure.profiles.views.filters import Filters, filtered
from whence.measure.profiles.views.grouping import nodes_by
from whence.measure.profiles.views.nodes import Nodes
from whence.measure.profiles.views.pruning import without_uninteresting


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What every view begins with."""

    profile: Profile
    nodes: Nodes
    column: int
    kind: ValueType
    total: int
    """The sum over all samples of the absolute value, before any filter."""
    notes: tuple[str, ...]


def look(profile: Profile, *, sample_type: str | None, by: str, filters: Filters | None) -> Look:
    """Returns the profile as a view shows it. Raises BadInput for a choice that is none."""
    column = column_of(profile, sample_type)
    total = int(np.abs(profile.values[:, column]).sum())
    profile = without_uninteresting(profile)
    notes: tuple[str, ...] = profile.notes
    if filters is not None and filters.any:
        profile, told = filtered(profile, filters)
        notes += told
    return Look(profile, nodes_by(profile, by), column, profile.sample_types[column], total, notes)
