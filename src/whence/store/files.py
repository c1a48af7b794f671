"""Files that are either the old or the new version, whatever happens while they are written."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path


def write_atomically(path: Path, content: bytes) -> None:
    """Replaces `path` by `content`: written beside it, flushed to the disk, then renamed over it. Raises OSError."""

    def fill(temporary: Path) -> None:
        temporary.write_bytes(content)

    fill_atomically(path, fill)


def fill_atomically(path: Path, fill: Callable[[Path], None]) -> None:
    """Like `write_atomically`, for writers that want a path. On an exception the old file stays."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        fill(temporary)
        sync(temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync(path.parent)


def sync(path: Path) -> None:
    """Flushes a file, or the names in a directory, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
