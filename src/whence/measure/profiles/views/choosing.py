"""Which of a profile's sample types is looked at."""

from __future__ import annotations

from whence.evidence.errors import BadInput
from whence.measure.profiles.readers.profile import Profile


def column_of(profile: Profile, name: str | None) -> int:
    """Returns the column of a sample type given by name or number, the profile's own default for None."""
    if not profile.sample_types:
        raise BadInput("the profile has no sample types, so there is nothing to show. Give another profile.")
    if name is None:
        return profile.default_type
    for column, kind in enumerate(profile.sample_types):
        if kind.type == name:
            return column
    if name.isdigit() and int(name) < len(profile.sample_types):
        return int(name)
    there = ", ".join(kind.type for kind in profile.sample_types)
    raise BadInput(f"the profile has no sample type {name}. Choose one of: {there}.")
