"""Sums, shares and quantiles of numbers that are known within bounds, as amounts with their interval."""

from __future__ import annotations

import math

import numpy as np

from whence.evidence.gc_story import Amount, Quantile, Unit
from whence.measure.profiles.gc.run import Bounds, PauseHistogram

QUANTILES = (0.5, 0.9, 0.99)


def amount(low: float, high: float, unit: Unit) -> Amount | None:
    """Returns the amount between two bounds; null when they are unknown."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return None
    if low == high:
        return Amount(value=float(low), unit=unit)
    return Amount(value=(float(low) + float(high)) / 2, unit=unit, low=float(low), high=float(high))


def total(bounds: Bounds, unit: Unit) -> Amount | None:
    """Returns the sum of all known rows; null when none is known."""
    if not bounds.known:
        return None
    return amount(float(np.nansum(bounds.low)), float(np.nansum(bounds.high)), unit)


def share(bounds: Bounds, of: float) -> Amount | None:
    """Returns the sum of all rows as a share of `of`."""
    if of <= 0 or not bounds.known:
        return None
    return amount(float(np.nansum(bounds.low)) / of, float(np.nansum(bounds.high)) / of, "share")


def row(bounds: Bounds, index: int, unit: Unit) -> Amount | None:
    return amount(float(bounds.low[index]), float(bounds.high[index]), unit)


def quantiles(bounds: Bounds, unit: Unit) -> tuple[Quantile, ...]:
    """Returns quantiles over the rows: the smallest number that a share of all is at or below (no interpolation).

    The quantile of the lower bounds and that of the upper ones enclose the true one, as order is kept.
    """
    low, high = np.sort(bounds.low[~np.isnan(bounds.low)]), np.sort(bounds.high[~np.isnan(bounds.high)])
    found: list[Quantile] = []
    for of in QUANTILES if len(low) else ():
        index = max(0, math.ceil(of * len(low)) - 1)
        value = amount(float(low[index]), float(high[index]), unit)
        if value is not None:
            found.append(Quantile(of=of, amount=value))
    return tuple(found)


def histogram_quantiles(histogram: PauseHistogram) -> tuple[Quantile, ...]:
    """Returns quantiles of counted pauses; each lies in the bucket that is named by its bounds."""
    counts = histogram.counts.cumsum()
    if not len(counts) or counts[-1] == 0:
        return ()
    found: list[Quantile] = []
    for of in QUANTILES:
        value = bucket(histogram, int(np.searchsorted(counts, math.ceil(of * int(counts[-1])))))
        if value is not None:
            found.append(Quantile(of=of, amount=value))
    return tuple(found)


def bucket(histogram: PauseHistogram, index: int) -> Amount | None:
    """Returns the bounds of a bucket in seconds; an open one is told by the edge that it has."""
    low, high = float(histogram.edges_s[index]), float(histogram.edges_s[index + 1])
    if math.isinf(high):
        return Amount(value=low, unit="s", low=low)
    return amount(max(low, 0.0), high, "s")
