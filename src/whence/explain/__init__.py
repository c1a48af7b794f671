"""Why: from a measured change to causes with shares, and remedies that were tried.

The package can be called: `whence.explain(inquiry)` is `whence.explain.explain.explain(inquiry)`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whence.evidence.inquiry import Inquiry
    from whence.explain.explain import ExplainResult
    from whence.measure.compare import Listener


class _FrontDoor(ModuleType):
    """The package as a function, so that its name and that of the front door can be one."""

    def __call__(self, inquiry: Inquiry, *, out: Path | None = None, listener: Listener | None = None) -> ExplainResult:
        from whence.explain.explain import explain

        return explain(inquiry, out=out, listener=listener)


sys.modules[__name__].__class__ = _FrontDoor
