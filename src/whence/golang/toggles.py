"""Switches of Go by release: what there is, and refusing what there is not before anything is built.

Where the release is installed its own source decides (`switch_tables`); otherwise the shipped table does
(`toggle_table`), and `Toggle.answered_by` says so. Go itself fails late on an unknown GOEXPERIMENT and ignores an
unknown GODEBUG name in silence.
"""

from __future__ import annotations

import re
import shlex
from typing import Literal

import msgspec

from whence.evidence.variant import Variant
from whence.golang import toolchains
from whence.golang.fatal import explain_fatal, fatal_godebug, fatal_values
from whence.golang.installation import Toolchain
from whence.golang.refusals import MeaninglessValue, UnknownSwitch, too_old_for_experiments, unknown_switch
from whence.golang.switch_tables import (
    EXPERIMENTS_SINCE,
    SwitchTables,
    has_source,
    mentions_godebug,
    read_tables,
)
from whence.golang.toggle_table import Kind, Row, row_of, rows_for, table
from whence.golang.versions import Version, at_least, parse_version

__all__ = [
    "MeaninglessValue",
    "Toggle",
    "UnknownSwitch",
    "check_experiment",
    "check_gcflags",
    "check_godebug",
    "check_variant",
    "explain_fatal",
    "fatal_godebug",
    "fatal_values",
    "ignored_settings",
    "known",
]

Release = str | Toolchain
"""A version (`1.24.3`), or a toolchain that is on this machine."""

_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+\Z")
_PER_LINE_KINDS = ("ldflags", "env", "module")
GOAMD64_SINCE = "1.18"


class Toggle(msgspec.Struct, frozen=True, kw_only=True):
    """One switch as one release has it."""

    name: str
    kind: Kind
    when: Literal["build", "run"]
    area: str
    since: str
    """The first release known to have it; empty when only the release's source knows the switch."""
    removed: str | None
    """The first line without it; None while the newest has it."""
    default: str
    effect: str
    isolates: str
    """What differs between two runs that differ in this switch only."""
    write: str
    """How a variant sets it away from the default: `experiment=noswissmap`."""
    note: str = ""
    source: str = ""
    answered_by: Literal["release", "table"] = "table"
    """Whether the release's own source was read, or the shipped table answered in its place."""


def known(release: Release) -> tuple[Toggle, ...]:
    """Returns every switch that a release knows, by kind and name. Uses no network.

    Raises UnknownRelease or BadVersion for a text that names no release.
    """
    version, tables = _look_up(release)
    if tables is None:
        return tuple(_toggle(row, version, None, "table") for row in rows_for(version))
    found: list[Toggle] = []
    found += [_of_source("GOEXPERIMENT", n, version, default) for n, default in tables.experiments.items()]
    libraries = {
        name: f"{s.old} with a go line below {s.changed}" if s.changed else "" for name, s in tables.library.items()
    }
    debug = {**dict.fromkeys(tables.other, ""), **libraries, **tables.runtime}
    found += [_of_source("GODEBUG", name, version, debug[name]) for name in debug]
    found += [_of_source("gcflags", f"-d={n}", version, "", text) for n, text in tables.compiler.items()]
    named = {(toggle.kind, toggle.name) for toggle in found}
    for row in rows_for(version):
        if (row.kind, row.name) not in named and _beyond_source(row, tables):
            found.append(_toggle(row, version, None, "release" if row.name == "cpu.*" else "table"))
    order = ("GOEXPERIMENT", "GODEBUG", "gcflags", "ldflags", "env", "module")
    return tuple(sorted(found, key=lambda t: (order.index(t.kind), t.name)))


