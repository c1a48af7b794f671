"""Lines of text that runtimes print: where they start, and which of them were broken by another writer.

The runtime writes a line in pieces, so what another thread or process writes at the same time may stand in between.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Broken(NamedTuple):
    """A line that starts like a known one and does not go on like it."""

    offset: int
    text: str


_SHOWN = 120


def broken_lines(data: bytes, head: re.Pattern[bytes], whole: NDArray[np.int64]) -> tuple[Broken, ...]:
    """Returns the matches of `head` in `data` at which no whole line starts; `whole` holds the offsets of those."""
    known = set(whole.tolist())
    return tuple(
        Broken(
            match.start(), data[match.start() : match.start() + _SHOWN].partition(b"\n")[0].decode("utf-8", "replace")
        )
        for match in head.finditer(data)
        if match.start() not in known
    )
