"""Which hunks belong together: parts of one change to the source, which seldom build one without the other.

Two hunks are related when they share a name that only one of the trees knows (added, removed or renamed: a field and
its uses, a function and its callers), or when one changes the head of a function, or an import, and the other mentions
it, or when they lie in the same function. Names are compared as words, without types: hunks that have nothing to do
with one another may be joined by chance, which makes a search coarser, and never wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from whence.golang.source_diff.hunks import Hunk
from whence.golang.source_diff.library import package_files
from whence.golang.source_diff.reading import code_lines, lines_of

Groups = tuple[tuple[Hunk, ...], ...]

_NAME = re.compile(r"\.?[^\W\d]\w*")
_FIELD = re.compile(r"([^\W\d]\w*) [\w*\[(]")
_HEAD = re.compile(r"func\s+(?P<method>\([^)]*\)\s*)?(?P<name>\w+)")
_IMPORT = re.compile(r'(?:import )?(?:(?P<name>\w+) )?"(?P<path>[\w./-]+)"$')


def related(hunks: Sequence[Hunk], first: Path, second: Path, *, by_file: bool = False) -> Groups:
    """Returns the hunks between GOROOTs `first` and `second` in groups of related ones, in their order.

    With `by_file` hunks of one file are related too: then nearly every group builds without the others.
    """
    words = {tree: _Words(tree / "src") for tree in (first, second)}
    leader = list(range(len(hunks)))

    def lead(index: int) -> int:
        while leader[index] != index:
            leader[index] = leader[leader[index]]
            index = leader[index]
        return index

    seen: dict[object, int] = {}
    for index, hunk in enumerate(hunks):
        for tie in _ties(hunk, words[first], words[second], by_file):
            leader[lead(index)] = lead(seen.setdefault(tie, index))
    for index, other in _mentions(hunks):
        leader[lead(other)] = lead(index)
    groups: dict[int, list[Hunk]] = {}
    for index, hunk in enumerate(hunks):
        groups.setdefault(lead(index), []).append(hunk)
    return tuple(tuple(group) for group in groups.values())


def _ties(hunk: Hunk, first: _Words, second: _Words, by_file: bool) -> Iterable[object]:
    """Yields what a hunk shares with those related to it."""
    if by_file:
        yield ("file", hunk.file)
    if hunk.declaration:
        yield ("function", hunk.file, hunk.declaration)
    for name in _names(hunk.new) - first.of(hunk.package):
        yield ("added", name)
    for name in _names(hunk.old) - second.of(hunk.package):
        yield ("removed", name)


def _mentions(hunks: Sequence[Hunk]) -> Iterator[tuple[int, int]]:
    """Yields (hunk that changes a function's head or an import, hunk that mentions it)."""
    heads, imports = [_heads(hunk) for hunk in hunks], [_imports(hunk) for hunk in hunks]
    mentioned = [{name.lstrip(".") for name in _names(hunk.old) | _names(hunk.new)} for hunk in hunks]
    for index, hunk in enumerate(hunks):
        for other, near in enumerate(hunks):
            sought = heads[index] if near.package == hunk.package else set[str]()
            if near.file == hunk.file:
                sought = sought | imports[index]
            if sought & mentioned[other]:
                yield index, other


def _heads(hunk: Hunk) -> set[str]:
    """Returns the functions whose heads a hunk changes."""
    both = [{m["name"] for line in lines or () if (m := _HEAD.match(line))} for lines in (hunk.old, hunk.new)]
    return both[0] & both[1]


def _imports(hunk: Hunk) -> set[str]:
    """Returns the packages, by the name they are used under, whose imports a hunk adds or removes."""
    lines = [line.strip() for line in (*(hunk.old or ()), *(hunk.new or ()))]
    return {m["name"] or m["path"].rpartition("/")[2] for line in lines if (m := _IMPORT.match(line))}


def _names(lines: tuple[str, ...] | None) -> set[str]:
    """Returns the words of some lines, with a dot in front where they name a part of something, or may declare one: a
    field, a method, or what another package can use."""
    names: set[str] = set()
    for line in code_lines(lines or ()):
        names.update(_NAME.findall(line))
        if (field := _FIELD.match(line)) is not None:
            names.add(f".{field[1]}")
        if (head := _HEAD.match(line)) is not None and head["method"]:
            names.add(f".{head['name']}")
    return names | {f".{name}" for name in names if name[0].isupper()}


class _Words:
    """The names that each package of a tree mentions."""

    def __init__(self, source: Path) -> None:
        self._source = source
        self._known: dict[str, set[str]] = {}

    def of(self, package: str) -> set[str]:
        if package not in self._known:
            files = package_files(self._source / package)
            self._known[package] = {name for file in files for name in _names(lines_of(file))}
        return self._known[package]
