"""A profile, or two sides of several, as the noun that a report draws."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from whence.evidence.flame import FlameGraph, FlameVerdict
from whence.evidence.flame_packing import Judgements, flame_graph
from whence.evidence.profile_diff import FunctionChange, FunctionVerdict, ProfileDiff
from whence.measure.profiles.diff.roles import UNMAPPED, role_names, rules, sample_roles
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.views.choosing import column_of
from whence.measure.profiles.views.filters import Filters
from whence.measure.profiles.views.grouping import package_of
from whence.measure.profiles.views.looking import Look, look
from whence.measure.profiles.views.nodes import by_function
from whence.measure.profiles.views.pruning import without_uninteresting
from whence.measure.profiles.views.stacks import Stacks, side_by_side, stacks_of
from whence.measure.profiles.views.tree import Tree, tree_of

MOST_FRAMES = 500_000
_WORTH_TELLING = 0.02
_LONG_STACKS = 8_000_000
"""Frames in all stacks from which the smallest nodes are left out at once, not after a first try."""
_MEANS = "the sides have unequal numbers of runs, so the picture shows means of a run"
_VERDICTS: dict[FunctionVerdict, FlameVerdict] = {"grew": "worse", "shrank": "better"}


def drawn(
    profile: Profile,
    *,
    title: str,
    command: str,
    subject: str,
    sample_type: str | None = None,
    by: str = "function",
    filters: Filters | None = None,
    facts: tuple[tuple[str, str], ...] = (),
    version: str = "",
) -> FlameGraph:
    """Returns one profile as a flame graph of at most MOST_FRAMES frames; what was left out is said in its notes."""
    seen = look(profile, sample_type=sample_type, by=by, filters=filters)
    tree, notes = _bounded(stacks_of(seen.profile, seen.nodes, seen.column))
    return flame_graph(
        title=title,
        command=command,
        subject=subject,
        sample_type=seen.kind.type,
        unit=seen.kind.unit,
        names=tree.names,
        parent=(tree.parent[1:] - 1).tolist(),
        function=tree.name[1:].tolist(),
        values=tree.self_values[1:, 0].tolist(),
        packages=[package_of(name) for name in tree.names],
        roles=[role_of(name) for name in tree.names],
        story=runtime_story(seen),
        notes=seen.notes + notes,
        facts=facts,
        whence_version=version,
    )


def drawn_diff(
    base: Sequence[Profile],
    candidate: Sequence[Profile],
    found: ProfileDiff,
    *,
    command: str,
    subject: str,
    facts: tuple[tuple[str, str], ...] = (),
    version: str = "",
) -> FlameGraph:
    """Returns both sides over one tree, with what the diff says of each function beside it.

    Values of a side are those of all its runs together, means when the sides have unequal numbers of them;
    functions that were matched stand under the candidate's name.
    """
    renamed = {match.base: match.candidate for match in found.matches}
    unequal = len(base) != len(candidate)
    sides = [
        [
            _stacks(profile, found.sample_type, renamed if side == 0 else {}, len(profiles) if unequal else 1)
            for profile in profiles
        ]
        for side, profiles in enumerate((base, candidate))
    ]
    tree, notes = _bounded(side_by_side(sides))
    rows = {change.name: change for change in found.functions}
    changes = [rows.get(name) for name in tree.names]
    judged = [change.flat if change is not None and change.flat.p is not None else None for change in changes]
    return flame_graph(
        title=found.sentence,
        command=command,
        subject=subject,
        sample_type=found.sample_type,
        unit=found.unit,
        names=tree.names,
        parent=(tree.parent[1:] - 1).tolist(),
        function=tree.name[1:].tolist(),
        values=tree.self_values[1:, 1].tolist(),
        base=tree.self_values[1:, 0].tolist(),
        packages=[package_of(name) for name in tree.names],
        roles=[role_of(name) for name in tree.names],
        judgements=Judgements(
            ratio=[None if j is None else j.ratio for j in judged],
            low=[None if j is None else j.low for j in judged],
            high=[None if j is None else j.high for j in judged],
            p_adjusted=[None if j is None else j.p_adjusted for j in judged],
            verdict=[_verdict(change) for change in changes],
        ),
        notes=found.notes + notes + ((_MEANS,) if unequal else ()),
        facts=facts,
        whence_version=version,
    )


def role_of(name: str) -> str:
    """Returns the runtime's role of a function, `program` for what is not the runtime's."""
    own, context, frame = rules().of(name)
    if not own:
        return "program"
    if frame >= 0:
        return role_names()[frame]
    return role_names()[int(rules().context_roles[context])] if context >= 0 else UNMAPPED


def runtime_story(seen: Look) -> tuple[str, ...]:
    """Returns a sentence on what the Go runtime spent CPU time on, by role; none for other profiles or small shares."""
    values = seen.profile.values[:, seen.column]
    if seen.kind.type not in ("cpu", "samples") or not seen.total:
        return ()
    roles = sample_roles(seen.profile).role
    spent = {name: int(values[roles == row].sum()) for row, name in enumerate(role_names())}
    whole = sum(spent.values())
    largest = sorted(spent.items(), key=lambda item: -item[1])[:4]
    if whole < _WORTH_TELLING * seen.total:
        return ()
    told = ", ".join(f"{name} {100 * value / seen.total:.1f} %" for name, value in largest if value)
    return (f"The Go runtime takes {100 * whole / seen.total:.1f} % of it: {told}.",)


def _verdict(change: FunctionChange | None) -> FlameVerdict | None:
    """Returns what the flat value of a function did; None for what does not differ beyond chance."""
    if change is None:
        return None
    return "moved" if change.verdict == "moved" else _VERDICTS.get(change.flat.verdict)


def _stacks(profile: Profile, sample_type: str, renamed: dict[str, str], runs: int) -> Stacks:
    column = column_of(profile, sample_type)
    profile = without_uninteresting(profile)
    stacks = stacks_of(profile, by_function(profile), column)
    names = [renamed.get(name, name) for name in stacks.names]
    values = stacks.values if runs == 1 else np.rint(stacks.values / runs).astype(np.int64)
    return Stacks(names, stacks.starts, stacks.nodes, values)


def _bounded(stacks: Stacks) -> tuple[Tree, tuple[str, ...]]:
    """Returns the tree with its smallest nodes left out until no more than MOST_FRAMES remain, and what that cost."""
    share = 2e-6 if len(stacks.nodes) > _LONG_STACKS else 0.0
    tree = tree_of(stacks, smallest_share=share)
    while len(tree) > MOST_FRAMES:
        share = share * 3 if share else 1e-6
        tree = tree_of(stacks, smallest_share=share)
    total = int(np.abs(stacks.values).sum())
    if not share or not total:
        return tree, ()
    left = 100 * int(np.abs(tree.left_out).sum()) / total
    note = f"frames below {100 * share:.2g} % of the total are not drawn; together they hold {left:.2g} %"
    return tree, (note,)
