"""What was asked of `whence explain`: a comparison with one metric, and how far to look for the cause."""

from __future__ import annotations

import shlex
from pathlib import Path

import msgspec

from whence.evidence.request import Request

DEFAULT_BUDGET = "30m"


class Inquiry(msgspec.Struct, frozen=True, kw_only=True):
    """The command line of an explanation as data. Its texts are parsed, and refused, before anything is run."""

    request: Request
    """Base and candidate, the subject, the one metric; neither pairs nor budget nor gates."""
    toggles: str = "auto"
    """`auto`: every switch whose default changed between the releases; else names with commas; `none`: no switches."""
    over: tuple[str, ...] = ()
    """`arg.NAME=V1,V2,…`: parameters over which the change is measured too."""
    budget: str = DEFAULT_BUDGET

    @property
    def metric(self) -> str:
        return self.request.metrics[0]

    def differences(self, stored: Inquiry) -> tuple[str, ...]:
        """Returns the names of what this inquiry asks for otherwise than `stored`; a seed left out fits any."""
        own = [name for name in ("toggles", "over", "budget") if getattr(self, name) != getattr(stored, name)]
        return (*self.request.differences(stored.request), *own)

    def command(self, *, out: Path | None = None) -> str:
        """Returns the command line that repeats this inquiry, or goes on with it in the directory `out`."""
        words = shlex.split(self.request.command())
        words[1] = "explain"
        end = words.index("--") if "--" in words else len(words)
        added: list[str] = []
        if self.toggles != "auto":
            added += ["--toggles", self.toggles]
        for text in self.over:
            added += ["--over", text]
        if self.budget != DEFAULT_BUDGET:
            added += ["--budget", self.budget]
        if out is not None:
            added += ["--out", str(out)]
        return shlex.join([*words[:end], *added, *words[end:]])
