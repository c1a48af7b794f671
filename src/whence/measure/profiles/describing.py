"""What a profile says of itself: when, how long, how often it was sampled, of which program."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from whence.measure.profiles.readers.profile import Profile


def facts_of(profile: Profile) -> tuple[tuple[str, str], ...]:
    """Returns (name, value) pairs in words; what the profile does not say is left out."""
    facts: list[tuple[str, str]] = []
    if profile.time_nanos:
        moment = datetime.fromtimestamp(profile.time_nanos / 1e9, UTC)
        facts.append(("taken", f"{moment:%Y-%m-%d %H:%M:%S} UTC"))
    if profile.duration_nanos:
        facts.append(("duration", f"{profile.duration_nanos / 1e9:.3g} s"))
    if profile.period:
        facts.append(("sampled every", f"{profile.period:,} {profile.period_type.unit}".rstrip()))
    depths = np.diff(profile.stack_starts)
    if len(depths):
        deepest = f"deepest {int(depths.max())} frames, median {int(np.median(depths))}"
        facts.append(("samples", f"{len(profile):,} different, {deepest}"))
    facts.append(("functions", f"{len(profile.functions):,}"))
    facts.append(("sample types", ", ".join(f"{kind.type} ({kind.unit})" for kind in profile.sample_types)))
    binaries = [profile.strings[row] for row in profile.mappings.filename.tolist() if row]
    builds = [profile.strings[row] for row in profile.mappings.build_id.tolist() if row]
    if binaries:
        facts.append(("program", binaries[0]))
    if builds:
        facts.append(("build id", builds[0]))
    facts += [("comment", comment) for comment in profile.comments[:8]]
    return tuple(facts)
