"""Is it only where the code lies? Two ways to see it: the instructions are the same, or random link orders agree."""

from __future__ import annotations

import math
from pathlib import Path
from statistics import median

from whence.evidence.attribution import Cause, Total
from whence.evidence.errors import WhenceError
from whence.evidence.variant import Variant
from whence.explain.attribution.asking import Trials
from whence.explain.attribution.levers import Levers
from whence.explain.attribution.shares import whole_cause
from whence.explain.attribution.total import Change, total_of
from whence.golang.code import CodeDifference, compare_code

NAME = "code layout"


def same_code(trials: Trials, levers: Levers) -> CodeDifference | None:
    """Returns how the code of base and candidate differs; None where more than the program may differ, where nothing
    can be read, and where nothing was moved either: then it is neither the instructions nor their place."""
    if any(not lever.is_build for lever in levers.levers):
        return None
    try:
        paths = [_program(trials, variant) for variant in (levers.base, levers.candidate)]
        if paths[0] is None or paths[1] is None:
            return None
        found = compare_code(paths[0], paths[1])
        return None if found.same and not found.moved else found
    except (OSError, WhenceError):
        return None


def _program(trials: Trials, variant: Variant) -> Path | None:
    given = variant.get("binary")
    if given is not None:
        return (trials.settled.directory / given).resolve()
    return None if trials.source is None else trials.build(variant, layout=None).path


def same_instructions(difference: CodeDifference, total: Total) -> Cause:
    """Returns the cause of a difference between programs of identical instructions."""
    told = f"{difference.words()}: only where the functions lie differs"
    return whole_cause(total, kind="layout", name=NAME, evidence=(told,))


def shipped_only(change: Change) -> tuple[Total, Cause] | None:
    """Returns the difference between the programs as they ship, when it is no difference over random link orders."""
    shipped = change.shipped
    if shipped is None or shipped.ratio is None or shipped.verdict not in ("worse", "better"):
        return None
    total = total_of(shipped.ratio, shipped.low, shipped.high, shipped.base_value, shipped.candidate_value)
    told = (_orders(change), f"over random link orders the ratio is {change.judgement.ratio:.3f}")
    return total, whole_cause(total, kind="layout", name=NAME, evidence=told)


def _orders(change: Change) -> str:
    """Returns how many random link orders of each side are fast, and how many slow, as the shipped ones are."""
    shipped = change.shipped
    assert shipped is not None and shipped.base_value and shipped.candidate_value
    middle = math.sqrt(shipped.base_value * shipped.candidate_value)
    base = [v for v in change.base_values if not math.isnan(v)]
    candidate = [v for v in change.candidate_values if not math.isnan(v)]
    sides = [
        f"{name} on {sum(v < middle for v in values)} of {len(values)}"
        for name, values in (("base", base), ("candidate", candidate))
    ]
    spread = max(max(v) / min(v) for v in (base, candidate))
    return f"low is {' and '.join(sides)} random link orders (they span ×{spread:.2f}, median {median(base):.4g})"
