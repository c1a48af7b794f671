"""Benchstat's base units: `ns` becomes `sec` and `MB` becomes `B`, wherever they stand above the fraction line."""

from __future__ import annotations

import functools
import re

_SEPARATOR = re.compile(r"([-*/\s])")


@functools.lru_cache(maxsize=1024)
def tidy_unit(unit: str) -> tuple[str, float]:
    """Returns (base unit, factor): multiply a value in `unit` by the factor. Nothing below a `/` is touched.

    A unit is words separated by `-`, `*`, `/` or space; `/` starts a denominator and `*` ends it. `x-ns/op` is
    `x-sec/op` with 1e-9, `MB*MB/s` is `B*B/s` with 1e12, `op/ns` stays. As golang.org/x/perf/benchunit/tidy.go.
    """
    if "ns" not in unit and "MB" not in unit:
        return unit, 1.0
    words: list[str] = []
    factor, below = 1.0, False
    for word in _SEPARATOR.split(unit):
        if word == "/":
            below = True
        elif word == "*":
            below = False
        elif word == "ns" and not below:
            word, factor = "sec", factor / 1e9
        elif word == "MB" and not below:
            word, factor = "B", factor * 1e6
        words.append(word)
    return "".join(words), factor


def tidy(value: float, unit: str) -> tuple[float, str]:
    """Returns the value and its unit as benchstat shows them: 1500 ns/op is 1.5e-06 sec/op."""
    base, factor = tidy_unit(unit)
    return value * factor, base
