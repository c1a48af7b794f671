"""The user's own Go settings that change what is built: from the environment, else from what `go env -w` wrote."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path

import msgspec

BUILD_SETTINGS = (
    "CGO_ENABLED", "CC", "CXX", "FC", "AR", "PKG_CONFIG", "CGO_CFLAGS", "CGO_CPPFLAGS", "CGO_CXXFLAGS", "CGO_FFLAGS",
    "CGO_LDFLAGS", "CGO_CFLAGS_ALLOW", "CGO_CFLAGS_DISALLOW", "CGO_LDFLAGS_ALLOW", "CGO_LDFLAGS_DISALLOW", "GOAMD64",
    "GOARM64", "GO386",
)  # fmt: skip
"""Passed to every build, and part of its key. GOOS, GOARCH, GOEXPERIMENT and GODEBUG are not: a program is built for
this machine, and switches belong into the variant."""
C_SEARCH_PATHS = (
    "PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR", "CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "LIBRARY_PATH",
)  # fmt: skip
KEPT_FLAGS = ("tags", "mod", "modcacherw", "ldflags", "gcflags", "asmflags", "race", "trimpath")
"""Flags of GOFLAGS that are honoured. The rest either cannot matter here (-v, -p, -buildvcs) or would be overruled
(-o, -modfile, -overlay)."""


class UserSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What this user has set for builds."""

    build: dict[str, str]
    search_paths: dict[str, str]
    goflags: dict[str, str]
    """Flag without dash → value; a flag without value has `true`."""
    gowork: str
    """GOWORK: empty, `off`, or the path of a go.work."""
    compiler: str
    """Which C compiler there is: its path, size and time; empty when there is none."""

    @property
    def cgo_enabled(self) -> bool:
        """Go's own rule from 1.20 on, kept for all releases: cgo is on where a C compiler is found."""
        chosen = self.build.get("CGO_ENABLED")
        return chosen == "1" if chosen in {"0", "1"} else bool(self.compiler)


def read_user_settings(environment: Mapping[str, str] | None = None) -> UserSettings:
    """Returns the settings of `environment` (default: this process's), the user's `go env -w` file behind it."""
    variables = dict(os.environ if environment is None else environment)
    written = _written_settings(variables)

    def value(name: str) -> str:
        return variables.get(name) or written.get(name, "")

    build = {name: v for name in BUILD_SETTINGS if (v := value(name))}
    return UserSettings(
        build=build,
        search_paths={name: v for name in C_SEARCH_PATHS if (v := variables.get(name))},
        goflags=_goflags(value("GOFLAGS")),
        gowork=value("GOWORK"),
        compiler=_compiler(build.get("CC", ""), variables.get("PATH")),
    )


def _written_settings(variables: Mapping[str, str]) -> dict[str, str]:
    named = variables.get("GOENV")
    if named == "off":
        return {}
    home = Path(variables.get("HOME") or Path.home())
    path = Path(named) if named else Path(variables.get("XDG_CONFIG_HOME") or home / ".config") / "go" / "env"
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    pairs = (line.partition("=") for line in lines if not line.startswith("#"))
    return {name.strip(): text for name, equals, text in pairs if equals}


def _goflags(text: str) -> dict[str, str]:
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.split()
    flags: dict[str, str] = {}
    for word in words:
        name, equals, value = word.lstrip("-").partition("=")
        if name in KEPT_FLAGS:
            flags[name] = value if equals else "true"
    return flags


def _compiler(chosen: str, path: str | None) -> str:
    candidates = [chosen.split()[0]] if chosen.split() else ["gcc", "clang"]
    for name in candidates:
        program = shutil.which(name, path=path)
        if program is not None:
            status = Path(program).stat()
            return f"{Path(program).resolve()} {status.st_size} {status.st_mtime_ns}"
    return ""
