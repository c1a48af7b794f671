"""Runs as a busy machine produces them: log values of runs in time order, without any effect of what is compared.

Every model gives an array of shape (repetitions, runs). All are multiplicative noise with about 2 % from run to run
unless said.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Noise = Callable[[np.random.Generator, int, int], Floats]

RUN_SD = 0.02
LAYOUT_SD = 0.015


def independent(rng: np.random.Generator, repetitions: int, runs: int) -> Floats:
    return rng.normal(0, RUN_SD, (repetitions, runs))


def drift(rng: np.random.Generator, repetitions: int, runs: int) -> Floats:
    """The machine slows by 0.7 % a run, as one that warms up or fills its page cache."""
    return independent(rng, repetitions, runs) + 0.007 * np.arange(runs)


def wandering(rng: np.random.Generator, repetitions: int, runs: int) -> Floats:
    """The machine's speed is a random walk with steps of 0.7 % a run."""
    return independent(rng, repetitions, runs) + rng.normal(0, 0.007, (repetitions, runs)).cumsum(axis=1)


def bursts(rng: np.random.Generator, repetitions: int, runs: int) -> Floats:
    """A neighbour takes 10 % for about five runs at a time, a fifth of the time."""
    busy = np.zeros((repetitions, runs), dtype=bool)
    busy[:, 0] = rng.random(repetitions) < 0.2
    for run in range(1, runs):
        chance = np.where(busy[:, run - 1], 0.8, 0.05)
        busy[:, run] = rng.random(repetitions) < chance
    return independent(rng, repetitions, runs) + 0.10 * busy


def autocorrelated(rng: np.random.Generator, repetitions: int, runs: int) -> Floats:
    """AR(1) with coefficient 0.8: each run remembers the one before."""
    steps = rng.normal(0, RUN_SD, (repetitions, runs))
    noise = np.empty_like(steps)
    noise[:, 0] = steps[:, 0] / 0.6
    for run in range(1, runs):
        noise[:, run] = 0.8 * noise[:, run - 1] + steps[:, run]
    return noise


def layouts(rng: np.random.Generator, repetitions: int, runs: int) -> Floats:
    """Each run has a freshly linked binary whose code layout is worth 1.5 %."""
    return independent(rng, repetitions, runs) + rng.normal(0, LAYOUT_SD, (repetitions, runs))


def heavy_tails(rng: np.random.Generator, repetitions: int, runs: int) -> Floats:
    """Student's t with three degrees of freedom: now and then a run is far off."""
    return RUN_SD * rng.standard_t(3, (repetitions, runs))


def stalls(rng: np.random.Generator, repetitions: int, runs: int) -> Floats:
    """One run in twenty is stalled and takes 40 % longer."""
    return independent(rng, repetitions, runs) + 0.4 * (rng.random((repetitions, runs)) < 0.05)


def everything(rng: np.random.Generator, repetitions: int, runs: int) -> Floats:
    parts = (drift, bursts, autocorrelated, layouts)
    return sum((part(rng, repetitions, runs) for part in parts), start=np.zeros((repetitions, runs)))


MODELS: dict[str, Noise] = {
    "independent": independent,
    "drift 0.7 % a run": drift,
    "random walk 0.7 % a run": wandering,
    "bursts +10 %": bursts,
    "AR(1) 0.8": autocorrelated,
    "layout 1.5 %, relinked": layouts,
    "heavy tails t(3)": heavy_tails,
    "rare stalls +40 %": stalls,
    "all together": everything,
}


def in_blocks(
    noise: Noise, rng: np.random.Generator, repetitions: int, pairs: int, effect: float = 0.0
) -> tuple[Floats, Floats]:
    """Returns log values (base, candidate), each (repetitions, pairs): blocks of two runs in random order."""
    runs = noise(rng, repetitions, 2 * pairs).reshape(repetitions, pairs, 2)
    base_first = rng.random((repetitions, pairs)) < 0.5
    base = np.where(base_first, runs[:, :, 0], runs[:, :, 1])
    candidate = np.where(base_first, runs[:, :, 1], runs[:, :, 0])
    return base, candidate + effect


def one_side_then_the_other(
    noise: Noise, rng: np.random.Generator, repetitions: int, pairs: int, effect: float = 0.0
) -> tuple[Floats, Floats]:
    """Returns log values (base, candidate) as `go test -count N` twice in a row gives them."""
    runs = noise(rng, repetitions, 2 * pairs)
    return runs[:, :pairs], runs[:, pairs:] + effect
