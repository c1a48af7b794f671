"""A folder that one session at a time writes into: made, tried, and locked before anything is measured."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import msgspec

from whence.evidence.errors import BadInput
from whence.store.files import write_atomically

LOCK = "lock"
Document = TypeVar("Document")


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


class LockedFolder:
    """A folder with JSON documents in it. Use as a context manager while measuring: it holds the lock."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self._lock: int | None = None

    def take(self, *, begun: bool) -> None:
        """Takes the lock; `begun`: what the folder holds is ours. Raises as `refuse_strangers` and `make_and_lock`."""
        if not begun:
            refuse_strangers(self.path)
        self._lock = make_and_lock(self.path)

    def close(self) -> None:
        """Gives the lock back."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, name: str, document: msgspec.Struct) -> None:
        write_atomically(self.path / name, msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n")

    def read(self, name: str, kind: type[Document]) -> Document | None:
        """Returns a document, None when there is none. Raises BadInput when it cannot be read."""
        path = self.path / name
        try:
            return msgspec.json.decode(path.read_bytes(), type=kind)
        except FileNotFoundError:
            return None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise self.damaged(path, str(error).splitlines()[0]) from error

    def damaged(self, path: Path, reason: str) -> BadInput:
        """Returns the refusal of a document that cannot be read."""
        return BadInput(f"{path} cannot be read ({reason}). Choose another --out.")


def readable(read: Callable[[], Document | None], damage: list[str]) -> Document | None:
    """Returns what `read` gives; where it refuses, None, and the refusal is added to `damage`."""
    try:
        return read()
    except BadInput as error:
        damage.append(str(error))
        return None
