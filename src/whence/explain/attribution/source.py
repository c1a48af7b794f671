"""Which lines of Go's own source carry the change: sets of hunks between two neighbouring releases, built and measured.

The release that carries the change is built with a set of hunks that make its source that of the neighbour without
it. First all hunks together must take the change away; else it lies in what no overlay reaches, such as the compiler.
Then a smallest set is searched for, first among groups of hunks that are related or lie in one file, then among groups
of related hunks (`golang.source_diff.related`), then among functions, then among single hunks: a change to the source
builds as a whole, a single hunk of it often does not, and each build takes seconds. Where all hunks together do not
build, because one of them needs the neighbour's compiler, each group is tried by itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import msgspec

from whence.evidence.attribution import Cause
from whence.evidence.variant import Variant
from whence.explain.attribution.asking import Trials
from whence.explain.attribution.hunk_sets import HunkSets, places
from whence.golang.source_diff import Hunk, hunks_between, related
from whence.golang.toolchains import Toolchain
from whence.golang.versions import at_least
from whence.stats.oracle import Rules, run
from whence.stats.signed_rank import location
from whence.stats.smallest_set import Parts, SmallestSet, smallest_set

MOST_HUNKS = 4000
"""More lie between two release lines than can be searched in any budget."""
OVERLAY_SINCE = "1.16"
ALPHA = 0.05
MOST_PAIRS = 40
MOST_QUESTIONS = 40
"""Sets that are asked about at each level, at most: what is left then is the answer."""
LEVELS = 4
Level = Callable[[Hunk], object]


class SourceFinding(msgspec.Struct, frozen=True, kw_only=True):
    """The smallest set of hunks that was found. `points`: ln(with these hunks of the neighbour ÷ without)."""

    hunks: tuple[Hunk, ...] = ()
    needed: tuple[Hunk, ...] = ()
    """Those without which the change stays, or nothing builds."""
    points: float | None = None
    low: float | None = None
    high: float | None = None
    tried: int = 0
    """Sets that were built."""
    all_hunks: int = 0
    listened: bool = False
    """The program's output told broken sets from sound ones."""
    between: tuple[str, str] = ("", "")
    """The release that carries the change, and the neighbour, for people."""
    spec: str = ""
    """The set as a variant is written."""
    notes: tuple[str, ...] = ()


class _Narrowed(msgspec.Struct, frozen=True):
    """The set at one level: which groups of hunks, and how it was found."""

    groups: list[tuple[Hunk, ...]]
    found: SmallestSet

    @property
    def hunks(self) -> tuple[Hunk, ...]:
        return tuple(hunk for part in self.found.parts or () for hunk in self.groups[part])


def search_source(
    trials: Trials,
    carrying: Variant,
    neighbour: Variant,
    target: float,
    *,
    exact: bool,
    enough: Callable[[], bool] = lambda: False,
) -> SourceFinding:
    """Returns the smallest set of hunks that takes a change of `target`, ln(carrying ÷ neighbour), away.

    `enough` is asked before each build whether to stop. Without hunks in the finding, `notes` says why.
    """
    kits = trials.toolchain(carrying), trials.toolchain(neighbour)
    if kits[0] is None or kits[1] is None:
        return SourceFinding(notes=("nothing is built, so no source can be searched",))
    between = _label(kits[0]), _label(kits[1])
    if carrying.get("overlay") is not None:
        return SourceFinding(notes=("the variants have an overlay of their own, so no source was searched",))
    if not at_least(kits[0].version, OVERLAY_SINCE):
        return SourceFinding(notes=(f"the source of {between[0]} cannot be searched: overlays need {OVERLAY_SINCE}",))
    hunks = hunks_between(kits[0].goroot, kits[1].goroot, trials.build(carrying).path)
    told = SourceFinding(all_hunks=len(hunks), between=between)
    both = " and ".join(between)
    if not hunks:
        return _noted(told, f"nothing that the program is built from differs between {both}: it lies in the tools")
    if len(hunks) > MOST_HUNKS:
        return _noted(told, f"{len(hunks)} hunks lie between {both}: too many to search")
    sets = HunkSets(trials, carrying, kits[0], enough)
    rules = Rules(target=-target, alpha=ALPHA / LEVELS, exact=exact, most_pairs=MOST_PAIRS)
    levels = _levels(hunks, kits[0], kits[1])
    narrowed = _first(hunks, levels, rules, sets)
    told = msgspec.structs.replace(told, tried=sets.tried, listened=sets.listened)
    if narrowed is None:
        return _noted(told, _unreached(both, hunks, sets))
    for level in levels[1:]:
        narrowed = _finer(narrowed, level, rules, sets)
    return _finding(told, narrowed, sets, target)


