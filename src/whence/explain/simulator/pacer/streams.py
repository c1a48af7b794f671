"""Sequences of one number a collection cycle, as the runtime's pacer test writes them (src/runtime/mgcpacer_test.go).

A stream is a function of a length that returns that many numbers. Sums are taken from left to right, one float64
addition after the other, and sine is Go's: results are equal to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from whence.explain.simulator.pacer.go_random import GoRandom

Numbers: TypeAlias = NDArray[np.float64]
Stream: TypeAlias = Callable[[int], Numbers]

_SINE = (
    1.58962301576546568060e-10,
    -2.50507477628578072866e-8,
    2.75573136213857245213e-6,
    -1.98412698295895385996e-4,
    8.33333333332211858878e-3,
    -1.66666666666666307295e-1,
)
_COSINE = (
    -1.13585365213876817300e-11,
    2.08757008419747316778e-9,
    -2.75573141792967388112e-7,
    2.48015872888517045348e-5,
    -1.38888888888730564116e-3,
    4.16666666666665929218e-2,
)
_QUARTER_PI = (7.85398125648498535156e-1, 3.77489470793079817668e-8, 2.69515142907905952645e-15)


def _polynomial(coefficients: tuple[float, ...], x: float) -> float:
    value = coefficients[0]
    for coefficient in coefficients[1:]:
        value = value * x + coefficient
    return value


def go_sine(x: float) -> float:
    """Returns math.Sin(x) of Go for x in [0, 2^29): the Cephes algorithm, octant by octant (src/math/sin.go)."""
    octant = int(x * (4 / math.pi))
    octant += octant & 1
    y = float(octant)
    octant &= 7
    z = ((x - y * _QUARTER_PI[0]) - y * _QUARTER_PI[1]) - y * _QUARTER_PI[2]
    zz = z * z
    negative = octant > 3
    if negative:
        octant -= 4
    if octant in (1, 2):
        value = 1.0 - 0.5 * zz + zz * zz * _polynomial(_COSINE, zz)
    else:
        value = z + z * zz * _polynomial(_SINE, zz)
    return -value if negative else value


def constant(value: float) -> Stream:
    """Always `value`."""
    return lambda length: np.full(length, float(value))


def unit(height: float) -> Stream:
    """`height` once, then zeros."""

    def numbers(length: int) -> Numbers:
        values = np.zeros(length)
        values[:1] = height
        return values

    return numbers


def oscillate(amplitude: float, phase: float, period: int) -> Stream:
    """A sine with that period in cycles."""

    def numbers(length: int) -> Numbers:
        angles = [float(cycle % period) / float(period) * 2 * math.pi + phase for cycle in range(length)]
        return np.array([go_sine(angle) * amplitude for angle in angles])

    return numbers


def ramp(height: float, steps: int) -> Stream:
    """From 0 to `height` in that many cycles, then `height`."""
    return lambda length: height * np.minimum(np.arange(length), steps).astype(float) / float(steps)


def random(amplitude: float, seed: int) -> Stream:
    """Uniform between -amplitude and amplitude, from Go's math/rand."""

    def numbers(length: int) -> Numbers:
        source = GoRandom(seed)
        return np.array([((source.float64() - 0.5) * 2) * amplitude for _ in range(length)])

    return numbers


def delayed(stream: Stream, cycles: int) -> Stream:
    """Zeros for that many cycles, then the stream from its beginning."""
    return lambda length: np.concatenate([np.zeros(min(cycles, length)), stream(max(length - cycles, 0))])


def total(*streams: Stream) -> Stream:
    """The sum, added from left to right."""

    def numbers(length: int) -> Numbers:
        values = streams[0](length).copy()
        for stream in streams[1:]:
            values += stream(length)
        return values

    return numbers


def at_least(stream: Stream, smallest: float) -> Stream:
    """The stream, with nothing below `smallest`."""
    return lambda length: np.maximum(smallest, stream(length))


def within(stream: Stream, smallest: float, largest: float) -> Stream:
    """The stream, with nothing outside of [smallest, largest]."""
    return lambda length: np.clip(stream(length), smallest, largest)


def whole_steps(stream: Stream, step: float) -> Stream:
    """The stream, cut towards zero to multiples of `step`."""
    return lambda length: np.trunc(stream(length) / step) * step
