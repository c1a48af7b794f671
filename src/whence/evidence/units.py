"""Amounts as people write them (`256MiB`, `1.5 GB`, `10m`, `5ms`) in base units: bytes and seconds."""

from __future__ import annotations

import re

from whence.evidence.errors import BadInput

BYTES = {
    "B": 1, "kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
    "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40,
}  # fmt: skip
SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_AMOUNT = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(\S*)\s*\Z")


def parse_amount(text: str) -> tuple[float, str]:
    """Splits `text` into a number and the unit written behind it (may be empty). Raises BadInput."""
    match = _AMOUNT.match(text)
    if match is None:
        raise BadInput(f"{text!r} is no number with a unit. Write for example 256MiB or 5ms.")
    return float(match[1]), match[2]


def parse_bytes(text: str) -> int:
    """Returns bytes; a bare number is bytes. Raises BadInput for anything that is not a positive amount of memory."""
    number, unit = parse_amount(text)
    if (unit and unit not in BYTES) or number <= 0:
        raise BadInput(f"{text!r} is no amount of memory. Write for example 256MiB.")
    return round(number * BYTES[unit or "B"])


def parse_seconds(text: str) -> float:
    """Returns seconds of a duration such as `10m`, `1h30m`, `90s`, `500ms` or `90` (seconds). Raises BadInput."""
    total, rest = 0.0, text.strip()
    if re.fullmatch(r"\d+\.?\d*", rest):
        rest += "s"
    pattern = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|min|m|h)")
    while rest:
        match = pattern.match(rest)
        if match is None:
            raise BadInput(f"{text!r} is no duration. Write for example 90s, 10m or 1h30m.")
        total += float(match[1]) * SECONDS[match[2]]
        rest = rest[match.end() :]
    if total <= 0:
        raise BadInput(f"{text!r} is no duration above zero. Write for example 10m.")
    return total


def to_base(value: float, written: str, unit: str) -> float:
    """Converts `value` written in unit `written` to the metric unit `unit`. Raises BadInput when they do not fit.

    An empty `written` means the metric's own unit.
    """
    if written in {"", unit}:
        return value
    for table, base in ((BYTES, "B"), (SECONDS, "s")):
        if written in table and unit == base:
            return value * table[written]
        if written in table and unit in table:
            return value * table[written] / table[unit]
    raise BadInput(f"{written!r} is not a unit of this metric, which is measured in {unit}.")
