"""Random numbers that depend on who asks and not on the order of asking, and the tree that knows what comes next."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from whence.explain.simulator.node.fields import CONSTANT, EXPONENTIAL, UNIFORM

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)


@njit(cache=True)
def _mixed(x: Any) -> Any:
    """One step of SplitMix64 (Steele, Lea, Flood 2014)."""
    z = np.uint64(x) + _GOLDEN
    z = (z ^ (z >> _S30)) * _MIX_1
    z = (z ^ (z >> _S27)) * _MIX_2
    return z ^ (z >> _S31)


@njit(cache=True)
def uniform_of(seed: int, who: int, turn: int, stream: int) -> float:
    """Returns a number in (0, 1) that only depends on the four arguments."""
    x = _mixed(np.uint64(seed))
    x = _mixed(x ^ np.uint64(who))
    x = _mixed(x ^ np.uint64(turn))
    x = _mixed(x ^ np.uint64(stream))
    return (float(x >> _S11) + 0.5) * (1.0 / 9007199254740992.0)


@njit(cache=True)
def normal_quantile(p: float) -> float:
    """Returns the standard normal quantile, relative error below 1.2e-9 (P. J. Acklam's rational approximation)."""
    low = 0.02425
    if p < low or p > 1.0 - low:
        q = np.sqrt(-2.0 * np.log(p if p < low else 1.0 - p))
        top = ((((-7.784894002430293e-03 * q - 3.223964580411365e-01) * q - 2.400758277161838e00) * q
                - 2.549732539343734e00) * q + 4.374664141464968e00) * q + 2.938163982698783e00  # fmt: skip
        bottom = (((7.784695709041462e-03 * q + 3.224671290700398e-01) * q + 2.445134137142996e00) * q
                  + 3.754408661907416e00) * q + 1.0  # fmt: skip
        return top / bottom if p < low else -top / bottom
    q = p - 0.5
    r = q * q
    top = (((((-3.969683028665376e01 * r + 2.209460984245205e02) * r - 2.759285104469687e02) * r
             + 1.383577518672690e02) * r - 3.066479806614716e01) * r + 2.506628277459239e00) * q  # fmt: skip
    bottom = ((((-5.447609879822406e01 * r + 1.615858368580409e02) * r - 1.556989798598866e02) * r
               + 6.680131188771972e01) * r - 1.328068155288572e01) * r + 1.0  # fmt: skip
    return top / bottom


@njit(cache=True)
def drawn(kind: int, first: float, second: float, u: float) -> int:
    """Returns a time in ns. first, second: the value; low and high; median and sigma; mean and nothing."""
    if kind == CONSTANT:
        return int(first)
    if kind == UNIFORM:
        return int(first + (second - first) * u)
    if kind == EXPONENTIAL:
        return max(1, int(-first * np.log1p(-u)))
    return max(1, int(first * np.exp(second * normal_quantile(u))))


@njit(cache=True)
def build_tree(times: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns a tournament over `times` (a power of two of them): entry 1 holds who comes first, the lower on ties."""
    size = times.size
    tree = np.empty(2 * size, dtype=np.int64)
    for index in range(size):
        tree[size + index] = index
    for index in range(size - 1, 0, -1):
        left, right = tree[2 * index], tree[2 * index + 1]
        tree[index] = left if times[left] <= times[right] else right
    return tree


@njit(cache=True)
def set_time(tree: NDArray[np.int64], times: NDArray[np.int64], who: int, when: int) -> None:
    """Changes one time and plays its matches again."""
    times[who] = when
    index = (times.size + who) >> 1
    while index >= 1:
        left, right = tree[2 * index], tree[2 * index + 1]
        tree[index] = left if times[left] <= times[right] else right
        index >>= 1
