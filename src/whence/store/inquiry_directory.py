"""The directory of one explanation: what was asked, and stage by stage everything that was planned and measured.

inquiry.json             what was asked (`whence.inquiry/1`), with its seed
stages/NAME/journal.jsonl  every run of one stage, a line each; the truth that all else is derived from
stages/NAME/stage.json   what the stage was going to do, stored before its first counted run
scratch/                 overlay files and what else builds of this explanation are made from
runs.parquet             all runs of all stages, one row a sample
attribution.json         the answer (`whence.attribution/1`)
report.html              the report
lock                     held while a session measures
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import msgspec

from whence.evidence.attribution import Attribution
from whence.evidence.errors import BadInput
from whence.evidence.inquiry import Inquiry
from whence.evidence.run import JournalLine
from whence.store.journal import Journal
from whence.store.locking import Document, LockedFolder, readable

INQUIRY, ATTRIBUTION, STAGE = "inquiry.json", "attribution.json", "stage.json"
_UNSAFE = re.compile(r"[^A-Za-z0-9._+-]+")


def _safe(name: str) -> str:
    """Returns a name that a folder can have; two different names never share one."""
    safe = _UNSAFE.sub("-", name)
    return safe if safe == name else f"{safe[:80]}-{hashlib.sha256(name.encode(errors='replace')).hexdigest()[:8]}"


class StoredInquiry(msgspec.Struct, frozen=True, kw_only=True):
    """`inquiry.json`."""

    schema: str = "whence.inquiry/1"
    inquiry: Inquiry
    seed: int


class StoredExplanation(msgspec.Struct, frozen=True, kw_only=True):
    """All that is readable of an explanation's directory; `lines` by stage."""

    path: Path
    inquiry: Inquiry | None
    attribution: Attribution | None
    lines: dict[str, tuple[JournalLine, ...]]
    damage: tuple[str, ...] = ()


class InquiryDirectory(LockedFolder):
    """The paths and documents of one directory. Use as a context manager while measuring: it holds the lock."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._journals: dict[str, Journal] = {}

    @property
    def exists(self) -> bool:
        return (self.path / INQUIRY).exists()

    def open(self, inquiry: Inquiry, seed: int) -> StoredInquiry:
        """Locks the directory for `inquiry` and returns what is stored of it: this one, or the one begun here.

        Raises BadInput when it cannot be written, holds something else, holds another inquiry, or is in use.
        """
        self.take(begun=self.exists)
        try:
            stored = self.read(INQUIRY, StoredInquiry)
            if stored is None:
                stored = StoredInquiry(inquiry=inquiry, seed=seed)
                self.write(INQUIRY, stored)
            names = inquiry.differences(stored.inquiry)
            if names:
                raise BadInput(
                    f"{self.path} holds another explanation (other {', '.join(names)}). Choose another --out, or "
                    f"resume it with: {stored.inquiry.command(out=self.path)}"
                )
        except BaseException:
            self.close()
            raise
        return stored

    def close(self) -> None:
        """Closes the journals and gives the lock back."""
        for journal in self._journals.values():
            journal.close()
        self._journals.clear()
        super().close()

    def journal(self, stage: str) -> Journal:
        """Returns the journal of a stage; its folder is made."""
        if stage not in self._journals:
            folder = self.stage_folder(stage)
            folder.mkdir(parents=True, exist_ok=True)
            self._journals[stage] = Journal(folder / "journal.jsonl")
        return self._journals[stage]

    def stage_folder(self, stage: str) -> Path:
        return self.path / "stages" / _safe(stage)

    def scratch(self, name: str) -> Path:
        """Returns a folder for files that builds are made from; kept."""
        folder = self.path / "scratch" / _safe(name)
        folder.mkdir(parents=True, exist_ok=True)
        return folder.absolute()

    def read_stage(self, stage: str, kind: type[Document]) -> Document | None:
        """Returns what was stored of a stage's plan, None before there is one."""
        return self.read(f"stages/{_safe(stage)}/{STAGE}", kind)

    def write_stage(self, stage: str, document: msgspec.Struct) -> None:
        self.stage_folder(stage).mkdir(parents=True, exist_ok=True)
        self.write(f"stages/{_safe(stage)}/{STAGE}", document)

    def write_attribution(self, attribution: Attribution) -> None:
        self.write(ATTRIBUTION, attribution)

    def write_runs_parquet(self) -> Path | None:
        """Compacts the journals of all stages into `runs.parquet` and returns its path, None without any run."""
        from whence.store.parquet import compact_stages

        journals = {folder.name: folder / "journal.jsonl" for folder in self._stage_folders()}
        return compact_stages(journals, self.path / "runs.parquet") if journals else None

    def lines(self) -> dict[str, tuple[JournalLine, ...]]:
        """Returns what can be read of every stage's journal, by the stage's folder name."""
        return {f.name: Journal(f / "journal.jsonl").inspect().lines for f in self._stage_folders()}

    def _stage_folders(self) -> list[Path]:
        root = self.path / "stages"
        folders = root.iterdir() if root.is_dir() else ()
        there = [f for f in folders if (f / "journal.jsonl").is_file()]
        return sorted(there, key=lambda f: ((f / "journal.jsonl").stat().st_ctime_ns, f.name))


def is_explanation(path: Path) -> bool:
    """Tells whether a directory is one of an explanation."""
    return (path / INQUIRY).exists() or (path / ATTRIBUTION).exists()


def load(path: Path) -> StoredExplanation:
    """Returns everything that is readable of an explanation; what is not stands in `damage`. Raises BadInput when
    there is none at `path`."""
    directory = InquiryDirectory(path)
    if not is_explanation(path):
        raise BadInput(f"{path} is no directory of an explanation (it has neither {INQUIRY} nor {ATTRIBUTION}).")
    damage: list[str] = []
    stored = readable(lambda: directory.read(INQUIRY, StoredInquiry), damage)
    attribution = readable(lambda: directory.read(ATTRIBUTION, Attribution), damage)
    return StoredExplanation(
        path=path,
        inquiry=None if stored is None else stored.inquiry,
        attribution=attribution,
        lines=directory.lines(),
        damage=tuple(damage),
    )