def _label(kit: Toolchain) -> str:
    return str(kit.goroot) if kit.origin == "goroot" else f"go{kit.version}"


def _noted(finding: SourceFinding, *notes: str) -> SourceFinding:
    return msgspec.structs.replace(finding, notes=(*finding.notes, *notes))


def _levels(hunks: Sequence[Hunk], carrying: Toolchain, neighbour: Toolchain) -> tuple[Level, ...]:
    """Returns what hunks are grouped by, each level finer than the one before."""
    levels: list[Level] = []
    for by_file in (True, False):
        groups = related(hunks, carrying.goroot, neighbour.goroot, by_file=by_file)
        levels.append({hunk: number for number, group in enumerate(groups) for hunk in group}.__getitem__)
    return (*levels, function_of, lambda hunk: hunk)


def function_of(hunk: Hunk) -> tuple[str, str]:
    return hunk.file, hunk.declaration


def _grouped(hunks: Sequence[Hunk], level: Level) -> list[tuple[Hunk, ...]]:
    groups: dict[object, list[Hunk]] = {}
    for hunk in hunks:
        groups.setdefault(level(hunk), []).append(hunk)
    return [tuple(group) for group in groups.values()]


def _first(hunks: Sequence[Hunk], levels: Sequence[Level], rules: Rules, sets: HunkSets) -> _Narrowed | None:
    """Returns a smallest set at the coarsest level; None when the whole difference does not take the change away."""
    narrowed = _narrow(hunks, levels[0], rules, sets)
    if narrowed is not None or frozenset(hunks) not in sets.refused:
        return narrowed
    alone = dict.fromkeys(g for level in levels[:2] for g in sorted(_grouped(hunks, level), key=len, reverse=True))
    shared = msgspec.structs.replace(rules, alpha=rules.alpha / len(alone))
    for group in alone:
        narrowed = _narrow(group, levels[0], shared, sets)
        if narrowed is not None:
            return narrowed
    return None


def _finer(narrowed: _Narrowed, level: Level, rules: Rules, sets: HunkSets) -> _Narrowed:
    """Returns a smallest set at a finer level, or what there is where that says nothing more."""
    hunks = narrowed.hunks
    if len({level(hunk) for hunk in hunks}) <= len(narrowed.found.parts or ()):
        return narrowed
    return _narrow(hunks, level, rules, sets) or narrowed


def _narrow(hunks: Sequence[Hunk], level: Level, rules: Rules, sets: HunkSets) -> _Narrowed | None:
    groups = _grouped(hunks, level)

    def measure(parts: Parts, pairs: int) -> tuple[float, ...] | None:
        return sets.measure([h for part in sorted(parts) for h in groups[part]], pairs)

    found = run(smallest_set(len(groups), rules, most_questions=MOST_QUESTIONS), measure)
    return None if found.parts is None else _Narrowed(groups, found)


