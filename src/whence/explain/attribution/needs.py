"""What can be moved alone: a lever that a toolchain refuses alone needs another one, or is entangled with it.

Asked of each lever, without building: the base with it on, and the candidate with it off. Then the cells of the plan
are built, which it needs anyway; only when one of them does not build are the levers asked one by one for real.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from whence.evidence.variant import Variant
from whence.explain.attribution.asking import Trials
from whence.explain.attribution.levers import Lever, Levers
from whence.stats.designs import Cell, choose

Fails = Callable[[Variant], str | None]


def settle_needs(levers: Levers, trials: Trials) -> Levers:
    """Returns the levers with `needs` found by asking; those that cannot be had apart are merged into one.

    Every cell of the plan for the levers returned has been built, unless there is one lever.
    """
    levers = _settle(levers, trials.refusal)
    while len(levers.levers) > 1:
        failing = _first_failing(levers, trials)
        if failing is None:
            break
        known = levers
        levers = _settle(levers, trials.failure)
        if levers is known:  # each can be moved alone, but not together with some others
            levers = _merge_two(levers, *failing)
    return levers


def _first_failing(levers: Levers, trials: Trials) -> tuple[Cell, str] | None:
    """Returns the first cell of the plan that does not build, and why."""
    cells = choose(levers.factors).builds
    for number, cell in enumerate(cells, start=1):
        trials.stage("builds", f"cell {number} of {len(cells)}")
        reason = trials.failure(levers.variant(cell))
        if reason is not None:
            return cell, reason
    return None


def _merge_two(levers: Levers, cell: Cell, reason: str) -> Levers:
    """Returns the levers with one less: of those that build, one that is on in the cell and one that is off."""
    builds = [(x, level) for x, level in zip(levers.levers, cell, strict=True) if x.is_build]
    off = next((x for x, level in reversed(builds) if not level), builds[-1][0])
    on = next((x for x, level in builds if level and x is not off), next(x for x, _ in builds if x is not off))
    return _merge(levers, off, on, reason)


def _settle(levers: Levers, fails: Fails) -> Levers:
    again = True
    while again and len(levers.levers) > 1:
        again = False
        for lever in levers.levers:
            changed = _examine(levers, lever, fails)
            if changed is not None:
                levers, again = changed, True
                break
    return levers


def _examine(levers: Levers, lever: Lever, fails: Fails) -> Levers | None:
    """Returns the levers with one more thing known about `lever`; None when it can be moved alone as it stands."""
    if not lever.is_build:
        return None
    needed = [lever.name, *([lever.needs] if lever.needs else [])]
    reason = fails(levers.only(needed))
    if reason is not None:
        partner = next(
            (o for o in levers.levers if o.name not in needed and fails(levers.only([*needed, o.name])) is None), None
        )
        return _tie(levers, lever, partner, reason, appears=True)
    off = {lever.name, *(o.name for o in levers.levers if o.needs == lever.name)}
    reason = fails(_without(levers, off))
    if reason is not None:
        partner = next(
            (o for o in levers.levers if o.name not in off and fails(_without(levers, {*off, o.name})) is None), None
        )
        return _tie(levers, lever, partner, reason, appears=False)
    return None


def _without(levers: Levers, names: set[str]) -> Variant:
    return levers.variant(tuple(int(x.name not in names) for x in levers.levers))


def _tie(levers: Levers, lever: Lever, partner: Lever | None, reason: str, *, appears: bool) -> Levers:
    """`appears`: the lever cannot be on alone, so it needs the partner; else the partner cannot be on without it."""
    if partner is not None:
        dependent, root = (lever, partner) if appears else (partner, lever)
        has_dependents = any(o.needs == dependent.name for o in levers.levers)
        if dependent.needs is None and root.needs is None and not has_dependents:
            note = f"{dependent.name} needs {root.name}: {_short(reason)}"
            tied = [msgspec.structs.replace(x, needs=root.name) if x is dependent else x for x in levers.levers]
            return msgspec.structs.replace(levers, levers=tuple(tied), notes=(*levers.notes, note))
        return _merge(levers, lever, partner, reason)
    others = [o for o in levers.levers if o is not lever and o.is_build]
    return _merge(levers, lever, others[0] if others else levers.levers[0], reason)


def _merge(levers: Levers, lever: Lever, partner: Lever, reason: str) -> Levers:
    if lever.when != partner.when:  # a switch of the new release goes with the release, whatever else it is tied to
        lever = lever if lever.when is not None else partner
        partner = levers.get(lever.when or "") or partner
    first, second = (partner, lever) if partner.kind == "toolchain" else (lever, partner)
    # Where the release is as in the base, its switches stand for nothing.
    only_on = second.when == first.name
    merged = msgspec.structs.replace(
        first,
        is_build=first.is_build or second.is_build,
        needs=first.needs if first.needs != second.name else None,
        off=first.off if only_on else (*first.off, *second.off),
        on=(*first.on, *second.on),
        experiments_off=first.experiments_off if only_on else (*first.experiments_off, *second.experiments_off),
        experiments_on=(*first.experiments_on, *second.experiments_on),
        tags_off=first.tags_off if only_on else (*first.tags_off, *second.tags_off),
        tags_on=(*first.tags_on, *second.tags_on),
        entangled_with=(*first.entangled_with, second.name, *second.entangled_with),
        written=first.written if second.default else f"{first.written},{second.written}",
    )
    note = f"{first.name} and {second.name} cannot be moved apart: {_short(reason)}"
    kept: list[Lever] = []
    for x in levers.levers:
        if x is second:
            continue
        x = merged if x is first else x
        changes = {k: first.name for k in ("needs", "when") if getattr(x, k) == second.name and x is not merged}
        kept.append(msgspec.structs.replace(x, **changes) if changes else x)
    roots = {x.name: x.needs for x in kept}
    for index, x in enumerate(kept):  # what needs something that needs something itself needs that at the root
        if x.needs is not None and roots.get(x.needs) is not None:
            kept[index] = msgspec.structs.replace(x, needs=roots[x.needs])
    return msgspec.structs.replace(levers, levers=tuple(kept), notes=(*levers.notes, note))


def _short(reason: str) -> str:
    return reason if len(reason) <= 200 else f"{reason[:199]}…"
