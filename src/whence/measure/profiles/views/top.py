"""All functions with their flat and cumulative values: the first thing anybody asks of a profile."""

from __future__ import annotations

from whence.evidence.profile import FunctionValue, ProfileTop
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.views.filters import Filters
from whence.measure.profiles.views.flat_cum import flat_and_cum
from whence.measure.profiles.views.labelled import by_label, is_label
from whence.measure.profiles.views.looking import look


def top(
    profile: Profile,
    *,
    sample_type: str | None = None,
    by: str = "function",
    filters: Filters | None = None,
) -> ProfileTop:
    """Returns flat and cumulative values by function (or package, file, line, label, …), drop_frames applied.

    Nodes whose values are both zero are left out. Raises BadInput for a sample type or expression that is none.
    """
    seen = look(profile, sample_type=sample_type, by="function" if is_label(by) else by, filters=filters)
    if is_label(by):
        rows = [FunctionValue(name=name, flat=value, cum=value) for name, value in by_label(seen, by)]
    else:
        found = flat_and_cum(seen.profile, seen.nodes, seen.column)
        rows = [
            FunctionValue(name=name, flat=flat, cum=cum)
            for name, flat, cum in zip(seen.nodes.names, found.flat.tolist(), found.cum.tolist(), strict=True)
            if flat or cum
        ]
    rows.sort(key=lambda row: (-abs(row.flat), -abs(row.cum), row.name))
    return ProfileTop(
        sample_type=seen.kind.type, unit=seen.kind.unit, total=seen.total, functions=tuple(rows), notes=seen.notes
    )
