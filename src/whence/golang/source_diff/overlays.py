"""A set of hunks as files for `go build -overlay`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

import msgspec

from whence.golang.source_diff.hunks import Hunk
from whence.golang.source_diff.reading import lines_of


def write_overlay(hunks: Iterable[Hunk], goroot: Path, folder: Path) -> Path:
    """Writes the files of GOROOT `goroot` (the first tree of the hunks) with these hunks applied into `folder`.

    Returns the path of the JSON that `overlay=` takes; its paths begin with `$GOROOT/`, whatever the toolchain's place.
    """
    replaced: dict[str, str] = {}
    ordered = sorted(hunks, key=lambda h: (h.file, h.start, h.end))
    for file, group in groupby(ordered, key=lambda h: h.file):
        content = patched(goroot / "src" / file, list(group))
        target = folder / file
        if content is not None:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode("utf-8", errors="surrogateescape"))
        replaced[f"$GOROOT/src/{file}"] = "" if content is None else str(target.absolute())
    path = folder / "overlay.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode({"Replace": replaced}), indent=1))
    return path


def patched(file: Path, hunks: Sequence[Hunk]) -> str | None:
    """Returns the text of a file with its hunks applied; None when they remove it."""
    if any(h.new is None for h in hunks):
        return None
    if any(h.old is None for h in hunks):
        return "".join(hunks[0].new or ())
    lines = list(lines_of(file))
    for hunk in sorted(hunks, key=lambda h: (h.start, h.end), reverse=True):
        lines[hunk.start : hunk.end] = hunk.new or ()
    return "".join(lines)
