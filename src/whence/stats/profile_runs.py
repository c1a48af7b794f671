"""Several profiles a side: which shares differ by more than they vary from run to run.

Each function's variance between runs is measured on each side apart (sides may differ in it), drawn towards what the
functions have in common, and the score of the pooled counts is widened to it. Degrees of freedom follow Welch and
Satterthwaite. Shares of runs count alike, however long a run was.

Whether the error rate holds on these very runs is checked by giving the runs' labels out at random again: nothing can
then differ but by chance, and the share of relabellings in which something is found should be near the level.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whence.stats.run_spread import Prior, fit_prior, moderated
from whence.stats.scipy_calls import student_p_values, student_quantiles
from whence.stats.share_counts import Weighed, ratio_intervals, relative_variance, scores, widened
from whence.stats.share_tests import ShareTests
from whence.stats.weighted_discovery import adjusted, share_weights

Floats = NDArray[np.float64]

ENOUGH_EVENTS = 40.0
_SPREAD_EVENTS = 100.0


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of one side: values and sampling variances (runs × functions), totals (runs)."""

    value: Floats
    variance: Floats
    total: Floats
    total_variance: Floats
    """Sampling variance of each run's total, (runs)."""

    @property
    def share(self) -> Floats:
        return self.value / self.total[:, None]

    def pooled(self) -> Weighed:
        """Returns the side as one profile, each run scaled to the mean total."""
        mean = float(self.total.mean())
        scale = mean / self.total[:, None]
        return Weighed(
            (self.value * scale).sum(axis=0),
            (self.variance * scale**2).sum(axis=0),
            mean * len(self.total),
            float((self.total_variance * scale[:, 0] ** 2).sum()),
        )

    def take(self, rows: NDArray[np.integer]) -> Runs:
        return Runs(self.value[rows], self.variance[rows], self.total[rows], self.total_variance[rows])


def both(base: Runs, candidate: Runs) -> Runs:
    """Returns the runs of both sides, the base's first."""
    return Runs(
        np.concatenate([base.value, candidate.value]),
        np.concatenate([base.variance, candidate.variance]),
        np.concatenate([base.total, candidate.total]),
        np.concatenate([base.total_variance, candidate.total_variance]),
    )


def judge_runs(
    base: Runs,
    candidate: Runs,
    *,
    prior: Prior | None = None,
    steady: NDArray[np.bool_] | None = None,
    intervals: bool = True,
) -> ShareTests:
    """Returns the tests of all functions; at least two runs a side. `prior`: that of a family already fitted.

    Functions that are not `steady` move together from run to run (a collector's cycle more moves all of its functions),
    so that many of them know no more than one: they are judged by their own variance alone, never under the prior's.
    """
    found = scores(base.pooled(), candidate.pooled())
    share = np.where(found.share > 0, found.share, 1.0)
    sides = (base, candidate)
    relative = [run.share.var(axis=0, ddof=1) / share**2 for run in sides]
    sampling = [_sampling(run, share) for run in sides]
    degrees = [len(run.total) - 1.0 for run in sides]
    calm = np.ones(share.shape, np.bool_) if steady is None else steady
    prior = prior or common_prior(base, candidate, calm)
    room = 1.0 - np.minimum(share, 1.0)
    parts: list[Floats] = []
    for r, s, d in zip(relative, sampling, degrees, strict=True):
        own = np.maximum(r, s + (prior.spread * room) ** 2)
        parts.append(np.where(calm, moderated(prior, r, s, d, room), own) / (d + 1.0))
    variance = parts[0] + parts[1]
    borrowed = np.where(calm, prior.degrees, 0.0)
    welch = _satterthwaite(parts, [borrowed + d for d in degrees])
    freedom = np.minimum(welch, borrowed + sum(degrees))
    extra = variance - found.variance
    score = widened(found, extra)
    low = high = np.full_like(score, np.nan)
    if intervals:
        low, high = ratio_intervals(found, extra, student_quantiles(0.975, freedom))
    return ShareTests(
        log_ratio=found.log_ratio,
        low=low,
        high=high,
        score=score,
        p=student_p_values(score, freedom),
        events=found.events,
        share=found.share,
        standard_error=np.sqrt(variance),
        enough=found.events >= ENOUGH_EVENTS,
    )


def common_prior(base: Runs, candidate: Runs, steady: NDArray[np.bool_]) -> Prior:
    """Returns the prior of the variances between runs, from the steady functions with many events of both sides."""
    found = scores(base.pooled(), candidate.pooled())
    share = np.where(found.share > 0, found.share, 1.0)
    degrees = [len(run.total) - 1.0 for run in (base, candidate)]
    relative, sampling = np.zeros_like(share), np.zeros_like(share)
    for run, own in zip((base, candidate), degrees, strict=True):
        relative += own / sum(degrees) * run.share.var(axis=0, ddof=1) / share**2
        sampling += own / sum(degrees) * _sampling(run, share)
    usable = (found.events >= _SPREAD_EVENTS) & steady
    return fit_prior(relative[usable], sampling[usable], sum(degrees))


def _sampling(run: Runs, share: Floats) -> Floats:
    """Returns the variance of one run's share by sampling, relative to the squared pooled share; mean over the runs."""
    value, variance = run.value.sum(axis=0), run.variance.sum(axis=0)
    size = np.divide(variance, value, out=np.zeros_like(value), where=value > 0)
    found = np.zeros_like(value)
    for own, total, all_of_it in zip(run.variance, run.total, run.total_variance, strict=True):
        found += relative_variance(size, share, float(total), np.maximum(float(all_of_it) - own, 0.0))
    return found / len(run.total)


def _satterthwaite(parts: list[Floats], degrees: list[Floats]) -> Floats:
    above = (parts[0] + parts[1]) ** 2
    below = parts[0] ** 2 / degrees[0] + parts[1] ** 2 / degrees[1]
    return np.divide(above, below, out=np.minimum(degrees[0], degrees[1]), where=below > 0)


def relabelled(
    base: Runs, candidate: Runs, steady: NDArray[np.bool_], *, alpha: float, times: int, seed: int
) -> tuple[int, int]:
    """Returns how many relabellings of the runs were tried, and in how many something was found at `alpha`.

    The true labelling and its mirror are left out.
    """
    rng = np.random.default_rng(seed)
    runs = both(base, candidate)
    judged = scores(base.pooled(), candidate.pooled()).events >= ENOUGH_EVENTS  # which does not depend on the labels
    runs, steady = (
        Runs(runs.value[:, judged], runs.variance[:, judged], runs.total, runs.total_variance),
        steady[judged],
    )
    first, count = len(base.total), len(runs.total)
    tried = found = 0
    for _ in range(times):
        order = rng.permutation(count)
        chosen = set(order[:first].tolist())
        if chosen == set(range(first)) or (chosen == set(range(count - first, count)) and 2 * first == count):
            continue
        tests = judge_runs(runs.take(order[:first]), runs.take(order[first:]), steady=steady, intervals=False)
        tried += 1
        found += bool((adjusted(tests.p, share_weights(tests.share)) <= alpha).any())
    return tried, found
