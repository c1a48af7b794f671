"""Writes the Go benchmark format, so that `parse(write(results, units=units))` gives the same results and units.

One thing the format cannot say: a name that ends in `-8` and has no `procs` reads back as GOMAXPROCS 8.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from whence.evidence.errors import BadInput
from whence.golang.benchfmt.lines import BLANKS, COUNT_LIMIT, configuration
from whence.golang.benchfmt.records import Result
from whence.golang.benchfmt.units import tidy_unit


def write(results: Iterable[Result], *, units: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """Returns the text: unit declarations first, then results, with configuration lines wherever it changes.

    Raises BadInput for what the format cannot hold: blanks in a name or a unit, a key that is none, a value of
    several lines, a result without values, two declarations of one unit that contradict each other.
    """
    lines = _unit_lines(units or {})
    current: dict[str, str] = {}
    for result in results:
        if result.config != current:
            changes = _changes(current, result.config)
            lines += ["", *changes, ""] if lines else [*changes, ""]
            current = result.config
        lines.append(_result_line(result))
    return "".join(line + "\n" for line in lines)


def _unit_lines(units: Mapping[str, Mapping[str, str]]) -> list[str]:
    lines: list[str] = []
    known: dict[tuple[str, str], str] = {}
    for unit, keys in units.items():
        base, _ = tidy_unit(unit)
        for key, value in keys.items():
            if not key or "=" in key or BLANKS.search(key) or BLANKS.search(value):
                raise BadInput(f"{key!r}={value!r} of unit {unit} cannot be written. Leave out blanks and '='.")
            if known.setdefault((base, key), value) != value:
                raise BadInput(f"{key} of unit {unit} is declared as {known[base, key]} and as {value}. Keep one.")
        if keys:
            lines.append(" ".join(["Unit", _word(unit, "unit"), *(f"{k}={v}" for k, v in keys.items())]))
    return lines


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    lines = [f"{key}:" for key in before if key not in after]
    for key, value in after.items():
        if before.get(key) != value:
            line = f"{key}: {value}"
            if "\n" in line or line.endswith("\r") or configuration(line) != (key, value) or not value:
                raise BadInput(
                    f"{key!r}: {value[:40]!r} cannot be written as configuration. A key is lower case without blanks, "
                    "its value one line that is not empty."
                )
            lines.append(line)
    return lines


def _result_line(result: Result) -> str:
    if not result.values:
        raise BadInput(f"benchmark {result.full_name!r} has no values. Give at least one.")
    if not -COUNT_LIMIT <= result.iterations < COUNT_LIMIT:
        raise BadInput(f"benchmark {result.full_name!r}: {result.iterations} iterations do not fit into 64 bits.")
    if BLANKS.search(result.full_name):
        raise BadInput(f"benchmark {result.full_name!r} has blanks in its name. Write _ instead.")
    pairs = (f"{_number(value)} {_word(unit, 'unit')}" for value, unit in result.values)
    return f"Benchmark{result.full_name} {result.iterations} " + " ".join(pairs)


def _word(text: str, what: str) -> str:
    if not text or BLANKS.search(text):
        raise BadInput(f"{what} {text!r} is empty or has blanks. Write one word.")
    return text


def _number(value: float) -> str:
    """Returns the shortest decimal that reads back as the same double."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    text = repr(float(value))
    return text.removesuffix(".0") if text != "-0.0" else "-0"
