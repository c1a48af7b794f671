"""What `GODEBUG=inittrace=1` prints (Go 1.16 on): a line a package whose initialisation did something.

    init internal/bytealg @0.004 ms, 0 ms clock, 0 bytes, 0 allocs

Source: `doInit1` in `proc.go`. Times are cut as in gctrace.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.readers.gctrace import step_of
from whence.measure.profiles.readers.text_lines import Broken, broken_lines

_LINE = re.compile(
    rb"init (?P<package>[^\s@]{1,1000}) @(?P<at>\d{1,15}(?:\.\d{1,3})?) ms, "
    rb"(?P<clock>\d{1,15}(?:\.\d{1,3})?) ms clock, (?P<bytes>\d{1,18}) bytes, (?P<allocs>\d{1,18}) allocs"
)
_HEAD = re.compile(rb"(?m)^init [^\s@]{1,1000} @\d")


@dataclass(frozen=True, slots=True, eq=False)
class Initialisations:
    """A row a package, in the order of their initialisation."""

    offset: NDArray[np.int64]
    package: tuple[str, ...]
    at_ms: NDArray[np.float64]
    """When it began, from the program's start."""
    clock_ms: NDArray[np.float64]
    clock_step_ms: NDArray[np.float64]
    """The true time is less than this above the printed one."""
    bytes: NDArray[np.int64]
    allocations: NDArray[np.int64]
    broken: tuple[Broken, ...] = ()

    def __len__(self) -> int:
        return len(self.offset)


def read(data: bytes) -> Initialisations:
    """Returns the packages that `data` reports; no rows when it reports none."""
    matches = list(_LINE.finditer(data))
    offsets = np.array([match.start() for match in matches], np.int64)
    return Initialisations(
        offset=offsets,
        package=tuple(match["package"].decode("utf-8", "replace") for match in matches),
        at_ms=np.array([float(match["at"]) for match in matches], np.float64),
        clock_ms=np.array([float(match["clock"]) for match in matches], np.float64),
        clock_step_ms=np.array([step_of(match["clock"]) for match in matches], np.float64),
        bytes=np.array([int(match["bytes"]) for match in matches], np.int64),
        allocations=np.array([int(match["allocs"]) for match in matches], np.int64),
        broken=broken_lines(data, _HEAD, offsets),
    )


def looks_like(data: bytes) -> bool:
    """Tells whether the beginning of a file holds such a line."""
    return _LINE.search(data) is not None
