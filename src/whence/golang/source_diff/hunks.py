"""Cutting the difference of two Go trees into hunks."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from whence.golang.source_diff.constraints import can_be_built
from whence.golang.source_diff.declarations import declaration_at
from whence.golang.source_diff.library import differing_files, library_packages
from whence.golang.source_diff.reading import Lines, code_lines, lines_of

WHOLE_FILE = "whole file"


class Hunk(msgspec.Struct, frozen=True, kw_only=True):
    """One place where `old` stands in the first tree and `new` in the second.

    `file`: path below GOROOT/src. `start`, `end`: lines of the first tree, counted from 0, end exclusive. A whole file
    that only one tree has is one hunk with `old` or `new` None.
    """

    file: str
    start: int
    end: int
    old: tuple[str, ...] | None
    new: tuple[str, ...] | None
    declaration: str
    """The function (or type, variable) that it lies in, or that it adds; empty between declarations."""

    @property
    def line(self) -> int:
        """The first line of it in the first tree, as people count."""
        return self.start + 1

    @property
    def package(self) -> str:
        return self.file.rpartition("/")[0]

    @property
    def place(self) -> str:
        return f"{self.file}:{self.declaration or 'top of file'}:{self.line}"


def hunks_between(first: Path, second: Path, program: Path | None = None) -> tuple[Hunk, ...]:
    """Returns the hunks that make the library sources of GOROOT `first` those of `second`, in order of file and line.

    Only packages that `program`, an executable, can depend on, and files that this machine builds. Commands, tests,
    files that hold a release's number, and differences in comments are left out. Raises OSError when a tree cannot be
    read.
    """
    sources = first / "src", second / "src"
    packages = None if program is None else library_packages(program, sources)
    found: list[Hunk] = []
    for file in differing_files(*sources, packages):
        found += _hunks_of(file, *(source / file for source in sources))
    return tuple(found)


def _hunks_of(file: str, first: Path, second: Path) -> list[Hunk]:
    old = lines_of(first) if first.is_file() else None
    new = lines_of(second) if second.is_file() else None
    if not any(can_be_built("".join(lines)) for lines in (old, new) if lines is not None):
        return []
    if old is None or new is None:
        return [Hunk(file=file, start=0, end=len(old or ()), old=old, new=new, declaration=WHOLE_FILE)]
    read = code_lines(old), code_lines(new)
    found: list[Hunk] = []
    for i1, i2, j1, j2 in _changes(old, new):
        ours, theirs = ([line for line in lines if line] for lines in (read[0][i1:i2], read[1][j1:j2]))
        if ours == theirs:
            continue
        lines, at, code = (old, i1, read[0][i1:i2]) if ours else (new, j1, read[1][j1:j2])
        named = [n for n, line in enumerate(code) if line and not line.startswith("//")]
        where = declaration_at(lines, at + (named[0] if named else 0))
        found.append(Hunk(file=file, start=i1, end=i2, old=old[i1:i2], new=new[j1:j2], declaration=where))
    return found


def _changes(old: Lines, new: Lines) -> list[tuple[int, int, int, int]]:
    """Returns (from, to) of the old lines and of the new ones for each place that differs."""
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    codes = [c[1:] for c in matcher.get_opcodes() if c[0] != "equal"]
    found: list[tuple[int, int, int, int]] = []
    floor = 0
    for number, (i1, i2, j1, j2) in enumerate(codes):
        # One line stays between two places: two insertions at one place would have no order of their own.
        ceiling = codes[number + 1][0] - 1 if number + 1 < len(codes) else len(old)
        if i1 == i2:
            by = _slide(new, j1, j2, up=i1 - floor, down=ceiling - i2)
        elif j1 == j2:
            by = _slide(old, i1, i2, up=i1 - floor, down=ceiling - i2)
        else:
            by = 0
        found.append((i1 + by, i2 + by, j1 + by, j2 + by))
        floor = i2 + by + 1
    return found


def _slide(lines: Lines, start: int, end: int, *, up: int, down: int) -> int:
    """Returns by how many lines to move a block that only one side has, where it can lie in several ways.

    A new function may be shown as its body behind the brace that ends the one above. It is moved to where it begins
    with a line of code that is indented least, so that it is named after what it is.
    """
    possible = [0]
    while -possible[-1] < up and lines[start + possible[-1] - 1] == lines[end + possible[-1] - 1]:
        possible.append(possible[-1] - 1)
    by = 0
    while by < down and end + by < len(lines) and lines[start + by] == lines[end + by]:
        by += 1
        possible.append(by)
    return min(possible, key=lambda d: (*_beginning(lines[start + d : end + d]), abs(d)))


def _beginning(block: Sequence[str]) -> tuple[bool, int]:
    first = block[0]
    text = first.strip()
    return text == "" or text.startswith(("}", ")")), len(first) - len(first.lstrip())


def declaration_in(file: Path, line: int) -> str:
    """Returns the function (or type, variable) that a line of a Go file, counted from 1, lies in; empty for none."""
    try:
        return declaration_at(lines_of(file), line - 1)
    except OSError:
        return ""
