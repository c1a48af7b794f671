"""Go's math/rand source: the additive lagged Fibonacci generator x[n] = x[n-607] + x[n-273] modulo 2^64.

Its seeding mixes a small linear congruential generator with a table of 607 words. The table is the generator's own
state after 7.8e12 steps from seed 1 (src/math/rand/gen_cooked.go); here it is computed: so many steps are the power
7.8e12 of x modulo the characteristic polynomial x^607 - x^334 - 1, with coefficients modulo 2^64.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

_LENGTH = 607
_TAP = 273
_COOKING_STEPS = 7_800_000_000_000
_MODULUS = 2**31 - 1
_ZERO_SEED = 89482311


def _next_seed(x: int) -> int:
    """Returns the next word of the congruential generator 48271 x modulo 2^31 - 1."""
    return x * 48271 % _MODULUS


def _seeded_words(seed: int, shifts: tuple[int, int]) -> NDArray[np.uint64]:
    """Returns 607 words of three congruential numbers each, the first two moved left by `shifts` bits."""
    x = seed % _MODULUS or _ZERO_SEED
    for _ in range(20):
        x = _next_seed(x)
    words = np.empty(_LENGTH, dtype=np.uint64)
    for index in range(_LENGTH):
        word = 0
        for shift in (*shifts, 0):
            x = _next_seed(x)
            word ^= x << shift
        words[index] = word & (2**64 - 1)
    return words


def _reduced(product: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Returns a polynomial modulo x^607 - x^334 - 1, coefficient of x^k at index k."""
    rest = product.copy()
    end = rest.size
    while end > _LENGTH:
        # The highest _TAP coefficients at once: none of them lands on another of them.
        start = max(end - _TAP, _LENGTH)
        rest[start - _TAP : end - _TAP] += rest[start:end]
        rest[start - _LENGTH : end - _LENGTH] += rest[start:end]
        end = start
    return rest[:_LENGTH]


def _power_of_x(exponent: int) -> NDArray[np.uint64]:
    """Returns x^exponent modulo the characteristic polynomial."""
    power = np.zeros(_LENGTH, dtype=np.uint64)
    power[0] = 1
    for bit in bin(exponent)[2:]:
        power = _reduced(np.convolve(power, power))
        if bit == "1":
            power = _reduced(np.concatenate([np.zeros(1, dtype=np.uint64), power]))
    return power


@functools.cache
def cooked() -> NDArray[np.uint64]:
    """Returns the 607 words that seeding mixes in (rngCooked of src/math/rand/rng.go), shape (607,)."""
    # In the order of generation the state's oldest word stands where the feed position begins.
    words = _seeded_words(1, (20, 10))
    feed = _LENGTH - _TAP
    order = (feed - 1 - np.arange(_LENGTH)) % _LENGTH
    sequence = np.empty(2 * _LENGTH, dtype=np.uint64)
    sequence[:_LENGTH] = words[order]
    for index in range(_LENGTH, 2 * _LENGTH):
        sequence[index] = sequence[index - _LENGTH] + sequence[index - _TAP]
    ahead = _power_of_x(_COOKING_STEPS)
    windows = np.lib.stride_tricks.sliding_window_view(sequence, _LENGTH)[:_LENGTH]
    later = (windows * ahead).sum(axis=1, dtype=np.uint64)
    state = np.empty(_LENGTH, dtype=np.uint64)
    state[(order - _COOKING_STEPS) % _LENGTH] = later
    return state


class GoRandom:
    """The source `rand.New(rand.NewSource(seed))` of Go."""

    def __init__(self, seed: int) -> None:
        self._words = [int(word) for word in _seeded_words(seed, (40, 20)) ^ cooked()]
        self._tap = 0
        self._feed = _LENGTH - _TAP

    def uint64(self) -> int:
        """Returns the next 64 random bits."""
        self._tap = (self._tap - 1) % _LENGTH
        self._feed = (self._feed - 1) % _LENGTH
        word = (self._words[self._feed] + self._words[self._tap]) & (2**64 - 1)
        self._words[self._feed] = word
        return word

    def float64(self) -> float:
        """Returns the next number of [0, 1): 63 bits, rounded; what rounds up to 1 is drawn again."""
        while True:
            number = float(self.uint64() & (2**63 - 1)) / 2.0**63
            if number < 1.0:
                return number
