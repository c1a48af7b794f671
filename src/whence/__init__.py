"""Whence: find where the cost came from.

`whence.compare(request)` measures what `whence compare` measures; see `whence.evidence.request.Request`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whence.measure.compare import compare

__all__ = ["compare"]


def __getattr__(name: str) -> object:
    """Loads the front doors on first use, so that importing whence costs nothing."""
    if name == "compare":
        from whence.measure.compare import compare

        return compare
    raise AttributeError(f"module 'whence' has no attribute {name!r}")
