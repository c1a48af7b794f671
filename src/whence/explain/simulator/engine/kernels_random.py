"""Random numbers that depend only on (seed, cycle, purpose), so that configurations share them cycle by cycle."""

from __future__ import annotations

import math

import numpy as np
from numba import njit


@njit(cache=True)
def uniform(seed: float, cycle: int, purpose: int) -> float:
    """Returns a number in (0, 1): SplitMix64 of the three."""
    z = np.uint64(seed) * np.uint64(0x9E3779B97F4A7C15)
    z ^= np.uint64(cycle * 64 + purpose + 1) * np.uint64(0xD1B54A32D192ED03)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return (float(z >> np.uint64(11)) + 0.5) / 9007199254740992.0


@njit(cache=True)
def exponential(mean: float, seed: float, cycle: int, purpose: int) -> float:
    """Returns an exponentially distributed number of that mean."""
    return -mean * math.log(uniform(seed, cycle, purpose))
