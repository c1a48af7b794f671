"""The switches of one release, read from its own source: what that release really knows.

| switch | file (path below the source of the release) | releases |
|---|---|---|
| GOEXPERIMENT names | internal/goexperiment/flags.go, defaults in internal/buildcfg/exp.go | 1.17 on |
| GODEBUG names of the runtime | table `dbgvars` in runtime/runtime1.go, `dbgvar` in runtime/runtime.c | all |
| GODEBUG names of the library | table `All` in internal/godebugs/table.go | 1.21 on |
| GODEBUG names that were removed | table `Removed` of the same file | 1.27 on |
| processor features (`cpu.avx2`) | internal/cpu/cpu_*.go | 1.12 on |
| compiler switches `-d=NAME` | DebugFlags in cmd/compile/internal/base/debug.go, `debugtab` in …/gc/main.go | 1.7 on |

Before 1.17 a released compiler ignores GOEXPERIMENT: the experiments were fixed when the compiler itself was built.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from whence.golang.installation import Toolchain
from whence.golang.versions import Version

EXPERIMENTS_SINCE = Version(1, 17, 0)
CPU_FEATURES_SINCE = Version(1, 12, 0)

_FLAG = re.compile(r"^\t(\w+)\s+bool\b", re.MULTILINE)
_BASELINE = re.compile(r"baseline\b[^\n]*goexperiment\.Flags\{(.*?)\n\t+\}", re.DOTALL)
_RUNTIME_NAME = re.compile(
    r'^\t\{(?:name: )?"(\w+)", (?:value: |atomic: )?&[\w.·]+(?:, def: (-?\d+))?\s*\}', re.MULTILINE
)
_RUNTIME_DEFAULT = re.compile(r"^\t+debug\.(\w+) = (\d+)\b", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*//[^\n]*$|^/\*.*?^\*/", re.MULTILINE | re.DOTALL)
_KILLING_VALUE = re.compile(r"if debug\.(\w+) > (\d+) \{\s*throw\(")
_LIBRARY = re.compile(r"^\t\{Name: \"(\w+)\", Package: \"([^\"]+)\"([^}]*)\}", re.MULTILINE)
_REMOVED = re.compile(r'^\t\{Name: "(\w+)", Removed: (\d+), Old: (.+?)\},\s*(?://.*)?$', re.MULTILINE)
_PREDICATE = re.compile(r"^func (\w+)\(\w+ string\) bool\s*\{(.*?)\}", re.MULTILINE | re.DOTALL)
_FEATURE = re.compile(r'\{Name: "(\w+)", Feature: &')
_DEBUG_FIELD = re.compile(r"^\t(\w+)\s+(?:int|string)\s+`help:\"((?:[^\"\\]|\\.)*)\"", re.MULTILINE)
_DEBUG_ROW = re.compile(r'^\t\{"(\w+)",(?: "([^"]*)",)? &\w[\w.]*\},[ \t]*(?:// (.*))?$', re.MULTILINE)
_OTHER_USE = re.compile(
    r'godebug\.(?:Get|New)\("#?(\w+)"\)|goDebugString\("(\w+)"\)|"(http2\w+|x509\w+|gocache\w+)=[01]"'
)


class LibrarySwitch(msgspec.Struct, frozen=True):
    """One row of internal/godebugs: since `changed` the default depends on the go line; `old` is the value before."""

    package: str
    changed: str | None = None
    old: str | None = None


class RemovedSwitch(msgspec.Struct, frozen=True):
    """A setting that is gone: a process that finds one of `fatal_values` in GODEBUG dies at start."""

    removed: str
    fatal_values: tuple[str, ...]
    """Empty when the source could not be understood: then the data file decides."""


class SwitchTables(msgspec.Struct, frozen=True, kw_only=True):
    """What one release knows. An empty table means that the release has none of that kind."""

    experiments: dict[str, str]
    """Name → `on`, `off`, or `on where supported`."""
    runtime: dict[str, str]
    """GODEBUG name → default."""
    library: dict[str, LibrarySwitch]
    other: frozenset[str]
    """GODEBUG names that the source asks for outside of any table (before 1.21)."""
    removed: dict[str, RemovedSwitch]
    features: frozenset[str]
    compiler: dict[str, str]
    """Compiler switch behind `-d=` → what the compiler's own help says."""
    killing: dict[str, int]
    """GODEBUG name → a larger value makes the runtime throw at start."""

    def knows_godebug(self, name: str) -> bool:
        if name.startswith("cpu."):
            return name.removeprefix("cpu.") in self.features or (bool(self.features) and name == "cpu.all")
        return name in self.runtime or name in self.library or name in self.other or name in self.removed


def has_source(toolchain: Toolchain) -> bool:
    """Tells whether the toolchain carries the files that are read here (a trimmed GOROOT may not)."""
    return any((toolchain.source / "runtime" / name).is_file() for name in ("runtime1.go", "runtime.c"))


