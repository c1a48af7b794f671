"""What leaving runs out does: by their outcome, and by a calibration that knows nothing of the outcome."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bench.calibration.noise import in_blocks, independent
from bench.calibration.table import Row, rate
from bench.calibration.vectorised import Tests

Floats = NDArray[np.float64]

WORK_MS = 400.0
PAUSE_TOTAL_MS = 40.0
LONG_MS = 5.0


def paused_runs(rng: np.random.Generator, shape: tuple[int, ...], mean_pause_ms: float) -> tuple[Floats, Floats]:
    """Returns (wall time, wall time without pauses over 5 ms) of runs that pause 40 ms in all, in milliseconds.

    The number of pauses is Poisson, their lengths exponential: rarer pauses are longer, the mean total is the same.
    """
    expected = PAUSE_TOTAL_MS / mean_pause_ms
    counts = rng.poisson(expected, shape)
    most = int(counts.max())
    lengths = rng.exponential(mean_pause_ms, (*shape, most)) * (np.arange(most) < counts[..., None])
    work = WORK_MS * np.exp(rng.normal(0, 0.01, shape))
    return work + lengths.sum(axis=-1), work + np.where(lengths > LONG_MS, 0.0, lengths).sum(axis=-1)


def by_outcome(rng: np.random.Generator, repetitions: int, pairs: int = 20) -> list[Row]:
    """The same total cost, in 40 pauses of 1 ms or in 10 of 4 ms: nothing got better or worse."""
    rows: list[Row] = []
    for case, candidate_pause in (("identical sides", 1.0), ("same total in 10 pauses of 4 ms, not 40 of 1 ms", 4.0)):
        study = f"no change in cost: {case}: 95 % interval excludes 1"
        base, base_cut = paused_runs(rng, (repetitions, pairs), 1.0)
        candidate, candidate_cut = paused_runs(rng, (repetitions, pairs), candidate_pause)
        kept = Tests(np.log(candidate) - np.log(base))
        cut = Tests(np.log(candidate_cut) - np.log(base_cut))
        rows.append(rate(study, "every run and pause kept", kept.excludes(0.0), *_limit(case)))
        rows.append(rate(study, "pauses over 5 ms dropped", cut.excludes(0.0)))
        rows.append(rate(study, "runs slower than 1.05 x their side's median dropped", _drop_slow(base, candidate)))
    return rows


def _limit(case: str) -> tuple[Literal["at most"], float]:
    # Sums of few exponential pauses are a little skewed, so the second case is allowed that much more.
    return ("at most", 0.05) if case == "identical sides" else ("at most", 0.065)


def _drop_slow(base: Floats, candidate: Floats) -> NDArray[np.bool_]:
    """Drops each side's slow runs, and with each its pair."""
    decisions = np.zeros(len(base), dtype=bool)
    for i in range(len(base)):
        keep = (base[i] <= 1.05 * np.median(base[i])) & (candidate[i] <= 1.05 * np.median(candidate[i]))
        d = np.log(candidate[i][keep]) - np.log(base[i][keep])
        decisions[i] = d.size >= 6 and bool(Tests(d[None, :]).excludes(0.0)[0])
    return decisions


def measured_again(rng: np.random.Generator, repetitions: int, pairs: int = 20) -> list[Row]:
    """A/A: candidates that look slow are run again, until they do not, at most twice. A habit, and a bias."""
    base, candidate = in_blocks(independent, rng, repetitions, pairs)
    for _ in range(2):
        slow = candidate > base + 0.03
        candidate = np.where(slow, rng.normal(0, 0.02, candidate.shape), candidate)
    study = "A/A, identical sides: 95 % interval excludes 1"
    return [
        rate(study, "a candidate slower by 3 % is run again (twice at most)", Tests(candidate - base).excludes(0.0))
    ]


def by_calibration(rng: np.random.Generator, repetitions: int, pairs: int = 20) -> list[Row]:
    """A neighbour takes 10–40 % of single runs; a spin before and after sees it, and the whole block is run again."""
    rows: list[Row] = []
    for truth in (0.0, 0.02):
        effect = math.log1p(truth)
        for rule, repeats in (("nothing repeated", 0), ("calibration repeats blocks (1.25 x, 2 times)", 2)):
            base, candidate, spin = _blocks_with_spin(rng, repetitions, pairs)
            for _ in range(repeats):
                again = spin > math.log(1.25)
                fresh = _blocks_with_spin(rng, repetitions, pairs)
                base = np.where(again, fresh[0], base)
                candidate = np.where(again, fresh[1], candidate)
                spin = np.where(again, fresh[2], spin)
            tests = Tests(candidate + effect - base)
            case = f"{rule}, truth {truth:+.0%}"
            if truth == 0:
                rows.append(
                    rate("disturbed host, A/A: 95 % interval excludes 1", case, tests.excludes(0.0), "at most", 0.05)
                )
            else:
                rows.append(rate("disturbed host, +2 %: 95 % interval excludes 1 (power)", case, tests.excludes(0.0)))
    return rows


def _blocks_with_spin(rng: np.random.Generator, repetitions: int, pairs: int) -> tuple[Floats, Floats, Floats]:
    """Returns log values of base and candidate and the largest log calibration spin around the block."""
    stolen = np.where(rng.random((repetitions, pairs, 2)) < 0.15, rng.uniform(0.1, 0.4, (repetitions, pairs, 2)), 0.0)
    runs = rng.normal(0, 0.02, (repetitions, pairs, 2)) + stolen
    seen = stolen * rng.uniform(0.5, 1.5, stolen.shape) + rng.normal(0, 0.02, stolen.shape)
    order = rng.integers(0, 2, (repetitions, pairs, 1))
    base = np.take_along_axis(runs, order, axis=2)[:, :, 0]
    candidate = np.take_along_axis(runs, 1 - order, axis=2)[:, :, 0]
    return base, candidate, seen.max(axis=2)