def check_experiment(name_list: str, release: Release) -> None:
    """Raises UnknownSwitch when a name of `a+nob` (or `a,nob`) is no GOEXPERIMENT of that release."""
    names = [name for name in re.split(r"[+,]", name_list) if name]
    version, tables = _look_up(release)
    if names and version < EXPERIMENTS_SINCE:
        raise too_old_for_experiments(names[0], version, EXPERIMENTS_SINCE.line)
    for name in names:
        if name == "none":
            continue
        bare = _bare(name, version, tables)
        if bare is None:
            raise unknown_switch("GOEXPERIMENT", name.removeprefix("no") if _is_known_no(name) else name, name, version)
        opposite = bare if name != bare else f"no{bare}"
        if opposite in names:
            raise MeaninglessValue(f"experiment={name_list} asks for {bare} and against it. Keep one of the two.")


def check_godebug(name: str, value: str, release: Release) -> None:
    """Raises UnknownSwitch for a GODEBUG name that the release does not read, MeaninglessValue for a value that its
    runtime ignores. A value that kills the process passes: that is a result (see `explain_fatal`)."""
    version, tables = _look_up(release)
    row = row_of("GODEBUG", "cpu.*" if name.startswith("cpu.") else name)
    if tables is None:
        if row is None or (row.range_for(version) is None and not _is_removed(row, version)):
            if _beyond_table(version):
                return
            raise unknown_switch("GODEBUG", row.name if row is not None else name, name, version)
        runtime = row.area.partition(" ")[0] not in ("library", "go") and not name.startswith("cpu.")
    else:
        complete = bool(tables.library) and row is not None
        if not tables.knows_godebug(name) and (complete or not _mentioned(release, name)):
            named_row = row is not None and row.range_for(version) is None
            raise unknown_switch("GODEBUG", row.name if row is not None and named_row else name, name, version)
        runtime = name in tables.runtime and name not in tables.removed
    if runtime and _WHOLE_NUMBER.match(value) is None:
        raise MeaninglessValue(
            f"debug.{name}={value} does nothing: Go reads a whole number there. Write for example debug.{name}=1."
        )


def check_gcflags(text: str, release: Release) -> None:
    """Raises UnknownSwitch for a compiler switch `-d=NAME` that the release does not have. Other flags are left to
    the compiler, and so is everything before Go 1.7, whose table is in C."""
    version, tables = _look_up(release)
    for name in _debug_names(text):
        if tables is not None:
            missing = bool(tables.compiler) and name not in tables.compiler
        else:
            row = row_of("gcflags", f"-d={name}")
            readable = version >= parse_version("1.7") and not _beyond_table(version)
            missing = readable and (row is None or row.range_for(version) is None)
        if missing:
            raise unknown_switch("gcflags", f"-d={name}", f"-d={name}", version)


def check_variant(variant: Variant, toolchain: Toolchain) -> None:
    """Raises UnknownSwitch or MeaninglessValue for the first switch of a variant that the release cannot follow."""
    experiment = variant.get("experiment")
    if experiment:
        check_experiment(experiment, toolchain)
    for name, value in variant.godebug.items():
        check_godebug(name, value, toolchain)
    gcflags = variant.get("gcflags")
    if gcflags:
        check_gcflags(gcflags, toolchain)
    if variant.get("goamd64") and not at_least(toolchain.version, GOAMD64_SINCE):
        raise unknown_switch("env", "GOAMD64", "goamd64", toolchain.parsed)


def ignored_settings(variant: Variant, toolchain: Toolchain) -> tuple[str, ...]:
    """Returns a line for each environment variable of a variant that this release's runtime does not read yet
    (GOMEMLIMIT before 1.19). Not refused: the program itself may read it."""
    lines: list[str] = []
    for name in variant.environment:
        row = row_of("env", name)
        if row is not None and row.range_for(toolchain.parsed) is None and not _beyond_table(toolchain.parsed):
            lines.append(f"{name} means nothing to go{toolchain.version}: its runtime reads it from {row.since} on")
    return tuple(lines)


def _look_up(release: Release) -> tuple[Version, SwitchTables | None]:
    """Returns the version, and the tables of its source when it is installed with it."""
    version, toolchain = toolchains.look_up(release)
    return version, read_tables(toolchain) if toolchain is not None and has_source(toolchain) else None


