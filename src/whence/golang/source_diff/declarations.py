"""The declaration that a line of Go or of its assembler lies in, found by looking upwards."""

from __future__ import annotations

import re

from whence.golang.source_diff.reading import Lines

_FUNCTION = re.compile(r"func\s+(?:\((?:\w+\s+)?\*?(?P<receiver>\w+)[^)]*\)\s*)?(?P<name>\w+)")
_DECLARATION = re.compile(r"(?:type|var|const)\s+(?P<name>\w+)")
_GROUP = re.compile(r"(?:type|var|const)\s+\(")
_IN_GROUP = re.compile(r"\t(?P<name>\w+)")
_ASSEMBLY = re.compile(r"TEXT\s+(?:[\w∕/.]*·)?(?P<name>\w+)")
_OPEN = ("{", "(", "=", ",")
"""How the first line of a declaration ends that goes on in the next one."""


def declaration_at(lines: Lines, at: int) -> str:
    """Returns the name of the function (`Receiver.name` for a method), type, variable or constant that line `at`,
    counted from 0, lies in; empty for none. Relies on the formatting of gofmt: declarations begin at a line's start."""
    for number in range(min(at, len(lines) - 1), -1, -1):
        line = lines[number]
        if _GROUP.match(line):
            return _named_in_group(lines, number, at)
        match = _FUNCTION.match(line) or _DECLARATION.match(line)
        if match is not None:
            inside = number == at or _without_comment(line).endswith(_OPEN)
            receiver = match.groupdict().get("receiver")
            return "" if not inside else f"{receiver}.{match['name']}" if receiver else match["name"]
        if (match := _ASSEMBLY.match(line)) is not None:
            return match["name"]
        if number < at and _without_comment(line) in ("}", ")"):
            return ""
    return ""


def _named_in_group(lines: Lines, opening: int, at: int) -> str:
    """Returns the name in a group of declarations that stands nearest above the line."""
    for number in range(at, opening, -1):
        if (match := _IN_GROUP.match(lines[number])) is not None:
            return match["name"]
    return ""


def _without_comment(line: str) -> str:
    return line.partition("//")[0].rstrip()
