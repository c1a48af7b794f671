"""Where goroutines stop that matters to the heap: within an allocation that has its slot, and in the sweeper's work."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whence.explain.simulator.inputs import kernels_digest as digesting
from whence.golang.versions import parse_version
from whence.measure.profiles.readers.trace_columns import Events, Generation
from whence.measure.profiles.readers.trace_v2_events import CODE

STOPS = ("GoStop", "GoBlock", "GCBegin")
"""Their second argument is a stack."""
_ALLOCATING = "runtime.mallocgc"
_TESTING = ("runtime.gcStart", "runtime.gcTrigger")
_BEFORE = ("runtime.preMallocgcDebug", "runtime.deductAssistCredit", "runtime.gcAssistAlloc", "runtime.gcParkAssist")
_SWEEPER = "runtime.bgsweep"
_BATCH_LINES = {23: 301, 24: 300}
_BATCH_LINE = 303
"""Line of runtime/mgcsweep.go at which bgsweep lets others run behind a batch, by minor version; 1.25 to 1.27 have the
last one (read in go1.23.0, 1.23.12, 1.24.0, 1.24.13, 1.25.5, 1.26.3, 1.26.11, 1.27.3, 1.27.4)."""
_FREEING_FURTHER = 5
"""Lines further on it does so while it frees the memory that marking worked with; by then all is swept."""
NOTHING = digesting.OTHER


class Stops:
    """Finds such stops, generation by generation.

    An allocation cannot be stopped before it has its slot, but where it enters one of its functions or has to help the
    collector first. Since Go 1.24 it is recorded last of all, behind the test whether a collection is due.
    """

    def __init__(self, go_version: str) -> None:
        minor = parse_version(go_version).minor
        self.shortened = minor == 24
        """Stacks of a goroutine stopped where it enters a function lack it and its caller."""
        self.batch_line = _BATCH_LINES.get(minor, _BATCH_LINE)
        self.freeing = False
        """The sweeper was last seen where it frees memory, with nothing left to sweep."""
        self.generation: Generation | None = None
        self.known: dict[tuple[int, bool], bool] = {}

    def find(self, generation: Generation, events: Events) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """Returns the rows of stops within an allocation, and for every event what the sweeper has done, or NOTHING."""
        if generation is not self.generation:
            self.generation, self.known = generation, {}
        early: list[int] = []
        swept = np.full(len(events), NOTHING, np.uint8)
        stops = np.isin(events.kind, [CODE[name] for name in STOPS])
        for row in np.flatnonzero(stops).tolist():
            key = int(events.args[1, row]), bool(events.kind[row] == CODE["GCBegin"])
            if key not in self.known:
                self.known[key] = self._holds_slot(generation, *key)
            if self.known[key]:
                early.append(row)
            elif not key[1]:
                reason = generation.strings.get(int(events.args[0, row]), "")
                waits = bool(events.kind[row] == CODE["GoBlock"])
                swept[row] = self._swept(generation, key[0], waits=waits, reason=reason)
        return np.array(early, np.int64), swept

    def _holds_slot(self, generation: Generation, stack: int, begins: bool) -> bool:
        names = _names(generation, stack)
        depth = next((depth for depth, name in enumerate(names) if name.startswith(_ALLOCATING)), None)
        # The stack of a collection's beginning leaves out the function that begins it.
        if depth is None:
            return False
        if depth == 0 and not begins:
            return self.shortened and names[0] == _ALLOCATING
        # Go 1.23 does it all in one function, which tests for a collection when it has recorded the object.
        told = names[depth] == _ALLOCATING and (begins or any(name.startswith(_TESTING) for name in names[:depth]))
        return not told and not any(name.startswith(_BEFORE) for name in names[:depth])

    def _swept(self, generation: Generation, stack: int, *, waits: bool, reason: str) -> int:
        """Returns what the sweeper has done since it was stopped before; NOTHING for other goroutines."""
        names = _names(generation, stack)
        if not names or names[-1] != _SWEEPER:
            return NOTHING
        if waits:
            self.freeing = False
            return digesting.SWEPT
        if reason != "runtime.Gosched":
            return NOTHING
        line = int(generation.stacks.line[generation.stacks.frames(stack)][-1])
        if line == self.batch_line:
            self.freeing = False
            return digesting.BATCH
        if line != self.batch_line + _FREEING_FURTHER:
            return NOTHING
        # A new collection may have ended while it was freeing: then this says nothing of what is swept.
        before, self.freeing = self.freeing, True
        return NOTHING if before else digesting.SWEPT


def _names(generation: Generation, stack: int) -> list[str]:
    stacks, strings = generation.stacks, generation.strings
    return [strings.get(int(name), "") for name in stacks.function[stacks.frames(stack)]]
