"""One line of the format: a result, or a configuration. Accepts exactly the numbers and names that Go accepts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from math import isfinite

PREFIX = "Benchmark"
_BLANK = "\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""What Go's unicode.IsSpace says. Python's str.split() also splits at four control characters."""
BLANKS = re.compile(f"[{_BLANK}]+")
_CONTROLS = re.compile("[\x1c-\x1f]")
_CONFIGURATION = re.compile(f"([^:{_BLANK}]+):(.*)", re.DOTALL)
_WHOLE = re.compile(r"[+-]?[0-9]+\Z")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
_HEXADECIMAL = re.compile(r"[+-]?0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+\Z")
_NOT_FINITE = re.compile(r"(?:nan|[+-]?inf(?:inity)?)\Z", re.IGNORECASE)
_GROUPING = re.compile(r"(?<=[0-9])_(?=[0-9])")
_HEXADECIMAL_GROUPING = re.compile(r"(?<=[0-9a-fA-FxX])_(?=[0-9a-fA-F])")
COUNT_LIMIT = 2**63

Split = Callable[[str], list[str]]
Measurements = tuple[str, int, tuple[tuple[float, str], ...]]
"""Full name, iterations, (value, unit) pairs."""


class Malformed(Exception):
    """Why a line that starts like a benchmark result is none."""


def splitter(text: str) -> Split:
    """Returns the function that splits the lines of `text` into fields where Go does: the fast one nearly always."""
    return _split_as_go if _CONTROLS.search(text) else str.split


def _split_as_go(line: str) -> list[str]:
    return [field for field in BLANKS.split(line) if field]


def measurements(line: str, split: Split) -> Measurements | None:
    """Reads a line that starts with `Benchmark`. None for a bare name, which `go test -v` prints as it starts.

    Raises Malformed.
    """
    fields = split(line)
    if len(fields) >= 4 and len(fields) % 2 == 0 and line.isascii() and "_" not in line:
        try:
            iterations = int(fields[1])
            numbers = [float(field) for field in fields[2::2]]
        except ValueError:
            return _carefully(line, fields)
        if -COUNT_LIMIT <= iterations < COUNT_LIMIT and isfinite(sum(numbers)):
            return fields[0][len(PREFIX) :], iterations, tuple(zip(numbers, fields[3::2], strict=True))
    return _carefully(line, fields)


def _carefully(line: str, fields: list[str]) -> Measurements | None:
    """The same for any line: what is unusual or wrong ends up here."""
    if len(fields) == 1:
        if line.removesuffix("\r") == fields[0]:
            return None
        raise Malformed("a benchmark line without an iteration count")
    iterations = _count(fields[1])
    if len(fields) == 2:
        raise Malformed("a benchmark line without a measurement")
    values: list[tuple[float, str]] = []
    for index in range(2, len(fields), 2):
        value = _number(fields[index])
        if index + 1 == len(fields):
            raise Malformed(f"the measurement {fields[index]} has no unit")
        values.append((value, fields[index + 1]))
    return fields[0][len(PREFIX) :], iterations, tuple(values)


def _count(text: str) -> int:
    if _WHOLE.match(text) is None:
        raise Malformed(f"the iteration count {text[:40]!r} is not a whole number")
    count = int(text) if len(text) < 40 else COUNT_LIMIT
    if not -COUNT_LIMIT <= count < COUNT_LIMIT:
        raise Malformed(f"the iteration count {text[:40]} is out of range")
    return count


def _number(text: str) -> float:
    if _NOT_FINITE.match(text):
        return float(text)
    if "_" in text:
        text = (_HEXADECIMAL_GROUPING if "x" in text.lower() else _GROUPING).sub("", text)
    if _DECIMAL.match(text):
        value = float(text)
    elif _HEXADECIMAL.match(text):
        try:
            value = float.fromhex(text)
        except OverflowError:
            value = float("inf")
    else:
        raise Malformed(f"the measurement {text[:40]!r} is not a number")
    if value - value != 0.0:
        raise Malformed(f"the measurement {text[:40]} is out of range")
    return value


def configuration(line: str) -> tuple[str, str] | None:
    """Returns (key, value) of `key: value`, the value empty where the key is dropped; None for any other line.

    `line` is not empty and has no line end. A key starts with a lower-case letter and holds neither upper-case letters
    nor blanks.
    """
    first = line[0]
    if not ("a" <= first <= "z" or (first > "\x7f" and unicodedata.category(first) == "Ll")):
        return None
    match = _CONFIGURATION.match(line)
    if match is None or any(unicodedata.category(c) == "Lu" for c in match[1]):
        return None
    key, rest = match[1], match[2]
    if rest and rest[0] not in " \t":
        return None
    return key, rest.lstrip(" \t")
