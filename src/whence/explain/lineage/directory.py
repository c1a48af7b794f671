"""The directory of one lineage: what was asked, and everything that was measured, written as it happens.

request.json     what was asked, the releases that it meant then, the seed (`whence.lineage-request/1`)
journal.jsonl    every run of the timed blocks, a line each
waiting.jsonl    every process that was watched while it gave memory back, a line each
lineage.json     the answer (`whence.lineage/1`)
report.html      the report
lock             held while a session measures
"""

from __future__ import annotations

import random
from pathlib import Path

import msgspec

from whence.evidence.errors import BadInput
from whence.evidence.lineage import Lineage
from whence.explain.lineage.asking import LineageRequest, wanted_versions
from whence.explain.lineage.programs import source_digest
from whence.store.journal import Journal
from whence.store.locking import LockedFolder

REQUEST, LINEAGE = "request.json", "lineage.json"


class StoredRequest(msgspec.Struct, frozen=True, kw_only=True):
    """`request.json`."""

    schema: str = "whence.lineage-request/1"
    request: LineageRequest
    versions: tuple[str, ...]
    """The releases asked for, exactly."""
    toolchains: tuple[str, ...] = ()
    """Those that are measured, once it is known which are here."""
    seed: int
    program: str = ""
    """SHA-256 of the program's source: runs of another one would not compare."""
    spent_s: float = 0.0
    """Seconds spent measuring in earlier sessions."""


class LineageDirectory(LockedFolder):
    """The paths and documents of one directory. Use as a context manager while measuring: it holds the lock."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.blocks = Journal(self.path / "journal.jsonl")
        self.waiting = Journal(self.path / "waiting.jsonl")

    @property
    def exists(self) -> bool:
        return (self.path / REQUEST).exists()

    @property
    def report_path(self) -> Path:
        return self.path / "report.html"

    def open(self, request: LineageRequest) -> StoredRequest:
        """Locks the directory for `request`; returns what is stored of it: this one, or the one that was begun here.

        Raises BadInput when it cannot be written, holds something else or another request, or is in use.
        """
        versions = () if self.exists else wanted_versions(request)  # refuses before anything is made
        self.take(begun=self.exists)
        try:
            stored = self.read(REQUEST, StoredRequest)
            if stored is None:
                seed = request.seed if request.seed is not None else random.SystemRandom().randrange(1, 2**31)
                stored = StoredRequest(request=request, versions=versions, seed=seed, program=source_digest())
                self.write(REQUEST, stored)
            names = request.differences(stored.request)
            if names:
                raise BadInput(
                    f"{self.path} holds another lineage (other {', '.join(names)}). Choose another --out, or go on "
                    f"with: {stored.request.command(out=self.path)}"
                )
            if stored.program != source_digest():
                raise BadInput(
                    f"{self.path} was begun with another version of the measured program. Choose another --out."
                )
            if request.wanted_blocks > stored.request.wanted_blocks:
                stored = self.store(stored, request=msgspec.structs.replace(stored.request, blocks=request.blocks))
        except BaseException:
            self.close()
            raise
        return stored

    def store(self, stored: StoredRequest, **changes: object) -> StoredRequest:
        """Writes `request.json` anew with `changes`, and returns it."""
        changed = msgspec.structs.replace(stored, **changes)
        self.write(REQUEST, changed)
        return changed

    def write_lineage(self, lineage: Lineage) -> None:
        self.write(LINEAGE, lineage)

    def close(self) -> None:
        """Closes the journals and gives the lock back."""
        self.blocks.close()
        self.waiting.close()
        super().close()


def load(path: Path) -> Lineage:
    """Returns the stored answer. Raises BadInput when there is none, or it cannot be read."""
    lineage = LineageDirectory(path).read(LINEAGE, Lineage)
    if lineage is None:
        raise BadInput(f"{path} holds no answer of whence lineage yet ({LINEAGE}). Let it finish with: whence lineage")
    return lineage


def is_lineage(path: Path) -> bool:
    """Tells whether a directory is one of a lineage."""
    return (path / REQUEST).exists()
