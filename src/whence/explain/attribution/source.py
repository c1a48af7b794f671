"""Which lines of Go's own source carry the change: sets of hunks between two neighbouring releases, built and measured.

The release that carries the change is built with a set of hunks that make its source that of the neighbour without
it. First all hunks together must take the change away; else it lies in what no overlay reaches, such as the compiler.
Then whole files are searched for a smallest set, then the hunks of those. A set counts only when the program still
says the same: an overlay that builds and runs may be wrong, and a broken program can look cheap.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence

import msgspec

from whence.evidence.attribution import Cause
from whence.evidence.variant import Variant, changed
from whence.explain.attribution.asking import Trials
from whence.golang.source_diff import Hunk, hunks_between, write_overlay
from whence.stats.oracle import Rules, run
from whence.stats.smallest_set import Parts, SmallestSet, smallest_set

MOST_HUNKS = 4000
"""More lie between two release lines than can be searched in any budget."""
OVERLAY_SINCE = "1.16"


class SourceFinding(msgspec.Struct, frozen=True, kw_only=True):
    """The smallest set of hunks that was found. `points`: ln(with these hunks of the neighbour ÷ without)."""

    hunks: tuple[Hunk, ...] = ()
    needed: tuple[Hunk, ...] = ()
    points: float | None = None
    low: float | None = None
    high: float | None = None
    tried: int = 0
    all_hunks: int = 0
    notes: tuple[str, ...] = ()


class _Sets:
    """Sets of parts (files, then hunks) as programs, measured against the release that carries the change."""

    def __init__(self, trials: Trials, broken: Variant, enough: Callable[[], bool]) -> None:
        self._trials, self._broken, self._enough = trials, broken, enough
        toolchain = trials.toolchain(broken)
        assert toolchain is not None
        self._goroot = toolchain.goroot
        self._said = trials.output(broken)
        self.tells = self._said is not None and self._said == trials.output(broken)
        self.measured: dict[frozenset[Hunk], tuple[float, ...]] = {}
        self.tried = 0

    def measure(self, hunks: Sequence[Hunk], pairs: int) -> tuple[float, ...] | None:
        """Returns ln(with these hunks ÷ without) by block; None when it does not build or says something else."""
        if self._enough():
            return None
        key = hashlib.sha256(msgspec.json.encode(sorted((h.file, h.start, h.new) for h in hunks))).hexdigest()[:16]
        overlay = write_overlay(hunks, self._goroot, self._trials.scratch(f"hunks-{key}"))
        variant = changed(self._broken, {"overlay": str(overlay)})
        self.tried += 1
        self._trials.stage("source", f"{_places(hunks)}")
        if self._trials.failure(variant) is not None:
            return None
        if self.tells and self._trials.output(variant) != self._said:
            return None
        logs = self._trials.pairs(f"hunks-{key}", self._broken, variant, pairs)
        if logs is not None:
            self.measured[frozenset(hunks)] = logs
        return logs


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
    ours, theirs = trials.toolchain(carrying), trials.toolchain(neighbour)
    if ours is None or theirs is None:
        return SourceFinding(notes=("nothing is built, so no source can be searched",))
    if carrying.get("overlay") is not None:
        return SourceFinding(notes=("the variants have an overlay of their own, so no source was searched",))
    hunks = hunks_between(ours.goroot, theirs.goroot, trials.build(carrying).path)
    between = f"go{ours.version} and go{theirs.version}"
    if not hunks:
        return SourceFinding(
            notes=(f"no linked package of Go's library differs between {between}: it lies in the tools",)
        )
    if len(hunks) > MOST_HUNKS:
        return SourceFinding(
            all_hunks=len(hunks), notes=(f"{len(hunks)} hunks lie between {between}: too many to search",)
        )
    sets = _Sets(trials, carrying, enough)
    notes: list[str] = []
    if not sets.tells:
        notes.append("what the program prints differs from run to run, so it cannot tell a broken overlay")
    rules = Rules(target=-target, alpha=0.025, exact=exact, most_pairs=40)
    files = list(dict.fromkeys(h.file for h in hunks))
    by_file = [[h for h in hunks if h.file == file] for file in files]
    first = _search(by_file, rules, sets)
    if first.parts is None:
        stopped = "the time was up before all of them together were measured" if enough() else _unreached(between)
        return SourceFinding(tried=sets.tried, all_hunks=len(hunks), notes=(*notes, stopped))
    single = [[h] for index in first.parts for h in by_file[index]]
    second = first if len(single) == len(first.parts) else _search(single, rules, sets)
    groups, found = (by_file, first) if second is first or second.parts is None else (single, second)
    chosen = tuple(h for index in found.parts or () for h in groups[index])
    needed = tuple(h for index in found.needed for h in groups[index])
    points, low, high = _estimate(sets.measured.get(frozenset(chosen), ()))
    if len(needed) < len(chosen):
        notes.append("not every hunk of the set was shown to be needed")
    return SourceFinding(
        hunks=chosen,
        needed=needed,
        points=points,
        low=low,
        high=high,
        tried=sets.tried,
        all_hunks=len(hunks),
        notes=tuple(notes),
    )


def _search(groups: Sequence[Sequence[Hunk]], rules: Rules, sets: _Sets) -> SmallestSet:
    def measure(parts: Parts, pairs: int) -> tuple[float, ...] | None:
        return sets.measure([h for index in sorted(parts) for h in groups[index]], pairs)

    return run(smallest_set(len(groups), rules), measure)


def _estimate(logs: Sequence[float]) -> tuple[float | None, float | None, float | None]:
    if not logs:
        return None, None, None
    import numpy as np

    from whence.stats.signed_rank import SignedRank

    test = SignedRank(np.asarray(logs))
    interval = (test.estimate, test.estimate) if len(set(logs)) == 1 else test.interval(0.05)
    low, high = interval or (None, None)
    return test.estimate, low, high


def source_causes(
    finding: SourceFinding, *, part_of: str, scale: float | None, between: tuple[str, str]
) -> tuple[Cause, ...]:
    """Returns a cause a hunk: what it carries inside `part_of`. `scale`: the metric's units a ln point.

    Hunks of one function are one cause, named by its first line. Causes that are only needed together share one number,
    and name one another as entangled.
    """
    points = None if finding.points is None else -finding.points
    low, high = (None if b is None else -b for b in (finding.high, finding.low))

    def delta(value: float | None) -> float | None:
        return None if value is None or scale is None else value * scale

    first: dict[tuple[str, str], Hunk] = {}
    lines: dict[tuple[str, str], list[str]] = {}
    for hunk in finding.hunks:
        key = (hunk.file, hunk.declaration)
        first.setdefault(key, hunk)
        lines.setdefault(key, []).append(str(hunk.line) if hunk.end - hunk.start < 2 else f"{hunk.line}-{hunk.end}")
    places = [hunk.place for hunk in first.values()]
    ratio = "" if finding.points is None else f": ×{math.exp(finding.points):.4g}"
    told = f"go{between[0]} built with these lines of go{between[1]}{ratio}"
    tried = f"{finding.tried} sets out of {finding.all_hunks} hunks were built; the program's output stayed the same"
    return tuple(
        Cause(
            kind="source",
            name=hunk.place,
            part_of=part_of,
            share=points,
            low=low,
            high=high,
            delta=delta(points),
            delta_low=delta(low),
            delta_high=delta(high),
            blamed=True,
            entangled_with=tuple(p for p in places if p != hunk.place),
            evidence=(f"{hunk.file} in go{between[0]}, lines {', '.join(lines[key])}", told, tried),
        )
        for key, hunk in first.items()
    )


def _unreached(between: str) -> str:
    return (
        f"all differences of the library between {between} together do not take the change away: it lies in what no "
        "overlay reaches, such as the compiler or the linker"
    )


def _places(hunks: Sequence[Hunk]) -> str:
    files = list(dict.fromkeys(h.file for h in hunks))
    if len(hunks) == 1:
        return hunks[0].place
    return f"{len(hunks)} hunks of {files[0] if len(files) == 1 else f'{len(files)} files'}"
