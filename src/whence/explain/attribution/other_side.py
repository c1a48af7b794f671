"""The same switch seen from the other side: turned on in the base, where the base's release already knows it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec

from whence.evidence.attribution import Cause
from whence.evidence.variant import Variant, changed
from whence.explain.attribution.asking import Trials
from whence.explain.attribution.levers import Levers
from whence.explain.attribution.switches import Release, defaults
from whence.stats.signed_rank import location


def other_side(levers: Levers, base_release: Release) -> Mapping[str, Variant]:
    """Returns switch → the base with the candidate's default of that switch, for those the base's release knows."""
    known = defaults(base_release)
    found: dict[str, Variant] = {}
    for lever in levers.levers:
        if lever.default and lever.name in known:
            here = [] if levers.base.get("experiment") is None else [levers.base.get("experiment") or ""]
            word = lever.name if lever.experiments_off[0].startswith("no") else f"no{lever.name}"
            found[lever.name] = changed(levers.base, {"experiment": "+".join([*here, word])})
    return found


def seen_from_the_base(
    causes: Sequence[Cause], variants: Mapping[str, Variant], trials: Trials, base: Variant, *, blocks: int
) -> tuple[Cause, ...]:
    """Returns the causes with one more line of evidence each: what the switch does when it is turned on in the base."""
    told: list[Cause] = []
    for cause in causes:
        variant = variants.get(cause.name)
        if variant is None or not cause.blamed:
            told.append(cause)
            continue
        logs = trials.pairs(f"other-side-{cause.name}", base, variant, blocks)
        if logs is None:
            told.append(cause)
            continue
        points, bounds = location(logs)
        interval = "" if bounds is None else f" [{math.exp(bounds[0]):.4g}, {math.exp(bounds[1]):.4g}]"
        line = f"turned on in the base alone ({variant.spec}): ×{math.exp(points):.4g}{interval}"
        told.append(msgspec.structs.replace(cause, evidence=(*cause.evidence, line)))
    return tuple(told)
