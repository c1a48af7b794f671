"""What a view groups by: function, package, file, source line, address, type and size class where a label says them."""

from __future__ import annotations

import re

import numpy as np

from whence.evidence.errors import BadInput
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.views.nodes import Nodes, binary_of, by_function, grouped

KINDS = ("function", "package", "type", "file", "line", "address")
_GENERIC = re.compile(r"\[.*\]")
_CLOSURE = re.compile(r"func\d+|gowrap\d+|deferwrap\d+|\d+")


def nodes_by(profile: Profile, kind: str) -> Nodes:
    """Returns the nodes of a profile by one of KINDS. Raises BadInput for another."""
    if kind == "function":
        return by_function(profile)
    if kind == "package":
        return grouped(profile, [package_of(name) for name in profile.function_names()])
    if kind == "type":
        return grouped(profile, [receiver_of(name) for name in profile.function_names()])
    if kind == "file":
        return grouped(profile, [profile.strings[row] for row in profile.functions.filename.tolist()])
    if kind == "line":
        return _by_line(profile)
    if kind == "address":
        return _by_address(profile)
    raise BadInput(f"a profile cannot be grouped by {kind}. Choose one of: {', '.join(KINDS)}.")


def package_of(function: str) -> str:
    """Returns the import path of the package that a Go function's symbol names, itself when it names none.

    The path ends at the first dot behind its last slash; brackets hold type arguments, whose slashes do not count;
    dots of the path itself are written %2e by the linker.
    """
    plain = _GENERIC.sub("", function)
    slash = plain.rfind("/", 0, plain.find("(") if "(" in plain else len(plain)) + 1
    dot = plain.find(".", slash)
    return (plain if dot < 0 else plain[:dot]).replace("%2e", ".")


def receiver_of(function: str) -> str:
    """Returns the type whose method a Go function's symbol names (`net/http.(*conn)`), else its package."""
    plain = _GENERIC.sub("", function)
    package = package_of(function)
    words = plain[len(package) + 1 :].split(".")
    return f"{package}.{words[0]}" if len(words) > 1 and not _CLOSURE.fullmatch(words[1]) else package


def _by_line(profile: Profile) -> Nodes:
    """Groups by function, file and line."""
    plain = by_function(profile)
    function, number = _line_columns(profile, plain)
    keys = np.stack([function, number], axis=1) if len(function) else np.zeros((0, 2), np.int64)
    unique, of_line = np.unique(keys, axis=0, return_inverse=True)
    strings, files, names = profile.strings, profile.functions.filename, profile.function_names()
    index: dict[str, int] = {}
    texts: list[str] = []
    rows = np.zeros(len(unique), np.int32)
    for row, (at, line) in enumerate(unique.tolist()):
        text = f"{names[at]} {strings[int(files[at])]}:{line}" if at >= 0 else plain.names[-at - 1]
        rows[row] = index.setdefault(text, len(texts))
        if rows[row] == len(texts):
            texts.append(text)
    return Nodes(texts, plain.starts, rows[of_line.reshape(-1)].astype(np.int32))


def _line_columns(profile: Profile, nodes: Nodes) -> tuple[np.ndarray, np.ndarray]:
    """Returns for every line of the nodes its function row and number; without a function, less its node and one."""
    places = profile.locations
    function = -nodes.of_line.astype(np.int64) - 1
    number = np.zeros(len(function), np.int64)
    lines = np.diff(places.line_starts)
    owner = np.repeat(np.arange(len(places)), lines)
    at = nodes.starts[:-1][owner] + np.arange(len(owner)) - places.line_starts[owner]
    known = places.line_function >= 0
    function[at[known]] = places.line_function[known]
    number[at[known]] = places.line_number[known]
    return function, number


def _by_address(profile: Profile) -> Nodes:
    """Groups by program counter, shown with the functions inlined there, innermost first."""
    places = profile.locations
    names = profile.function_names()
    texts = []
    for row, address in enumerate(places.address.tolist()):
        lines = places.line_function[places.line_starts[row] : places.line_starts[row + 1]].tolist()
        there = " < ".join(names[line] for line in lines if line >= 0) or binary_of(profile, row)
        texts.append(f"{address:016x} {there}".rstrip())
    index: dict[str, int] = {}
    rows = np.array([index.setdefault(text, len(index)) for text in texts] or [], np.int32)
    return Nodes(list(index), np.arange(len(places) + 1, dtype=np.int64), rows)