def _finding(told: SourceFinding, narrowed: _Narrowed, sets: HunkSets, target: float) -> SourceFinding:
    parts, groups = narrowed.found.parts or (), narrowed.groups
    chosen = narrowed.hunks
    refused = [
        part
        for part in parts
        if len(parts) > 1 and frozenset(h for p in parts if p != part for h in groups[p]) in sets.refused
    ]
    needed = tuple(h for part in parts if part in (*narrowed.found.needed, *refused) for h in groups[part])
    points, interval = location(sets.measured[frozenset(chosen)])
    low, high = interval or (None, None)
    notes: list[str] = []
    if not sets.listened:
        notes.append(f"what the program prints {sets.unheard}, so it cannot tell a broken overlay")
    if sets.stopped:
        notes.append(f"the time was up while {places(chosen)} were left: fewer may carry the change")
    elif len(needed) < len(chosen):
        notes.append(f"of {places(chosen)}, {len(chosen) - len(needed)} were not shown to be needed")
    if points is not None and abs(points) < 0.9 * abs(target):
        part = f"{100 * points / -target:.0f} %"
        notes.append(f"{places(chosen)} take {part} of the change away, as logarithms: the rest lies elsewhere")
    return msgspec.structs.replace(
        told,
        hunks=chosen,
        needed=needed,
        points=points,
        low=low,
        high=high,
        tried=sets.tried,
        spec=sets.spec(chosen),
        notes=tuple(notes),
    )


def _unreached(both: str, hunks: Sequence[Hunk], sets: HunkSets) -> str:
    refusal = sets.refused.get(frozenset(hunks))
    if sets.stopped:
        return f"the time was up before the differences of the library between {both} were measured"
    if refusal is not None:
        return f"the differences of the library between {both} cannot be measured together: {refusal}"
    if frozenset(hunks) in sets.measured:
        return (
            f"all differences of the library between {both} together do not take the change away: it lies in what no "
            "overlay reaches, such as the compiler or the linker"
        )
    return f"the differences of the library between {both} were not measured"


def source_causes(
    finding: SourceFinding, *, part_of: str, scale: float | None, between: tuple[str, str] | None = None
) -> tuple[Cause, ...]:
    """Returns a cause a function: what its hunks carry inside `part_of`. `scale`: the metric's units a ln point.

    Hunks of one function are one cause, named by its first line. Causes that are only needed together share one number,
    and name one another as entangled. `between`: other versions to name the two releases by than the finding's.
    """
    if between is not None:
        finding = msgspec.structs.replace(finding, between=(f"go{between[0]}", f"go{between[1]}"))
    points = None if finding.points is None else -finding.points
    low, high = (None if b is None else -b for b in (finding.high, finding.low))

    def delta(value: float | None) -> float | None:
        return None if value is None or scale is None else value * scale

    functions = _grouped(finding.hunks, function_of)
    names = [group[0].place for group in functions]
    return tuple(
        Cause(
            kind="source",
            name=name,
            part_of=part_of,
            share=points,
            low=low,
            high=high,
            delta=delta(points),
            delta_low=delta(low),
            delta_high=delta(high),
            blamed=True,
            entangled_with=tuple(n for n in names if n != name),
            evidence=_evidence(finding, group),
        )
        for name, group in zip(names, functions, strict=True)
    )


def _evidence(finding: SourceFinding, hunks: Sequence[Hunk]) -> tuple[str, ...]:
    carrying, neighbour = finding.between
    lines = ", ".join(str(h.line) if h.end - h.start < 2 else f"{h.line}-{h.end}" for h in hunks)
    ratio = "" if finding.points is None else f": ×{math.exp(finding.points):.4g}"
    sound = "the program printed the same" if finding.listened else "the program's output could not vouch for them"
    return (
        f"{hunks[0].file} in {carrying}, line{'s' if ',' in lines or '-' in lines else ''} {lines}",
        f"{carrying} built with these lines of {neighbour}{ratio}",
        f"{finding.tried} sets of the {finding.all_hunks} hunks between them were built; {sound}",
        f"as a variant: {finding.spec}",
    )
