"""How an unknown switch is refused: in one line that names the releases that have it."""

from __future__ import annotations

import difflib

from whence.evidence.errors import BadInput
from whence.golang.releases import by_line, newest
from whence.golang.toggle_table import Kind, Row, row_of, table
from whence.golang.versions import Version, parse_version


class UnknownSwitch(BadInput):
    """A switch that the release does not have: Go would fail late, or ignore it in silence."""


class MeaninglessValue(BadInput):
    """A value that Go ignores in silence, so that a variant would not differ from the base."""


def unknown_switch(kind: Kind, name: str, written: str, version: Version) -> UnknownSwitch:
    """Returns the refusal of a switch; `written` is the name as the user wrote it (`noswissmap`)."""
    row = row_of(kind, name)
    if row is None:
        return UnknownSwitch(
            f"go{version.line} has no switch {written}, and no release known here has it{_similar(kind, name)}. "
            f"See: whence toolchain toggles {version.text}"
        )
    if row.range_for(version) is not None:
        last = newest(version.line)
        return UnknownSwitch(
            f"go{version.text} has no switch {written} (a later patch of {version.line} has it). "
            f"Remove it, or compare with go={(last or version).text}."
        )
    other = _nearest_release(row, version)
    label = version.text if other.startswith(f"{version.line}.") else version.line
    return UnknownSwitch(
        f"go{label} has no switch {written} (it exists {_releases(row)}). Remove it, or compare with go={other}."
    )


def too_old_for_experiments(written: str, version: Version, since: str) -> UnknownSwitch:
    return UnknownSwitch(
        f"go{version.line} reads no GOEXPERIMENT when it builds, so {written} would do nothing there "
        f"(releases from {since} on do). Remove it, or compare with go={since} or newer."
    )


def _releases(row: Row) -> str:
    """As in `in 1.24 and 1.25`, `in 1.22`, `from 1.19 on`, `from 1.3 to 1.22`."""
    first, last = row.since, row.last
    lines = [line for line in by_line() if parse_version(first) <= parse_version(line) <= parse_version(last)]
    if last == table().newest_line and (len(lines) > 1 or first != last):
        return f"from {first} on"
    if len(lines) <= 1:
        return f"in {last}"
    return f"in {first} and {last}" if len(lines) == 2 else f"from {first} to {last}"


def _nearest_release(row: Row, version: Version) -> str:
    """Returns the release to compare with instead: the nearest line that has the switch, or a patch of this line."""
    minors = [
        minor
        for r in row.ranges
        for minor in range(parse_version(r.first).minor, parse_version(r.last).minor + 1)
    ]  # fmt: skip
    nearest = min(minors, key=lambda minor: (abs(minor - version.minor), -minor))
    first = parse_version(row.since)
    return first.text if first.minor == nearest and first.kind == "release" else f"{version.major}.{nearest}"


def _similar(kind: Kind, name: str) -> str:
    names = [row.name for row in table().toggles if row.kind == kind]
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.7)
    return f" (did you mean {close[0]}?)" if close else ""
