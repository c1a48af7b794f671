"""The table of known remedies: which causes each is for, what it does, and where it is known from."""

from __future__ import annotations

import functools
from importlib import resources
from typing import Literal

import msgspec

from whence.golang.versions import at_least, parse_version

Deed = Literal["newest-patch", "newest-version", "undo", "set", "code"]


class Row(msgspec.Struct, frozen=True, kw_only=True, rename={"kinds": "for"}, forbid_unknown_fields=True):
    """One remedy. Empty lists fit everything."""

    kinds: tuple[str, ...]
    """Kinds of causes, or `*`."""
    do: Deed
    why: str
    source: str
    names: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    settings: dict[str, str] = msgspec.field(default_factory=dict[str, str], name="set")
    unless: tuple[str, ...] = ()
    """Keys that a variant already sets: then the remedy is theirs to choose."""
    since: str | None = None
    until: str | None = None
    """First and last release line that reads the setting."""
    when: Literal["fixed", "not-fixed", ""] = ""
    sign: Literal["huge-pages", ""] = ""
    """What the measurement must have shown."""
    text: str = ""

    def fits(self, kind: str, name: str, family: str, metric: str) -> bool:
        return (
            (kind in self.kinds or "*" in self.kinds)
            and (not self.names or name in self.names)
            and (not self.families or family in self.families)
            and (not self.metrics or metric in self.metrics)
        )

    def in_release(self, release: str | None) -> bool:
        if release is None:
            return True
        if self.since is not None and not at_least(release, self.since):
            return False
        return self.until is None or parse_version(parse_version(release).line) <= parse_version(self.until)


class _Table(msgspec.Struct, frozen=True, kw_only=True):
    schema: str
    rows: tuple[Row, ...]


@functools.cache
def rows() -> tuple[Row, ...]:
    """Returns all rows, in the order in which they are proposed."""
    data = resources.files("whence.explain.advice").joinpath("table.json").read_bytes()
    return msgspec.json.decode(data, type=_Table).rows
