"""Where Whence keeps what can be made again: builds, answers of the module proxy."""

from __future__ import annotations

import os
from pathlib import Path


def cache_root() -> Path:
    """Returns $WHENCE_CACHE, or ~/.cache/whence. The folder need not exist yet."""
    chosen = os.environ.get("WHENCE_CACHE")
    return Path(chosen).expanduser().absolute() if chosen else Path.home() / ".cache" / "whence"
