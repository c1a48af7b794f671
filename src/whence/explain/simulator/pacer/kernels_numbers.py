"""Conversions between float64 and 64-bit integers as Go does them on amd64.

The language leaves the result open when the number does not fit; the machine instruction that the compiler uses
(cvttsd2sq) gives the smallest int64. The pacer meets such numbers in a first cycle without scan work.
"""

from __future__ import annotations

import numpy as np
from numba import njit

_SMALLEST = -(2**63)
_LARGEST = 2**63 - 1
_TWO_TO_63 = 9223372036854775808.0


@njit(cache=True, error_model="numpy", inline="always")
def to_int64(value: float) -> int:
    """Returns int64(value): truncated towards zero, the smallest int64 for what does not fit and for NaN."""
    if -_TWO_TO_63 <= value < _TWO_TO_63:
        return int(value)
    return _SMALLEST


@njit(cache=True, error_model="numpy", inline="always")
def to_unsigned(value: float) -> int:
    """Returns uint64(value) as far as it fits an int64, and the largest int64 for everything above.

    A negative number becomes a huge unsigned one. From 2^63 on the compiler converts value - 2^63 and flips the sign
    bit, so 2^64 and more, infinity and NaN give 0.
    """
    if value < _TWO_TO_63:
        number = to_int64(value)
        return number if number >= 0 else _LARGEST
    if value < 2.0 * _TWO_TO_63:
        return _LARGEST
    return 0


@njit(cache=True, error_model="numpy")
def percent_of(number: int, percent: int) -> int:
    """Returns number * percent / 100 with the product and the quotient taken as unsigned 64-bit numbers."""
    quotient = np.uint64(number) * np.uint64(percent) // np.uint64(100)
    return np.int64(quotient)  # type: ignore[return-value]
