"""The release's own part of a change, looked at closer: which release along the way, and which lines of its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from whence.evidence.attribution import Cause
from whence.evidence.variant import changed
from whence.explain.attribution import verdicts
from whence.explain.attribution.levers import Lever
from whence.explain.attribution.path import PathFinding, search_path
from whence.explain.attribution.shares import delta_per_point
from whence.explain.attribution.source import search_source, source_causes
from whence.golang.versions import parse_version

if TYPE_CHECKING:
    from whence.explain.search import Search

KEPT_FOR_REMEDIES = 0.1
"""Share of the budget that the search of the source leaves."""


def follow_release(search: Search) -> None:
    """Looks where along the releases the change came and went, when the release itself carries it."""
    levers, settled = search.levers, search.trials.settled
    assert levers is not None and search.change is not None
    lever = levers.release
    carrier = next((c for c in verdicts.carrying(search.causes, search.points) if c.kind == "toolchain"), None)
    old, new = settled.releases[:2]
    if lever is None or carrier is None or old is None or new is None or carrier.share is None:
        return
    off = tuple(w for x in levers.levers if x.default for w in x.experiments_off)
    partly = any(c.kind == "toggle" for c in verdicts.carrying(search.causes, search.points))
    found = PathFinding(introduced_in=new, previous=old)
    if not any("/" in s.value for s in (*lever.on, *lever.off)):
        found = search_path(
            search.trials,
            search.base,
            (old, new),
            carrier.share,
            exact=search.change.exact,
            off=off if partly else (),
        )
    search.path, search.introduced_in, search.fixed_in = found.steps, found.introduced_in, found.fixed_in
    search.newest_carries = found.newest_carries
    for note in found.notes:
        search.trials.note(note)
    if found.boundary is not None:
        _rename(search, carrier, found)
    _source(search, found, carrier.share, lever)


def _rename(search: Search, carrier: Cause, found: PathFinding) -> None:
    """The release's part is that of one patch, now that it is known which."""
    told = [f"go{s.release}: ×{s.ratio:.4g} of the base" for s in found.steps if s.ratio is not None]
    named = msgspec.structs.replace(
        carrier, kind="toolchain-patch", name=found.boundary or carrier.name, evidence=(*carrier.evidence, *told)
    )
    search.causes = tuple(named if c is carrier else c for c in search.causes)


def _source(search: Search, found: PathFinding, share: float, lever: Lever) -> None:
    """Searches the source between two neighbouring releases: where it went, else where it came."""
    pairs = [(found.before_fix, found.fixed_in), (found.introduced_in, found.previous)]
    given = {s.key: s.value for s in lever.on}, {s.key: s.value for s in lever.off}
    for carrying, neighbour in pairs:
        if carrying is None or neighbour is None:
            continue
        sides = [changed(search.base, {"go": release}) for release in (carrying, neighbour)]
        if not search.path:
            sides = [changed(search.base, {"go": side["go"]}) for side in given]
        elif parse_version(carrying).line != parse_version(neighbour).line:
            continue
        finding = search_source(
            search.trials,
            sides[0],
            sides[1],
            share,
            exact=search.change is not None and search.change.exact,
            enough=lambda: search.clock.left_s <= KEPT_FOR_REMEDIES * search.clock.budget_s,
        )
        for note in finding.notes:
            search.trials.note(note)
        if finding.hunks:
            search.causes += source_causes(
                finding,
                part_of=found.boundary or lever.name,
                scale=None if search.total is None else delta_per_point(search.total),
            )
            return
