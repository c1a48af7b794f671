"""JSON of a file, several values one behind another included; what is damaged is told by its byte."""

from __future__ import annotations

import json

from whence.measure.profiles.readers.damage import DamagedInput

_SPACE = " \t\r\n"


def values(data: bytes, what: str) -> list[object]:
    """Returns all JSON values of `data`, one behind another (JSON lines are such). Raises DamagedInput."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DamagedInput(f"the {what} is no text in UTF-8", error.start, f"{error.start} bytes") from error
    decoder = json.JSONDecoder()
    found: list[object] = []
    at = _skip(text, 0)
    while at < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise damaged(text, error.pos, what, f"the JSON is damaged ({error.msg.lower()})", len(found)) from error
        except (RecursionError, ValueError) as error:
            raise damaged(
                text, at, what, "the JSON is nested too deep or holds too long a number", len(found)
            ) from error
        found.append(value)
        at = _skip(text, at)
    return found


def damaged(text: str, at: int, what: str, why: str, readable: int) -> DamagedInput:
    offset = len(text[:at].encode("utf-8", "surrogatepass"))
    return DamagedInput(f"{what}: {why}", offset, f"{readable:,} {'value' if readable == 1 else 'values'}")


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


_LARGEST = 2.0**64


def as_amount(value: object) -> float | None:
    """Returns what a runtime can have counted: a number below 2**64; None for anything else."""
    number = as_number(value)
    return number if number is not None and abs(number) <= _LARGEST else None


def as_number(value: object) -> float | None:
    """Returns a JSON number, or a text that is one (`+Inf`, `12`), as a float."""
    if isinstance(value, bool):
        return None
    try:
        if isinstance(value, int | float):
            return float(value)
        if isinstance(value, str) and len(value) < 64:
            return float(value.replace("Inf", "inf"))
    except (ValueError, OverflowError):
        return None
    return None
