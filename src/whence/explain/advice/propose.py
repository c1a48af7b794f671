"""From causes to remedies that could be tried.

Only causes that make the metric worse are taken: nobody wants an improvement taken back. Where several of them carry
the change, taking one back cannot make the difference go, so all of them taken back together is proposed too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence

import msgspec

from whence.evidence.attribution import Cause
from whence.evidence.metric import Metric
from whence.evidence.variant import Variant, changed, parse_variant
from whence.explain.advice.table import Row, concern_of, rows
from whence.golang import releases
from whence.golang.versions import BadVersion, parse_version

MOST_TRIED = 8
"""Each takes two further variants at most, so nothing in the table may make an explanation long."""
MOST_TOLD = 3
WORD_LISTS = {"experiment": "+", "tags": ","}
LIMITED = frozenset({"rss", "rss-peak", "rss-anon", "runtime-total", "heap-inuse", "heap-live", "heap-goal"})
"""What GOMEMLIMIT is a limit on, about: of another amount it would be a limit on nothing, or far too low."""
Undone = Callable[[str], str | None]
"""Name of a cause → the candidate with it taken back, as a variant is written; None where that cannot be."""


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """What is known when remedies are proposed."""

    base: Variant
    candidate: Variant
    metric: Metric
    release: str | None
    """The candidate's; None where nothing is built."""
    fixed_in: str | None
    newest_carries: str | None
    candidate_value: float | None
    """Median of the metric, in its base unit."""
    huge_pages: bool = False
    """Huge pages are part of what grew."""
    base_release: str | None = None
    """The base's; read from its settings when left out."""

    @property
    def cpu_limit(self) -> float | None:
        """The quota that the candidate runs under, in CPUs."""
        return self.candidate.cpu_limit

    @property
    def releases(self) -> tuple[str | None, str | None]:
        return self.base_release or _release_of(self.base) or self.release, self.release


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """One remedy. `variant`: the candidate with it, None for a change of code. `takes_back`: it replaces what differs,
    so the plain base is what it is held against."""

    change: str
    variant: Variant | None
    takes_back: bool
    for_cause: str
    why: str
    source: str

    def on_base(self, situation: Situation) -> Variant | None:
        """Returns the base with the same setting; None where the remedy takes back what differs."""
        if self.variant is None or self.takes_back:
            return None
        return changed(situation.base, _changes(situation.candidate, self.variant))


def propose(causes: Sequence[Cause], situation: Situation, undone: Undone) -> tuple[Proposal, ...]:
    """Returns what the table proposes for the causes that carry the change, each change once, the direct ones first."""
    concern = concern_of(situation.metric)
    harmful = [cause for cause in causes if _harms(cause, situation.metric)]
    found: dict[str, Proposal] = {}
    for row in rows():
        for cause in harmful:
            if not row.fits(cause.kind, cause.name, concern):
                continue
            proposal = _proposal(row, cause, situation, undone)
            if proposal is not None and proposal.change:
                found.setdefault(proposal.change, proposal)
    whole = _all_undone(harmful, situation, undone)
    if whole is not None:
        found = {whole.change: whole} | found
    tried = [p for p in found.values() if p.variant is not None]
    told = [p for p in found.values() if p.variant is None]
    return (*tried[:MOST_TRIED], *told[:MOST_TOLD])


def _harms(cause: Cause, metric: Metric) -> bool:
    """A cause without a share of its own (a line of code inside another cause) counts as harmful."""
    return cause.share is None or (cause.share > 0) == (metric.better == "lower")


def _proposal(row: Row, cause: Cause, situation: Situation, undone: Undone) -> Proposal | None:
    if (row.when == "fixed" and situation.fixed_in is None) or (row.when == "not-fixed" and situation.fixed_in):
        return None
    if not (row.in_release(*situation.releases) and row.in_module(cause.setting)) or _taken(row, situation):
        return None
    variant = None if row.do == "code" else _remedied(row, cause, situation, undone)
    if variant is None and row.do != "code":
        return None
    return Proposal(
        change=row.text or f"change of the code at {cause.name}"
        if variant is None
        else difference(situation.candidate, variant),
        variant=variant,
        takes_back=row.do != "set" or row.takes_back,
        for_cause=cause.name,
        why=row.why,
        source=row.source,
    )


def _remedied(row: Row, cause: Cause, situation: Situation, undone: Undone) -> Variant | None:
    """Returns the candidate with the remedy; None where it does not apply."""
    if row.do == "undo":
        return _read(undone(cause.name))
    if row.do == "newest-patch":
        release = newest_without(situation)
        return None if release is None else changed(situation.candidate, {"go": release})
    if row.do == "newest-version":
        return changed(situation.candidate, {f"mod.{cause.name}": "latest"})
    settings = _filled(row, situation)
    return None if settings is None else changed(situation.candidate, settings)


