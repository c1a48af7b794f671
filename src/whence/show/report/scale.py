"""Axes: where a ratio or a value stands in a drawing, in percent of its width or height, and which ticks are written.

Ratios stand on a logarithmic axis, so that ×2 and ×½ are equally far from no change. When large effects share it with
effects near 1, the axis is stretched around no change (inverse hyperbolic sine of the logarithm: linear near 1,
logarithmic far from it), so that 3.47 and 1.00 ± 0.004 can both be read. The ticks say which axis it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from whence.show.report import numbers

_STRETCH_FROM = 0.3
"""Natural logarithm of the largest ratio from which the axis is stretched."""
_PADDING = 4.0
_GAP = 11.0
_WIDE_GAP = 19.0
_STRETCHED_TICKS = (
    1.0, 2.0, 1.1, 0.9, 1.01, 0.99, 0.5, 10.0, 0.1, 5.0, 3.0, 0.2, 1.03, 0.97, 1.3, 0.7, 1.5, 100.0, 0.01, 30.0, 1e3,
    1e-3, 1e4, 1e-4, 1e6, 1e-6,
)  # fmt: skip
"""In the order in which they get their place; later ones only where there is room."""


class Tick(NamedTuple):
    """Where, in percent, and what is written there."""

    at: float
    label: str
    minor: bool = False
    """True for a label that is left out where there is little room."""


class RatioAxis(NamedTuple):
    """An axis of ratios. `low`, `high` are ends in the axis' own measure; `softness` is 0 on a plain log axis."""

    low: float
    high: float
    softness: float

    def measure(self, ratio: float) -> float:
        """Returns the place of a ratio before it is scaled to percent. Ratios at or below 0 stand at the far left."""
        if ratio <= 0:
            return -math.inf
        log = math.log(ratio)
        return math.asinh(log / self.softness) if self.softness > 0 else log

    def at(self, ratio: float) -> float:
        """Returns the place of a ratio in percent, kept inside the drawing."""
        share = (self.measure(ratio) - self.low) / (self.high - self.low)
        return round(min(100.0, max(0.0, _PADDING + (100.0 - 2 * _PADDING) * share)), 2)

    def holds(self, ratio: float) -> bool:
        return self.low - 1e-9 <= self.measure(ratio) <= self.high + 1e-9

    @property
    def stretched(self) -> bool:
        return self.softness > 0

    def ticks(self) -> tuple[Tick, ...]:
        """Returns the ticks from left to right; no change is always among them."""
        found: list[Tick] = []
        ratios = _STRETCHED_TICKS if self.stretched else _even_ratios(self)
        for gap, minor in ((_WIDE_GAP, False), (_GAP, True)):
            for ratio in ratios:
                place = self.at(ratio)
                if self.holds(ratio) and all(abs(place - other.at) >= gap for other in found):
                    found.append(Tick(place, ratio_label(ratio), minor))
        return tuple(sorted(found))


def ratio_axis(ratios: Iterable[float | None], margins: Iterable[float]) -> RatioAxis:
    """Returns the axis that holds all finite ratios above 0, no change, and the margins around it."""
    widths = [margin for margin in margins if margin > 0]
    present = [ratio for ratio in ratios if ratio is not None and math.isfinite(ratio) and ratio > 0]
    widest = max(widths, default=0.01)
    logs = [math.log(ratio) for ratio in present] + [math.log1p(-min(widest, 0.9)), math.log1p(widest)]
    reach = max(abs(log) for log in logs)
    softness = max(0.004, min(widths, default=0.01)) if reach > _STRETCH_FROM else 0.0
    plain = RatioAxis(-1.0, 1.0, softness)
    places = [plain.measure(math.exp(log)) for log in logs]
    return RatioAxis(min(places), max(places), softness)


def _even_ratios(axis: RatioAxis) -> list[float]:
    low, high = 100 * math.expm1(axis.low), 100 * math.expm1(axis.high)
    step = nice_step((high - low) / 5)
    first, last = math.ceil(low / step), math.floor(high / step)
    order = sorted(range(first, last + 1), key=lambda index: (abs(index) % 2, abs(index)))
    return [1.0 + index * step / 100 for index in [0, *order]]


def ratio_label(ratio: float) -> str:
    """Returns `same`, `+10 %` near 1, `×3` far from it."""
    if ratio == 1.0:
        return "same"
    if 0.5 < ratio < 2.0:
        change = 100 * (ratio - 1)
        return f"{'+' if change > 0 else numbers.MINUS}{abs(change):.3g} %"
    return f"×{ratio:g}"


def nice_step(rough: float) -> float:
    """Returns the step of 1, 2 or 5 times a power of ten that is nearest above `rough`."""
    if rough <= 0 or not math.isfinite(rough):
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power >= rough * 0.999)


class ValueAxis(NamedTuple):
    """An upright axis of values: 0 % is the top, where `high` stands."""

    low: float
    high: float
    logarithmic: bool = False

    def at(self, value: float) -> float:
        """Returns the place of a value in percent from the top, kept inside."""
        if self.logarithmic:
            value, low, high = math.log(max(value, 1e-300)), math.log(self.low), math.log(self.high)
        else:
            low, high = self.low, self.high
        return round(min(100.0, max(0.0, 100.0 * (high - value) / (high - low))), 2)

    def values(self, count: int = 4) -> tuple[float, ...]:
        """Returns round values on the axis for ticks, about `count`."""
        if self.logarithmic:
            powers = range(math.ceil(math.log10(self.low)), math.floor(math.log10(self.high)) + 1)
            stride = max(1, len(powers) // count)
            return tuple(10.0**power for power in powers[::stride]) or (self.low, self.high)
        step = nice_step((self.high - self.low) / count)
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        return tuple(index * step for index in range(first, last + 1))


def value_axis(values: Iterable[float], *, from_zero: bool = False) -> ValueAxis:
    """Returns the axis that holds all finite `values` with some air; logarithmic when they span a factor over 50."""
    present = [value for value in values if math.isfinite(value)] or [0.0, 1.0]
    low, high = min(present), max(present)
    if low > 0 and high / low > 50 and not from_zero:
        return ValueAxis(low / 1.3, high * 1.3, logarithmic=True)
    if from_zero or (low >= 0 and low < 0.4 * high):
        return ValueAxis(min(0.0, low), high + 0.06 * abs(high) if high > 0 else 1.0)
    air = 0.08 * (high - low) or abs(high) * 0.02 or 1.0
    return ValueAxis(low - air, high + air)
