"""How numbers are written: three significant digits, more only where the interval is narrower; units once a column.

Memory is written in decimal multiples (1 MB = 10⁶ B), times in ns, µs, ms or s. What is missing is a dash.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

MISSING = "–"
MINUS = "−"
_BYTES = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B"))
_SECONDS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
_IN_SECONDS = {"s": 1.0, "sec": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_IN_BYTES = {"B": 1.0, "bytes": 1.0}
_MOST_DECIMALS = 6
_MOST_DIGITS = 7


class Scale(NamedTuple):
    """What a column is divided by, the unit written at its head, and the decimals of its numbers."""

    divisor: float
    unit: str
    decimals: int


def finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def scale_for(values: Iterable[float | None], unit: str, *, relative_width: float | None = None) -> Scale:
    """Returns one scale for all `values` (in `unit`): the unit is chosen by the largest, the decimals by the smallest.

    `relative_width` is the narrowest relative interval among them: below 1 % it asks for more digits. 0 means exact.
    """
    present = [abs(value) for value in values if value is not None and math.isfinite(value) and value != 0]
    divisor, shown = _multiple(max(present, default=0.0), unit)
    scaled = [value / divisor for value in present if value / divisor > 0]  # a denormal may vanish in its unit
    if not scaled:
        return Scale(divisor, shown, 0)
    digits = 3
    if relative_width is not None and relative_width < 0.001:
        digits = _MOST_DIGITS if relative_width <= 0 else min(_MOST_DIGITS, math.ceil(-math.log10(relative_width)))
    if all(value == int(value) for value in scaled) and max(scaled) < 10**_MOST_DIGITS:
        return Scale(divisor, shown, 0)
    smallest = min(scaled)
    decimals = max(0, min(_MOST_DECIMALS, digits - 1 - math.floor(math.log10(smallest))))
    most = max(0, _MOST_DIGITS - 1 - math.floor(math.log10(max(scaled))))
    return Scale(divisor, shown, min(decimals, most))


def _multiple(largest: float, unit: str) -> tuple[float, str]:
    """Returns (divisor, shown unit): `B/op` scales as bytes and keeps `/op`; `p99-ns` scales as a time."""
    if unit == "count":
        return 1.0, ""
    head, slash, per = unit.partition("/")
    stem, dash, tail = head.rpartition("-")
    quantity = tail if dash and stem else head
    if slash and per == "s":
        return 1.0, unit
    for table, multiples in ((_IN_BYTES, _BYTES), (_IN_SECONDS, _SECONDS)):
        if quantity in table:
            base = table[quantity]
            for size, name in multiples:
                if largest * base >= size * 0.9995:
                    return size / base, name + slash + per
            return multiples[-1][0] / base, multiples[-1][1] + slash + per
    return 1.0, unit


def value_text(value: float | None, scale: Scale) -> str:
    """Returns the number alone, in the scale's unit, with thousands separated."""
    if value is None or not math.isfinite(value):
        return MISSING
    scaled = value / scale.divisor
    if abs(scaled) >= 1e12 or (scaled != 0 and abs(scaled) < 0.5 * 10.0**-_MOST_DECIMALS):
        return f"{scaled:.3g}".replace("-", MINUS)
    return f"{scaled:,.{scale.decimals}f}".replace("-", MINUS)


def amount_text(value: float | None, unit: str) -> str:
    """Returns one number with its unit, for running text: `291.6 MB` is `292 MB` here."""
    scale = scale_for((value,), unit)
    text = value_text(value, scale)
    return f"{text} {scale.unit}" if scale.unit and text != MISSING else text


def ratio_decimals(ratio: float | None, low: float | None, high: float | None, *, exact: bool = False) -> int:
    """Returns the decimals with which a ratio and its interval are written.

    Three significant digits; more when the interval is narrower than the last of them, or when an exact ratio
    differs from 1 by less.
    """
    if ratio is None or not math.isfinite(ratio) or ratio <= 0:
        return 2
    # 0.99 stands beside 1.01 in one column, so what is near 1 is written like it.
    decimals = 2 if 0.9 <= ratio < 1.0 else max(0, 2 - math.floor(math.log10(ratio)))
    if exact:
        distance = abs(ratio - 1.0)
        if distance > 0:
            decimals = max(decimals, 1 - math.floor(math.log10(distance)) if distance < 0.01 else 0)
    elif low is not None and high is not None and math.isfinite(high - low):
        width = high - low
        decimals = max(decimals, _MOST_DECIMALS if width <= 0 else -math.floor(math.log10(width)))
        if width <= 0:
            decimals = 3
    # What is twice as large or more is not told to the ten-thousandth.
    return min(decimals, _MOST_DECIMALS if ratio < 2.0 else max(3, 2 - math.floor(math.log10(ratio))))


def ratio_text(value: float | None, decimals: int) -> str:
    if value is None or not math.isfinite(value):
        return MISSING
    if value != 0 and (abs(value) >= 1e5 or abs(value) < 1e-4):
        return f"{value:.3g}".replace("-", MINUS)
    return f"{value:.{decimals}f}".replace("-", MINUS)


def interval_text(low: float | None, high: float | None, decimals: int) -> str:
    """Returns `[3.46, 3.47]`, or nothing when there is no interval."""
    if low is None or high is None:
        return ""
    return f"[{ratio_text(low, decimals)}, {ratio_text(high, decimals)}]"


def percent_decimals(ratio: float, low: float | None, high: float | None) -> int:
    """Returns the decimals of a change in percent: one, none above 100 %, more when the interval is narrower."""
    decimals = 0 if abs(ratio - 1.0) >= 1.0 else 1
    if low is not None and high is not None:
        width = 100.0 * (high - low)
        if math.isfinite(width) and width > 0:
            decimals = max(decimals, -math.floor(math.log10(width)))
    elif 0 < abs(ratio - 1.0) < 0.01:
        decimals = max(decimals, 1 - math.floor(math.log10(100.0 * abs(ratio - 1.0))))
    return min(decimals, 4)


def percent_text(fraction: float, decimals: int, *, sign: bool = False) -> str:
    """Returns a fraction as percent without the sign `%`: 0.173 is `17.3`, with `sign` `+17.3`."""
    text = f"{100.0 * fraction:{'+' if sign else ''}.{decimals}f}"
    if float(text) == 0:
        text = text.lstrip("+-")
    return text.replace("-", MINUS)


def margin_text(fraction: float) -> str:
    return f"{100.0 * fraction:.3g} %"


def seconds_text(seconds: float | None) -> str:
    """Returns a duration for reading: `0.41 s`, `52 s`, `6 min 10 s`, `2 h 5 min`."""
    if seconds is None or not math.isfinite(seconds):
        return MISSING
    if seconds < 60:
        return f"{seconds:.3g} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
