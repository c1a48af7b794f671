"""Lines of text that runtimes print: where they start, and which of them were broken by another writer.

The runtime writes a line in pieces, so what another thread or process writes at the same time may stand in between.
Offsets are below 2**53, so that they may stand in a table of floats.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Broken(NamedTuple):
    """A line that starts like a known one and does not go on like it."""

    offset: int
    text: str


_SHOWN = 120
_MOST_BROKEN = 10_000
"""Broken lines that are kept; what comes behind them counts as lines that are not the runtime's."""
_ROWS = 16_384


def table(rows: Iterable[tuple[float, ...]], width: int) -> NDArray[np.float64]:
    """Returns the rows by their first number, as (rows, width); built in parts, so that tuples never pile up."""
    parts: list[NDArray[np.float64]] = []
    source = iter(rows)
    while part := list(islice(source, _ROWS)):
        parts.append(np.array(part, np.float64))
    whole = np.concatenate(parts) if parts else np.zeros((0, width))
    return whole[np.argsort(whole[:, 0], kind="stable")]


def broken_lines(data: bytes, head: re.Pattern[bytes], whole: NDArray[np.int64]) -> tuple[Broken, ...]:
    """Returns the matches of `head` in `data` at which no whole line starts; `whole` holds the offsets of those."""
    known = set(whole.tolist())
    found = (
        Broken(
            match.start(), data[match.start() : match.start() + _SHOWN].partition(b"\n")[0].decode("utf-8", "replace")
        )
        for match in head.finditer(data)
        if match.start() not in known
    )
    return tuple(islice(found, _MOST_BROKEN))
