"""Which files a build can depend on, and one digest over them, without asking the go command.

A conservative over-estimate: every file of the module (and of each local module it is replaced or joined with) that
the go command would ever hand to a tool, plus what `//go:embed` patterns name. Other files (data, results of earlier
runs, documents) play no part, so that they may change without a rebuild. Contents are read once per process: a file
whose size, times and inode are unchanged is not read again, so that a second digest costs a walk (about 20 µs a file).
"""

# Paths are strings here: ten thousand files are walked, and pathlib takes several times as long.
# ruff: noqa: PTH112, PTH113, PTH116, PTH118, PTH122, PTH207
from __future__ import annotations

import glob
import hashlib
import os
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

COMPILED = frozenset(
    {
        ".go", ".c", ".cc", ".cpp", ".cxx", ".m", ".h", ".hh", ".hpp", ".hxx", ".f", ".F", ".for", ".f90", ".s", ".S",
        ".sx", ".swig", ".swigcxx", ".syso", ".a", ".so", ".o", ".pgo",
    }
)  # fmt: skip
MODULE_FILES = frozenset({"go.mod", "go.sum", "modules.txt"})
_EMBED = re.compile(rb"^[ \t]*//go:embed[ \t]+(.+)$", re.MULTILINE)
_CGO = re.compile(rb'^\s*(?:import\s+)?"C"\s*(?:;|//|$)', re.MULTILINE)


class _File(msgspec.Struct, frozen=True):
    digest: bytes
    embeds: tuple[str, ...] = ()
    uses_cgo: bool = False


class SourceFiles(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. `files` are the paths of the first root's files, relative to it."""

    digest: str
    files: tuple[str, ...]
    uses_cgo: bool


class SourceHasher:
    """Digests source trees. One instance remembers the contents it has read."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[tuple[int, ...], _File]] = {}

    def scan(self, roots: Sequence[Path], *, tests_of: Path | None = None, deep: bool = True) -> SourceFiles:
        """Returns the files below `roots` and their digest, which does not depend on where the roots lie.

        Test files count only in the directory `tests_of`. Not `deep`: the files of the first root's own directory.
        """
        total = hashlib.sha256()
        first: list[str] = []
        uses_cgo = False
        for number, root in enumerate(roots):
            entries = sorted(self._entries(root, tests_of, deep))
            for relative, path in entries:
                file = self._read(path)
                uses_cgo = uses_cgo or file.uses_cgo
                total.update(f"{number}\0{relative}\0".encode(errors="surrogateescape") + file.digest)
            if number == 0:
                first = [relative for relative, _ in entries]
        return SourceFiles(digest=total.hexdigest(), files=tuple(first), uses_cgo=uses_cgo)

    def digest_files(self, paths: Iterable[Path]) -> str:
        """Returns one digest over the contents of single files, in order; a missing file counts as such."""
        total = hashlib.sha256()
        for path in paths:
            total.update(self._read(str(path)).digest if path.is_file() else b"missing")
        return total.hexdigest()

    def _entries(self, root: Path, tests_of: Path | None, deep: bool) -> set[tuple[str, str]]:
        """Returns (path relative to the root, path) of every file that counts."""
        found: set[tuple[str, str]] = set()
        start = str(root)
        for directory, names in _walk(start, deep):
            keep_tests = tests_of is not None and directory == str(tests_of)
            for name in names:
                extension = os.path.splitext(name)[1]
                if extension not in COMPILED and name not in MODULE_FILES:
                    continue
                if name.endswith("_test.go") and not keep_tests:
                    continue
                path = os.path.join(directory, name)
                found.add((path[len(start) + 1 :], path))
                if extension == ".go":
                    embeds = self._read(path).embeds
                    found.update((p[len(start) + 1 :], p) for p in _embedded(directory, embeds))
        return found

    def _read(self, path: str) -> _File:
        status = os.stat(path)
        state = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
        known = self._seen.get(path)
        if known is not None and known[0] == state:
            return known[1]
        content = Path(path).read_bytes()
        file = _File(hashlib.sha256(content).digest())
        if path.endswith(".go"):
            lines = _EMBED.findall(content) if b"//go:embed" in content else []
            patterns = [w for line in lines for w in _patterns(line.decode(errors="replace"))]
            file = _File(file.digest, tuple(patterns), b'"C"' in content and _CGO.search(content) is not None)
        self._seen[path] = (state, file)
        return file


def _walk(start: str, deep: bool) -> Iterator[tuple[str, list[str]]]:
    """Yields (directory, names of its files). Hidden directories and nested modules are not part of a module."""
    pending = [start]
    while pending:
        directory = pending.pop()
        files: list[str] = []
        folders: list[str] = []
        with os.scandir(directory) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
                elif entry.is_file():
                    files.append(entry.name)
        if directory != start and "go.mod" in files:
            continue
        yield directory, files
        if deep:
            pending.extend(os.path.join(directory, name) for name in folders if not name.startswith("."))


def _patterns(line: str) -> list[str]:
    """Returns the patterns of one `//go:embed` line; they may be quoted."""
    try:
        words = shlex.split(line.replace("`", '"'))
    except ValueError:
        words = line.split()
    return [w.removeprefix("all:") for w in words]


def _embedded(directory: str, patterns: Iterable[str]) -> Iterator[str]:
    """Yields the files that the patterns name; a directory stands for all files below it."""
    for pattern in patterns:
        translated = pattern.replace("[^", "[!").replace("**", "*")
        for name in glob.glob(translated, root_dir=directory, include_hidden=True):
            path = os.path.join(directory, name)
            if os.path.isdir(path):
                for folder, _, files in os.walk(path):
                    yield from (os.path.join(folder, f) for f in files if os.path.isfile(os.path.join(folder, f)))
            elif os.path.isfile(path):
                yield path
