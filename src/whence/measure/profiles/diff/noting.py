"""What a reader of a diff must know about how sure it is."""

from __future__ import annotations

from collections.abc import Sequence

from whence.evidence.profile_diff import ProfileDiff
from whence.measure.profiles.diff.one_to_one import FLOOR
from whence.measure.profiles.readers.profile import Profile

_FEW_EVENTS = 1000.0
_ALARM = 0.15


def notes(found: ProfileDiff, sides: Sequence[Sequence[Profile]], kinds: Sequence[str]) -> tuple[str, ...]:
    """Returns the notes, the most important first."""
    told = [*_how_judged(found), *_sides(found), *_sampling(found, sides, kinds), *_matching(found)]
    for side in (found.base, found.candidate):
        if side.runtime_share and side.unmapped_share > 0.05:
            told.append(f"{100 * side.unmapped_share:.1f} % of the runtime's self time has no role.")
            break
    told += dict.fromkeys(note for side in sides for profile in side for note in profile.notes)
    return tuple(told)


def _how_judged(found: ProfileDiff) -> list[str]:
    if found.mode == "one-run-a-side":
        one = found.base.runs == found.candidate.runs == 1
        runs = "one run a side" if one else "a side with one run only, so the runs of the other were added together"
        granted = (
            f"granted besides: a run-to-run spread of {100 * FLOOR:.0f} % of a share, "
            "10 to 80 % by role for the runtime's own"
        )
        if found.spread > FLOOR:
            granted += f"; these two profiles show {100 * found.spread:.0f} %, which is used where it is more"
        return [
            f"{runs}: sampling error only, a lower bound of how much runs differ ({granted}). "
            "Record several runs a side to know."
        ]
    told: list[str] = []
    check = found.relabelling
    if check is not None and check.tried and check.with_findings > _ALARM * check.tried:
        told.append(
            f"with the runs' labels given out at random something was found in {check.with_findings} of {check.tried} "
            "cases: the runs differ by more than their labels, so findings here are less sure than they look."
        )
    if min(found.base.runs, found.candidate.runs) < 4:
        told.append("two or three runs a side tell little of how runs vary; five and more see smaller differences.")
    return told


def _sides(found: ProfileDiff) -> list[str]:
    told: list[str] = []
    first, second = found.base.seconds, found.candidate.seconds
    if first and second and max(first, second) > 1.1 * min(first, second):
        told.append(
            f"the sides lasted {first:.3g} s and {second:.3g} s: shares of the total are compared; "
            "values per second stand beside them."
        )
    elif first is None or second is None:
        told.append("durations are not known: shares of the total are compared, there are no values per second.")
    few = [e for e in (found.base.events, found.candidate.events) if e is not None and e < _FEW_EVENTS]
    if few:
        told.append(f"a side has only {min(few):.0f} sampled events: differences below a doubling are hard to see.")
    if any(row.verdict == "diluted" for row in found.functions):
        told.append(
            f"what did not change itself has {found.common_factor:.3g} times its share, since shares add up to 1; "
            "functions whose share changed by no more than that are called diluted."
        )
    return told


def _sampling(found: ProfileDiff, sides: Sequence[Sequence[Profile]], kinds: Sequence[str]) -> list[str]:
    told: list[str] = []
    periods = {profile.period for side in sides for profile in side}
    if len(periods) > 1:
        rates = ", ".join(str(period) for period in sorted(periods))
        told.append(f"the profiles were sampled at different rates (periods {rates}); each is weighed by its own.")
    if "events" in kinds:
        told.append("mutex and block profiles do not say how many events were sampled: all are taken as seen.")
    if "heap" in kinds:
        told.append(
            "objects of up to 16 bytes are recorded for the site that opens their block, which changes from run to "
            "run: sites of 16-byte blocks are granted a spread of 50 %."
        )
    if "heap" in kinds and found.base.events is None and found.candidate.events is None:
        told.append("every allocation was counted (profile rate 1): only the run-to-run spread is uncertain.")
    return told


def _matching(found: ProfileDiff) -> list[str]:
    told: list[str] = []
    if found.matches:
        rules: dict[str, int] = {}
        for one in found.matches:
            rules[one.rule] = rules.get(one.rule, 0) + 1
        counted = ", ".join(f"{number} by {rule}" for rule, number in sorted(rules.items()))
        told.append(f"{len(found.matches)} functions have another name on the other side, matched: {counted}.")
    if found.merged_instances:
        told.append(f"{found.merged_instances} instances of generic functions were added to others of theirs.")
    return told