def _taken(row: Row, situation: Situation) -> bool:
    settings = (*situation.base.settings, *situation.candidate.settings)
    return not {s.key for s in settings}.isdisjoint(row.unless)


def _filled(row: Row, situation: Situation) -> dict[str, str] | None:
    """Returns the row's settings with numbers in place of what only this situation knows; None where it has none."""
    if (row.sign == "huge-pages" and not situation.huge_pages) or (
        row.sign == "cpu-limit" and situation.cpu_limit is None
    ):
        return None
    value, quota = situation.candidate_value, situation.cpu_limit
    filled: dict[str, str] = {}
    for key, text in row.settings.items():
        if text == "{90% of candidate}":
            if value is None or situation.metric.name not in LIMITED:
                return None
            text = _bytes(0.9 * value)
        elif text == "{cpu limit}":
            if quota is None:
                return None
            text = str(max(1, math.ceil(quota)))
        filled[key] = text
    return filled


def _bytes(value: float) -> str:
    """Returns a size as people write it: whole MiB where that is precise enough."""
    mebibytes = int(value / 2**20)
    return f"{mebibytes}MiB" if mebibytes >= 100 else f"{int(value / 2**10)}KiB"


def newest_without(situation: Situation) -> str | None:
    """Returns the newest patch of the line in which the change is gone, else the newest release known.

    None where that is the candidate's own, or is known to carry the change still.
    """
    if situation.release is None:
        return None
    fixed, own = situation.fixed_in, parse_version(situation.release)
    if fixed is not None:
        newest = releases.newest(parse_version(fixed).line)
        return parse_version(fixed).text if newest is None else max(newest, parse_version(fixed)).text
    newest = releases.newest()
    if newest is None or newest <= own:
        return None
    carries = situation.newest_carries
    return None if carries is not None and newest <= parse_version(carries) else newest.text


def _all_undone(causes: Sequence[Cause], situation: Situation, undone: Undone) -> Proposal | None:
    """Returns the candidate with every harmful cause taken back; None for one cause, or when that is the base."""
    candidate = situation.candidate
    sides = [(c, v) for c in causes if c.part_of is None and (v := _read(undone(c.name))) is not None]
    if len(sides) < 2:
        return None
    changes: dict[str, str | None] = {}
    for _, variant in sides:
        for key, value in _changes(candidate, variant).items():
            if key in changes and key in WORD_LISTS:
                value = _joined(key, candidate.get(key), changes[key], value)
            changes[key] = value
    whole = changed(candidate, changes)
    if sorted(whole.settings) == sorted(situation.base.settings):
        return None
    return Proposal(
        change=difference(candidate, whole),
        variant=whole,
        takes_back=True,
        for_cause=", ".join(c.name for c, _ in sides),
        why="all that carry it, taken back together",
        source="https://pkg.go.dev/internal/goexperiment"
        if all(c.kind == "toggle" for c, _ in sides)
        else "https://pkg.go.dev/cmd/go",
    )


def _joined(key: str, before: str | None, one: str | None, other: str | None) -> str | None:
    """Returns a list of words with the changes of both: what each took out is gone, what each added is there."""
    mark = WORD_LISTS[key]
    was, left, right = ([w for w in re.split("[+, ]", text or "") if w] for text in (before, one, other))
    kept = [w for w in was if w in left and w in right]
    added = [w for w in (*left, *right) if w not in was]
    return mark.join(dict.fromkeys([*kept, *added])) or None


def _read(spec: str | None) -> Variant | None:
    return None if spec is None else parse_variant("" if spec == "base:" else spec)


def _release_of(variant: Variant) -> str | None:
    try:
        return parse_version(variant.get("go") or "").text
    except BadVersion:
        return None


def _changes(candidate: Variant, remedied: Variant) -> dict[str, str | None]:
    before = {s.key: s.value for s in candidate.settings}
    after = {s.key: s.value for s in remedied.settings}
    return {k: after.get(k) for k in dict.fromkeys([*after, *before]) if before.get(k) != after.get(k)}


def difference(candidate: Variant, remedied: Variant) -> str:
    """Returns what of the candidate's settings is changed, as a variant is written."""
    changes: Mapping[str, str | None] = _changes(candidate, remedied)
    return ",".join(f"without {key}" if value is None else f"{key}={value}" for key, value in changes.items())
