"""Cutting the difference of two Go trees into hunks."""

from __future__ import annotations

import difflib
import platform
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

SOURCES = (".go", ".s", ".h")
_SYSTEMS = frozenset(
    {
        *("aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", "nacl", "netbsd"),
        *("openbsd", "plan9", "solaris", "wasip1", "windows", "zos"),
    }
)
_PROCESSORS = frozenset(
    {
        *("386", "arm", "arm64", "amd64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "ppc64le"),
        *("riscv64", "s390x", "sparc64", "wasm"),
    }
)
_NATIVE = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "i686": "386"}
_FUNCTION = re.compile(r"^func\s+(?:\((?:\w+\s+)?\*?(?P<receiver>\w+)[^)]*\)\s*)?(?P<name>\w+)")
_DECLARATION = re.compile(r"^(?:type|var|const)\s+(?P<name>\w+)")
_ASSEMBLY = re.compile(r"^TEXT\s+(?:[\w∕/.]*·)?(?P<name>\w+)")


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
    """The function (or type, variable) of the first tree that it lies in; empty at the top of a file."""

    @property
    def line(self) -> int:
        """The first line of it in the first tree, as people count."""
        return self.start + 1

    @property
    def place(self) -> str:
        return f"{self.file}:{self.declaration or 'top of file'}:{self.line}"


def hunks_between(first: Path, second: Path, program: Path | None = None) -> tuple[Hunk, ...]:
    """Returns the hunks that make the library sources of GOROOT `first` those of `second`, in order of file and line.

    Only packages that `program`, an executable, was linked from (its table of files names them), and files that this
    machine builds. Commands, tests and differences in comments are left out. Raises OSError when a tree cannot be read.
    """
    linked = None if program is None else _linked_packages(program)
    found: list[Hunk] = []
    for file in _differing(first / "src", second / "src"):
        if linked is None or file.rpartition("/")[0] in linked:
            found += _hunks_of(file, first / "src" / file, second / "src" / file)
    return tuple(found)


def _differing(first: Path, second: Path) -> list[str]:
    mine, theirs = _files(first), _files(second)
    names = sorted(mine.keys() | theirs.keys())
    return [n for n in names if mine.get(n) is None or theirs.get(n) is None or not _same(mine[n], theirs[n])]


def _same(a: Path, b: Path) -> bool:
    """Hard links are the same file; otherwise size first, then content."""
    one, other = a.stat(), b.stat()
    if (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino):
        return True
    return one.st_size == other.st_size and a.read_bytes() == b.read_bytes()


def _files(source: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in _walk(source):
        name = path.relative_to(source).as_posix()
        if path.suffix in SOURCES and not path.stem.endswith("_test") and _is_native(path.stem):
            found[name] = path
    return found


def _walk(folder: Path) -> Iterator[Path]:
    for item in sorted(folder.iterdir()):
        if item.is_dir():
            if item.name not in ("testdata", "cmd"):
                yield from _walk(item)
        else:
            yield item


def _is_native(stem: str) -> bool:
    """Go's rule of file names: `_GOOS`, `_GOARCH` or `_GOOS_GOARCH` at the end."""
    native = _NATIVE.get(platform.machine(), platform.machine())
    words = stem.split("_")[1:][-2:]
    return not any((w in _SYSTEMS and w != "linux") or (w in _PROCESSORS and w != native) for w in words)


def _linked_packages(program: Path) -> frozenset[str]:
    """Returns the packages whose files the program's own table of files names, as `runtime/malloc.go`."""
    content = program.read_bytes()
    names = re.findall(rb"(?:[A-Za-z0-9_.~-]+/)+[A-Za-z0-9_]+\.(?:go|s)(?=[\x00-\x1f])", content)
    packages: set[str] = set()
    for name in set(names):
        text = name.decode()
        packages.add(text.rpartition("/")[0].rpartition("/src/")[2])
    return frozenset(packages)


def _hunks_of(file: str, first: Path, second: Path) -> list[Hunk]:
    old = _lines(first) if first.is_file() else None
    new = _lines(second) if second.is_file() else None
    if old is None or new is None:
        length = len(old or ())
        return [Hunk(file=file, start=0, end=length, old=old, new=new, declaration="")]
    found: list[Hunk] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal" or _code(old[i1:i2]) == _code(new[j1:j2]):
            continue
        skip = _leading_comments(old[i1:i2])
        where = _declaration(old, min(i1 + skip, len(old) - 1)) if old else ""
        found.append(Hunk(file=file, start=i1, end=i2, old=old[i1:i2], new=new[j1:j2], declaration=where))
    return found


def _lines(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8", errors="surrogateescape").splitlines(keepends=True))


def _code(lines: tuple[str, ...]) -> list[str]:
    """Returns what is left without comment lines and space: two of these that are equal build the same."""
    stripped = [re.sub(r"\s+", " ", line.strip()) for line in lines]
    kept = [line for line in stripped if line and not (line.startswith("//") and not line.startswith("//go:"))]
    return [re.sub(r"\s+//(?!go:).*$", "", line) for line in kept]


def _leading_comments(lines: tuple[str, ...]) -> int:
    """Returns how many lines to pass over so that a hunk is named after the code in it, not what is above."""
    for number, line in enumerate(lines):
        text = line.strip()
        if text and not text.startswith("//"):
            return number
    return 0


def declaration_in(file: Path, line: int) -> str:
    """Returns the function (or type, variable) that a line of a Go file, counted from 1, lies in; empty for none."""
    try:
        lines = _lines(file)
    except OSError:
        return ""
    return _declaration(lines, min(line, len(lines)) - 1) if lines else ""


def _declaration(lines: tuple[str, ...], at: int) -> str:
    """Returns the name of the declaration that line `at` lies in, found by looking upwards."""
    for number in range(at, -1, -1):
        line = lines[number]
        match = _FUNCTION.match(line) or _DECLARATION.match(line) or _ASSEMBLY.match(line)
        if match is not None:
            receiver = match.groupdict().get("receiver")
            return f"{receiver}.{match['name']}" if receiver else match["name"]
        if number < at and line.startswith("}"):
            return ""
    return ""