@functools.lru_cache(maxsize=64)
def read_tables(toolchain: Toolchain) -> SwitchTables:
    """Returns the switches of an installed release. Reads about a dozen files, 5 ms."""
    version = toolchain.parsed
    source = toolchain.source
    commands = toolchain.goroot / "src" / "cmd"
    runtime_text = _text(source / "runtime" / "runtime1.go") or _text(source / "runtime" / "runtime.c")
    godebugs = _text(source / "internal" / "godebugs" / "table.go")
    modern = version >= EXPERIMENTS_SINCE
    return SwitchTables(
        experiments=_experiments(source) if modern else {},
        runtime=_runtime(runtime_text),
        library={match[1]: _library(match) for match in _LIBRARY.finditer(godebugs)},
        other=frozenset() if godebugs else frozenset(_asked_for(toolchain.goroot, source)),
        removed=_removed(godebugs) if "godebugs.Removed" in runtime_text else {},
        features=frozenset(_features(source)) if version >= CPU_FEATURES_SINCE else frozenset(),
        compiler=_compiler(commands / "compile" / "internal"),
        killing={match[1]: int(match[2]) for match in _KILLING_VALUE.finditer(runtime_text)},
    )


def mentions_godebug(toolchain: Toolchain, name: str) -> bool:
    """Tells whether any file of the release reads the name from GODEBUG. Reads the whole source, 1 s: a last look
    before a name is refused. A release with a table of names (1.21 on) reads others only by `godebug.New("#name")` or
    by looking for `name=` itself; before, every quoted name in code beside GODEBUG counts."""
    has_table = (toolchain.source / "internal" / "godebugs" / "table.go").is_file()
    word = re.escape(name)
    quoted = re.compile(rf'godebug\.New\("#?{word}"\)|"{word}=' if has_table else rf'["`,#]{word}["`=]')
    for path in toolchain.source.rglob("*.go"):
        if path.name.endswith("_test.go") or "testdata" in path.parts:
            continue
        text = _text(path)
        if ("GODEBUG" in text or "godebug" in text) and quoted.search(_COMMENT.sub("", text)):
            return True
    return False


def _experiments(source: Path) -> dict[str, str]:
    flags = _FLAG.findall(_text(source / "internal" / "goexperiment" / "flags.go"))
    parser = _text(source / "internal" / "buildcfg" / "exp.go")
    baseline = _BASELINE.search(parser)
    defaults = dict(re.findall(r"(\w+):\s*(\w+)", baseline[1])) if baseline is not None else {}
    words = {"true": "on", "false": "off"}
    named = {str(flag).lower(): words.get(defaults.get(flag, "false"), "on where supported") for flag in flags}
    return named | {str(alias): "on where supported" for alias in re.findall(r'names\["(\w+)"\] = ', parser)}


def _runtime(text: str) -> dict[str, str]:
    names = {match[1]: match[2] or "0" for match in _RUNTIME_NAME.finditer(text)}
    names |= {match[1]: match[2] for match in _RUNTIME_DEFAULT.finditer(text) if match[1] in names}
    if '"memprofilerate"' in text:
        names["memprofilerate"] = "524288"
    return names


def _library(match: re.Match[str]) -> LibrarySwitch:
    changed = re.search(r"Changed: (\d+)", match[3])
    old = re.search(r'Old: "([^"]*)"', match[3])
    return LibrarySwitch(match[2], f"1.{changed[1]}" if changed else None, old[1] if old else None)


def _removed(godebugs: str) -> dict[str, RemovedSwitch]:
    """The `Old` predicate is a named function or a literal that compares with string constants joined by `||`."""
    predicates = {match[1]: match[2] for match in _PREDICATE.finditer(godebugs)}
    rows: dict[str, RemovedSwitch] = {}
    for match in _REMOVED.finditer(godebugs):
        body = predicates.get(match[3], match[3])
        understood = re.fullmatch(r'[^"]*\breturn \w+ == "[^"]*"(?: \|\| \w+ == "[^"]*")*[\s}]*', body)
        values = tuple(re.findall(r'== "([^"]*)"', body)) if understood else ()
        rows[match[1]] = RemovedSwitch(f"1.{match[2]}", values)
    return rows


def _features(source: Path) -> Iterator[str]:
    for path in sorted((source / "internal" / "cpu").glob("cpu_*.go")):
        yield from _FEATURE.findall(_text(path))


def _compiler(compiler: Path) -> dict[str, str]:
    modern = _text(compiler / "base" / "debug.go")
    if modern:
        return {m[1].lower(): m[2].replace("\\n", " ").replace('\\"', '"') for m in _DEBUG_FIELD.finditer(modern)}
    text = _text(compiler / "gc" / "main.go")
    start = text.find("debugtab = ")
    table = text[start : text.find("\n}\n", start)] if start >= 0 else ""
    return {m[1]: m[2] or m[3] or "" for m in _DEBUG_ROW.finditer(table)}


def _asked_for(goroot: Path, source: Path) -> Iterator[str]:
    """Names that library packages ask for one by one. Only packages known to do so are read (found by reading
    1.4 to 1.20 whole); `mentions_godebug` finds the rest."""
    packages = (
        "net", "net/http", "net/http/internal", "crypto/x509", "crypto/tls", "crypto/rand", "os/exec", "mime/multipart",
        "html/template", "math/rand", "archive/tar", "archive/zip", "go/build", "internal/intern", "time",
    )  # fmt: skip
    folders = [source / package for package in packages] + [goroot / "src/cmd/go/internal/cache"]
    for folder in folders:
        for path in sorted(folder.glob("*.go")):
            if not path.name.endswith("_test.go"):
                for names in _OTHER_USE.findall(_text(path)):
                    yield next(name for name in names if name)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
