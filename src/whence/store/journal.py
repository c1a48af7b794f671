"""The journal: one JSON line for each thing that happened in a run directory, on disk before the next one starts."""

from __future__ import annotations

import mmap
from pathlib import Path

import msgspec

from whence.evidence.run import JournalLine
from whence.store.line_file import DamagedLine, JournalNotWritable, LineFile, Reading, parse_lines

__all__ = ["DamagedLine", "Journal", "JournalNotWritable", "Reading", "parse"]
_decoder: msgspec.json.Decoder[JournalLine] = msgspec.json.Decoder(JournalLine)


class Journal(LineFile[JournalLine]):
    """An append-only file of `JournalLine`s. Opening it writes nothing; the first `append` creates the file."""

    def __init__(self, path: Path) -> None:
        remedy = f"`whence report {path.parent}` shows what is left; measure anew into another directory."
        super().__init__(path, _decoder, remedy=remedy)


def parse(content: bytes | mmap.mmap) -> Reading[JournalLine]:
    """Returns the lines of a journal's bytes. Pure."""
    return parse_lines(content, _decoder)
