"""What differs between the standard libraries of two Go trees, cut into hunks that can be applied one by one.

`library` says which files count, `hunks` cuts, `relations` says which hunks belong together, `overlays` writes a set of
them as files for `go build -overlay`: so a program can be built with any part of the difference, and without touching a
toolchain.
"""

from __future__ import annotations

from whence.golang.source_diff.hunks import Hunk, hunks_between
from whence.golang.source_diff.overlays import write_overlay
from whence.golang.source_diff.relations import related

__all__ = ["Hunk", "hunks_between", "related", "write_overlay"]
