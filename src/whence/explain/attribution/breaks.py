"""Only one side builds: which lever breaks it, and for a release or a module, which version on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from whence.evidence.attribution import Cause
from whence.evidence.variant import Variant, changed
from whence.explain.attribution.asking import Trials
from whence.explain.attribution.levers import Lever, Levers
from whence.golang.module_versions import versions_between
from whence.golang.releases import known_versions
from whence.golang.versions import parse_version


def find_break(levers: Levers, trials: Trials, releases: tuple[str | None, str | None]) -> tuple[Cause, ...]:
    """Returns what breaks the build of the side that does not build. Exactly one side must build.

    A lever breaks it when it alone, moved in the side that builds, stops that one; for want of such a lever, when
    moving it back alone lets the other side build: then it breaks it together with others.
    """
    candidate_fails = trials.failure(levers.candidate)
    breaking = bool(candidate_fails)
    moved = [x for x in levers.levers if x.is_build and not x.default]
    found: list[Cause] = []
    for lever in moved:
        trials.stage("builds", f"does {lever.name} alone break it?")
        reason = trials.failure(_moved(levers, lever, into_working=True, candidate_fails=breaking))
        if reason is not None:
            found.append(_cause(levers, lever, trials, releases, reason, breaking))
    if found:
        return tuple(found)
    together = [
        x for x in moved if trials.failure(_moved(levers, x, into_working=False, candidate_fails=breaking)) is None
    ]
    reason = candidate_fails or trials.failure(levers.base) or ""
    return tuple(
        Cause(
            kind=lever.kind,
            name=lever.name,
            blamed=True,
            evidence=(reason, "breaks it only together with what else differs"),
            entangled_with=tuple(x.name for x in together if x is not lever),
            setting=lever.written,
        )
        for lever in together
    )


def _moved(levers: Levers, lever: Lever, *, into_working: bool, candidate_fails: bool) -> Variant:
    """Returns the working side with the lever as in the failing one, or the failing side with it as in the working."""
    rest = 0 if into_working == candidate_fails else 1
    # Working side: base (0) when the candidate fails. Moved into it: the lever at the failing side's level, and the
    # new release with the switches it has by itself.
    moved = {lever.name, *(x.name for x in levers.levers if x.default and x.needs == lever.name)}
    return levers.variant(tuple(1 - rest if x.name in moved else rest for x in levers.levers))


def _cause(
    levers: Levers,
    lever: Lever,
    trials: Trials,
    releases: tuple[str | None, str | None],
    reason: str,
    candidate_fails: bool,
) -> Cause:
    working = levers.base if candidate_fails else levers.candidate
    old, new = releases if candidate_fails else (releases[1], releases[0])
    name, kind, told = lever.name, lever.kind, [reason]
    if lever.kind == "toolchain" and old is not None and new is not None and not _paths(lever):
        states = _between([v.text for v in known_versions() if v.kind == "release"], old, new)
        first = _first_failing(states, lambda r: trials.failure(changed(working, {"go": r})))
        name, kind = first, "toolchain-patch"
        told.append(f"go{states[states.index(first) - 1]} builds it, go{first} does not")
    elif lever.kind == "module":
        key = f"mod.{lever.name}"
        old, new = _version(lever, key, candidate_fails)
        states = versions_between(lever.name, old, new) if old and new else []
        if len(states) > 2:
            first = _first_failing(states, lambda v: trials.failure(changed(working, {key: v})))
            told.append(f"{states[states.index(first) - 1]} builds, {first} does not")
    return Cause(kind=kind, name=name, blamed=True, evidence=tuple(told), setting=lever.written)


def _first_failing(states: Sequence[str], fails: Callable[[str], str | None]) -> str:
    """Returns the first state that fails, when the first builds and the last does not, by halving."""
    low, high = 0, len(states) - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fails(states[middle]) is not None else (middle, high)
    return states[high]


def _between(known: Sequence[str], old: str, new: str) -> list[str]:
    first, last = parse_version(old), parse_version(new)
    low, high = min(first, last), max(first, last)
    inside = [v for v in known if low < parse_version(v) < high]
    return [old, *(inside if first < last else reversed(inside)), new]


def _paths(lever: Lever) -> bool:
    return any("/" in s.value for s in (*lever.on, *lever.off))


def _version(lever: Lever, key: str, candidate_fails: bool) -> tuple[str | None, str | None]:
    off = next((s.value for s in lever.off if s.key == key), None)
    on = next((s.value for s in lever.on if s.key == key), None)
    return (off, on) if candidate_fails else (on, off)
