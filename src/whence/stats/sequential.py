"""Looking at the data several times without raising the rate of false answers.

The looks (numbers of complete blocks) are fixed in the plan. At information fraction t = n/N the Lan–DeMets spending
function of O'Brien–Fleming type has spent 2 (1 - Phi(z_{1-a/2} / sqrt(t))) of each side's a = alpha/2: almost nothing
early, nearly all at the end. The critical value of each look is the one at which the chance of a first crossing there
equals what the function releases; it is found by integrating the density of Brownian motion over the paths that have
not crossed yet (Armitage, McPherson and Rowe). What is returned is each look's *nominal* alpha: compare that look's
p-value with it, and take that look's interval at 1 - nominal. Such intervals are *repeated* intervals: all of them
together contain the truth with probability 1 - alpha, so stopping at any look is allowed.

The signed-rank p is discrete and so never above its nominal level; the normal theory enters only through the
correlation of the looks. `bench/calibration` measures the error that results.

Sources: K. K. G. Lan and D. L. DeMets, Biometrika 70 (1983); P. Armitage et al., JRSS A 132 (1969); C. Jennison and
B. W. Turnbull, JRSS B 51 (1989) for repeated intervals.
"""

from __future__ import annotations

import functools
import itertools
import math
from statistics import NormalDist
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from whence.stats.scipy_calls import normal_cdf

Floats = NDArray[np.float64]

NOTHING = 1e-15
"""The nominal alpha of a look so early that the plan spends nothing there."""
_GRID = 801


class Look(msgspec.Struct, frozen=True):
    """One look of a plan: all planned looks in complete blocks, and which of them this is (0 is the first)."""

    looks: tuple[int, ...]
    index: int

    def nominal(self, alpha: float) -> float:
        """Returns the two-sided level that stands for `alpha` at this look."""
        return spending(self.looks, alpha)[self.index]


class Extension(msgspec.Struct, frozen=True, kw_only=True):
    """How a run may go on. `nominal`: two-sided alphas of the looks still to come, over the blocks that count."""

    kind: Literal["replan", "anew"]
    looks: tuple[int, ...]
    nominal: tuple[float, ...]
    first_block: int
    """Blocks before this one do not count: 0 when re-planned, the number of old blocks when started anew."""
    alpha_in_all: float
    """The chance of any false answer over this run and everything it extends."""


def spent_until(fraction: float, alpha: float) -> float:
    """Returns how much of the two-sided `alpha` the O'Brien–Fleming-type function has spent at this fraction."""
    if fraction <= 0:
        return 0.0
    if fraction >= 1:
        return alpha
    bound = -NormalDist().inv_cdf(alpha / 4)
    return 2 * math.erfc(bound / math.sqrt(2 * fraction))


@functools.lru_cache(maxsize=256)
def spending(looks: tuple[int, ...], alpha: float) -> tuple[float, ...]:
    """Returns the nominal two-sided alpha of each look. Raises ValueError unless looks rise from above zero."""
    _check(looks)
    fractions = [count / looks[-1] for count in looks]
    return _nominal(fractions, [spent_until(t, alpha) for t in fractions])


def _check(looks: tuple[int, ...]) -> None:
    if not looks or looks[0] < 1 or any(b <= a for a, b in itertools.pairwise(looks)):
        raise ValueError(f"looks {looks} must be rising numbers of blocks above zero")


def extend(looks: tuple[int, ...], taken: int, total: int, alpha: float, *, further_looks: int = 2) -> Extension:
    """Returns how a run planned with `looks`, of which `taken` were taken, goes on to `total` blocks.

    While alpha is left (not all planned looks were taken) the remaining looks are re-planned: what is left is spent
    over evenly spaced looks up to `total` by the same function, after what was already spent. When the last look was
    taken alpha is used up: the run starts anew, only blocks from then on count, at the full alpha of its own, and
    `alpha_in_all` adds up. `total` must come from time or money, not from the effect seen. Raises ValueError when
    `total` adds no block or the looks are malformed.
    """
    _check(looks)
    done = looks[taken - 1] if taken else 0
    if total <= done or not 0 <= taken <= len(looks) or further_looks < 1:
        raise ValueError(f"extending {done} blocks to {total} after {taken} of {len(looks)} looks adds nothing")
    steps = sorted({done + round((total - done) * i / further_looks) for i in range(1, further_looks + 1)} - {done})
    if taken == len(looks):
        fresh = tuple(count - done for count in steps)
        return Extension(
            kind="anew", looks=fresh, nominal=spending(fresh, alpha), first_block=done, alpha_in_all=2 * alpha
        )
    past = [spent_until(count / looks[-1], alpha) for count in looks[:taken]]
    spent = past[-1] if past else 0.0
    future = [spent + spent_until((count - done) / (total - done), alpha - spent) for count in steps]
    fractions = [count / total for count in (*looks[:taken], *steps)]
    nominal = _nominal(fractions, [*past, *future])
    return Extension(kind="replan", looks=tuple(steps), nominal=nominal[taken:], first_block=0, alpha_in_all=alpha)


def _nominal(fractions: list[float], spent: list[float]) -> tuple[float, ...]:
    """Returns nominal two-sided alphas for cumulative two-sided alphas `spent` at information `fractions`."""
    nominal: list[float] = []
    grid, density = np.zeros(1), np.ones(1)
    """Where Brownian motion is at the last look, and the weight of each place among the paths that go on."""
    before_t, before_spent = 0.0, 0.0
    for t, target in zip(fractions, spent, strict=True):
        step = math.sqrt(t - before_t)
        release = target - before_spent
        if release < NOTHING:
            bound = 40.0 * math.sqrt(t)
            nominal.append(NOTHING)
        else:
            bound = _bound(grid, density, step, release, math.sqrt(t))
            nominal.append(math.erfc(bound / math.sqrt(2 * t)))
        grid, density = _advance(grid, density, step, min(bound, 8.5 * math.sqrt(t)))
        before_t, before_spent = t, target
    return tuple(nominal)


def _bound(grid: Floats, density: Floats, step: float, release: float, scale: float) -> float:
    low, high = 0.0, 40.0 * scale
    for _ in range(80):
        middle = (low + high) / 2
        crossing = normal_cdf((grid - middle) / step) + normal_cdf((-middle - grid) / step)
        if float((density * crossing).sum()) > release:
            low = middle
        else:
            high = middle
    return high


def _advance(grid: Floats, density: Floats, step: float, bound: float) -> tuple[Floats, Floats]:
    """Returns the places inside the bound and their weights after one more step of Brownian motion (Simpson's rule)."""
    places = np.linspace(-bound, bound, _GRID)
    weights = np.ones(_GRID)
    weights[1:-1:2], weights[2:-1:2] = 4.0, 2.0
    weights *= (places[1] - places[0]) / 3
    kernel = np.exp(-0.5 * ((places[:, None] - grid[None, :]) / step) ** 2) / (step * math.sqrt(2 * math.pi))
    return places, weights * (kernel @ density)
