"""The table of switches that ships with Whence: `data/toggles.json`, a row a switch, with source and release range.

It says what a switch does and which releases have it, so that an unknown one can be refused by name; where a
release is installed, its own source (`switch_tables`) decides what it knows.
"""

from __future__ import annotations

import functools
from importlib import resources
from typing import Literal

import msgspec

from whence.golang.releases import by_line
from whence.golang.versions import Version, parse_version

Kind = Literal["GOEXPERIMENT", "GODEBUG", "gcflags", "ldflags", "env", "module"]


class Range(msgspec.Struct, frozen=True, rename={"first": "from", "last": "to"}):
    """A stretch of releases with one default. `first` is a line or a patch, `last` a line with all its patches."""

    first: str
    last: str
    default: str

    def covers(self, version: Version) -> bool:
        """A line is covered when any of its releases may be."""
        if version.kind == "line":
            return parse_version(parse_version(self.first).line) <= version <= parse_version(self.last)
        return parse_version(self.first) <= version and parse_version(version.line) <= parse_version(self.last)


class Fatal(msgspec.Struct, frozen=True):
    """From release line `since` on, a process that finds one of `values` dies at start. `reason` says why."""

    since: str
    values: tuple[str, ...]
    reason: str


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One switch as the data file describes it."""

    name: str
    kind: Kind
    area: str
    ranges: tuple[Range, ...]
    effect: str
    write: str = ""
    """How a variant sets it, as in `debug.gctrace=1`; for a GOEXPERIMENT that follows from the default."""
    isolates: str = ""
    note: str = ""
    source: str = ""
    fatal: Fatal | None = None

    def range_for(self, version: Version) -> Range | None:
        return next((r for r in self.ranges if r.covers(version)), None)

    @property
    def since(self) -> str:
        return self.ranges[0].first

    @property
    def last(self) -> str:
        return self.ranges[-1].last

    @property
    def removed(self) -> str | None:
        """The first line without it, or None when the newest line in the table still has it."""
        if self.last == table().newest_line:
            return None
        later = [line for line in by_line() if parse_version(line) > parse_version(self.last)]
        return later[0] if later else None


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """The form of `data/toggles.json`."""

    schema: str
    platform: str
    newest_line: str
    """The last line of releases that was read for this table; of later ones it knows nothing."""
    read: tuple[str, ...]
    """The releases whose source was read."""
    toggles: tuple[Row, ...]


@functools.cache
def table() -> Table:
    """Returns the shipped table."""
    data = resources.files("whence.golang").joinpath("data/toggles.json").read_bytes()
    return msgspec.json.decode(data, type=Table)


@functools.cache
def _index() -> dict[tuple[str, str], Row]:
    return {(row.kind, row.name): row for row in table().toggles}


def row_of(kind: Kind, name: str) -> Row | None:
    """Returns the row of a switch, by its own name (without `no`, without a value)."""
    return _index().get((kind, name))


def rows_for(version: Version) -> tuple[Row, ...]:
    """Returns the rows that the table has for a release."""
    return tuple(row for row in table().toggles if row.range_for(version) is not None)
