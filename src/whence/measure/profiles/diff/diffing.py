"""Base profiles against candidate profiles: what differs beyond chance, as `whence.profile-diff/1`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from whence.evidence.errors import BadInput
from whence.evidence.profile_diff import Match, ProfileDiff, Relabelling, RoleChange, SideTotals
from whence.measure.profiles.diff import many_to_many
from whence.measure.profiles.diff.aligning import align
from whence.measure.profiles.diff.common_factor import common_factor, of_totals
from whence.measure.profiles.diff.granting import granted, sample_role_rows
from whence.measure.profiles.diff.judging import ALPHA, judge_of
from whence.measure.profiles.diff.noting import notes
from whence.measure.profiles.diff.roles import role_names, role_spreads
from whence.measure.profiles.diff.rolling import role_columns, runtime_shares, steady_share
from whence.measure.profiles.diff.rows import Measured, changes, function_rows
from whence.measure.profiles.diff.sentence import sentence
from whence.measure.profiles.diff.tabulating import SideTable, tabulate
from whence.measure.profiles.diff.weighing import RecordWeights, weigh
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.views.choosing import column_of
from whence.measure.profiles.views.pruning import without_uninteresting

Floats = NDArray[np.float64]

STEADY = 0.25
"""Functions whose roles are granted less spread than this say by how much all shares changed."""


def diff(
    base: Sequence[Profile], candidate: Sequence[Profile], *, sample_type: str | None = None, seed: int = 1
) -> ProfileDiff:
    """Returns what differs between the sides, with one or more profiles (runs) each.

    Two or more runs on both sides are judged by how runs vary, else all runs of a side are added together and judged
    by sampling. `seed` is that of the relabellings. Raises BadInput for sides without values of the sample type.
    """
    columns, kind = _columns(base, candidate, sample_type)
    sides = [[without_uninteresting(p) for p in side] for side in (base, candidate)]
    weights = [
        [weigh(p, c) for p, c in zip(side, chosen, strict=True)] for side, chosen in zip(sides, columns, strict=True)
    ]
    _refuse_empty(weights, kind[0])
    values = [[w.value for w in side] for side in weights]
    aligned = align(sides[0], sides[1], (weights[0], weights[1]))
    tables = tabulate(sides[0], aligned.base, weights[0]), tabulate(sides[1], aligned.candidate, weights[1])
    roles = [sample_role_rows(side) for side in sides]
    spreads = granted(
        [*sides[0], *sides[1]], [*aligned.base, *aligned.candidate], [*weights[0], *weights[1]], [*roles[0], *roles[1]]
    )
    judge = judge_of(*tables, spreads.flat)
    flat = judge.family((tables[0].flat, tables[1].flat), spreads.flat)
    cum = judge.family((tables[0].cum, tables[1].cum), spreads.cum)
    measured = Measured(tables, (_seconds(base), _seconds(candidate)))
    split = [
        role_columns(side, nodes, weight, role)
        for side, nodes, weight, role in zip(sides, (aligned.base, aligned.candidate), weights, roles, strict=True)
    ]
    totals = [
        _totals(profiles, table, weight, runtime_shares(side))
        for profiles, table, weight, side in zip((base, candidate), tables, weights, split, strict=True)
    ]
    shares = [(steady_share(side, STEADY), total.events or np.inf) for side, total in zip(split, totals, strict=True)]
    factor = common_factor(flat.tests, spreads.flat < STEADY, of_totals(*shares))
    rows = function_rows(aligned, measured, flat, cum, factor, sides, values, split)
    role_family = judge.family((split[0].column, split[1].column), role_spreads())
    role_changes = changes(measured, (split[0].column, split[1].column), role_family, factor)
    relabelling = None
    if judge.several:
        tried, found = many_to_many.relabel(*tables, spreads.flat, alpha=ALPHA, seed=seed)
        relabelling = Relabelling(tried=tried, with_findings=found)
    judged = int((flat.tests.enough | cum.tests.enough).sum())
    result = ProfileDiff(
        sample_type=kind[0],
        unit=kind[1],
        mode="runs" if judge.several else "one-run-a-side",
        alpha=ALPHA,
        seed=seed,
        sentence="",
        base=totals[0],
        candidate=totals[1],
        functions=rows,
        roles=tuple(
            RoleChange(role=role, flat=change)
            for role, change in zip(role_names(), role_changes, strict=True)
            if change.base or change.candidate
        ),
        judged=judged,
        spread=judge.spread,
        common_factor=factor.ratio,
        matches=tuple(Match(base=m.base, candidate=m.candidate, rule=m.rule) for m in aligned.matches),
        merged_instances=aligned.merged,
        relabelling=relabelling,
    )
    told = notes(result, sides, [w.kind for side in weights for w in side])
    return replace(result, notes=told, sentence=sentence(result))


def _columns(
    base: Sequence[Profile], candidate: Sequence[Profile], sample_type: str | None
) -> tuple[tuple[list[int], list[int]], tuple[str, str]]:
    """Returns the column of each profile, and the type and unit that all of them must share."""
    if not base or not candidate:
        raise BadInput("a diff needs at least one profile a side. Give --base FILE and --candidate FILE.")
    name = sample_type or base[0].sample_types[column_of(base[0], None)].type
    columns = [column_of(p, name) for p in base], [column_of(p, name) for p in candidate]
    kinds = {
        p.sample_types[c]
        for side, cs in zip((base, candidate), columns, strict=True)
        for p, c in zip(side, cs, strict=True)
    }
    if len(kinds) > 1:
        units = ", ".join(sorted(kind.unit for kind in kinds))
        raise BadInput(f"the profiles give {name} in different units ({units}). Compare profiles of one kind.")
    kind = kinds.pop()
    return columns, (kind.type, kind.unit)


def _refuse_empty(weights: Sequence[Sequence[RecordWeights]], name: str) -> None:
    for side, label in zip(weights, ("base", "candidate"), strict=True):
        for number, weight in enumerate(side):
            total = float(weight.value.sum())
            if total <= 0:
                what = "no samples" if not weight.value.any() else "a total that is not above 0 (is it a difference?)"
                which = f"{label} profile {number + 1}" if len(side) > 1 else f"the {label} profile"
                raise BadInput(f"{which} has {what} of type {name}, so it has no shares. Give another profile.")


def _seconds(profiles: Sequence[Profile]) -> float | None:
    """Returns the mean duration, or None when a profile does not say it."""
    durations = [p.duration_nanos / 1e9 for p in profiles]
    return sum(durations) / len(durations) if all(d > 0 for d in durations) else None


def _totals(
    profiles: Sequence[Profile], table: SideTable, weights: Sequence[RecordWeights], shares: tuple[float, float]
) -> SideTotals:
    variance = sum(float(w.variance.sum()) for w in weights)
    squares = float(table.total.sum()) ** 2
    return SideTotals(
        runs=len(profiles),
        value=float(table.total.mean()),
        events=squares / variance if variance > 0 else None,
        seconds=_seconds(profiles),
        period=float(profiles[0].period) if profiles[0].period else None,
        runtime_share=shares[0],
        unmapped_share=shares[1],
    )
