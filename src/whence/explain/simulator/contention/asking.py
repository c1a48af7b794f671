"""Processors and rates as people write them."""

from __future__ import annotations

import math
import re

from whence.evidence.errors import BadInput

MOST = 4096


def parse_processors(text: str) -> tuple[int, ...]:
    """Reads `8`, `1..64` or `1,2,4,8`, also mixed. Raises BadInput for what is none of them."""
    found: list[int] = []
    for item in text.split(","):
        match = re.fullmatch(r"\s*([0-9]{1,4})(?:\.\.([0-9]{1,4}))?\s*", item)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last <= MOST:
            raise BadInput(f"--procs: {item.strip()!r} is no number of processors. Write 8, 1..64 or 1,2,4,8.")
        found += range(first, last + 1)
    return tuple(sorted(set(found)))


def parse_rate(text: str) -> float:
    """Reads `2e6` or `2000000/s`. Raises BadInput for anything but a number above zero."""
    try:
        value = float(text.strip().removesuffix("/s"))
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value <= 0:
        raise BadInput(f"--rate: {text!r} is no number of allocations a second. Write for example 2e6.")
    return value
