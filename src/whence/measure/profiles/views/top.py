"""All functions with their flat and cumulative values: the first thing anybody asks of a profile."""

from __future__ import annotations

from whence.evidence.profile import FunctionValue, ProfileTop
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.views.choosing import column_of
from whence.measure.profiles.views.filters import Filters, filtered
from whence.measure.profiles.views.flat_cum import flat_and_cum
from whence.measure.profiles.views.grouping import nodes_by
from whence.measure.profiles.views.pruning import without_uninteresting


def top(
    profile: Profile,
    *,
    sample_type: str | None = None,
    by: str = "function",
    filters: Filters | None = None,
) -> ProfileTop:
    """Returns flat and cumulative values by function (or package, file, line, …), the profile's drop_frames applied.

    Nodes whose values are both zero are left out. Raises BadInput for a sample type or expression that is none.
    """
    column = column_of(profile, sample_type)
    total = int(abs(profile.values[:, column]).sum())
    profile = without_uninteresting(profile)
    notes: tuple[str, ...] = profile.notes
    if filters is not None and filters.any:
        profile, told = filtered(profile, filters)
        notes += told
    nodes = nodes_by(profile, by)
    found = flat_and_cum(profile, nodes, column)
    rows = [
        FunctionValue(name=name, flat=flat, cum=cum)
        for name, flat, cum in zip(nodes.names, found.flat.tolist(), found.cum.tolist(), strict=True)
        if flat or cum
    ]
    rows.sort(key=lambda row: (-abs(row.flat), -abs(row.cum), row.name))
    kind = profile.sample_types[column]
    return ProfileTop(sample_type=kind.type, unit=kind.unit, total=total, functions=tuple(rows), notes=notes)
