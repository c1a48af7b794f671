"""A folder that one session at a time writes into: made, tried, and locked before anything is measured."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from whence.evidence.errors import BadInput
from whence.store.files import write_atomically

LOCK = "lock"


class RunDirectoryInUse(BadInput):
    """Another session measures into this directory."""


def refuse_strangers(path: Path) -> None:
    """Raises BadInput for a folder that holds something else, before anything is written into it."""
    strangers = sorted(p.name for p in path.iterdir() if p.name != LOCK) if path.is_dir() else []
    if strangers:
        raise BadInput(f"{path} is no run directory and not empty (it holds {strangers[0]}). Choose another --out.")


def make_and_lock(path: Path) -> int:
    """Makes the folder, tries to write into it and takes its lock; returns the descriptor that holds it.

    Raises BadInput when it cannot be written, RunDirectoryInUse when another session holds the lock.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        write_atomically(path / ".writable", b"")
        (path / ".writable").unlink()
        lock = os.open(path / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise BadInput(f"{path} cannot be written ({error.strerror}). Choose another directory with --out.") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise RunDirectoryInUse(
            f"another session is measuring into {path}. Wait for it, or choose another --out."
        ) from error
    return lock
