"""The folders around a run directory: kept out of the user's repository, and gone again when nothing was measured."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path


def keep_out_of_git(folder: Path) -> None:
    """Lets the user's repository ignore the folder where runs are kept when no --out was given."""
    marker = folder / ".gitignore"
    if not marker.exists():
        with suppress(OSError):
            marker.write_text("*\n")


def leave_no_trace(path: Path, made: Sequence[Path]) -> None:
    """Removes what this session wrote into `path`, which was empty or not there, and the folders it made above it."""
    for item in path.iterdir():
        if item.is_dir():
            shutil.rmtree(item, ignore_errors=True)
        else:
            item.unlink(missing_ok=True)
    for folder in made:
        with suppress(OSError):
            folder.rmdir()
