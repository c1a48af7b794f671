"""A text that changes when a toolchain does."""

# Paths are strings here: ten thousand files are looked at, and pathlib takes several times as long.
# ruff: noqa: PTH116, PTH118
from __future__ import annotations

import hashlib
import os

from whence.golang.installation import Toolchain


def identify(toolchain: Toolchain) -> str:
    """Returns a text that changes when the toolchain does.

    A fetched release never changes. An installation that a person can edit is identified by size and time of its
    tools and of every file of its standard library (about 0.1 s).
    """
    if toolchain.origin in {"module", "wheel"}:
        return f"go{toolchain.version}"
    total = hashlib.sha256()
    for start in (toolchain.goroot / "src", toolchain.goroot / "pkg" / "tool", toolchain.goroot / "bin"):
        for directory, folders, names in os.walk(start):
            folders[:] = sorted(f for f in folders if f != "testdata")
            for name in sorted(names):
                path = os.path.join(directory, name)
                try:
                    status = os.stat(path)
                except OSError:
                    continue
                total.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\0".encode(errors="surrogateescape"))
    return f"go{toolchain.version} {total.hexdigest()[:16]}"
