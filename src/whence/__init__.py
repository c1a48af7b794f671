"""Whence: find where the cost came from.

`whence.compare(request)` measures what `whence compare` measures; see `whence.evidence.request.Request`.
`whence.explain(inquiry)` finds what `whence explain` finds; see `whence.evidence.inquiry.Inquiry`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whence.measure.compare import compare

__all__ = ["compare", "explain"]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> object:
    """Loads the front doors on first use, so that importing whence costs nothing."""
    if name == "compare":
        from whence.measure.compare import compare

        return compare
    if name == "explain":
        from importlib import import_module

        return import_module("whence.explain")
    raise AttributeError(f"module 'whence' has no attribute {name!r}")
