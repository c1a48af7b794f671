"""Sets of hunks as programs: built with an overlay, listened to, and measured against the same release without it.

A set counts only when the program still says the same: an overlay that builds and runs may be wrong, and a broken
program can look cheap.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import msgspec

from whence.evidence.variant import Variant, changed
from whence.explain.attribution.asking import Trials
from whence.golang.source_diff import Hunk, write_overlay
from whence.golang.toolchains import Toolchain

Set = frozenset[Hunk]


class HunkSets:
    """What was built and measured of one release with hunks of another."""

    def __init__(self, trials: Trials, carrying: Variant, toolchain: Toolchain, enough: Callable[[], bool]) -> None:
        self._trials, self._carrying, self._goroot, self._enough = trials, carrying, toolchain.goroot, enough
        self._said = trials.output(carrying)
        self.listened: bool = bool(self._said) and self._said == trials.output(carrying)
        """The program prints something of its own, the same each time: a broken overlay would show."""
        self.measured: dict[Set, tuple[float, ...]] = {}
        self.refused: dict[Set, str] = {}
        """Why a set says nothing, in words."""
        self.stopped = False
        self._variants: dict[Set, Variant] = {}

    @property
    def tried(self) -> int:
        """Different sets that were built, or refused to."""
        return len(self._variants)

    @property
    def unheard(self) -> str:
        """Why the program's output says nothing about an overlay."""
        return "differs from run to run" if self._said else "is nothing but measurements"

    def spec(self, hunks: Sequence[Hunk]) -> str:
        """Returns the set as a variant is written."""
        return self._variants[frozenset(hunks)].spec

    def measure(self, hunks: Sequence[Hunk], pairs: int) -> tuple[float, ...] | None:
        """Returns ln(with these hunks ÷ without) by block; None when that cannot be had, or the time is up."""
        key = frozenset(hunks)
        if key in self.refused:
            return None
        if self._enough():
            self.stopped = True
            return None
        self._trials.stage("source", places(hunks))
        name = _digest(hunks)
        if key not in self._variants:
            overlay = write_overlay(hunks, self._goroot, self._trials.scratch(f"hunks-{name}"))
            self._variants[key] = changed(self._carrying, {"overlay": str(overlay)})
            refusal = self._refusal(self._variants[key])
            if refusal is not None:
                self.refused[key] = refusal
                return None
        logs = self._trials.pairs(f"hunks-{name}", self._carrying, self._variants[key], pairs)
        if logs is None:
            self.refused[key] = "it does not run to its end each time"
        else:
            self.measured[key] = logs
        return logs

    def _refusal(self, variant: Variant) -> str | None:
        failure = self._trials.failure(variant)
        if failure is not None:
            return failure.removeprefix(f"variant {variant.name}: ")
        if not self.listened:
            return None
        said = self._trials.output(variant)
        if said is None:
            return "the program does not run with it"
        return None if said == self._said else "the program prints something else with it"


def _digest(hunks: Sequence[Hunk]) -> str:
    parts = sorted((h.file, h.start, h.end, h.new or ()) for h in hunks)
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:16]


def places(hunks: Sequence[Hunk]) -> str:
    """Returns where the hunks are, for people."""
    files = list(dict.fromkeys(h.file for h in hunks))
    if len(hunks) == 1:
        return hunks[0].place
    return f"{len(hunks)} hunks of {files[0] if len(files) == 1 else f'{len(files)} files'}"
