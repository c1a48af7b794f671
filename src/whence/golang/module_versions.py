"""Which versions of a module there are: asked of the module proxy by the go command (network)."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from whence.golang.bootstrap import bootstrap


def versions_between(path: str, old: str, new: str) -> list[str]:
    """Returns the released versions from `old` to `new`, both included, in the order of going from one to the other.

    [] when they cannot be listed, or one of the two is not among them.
    """
    with tempfile.TemporaryDirectory(prefix="whence-versions-") as scratch:
        (Path(scratch) / "go.mod").write_text("module whence.invalid/query\n", encoding="utf-8")
        done = subprocess.run(
            [str(bootstrap().go), "list", "-m", "-versions", path],
            cwd=scratch,
            capture_output=True,
            text=True,
        )
    words = done.stdout.split()[1:] if done.returncode == 0 else []
    released = [w for w in words if "-" not in w or w in (old, new)]
    if old not in released or new not in released:
        return []
    first, last = released.index(old), released.index(new)
    return released[first : last + 1] if first <= last else list(reversed(released[last : first + 1]))
