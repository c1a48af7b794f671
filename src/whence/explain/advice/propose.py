"""From causes to remedies that could be tried."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from whence.evidence.attribution import Cause
from whence.evidence.metric import Metric
from whence.evidence.variant import Variant, changed, parse_variant
from whence.explain.advice.table import Row, rows
from whence.golang.releases import known_versions
from whence.golang.versions import parse_version

MOST = 8


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """What is known when remedies are proposed."""

    base: Variant
    candidate: Variant
    metric: Metric
    release: str | None
    """The candidate's."""
    fixed_in: str | None
    newest_carries: str | None
    candidate_value: float | None
    huge_pages: bool = False
    """Huge pages are part of what grew."""


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


def propose(causes: Sequence[Cause], situation: Situation, undone: Callable[[str], str | None]) -> tuple[Proposal, ...]:
    """Returns what the table proposes for causes that carry the change, each change once, the direct ones first.

    `undone`: the candidate with one cause taken back, as a variant is written.
    """
    found: dict[str, Proposal] = {}
    for row in rows():
        for cause in causes:
            if not row.fits(cause.kind, cause.name, situation.metric.family, situation.metric.name):
                continue
            proposal = _proposal(row, cause, situation, undone)
            if proposal is not None and proposal.change:
                found.setdefault(proposal.change, proposal)
    return tuple(found.values())[:MOST]


def _proposal(row: Row, cause: Cause, situation: Situation, undone: Callable[[str], str | None]) -> Proposal | None:
    variant: Variant | None = None
    takes_back = row.do != "set"
    if row.do == "undo":
        if row.when == "not-fixed" and situation.fixed_in is not None:
            return None
        spec = undone(cause.name)
        if spec is None:
            return None
        variant = parse_variant("" if spec == "base:" else spec)
    elif row.do == "newest-patch":
        release = _newest_without(situation)
        if release is None:
            return None
        variant = changed(situation.candidate, {"go": release})
    elif row.do == "newest-version":
        variant = changed(situation.candidate, {f"mod.{cause.name}": "latest"})
    elif row.do == "set":
        if not _can_be_set(row, situation):
            return None
        variant = changed(situation.candidate, _filled(row.settings, situation))
    change = row.text or _code_change(cause) if variant is None else _difference(situation.candidate, variant)
    return Proposal(
        change=change,
        variant=variant,
        takes_back=takes_back,
        for_cause=cause.name,
        why=row.why,
        source=row.source,
    )


def _can_be_set(row: Row, situation: Situation) -> bool:
    taken = {s.key for s in (*situation.base.settings, *situation.candidate.settings)}
    if taken & set(row.unless) or not row.in_release(situation.release):
        return False
    needs_value = any("{" in text for text in row.settings.values())
    if needs_value and (situation.candidate_value is None or situation.metric.unit != "B"):
        return False
    return row.sign != "huge-pages" or situation.huge_pages


def _filled(settings: Mapping[str, str], situation: Situation) -> dict[str, str]:
    value = int(0.9 * (situation.candidate_value or 0.0))
    return {k: str(value) if text == "{90% of candidate}" else text for k, text in settings.items()}


def _newest_without(situation: Situation) -> str | None:
    """Returns the newest patch of the line in which the change is gone, the candidate's own line where it can be."""
    if situation.fixed_in is None:
        return None
    line = parse_version(situation.fixed_in).line
    patches = [v for v in known_versions() if v.kind == "release" and v.line == line]
    newest = max(patches, default=parse_version(situation.fixed_in))
    return max(newest, parse_version(situation.fixed_in)).text


def _code_change(cause: Cause) -> str:
    return f"change of the code at {cause.name}"


def _changes(candidate: Variant, remedied: Variant) -> dict[str, str | None]:
    before = {s.key: s.value for s in candidate.settings}
    after = {s.key: s.value for s in remedied.settings}
    return {k: after.get(k) for k in dict.fromkeys([*after, *before]) if before.get(k) != after.get(k)}


def _difference(candidate: Variant, remedied: Variant) -> str:
    """Returns what of the candidate's settings is changed, as a variant is written."""
    words: list[str] = []
    for key, value in _changes(candidate, remedied).items():
        words.append(f"without {key}" if value is None else f"{key}={value}")
    return ",".join(words)
