"""What must be said beside the numbers: what was never varied, what cannot be told apart, what does not fit."""

from __future__ import annotations

import math

import numpy as np

from whence.stats.designs.aliases import Term
from whence.stats.mixed_model import UNBOUNDED
from whence.stats.split_plot import SplitPlot
from whence.stats.unexplained import Unexplained

DISTURBED = 5.0
"""A residual of so many standard deviations is no ordinary noise (1 in 1.7 million)."""


def name_factors(fit: SplitPlot) -> tuple[tuple[int, str], ...]:
    """Returns position and name of each factor with a share; names of factors varied only together are joined.

    Raises ValueError when a factor is a combination of several others, or of the blocks.
    """
    joined: dict[int, list[int]] = {term[0]: [term[0]] for term in fit.terms if len(term) == 1}
    for term, makers in fit.dropped.items():
        if len(term) != 1 or (makers == (None,) and _never_varied(fit, term[0])):
            continue
        maker = makers[0] if len(makers) == 1 else None
        if maker is None or len(maker) != 1:
            names = sorted("blocks" if m is None else " x ".join(fit.names(m)) for m in makers)
            raise ValueError(f"{fit.factors[term[0]].name} cannot be told from {', '.join(names)}: vary it apart")
        joined[maker[0]].append(term[0])
    return tuple((first, " + ".join(fit.factors[i].name for i in group)) for first, group in joined.items())


def _never_varied(fit: SplitPlot, position: int) -> bool:
    return len({cell[position] for cell in fit.cells}) == 1


def interaction_partners(fit: SplitPlot, pair: Term) -> tuple[tuple[str, ...], ...]:
    """Returns the names of the pairs that share this pair's coefficient."""
    return tuple(fit.names(term) for term, makers in fit.dropped.items() if len(term) > 1 and makers == (pair,))


def notes(fit: SplitPlot, p: float | None, unexplained: Unexplained | None) -> tuple[str, ...]:
    """Returns the warnings, each one sentence: what, why it matters, what to do."""
    found = [*_aliasing(fit), *_levels(fit)]
    if p is not None and p < 0.01:
        found.append(
            f"the runs hold more than single factors and pairs (lack of fit p = {p:.2g}): "
            "add runs (the full factorial) before trusting shares to the point"
        )
    if unexplained is not None and (unexplained.low > 0 or unexplained.high < 0):
        found.append(f"{unexplained.share:+.2%} of the measured change is outside all of these factors")
    return tuple(found)


def _aliasing(fit: SplitPlot) -> list[str]:
    found: list[str] = []
    for term, makers in fit.dropped.items():
        name = " x ".join(fit.names(term))
        if len(term) > 1 and any(_never_varied(fit, position) for position in term):
            continue
        if len(term) == 1:
            if _never_varied(fit, term[0]):
                found.append(f"{name} was never varied: it has no share here")
            else:
                found.append(f"{name} was only varied together with another factor: they have one share")
        elif any(maker is not None and len(maker) == 1 for maker in makers):
            singles = [" x ".join(fit.names(m)) for m in makers if m is not None and len(m) == 1]
            found.append(f"{name} cannot be told from {', '.join(singles)}: that share may hold the interaction")
        elif makers == (None,):
            found.append(f"{name} cannot be seen in these blocks")
    if any(len(term) == 2 for term in fit.dropped) and any(f.needs is not None for f in fit.factors):
        found.append("interactions are aliased: the share of what the switches need rests on the pairs named first")
    return found


def _levels(fit: SplitPlot) -> list[str]:
    found: list[str] = []
    model = fit.model
    if model.exact:
        return found
    if model.ratio >= UNBOUNDED:
        found.append("each build setting has one layout: build switches have no interval; link each at least twice")
    elif not model.single_level and model.between < 4:
        found.append(f"only {model.between} degrees of freedom between builds: intervals of build switches are wide")
    scale = math.sqrt(model.variance * (1 + max(model.ratio, 0.0))) if model.ratio < UNBOUNDED else math.inf
    disturbed = int((np.abs(model.residuals) > DISTURBED * scale).sum())
    if disturbed:
        found.append(
            f"{disturbed} of {model.size} runs lie more than 5 standard deviations off: the host was disturbed"
        )
    return found