def _mentioned(release: Release, name: str) -> bool:
    _, toolchain = toolchains.look_up(release)
    return toolchain is not None and mentions_godebug(toolchain, name)


def _beyond_table(version: Version) -> bool:
    """The table knows nothing of later lines: their own source decides, once they are here."""
    return parse_version(version.line) > parse_version(table().newest_line)


def _is_removed(row: Row, version: Version) -> bool:
    return row.fatal is not None and parse_version(row.fatal.since) <= version


def _bare(name: str, version: Version, tables: SwitchTables | None) -> str | None:
    """Returns the experiment that `name` switches, which may itself begin with `no`; None when there is none."""
    for candidate in (name, name.removeprefix("no")):
        if tables is not None:
            if candidate in tables.experiments:
                return candidate
        else:
            row = row_of("GOEXPERIMENT", candidate)
            if (row is not None and row.range_for(version) is not None) or _beyond_table(version):
                return candidate
    return None


def _is_known_no(name: str) -> bool:
    return name.startswith("no") and row_of("GOEXPERIMENT", name) is None


def _debug_names(text: str) -> list[str]:
    """Returns the names behind `-d` in gcflags such as `all=-d=mergelocals=0,append -l`; passes (`ssa/…`) are not
    in any table."""
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.split()
    names: list[str] = []
    for index, word in enumerate(words):
        flag = re.sub(r"^[^-=][^=]*=(?=-)", "", word)
        if flag in ("-d", "--d") and index + 1 < len(words):
            values = words[index + 1]
        elif flag.startswith(("-d=", "--d=")):
            values = flag.partition("=")[2]
        else:
            continue
        names += [re.split(r"[=:]", item)[0] for item in values.split(",") if item]
    return [name for name in names if "/" not in name and name != "help" and not name.isdigit()]


def _beyond_source(row: Row, tables: SwitchTables) -> bool:
    """Tells whether a row is about something that no table of the source lists, and so is not refuted by it."""
    if row.kind == "gcflags":
        return not row.name.startswith("-d=") or "/" in row.name or not tables.compiler
    return row.kind in _PER_LINE_KINDS or (row.name == "cpu.*" and bool(tables.features))


def _of_source(kind: Kind, name: str, version: Version, default: str, effect: str = "") -> Toggle:
    row = row_of(kind, name)
    if row is not None:
        return _toggle(row, version, default, "release")
    setting = f"debug.{name}=…" if kind == "GODEBUG" else f"gcflags=all={name}"
    return Toggle(
        name=name,
        kind=kind,
        when="run" if kind == "GODEBUG" else "build",
        area="",
        since="",
        removed=None,
        default=default,
        effect=effect or "not described here; see the source of that release",
        isolates="",
        write=_flip(name, default) if kind == "GOEXPERIMENT" else setting,
        answered_by="release",
    )


def _toggle(row: Row, version: Version, default: str | None, answered_by: Literal["release", "table"]) -> Toggle:
    """`default` is what the source says; the table's wording of the same default is kept, as it says more."""
    stretch = row.range_for(version)
    told = stretch.default if stretch is not None else ""
    if default and not told.startswith(default.partition(" ")[0]) and row.kind == "GOEXPERIMENT":
        told = default
    return Toggle(
        name=row.name,
        kind=row.kind,
        when="run" if row.kind in ("GODEBUG", "env") and row.name != "GOAMD64" else "build",
        area=row.area,
        since=row.since,
        removed=row.removed,
        default=told or default or "",
        effect=row.effect,
        isolates=row.isolates,
        write=_flip(row.name, told) if row.kind == "GOEXPERIMENT" else row.write,
        note=row.note,
        source=row.source,
        answered_by=answered_by,
    )


def _flip(name: str, default: str) -> str:
    return f"experiment={'no' if default.startswith('on') else ''}{name}"
