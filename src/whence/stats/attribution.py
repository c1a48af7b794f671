"""From runs of a plan to shares with intervals: the whole analysis of one metric.

Everything is on the natural-log scale: a share of 0.05 is a factor of exp(0.05). All shares, the total, interactions
and undo effects are linear in the coefficients of one fitted surface, so the shares add up to ln(total ratio) exactly
and every interval comes from the error level (build, run, or both) that belongs to it. Intervals are at `level` each;
a factor is *blamed* when its Holm-adjusted p is at most `alpha`, so that the chance of blaming any innocent factor is
at most alpha.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from whence.stats.attribution_notes import interaction_partners, name_factors, notes
from whence.stats.designs.factors import Factor
from whence.stats.lack_of_fit import lack_of_fit
from whence.stats.mixed_model import UNBOUNDED
from whence.stats.multiplicity import correct
from whence.stats.shapley import pair_weights, share_weights
from whence.stats.split_plot import Estimate, Observation, SplitPlot
from whence.stats.surface import difference, terms_up_to
from whence.stats.undo import undo_weights, undone_with
from whence.stats.unexplained import Unexplained, against_corners, against_independent

Floats = NDArray[np.float64]


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What one factor carries, in ln points. `name` joins with " + " factors that were only varied together."""

    name: str
    share: float
    low: float
    high: float
    p: float
    p_adjusted: float
    blamed: bool


class Interaction(msgspec.Struct, frozen=True, kw_only=True):
    """What two factors do together beyond the sum of each alone, in ln points; `real`: Holm-adjusted p <= alpha.

    `or_between`: the pairs it cannot be told from in this plan.
    """

    between: tuple[str, str]
    share: float
    low: float
    high: float
    p_adjusted: float
    real: bool
    or_between: tuple[tuple[str, ...], ...] = ()


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """candidate ÷ base, from all runs through the surface."""

    ratio: float
    low: float
    high: float


class Undo(msgspec.Struct, frozen=True, kw_only=True):
    """ln of (candidate with `names` taken back ÷ candidate)."""

    names: tuple[str, ...]
    share: float
    low: float
    high: float


class Attribution(msgspec.Struct, frozen=True, kw_only=True):
    """The answer. `unexplained` None: nothing to compare the surface with. `layout_sd`: scatter between builds in ln.

    `lack_of_fit`: p of "no term is missing", None without replicates. `layout_sd` None: each build has one run.
    """

    total: Total
    shares: tuple[Share, ...]
    interactions: tuple[Interaction, ...]
    undo: tuple[Undo, ...]
    unexplained: Unexplained | None
    lack_of_fit: float | None
    run_sd: float
    layout_sd: float | None
    warnings: tuple[str, ...]


def attribute(
    observations: Sequence[Observation],
    factors: Sequence[Factor],
    *,
    order: int = 2,
    interacting: Sequence[str] | None = None,
    independent: Estimate | None = None,
    level: float = 0.95,
    alpha: float = 0.05,
) -> Attribution:
    """Returns the attribution of ln(candidate ÷ base) to the factors.

    `order`: interactions up to that many factors. `interacting`: only these factors get interactions (the survivors of
    a screening). `independent`: ln(candidate ÷ base) measured by other runs, which the parts are held against; without
    it the base's and candidate's own cells are. Raises ValueError on malformed observations, on fewer runs than
    coefficients, and when a factor is entangled with several others.
    """
    terms = terms_up_to(factors, order)
    if interacting is not None:
        terms = tuple(t for t in terms if len(t) == 1 or all(factors[i].name in interacting for i in t))
    fit = SplitPlot(observations, factors, terms)
    count = len(factors)
    total = fit.estimate(difference(fit.terms, (1,) * count, (0,) * count), level)
    unexplained = against_corners(fit, level) if independent is None else against_independent(total, independent, level)
    p = lack_of_fit(fit)
    return Attribution(
        total=Total(ratio=math.exp(total.value), low=_exp(total.low), high=_exp(total.high)),
        shares=_shares(fit, level, alpha),
        interactions=_interactions(fit, level, alpha),
        undo=_undo(fit, level),
        unexplained=unexplained,
        lack_of_fit=p,
        run_sd=math.sqrt(fit.model.variance),
        layout_sd=_layout_sd(fit),
        warnings=notes(fit, p, unexplained),
    )


def _exp(value: float) -> float:
    return math.exp(value) if value < 700 else math.inf


def _shares(fit: SplitPlot, level: float, alpha: float) -> tuple[Share, ...]:
    weights = share_weights(fit.factors, fit.terms)
    named = name_factors(fit)
    estimates = [fit.estimate(np.asarray(weights[i], dtype=np.float64), level) for i, _ in named]
    corrected = correct([estimate.p for estimate in estimates], alpha, "holm")
    return tuple(
        Share(
            name=name, share=e.value, low=e.low, high=e.high, p=e.p, p_adjusted=c.p_adjusted, blamed=c.rejected
        )
        for (_, name), e, c in zip(named, estimates, corrected, strict=True)
    )  # fmt: skip


def _interactions(fit: SplitPlot, level: float, alpha: float) -> tuple[Interaction, ...]:
    pairs = [term for term in fit.terms if len(term) == 2]
    estimates = [fit.estimate(pair_weights(pair, fit.terms), level) for pair in pairs]
    corrected = correct([estimate.p for estimate in estimates], alpha, "holm")
    return tuple(
        Interaction(
            between=(fit.factors[pair[0]].name, fit.factors[pair[1]].name),
            share=e.value,
            low=e.low,
            high=e.high,
            p_adjusted=c.p_adjusted,
            real=c.rejected,
            or_between=interaction_partners(fit, pair),
        )
        for pair, e, c in zip(pairs, estimates, corrected, strict=True)
    )


def _undo(fit: SplitPlot, level: float) -> tuple[Undo, ...]:
    found: list[Undo] = []
    for position, name in name_factors(fit):
        e = fit.estimate(undo_weights(position, fit.factors, fit.terms), level)
        also = tuple(fit.factors[i].name for i in undone_with(position, fit.factors) if i != position)
        found.append(Undo(names=(name, *also), share=e.value, low=e.low, high=e.high))
    return tuple(found)


def _layout_sd(fit: SplitPlot) -> float | None:
    model = fit.model
    if model.single_level or model.ratio >= UNBOUNDED:
        return None
    return math.sqrt(max(model.ratio, 0.0) * model.variance)


__all__ = ["Attribution", "Interaction", "Share", "Total", "Undo", "Unexplained", "attribute"]
