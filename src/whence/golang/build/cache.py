"""Folders named by what they were made from: made once, whole or not at all, by one process at a time.

A folder is filled under a name of its own and renamed when complete, so that a kill at any moment leaves at most an
unfinished folder, which the next maker of the same key removes. `manifest.json` says what a complete folder holds; a
folder that does not match its manifest is made again. The lock is an flock, which the kernel frees with its holder.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from whence.evidence.errors import UnusableEnvironment

MANIFEST = "manifest.json"
UNFINISHED = ".unfinished-"


class FileState(msgspec.Struct, frozen=True):
    """What a file must be like; `sha256` is empty where only size and time are held against it."""

    size: int
    mtime_ns: int
    sha256: str = ""


class Manifest(msgspec.Struct, frozen=True):
    """The files of a folder, and facts that its maker wants back."""

    files: dict[str, FileState]
    facts: dict[str, str] = {}


class Folder(msgspec.Struct, frozen=True):
    """One folder as it stands in the cache."""

    path: Path
    facts: dict[str, str]
    made_now: bool


class Folders:
    """One kind of folder. `by_content`: hold every file's contents against its hash, not only its size and time."""

    def __init__(self, root: Path, *, by_content: bool) -> None:
        self.root = root
        self.by_content = by_content

    def path_of(self, key: str) -> Path:
        return self.root / key[:2] / key

    def find(self, key: str) -> Folder | None:
        """Returns the folder of that key when it is there and undamaged."""
        path = self.path_of(key)
        try:
            manifest = msgspec.json.decode((path / MANIFEST).read_bytes(), type=Manifest)
        except (OSError, msgspec.MsgspecError):
            return None
        if not all(_matches(path / name, state) for name, state in manifest.files.items()):
            return None
        with suppress(OSError):
            os.utime(path / MANIFEST)
        return Folder(path, manifest.facts, made_now=False)

    def make(self, key: str, fill: Callable[[Path], dict[str, str]]) -> Folder:
        """Returns the folder of that key, made by `fill(empty folder) → facts` when it is missing or damaged.

        Raises UnusableEnvironment when the cache cannot be written; whatever `fill` raises passes through.
        """
        found = self.find(key)
        if found is not None:
            return found
        path = self.path_of(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UnusableEnvironment(
                f"cache {self.root}: cannot be written ({error.strerror}). Set WHENCE_CACHE to a folder that can."
            ) from error
        with _locked(path.with_name(f"{key}.lock")):
            found = self.find(key)
            if found is not None:
                return found
            for leftover in path.parent.glob(f"{key}{UNFINISHED}*"):
                shutil.rmtree(leftover, ignore_errors=True)
            unfinished = path.with_name(f"{key}{UNFINISHED}{secrets.token_hex(4)}")
            unfinished.mkdir()
            try:
                facts = fill(unfinished)
                _write_manifest(unfinished, facts, self.by_content)
                shutil.rmtree(path, ignore_errors=True)
                unfinished.rename(path)
            finally:
                shutil.rmtree(unfinished, ignore_errors=True)
        return Folder(path, facts, made_now=True)

    def prune(self, *, keep_bytes: int, unused_s: float) -> None:
        """Removes folders unused for `unused_s` seconds, the longest unused first, while all exceed `keep_bytes`."""
        entries: list[tuple[float, int, Path]] = []
        for manifest in self.root.glob(f"??/*/{MANIFEST}"):
            with suppress(OSError):
                size = sum(entry.stat().st_size for entry in os.scandir(manifest.parent) if entry.is_file())
                entries.append((manifest.stat().st_mtime, size, manifest.parent))
        total = sum(size for _, size, _ in entries)
        for used_at, size, path in sorted(entries):
            if total <= keep_bytes or time.time() - used_at < unused_s:
                return
            with _locked(path.with_name(f"{path.name}.lock")):
                (path / MANIFEST).unlink(missing_ok=True)
                shutil.rmtree(path, ignore_errors=True)
            total -= size


def _matches(path: Path, state: FileState) -> bool:
    try:
        status = path.stat()
        if status.st_size != state.size:
            return False
        if state.sha256:
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == state.sha256
        return status.st_mtime_ns == state.mtime_ns
    except OSError:
        return False


def _write_manifest(folder: Path, facts: dict[str, str], by_content: bool) -> None:
    """Written last and synced with what it describes, so that a power cut cannot leave a manifest alone."""
    files: dict[str, FileState] = {}
    for directory, _, names in os.walk(folder):
        for name in names:
            path = Path(directory) / name
            if path.is_symlink() or not path.is_file():
                continue
            status = path.stat()
            digest = ""
            if by_content:
                with path.open("rb") as file:
                    os.fsync(file.fileno())
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
            files[path.relative_to(folder).as_posix()] = FileState(status.st_size, status.st_mtime_ns, digest)
    with (folder / MANIFEST).open("wb") as file:
        file.write(msgspec.json.encode(Manifest(files, facts)))
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _locked(path: Path) -> Generator[None]:
    """Holds an exclusive lock on a file beside the folder. Threads of one process exclude each other as well."""
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
