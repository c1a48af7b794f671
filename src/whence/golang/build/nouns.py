"""What is built, and what came out."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """One package to build: a program (`main`) or the test binary of a package (`test`)."""

    kind: Literal["main", "test"]
    directory: Path
    """Absolute directory of the package."""
    legacy_ok: bool = False
    """A program in a single package without dependencies, which Go before 1.11 may build without its go.mod. It is
    built without cgo in every release, so that the C compiler of the host plays no part."""
    without_cgo: bool = False
    """The same promise about cgo for a program that has dependencies."""


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """One executable in the cache."""

    path: Path
    sha256: str
    size_bytes: int
    seconds: float
    """What building it took; of the first build when it came from the cache."""
    cached: bool
    layout_seed: int | None
    """Seed of the linker's random order of functions; None for the linker's own order."""
    toolchain: str
