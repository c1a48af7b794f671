"""The table of known remedies: which causes each is for, what it does, and where it is known from.

A row fits a cause by its kind, its name, the family of the metric, and what the releases on the two sides are. It
never knows a program: what it proposes is measured before it is recommended. The rows are data (`table.json`).
"""

from __future__ import annotations

import functools
import re
from importlib import resources
from typing import Literal

import msgspec

from whence.evidence.attribution import CauseKind
from whence.evidence.metric import Metric
from whence.golang.versions import at_least, parse_version

Deed = Literal["newest-patch", "newest-version", "undo", "set", "code"]
"""newest-patch: a newer release; newest-version: of the module; undo: as the base has it; set: settings on top of the
candidate; code: a change that only a person can make, which therefore is not measured."""
Concern = Literal["resident", "pages", "heap", "allocation", "size", "cpu", "latency", "count"]
Sign = Literal["huge-pages", "cpu-limit", ""]
PLACEHOLDERS = ("{90% of candidate}", "{cpu limit}")
_RESIDENT = frozenset({"rss", "rss-peak", "rss-anon"})
_HEAP = frozenset({"heap-live", "heap-inuse", "heap-goal", "runtime-total"})
_ALLOCATION = re.compile(r"(allocs|mallocs|objects|B|bytes)/\w+\Z")


class Row(msgspec.Struct, frozen=True, kw_only=True, rename={"kinds": "for"}, forbid_unknown_fields=True):
    """One remedy. Empty lists fit everything."""

    kinds: tuple[Literal[CauseKind, "*"], ...]
    do: Deed
    why: str
    source: str
    names: tuple[str, ...] = ()
    families: tuple[Concern, ...] = ()
    settings: dict[str, str] = msgspec.field(default_factory=dict[str, str], name="set")
    takes_back: bool = False
    """The settings restore what the release before did: the remedied candidate is held against the plain base."""
    unless: tuple[str, ...] = ()
    """Keys that a variant already sets: then they are the user's to choose."""
    since: str | None = None
    until: str | None = None
    """First and last release line that reads the setting."""
    crossing: str | None = None
    """Line that changed the behaviour: the base is older, the candidate is not."""
    module_since: str | None = None
    """First version of the module (the cause) that reads the setting."""
    when: Literal["fixed", "not-fixed", ""] = ""
    sign: Sign = ""
    """What must be so besides: huge pages grew, or the program runs under a limit on CPU."""
    text: str = ""

    def fits(self, kind: str, name: str, concern: Concern) -> bool:
        return (
            (kind in self.kinds or "*" in self.kinds)
            and (not self.names or name in self.names)
            and (not self.families or concern in self.families)
        )

    def in_release(self, base: str | None, candidate: str | None) -> bool:
        """Tells whether the candidate's release reads the setting, and the change lies between the two releases.

        Where a release is not known (a ready program), only rows that name none fit.
        """
        if candidate is None:
            return self.since is None and self.until is None and self.crossing is None
        if self.since is not None and not at_least(candidate, self.since):
            return False
        if self.until is not None and parse_version(parse_version(candidate).line) > parse_version(self.until):
            return False
        if self.crossing is None:
            return True
        return base is not None and not at_least(base, self.crossing) and at_least(candidate, self.crossing)

    def in_module(self, written: str) -> bool:
        """Tells whether the module's version reads the setting; `written`: `mod.PATH=v1.2.3`."""
        return self.module_since is None or _numbers(written.rpartition("=")[2]) >= _numbers(self.module_since)


def concern_of(metric: Metric) -> Concern:
    """Returns what a metric is about, finer than its family: the heap's settings do nothing for a binary's size."""
    if metric.name.startswith("rss"):
        return "resident" if metric.name in _RESIDENT else "pages"
    if metric.name in _HEAP:
        return "heap"
    if metric.name == "binary-size":
        return "size"
    if _ALLOCATION.match(metric.unit):
        return "allocation"
    return "heap" if metric.family == "memory" else metric.family


def _numbers(version: str) -> tuple[int, ...]:
    """Returns the numbers of a module's version; none for a pseudo-version of an unknown line or a query."""
    match = re.match(r"v?(\d+)\.(\d+)(?:\.(\d+))?", version)
    return tuple(int(part or 0) for part in match.groups()) if match else ()


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    schema: Literal["whence.remedies/1"]
    rows: tuple[Row, ...]


@functools.cache
def rows() -> tuple[Row, ...]:
    """Returns all rows, in the order in which they are proposed: what takes the cause back first, settings last."""
    data = resources.files("whence.explain.advice").joinpath("table.json").read_bytes()
    return msgspec.json.decode(data, type=_Table).rows
