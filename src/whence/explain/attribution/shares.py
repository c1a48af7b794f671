"""From the statistics' attribution to causes: names, kinds, deltas, and what undoing each alone would gain."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from whence.evidence.attribution import Cause, CauseKind, JointEffect, Leftover, Total, Undoing
from whence.explain.attribution.levers import Lever, Levers
from whence.explain.attribution.total import finite, total_of
from whence.stats.attribution import Attribution, Share, Undo

JOINT = " + "
NEGLIGIBLE = 0.01
"""A share below a hundredth of the change (of the largest share, where shares cancel) is nobody's fault, however
surely it is there."""


def causes_of(found: Attribution, levers: Levers, total: Total) -> tuple[Cause, ...]:
    """Returns a cause a lever, the largest share first; levers that were only varied together are one cause."""
    by_name = {lever.name: lever for lever in levers.levers}
    undone = {undo.names[0]: undo for undo in found.undo}
    scale = delta_per_point(total)
    least = NEGLIGIBLE * max([abs(math.log(found.total.ratio)), *(abs(s.share) for s in found.shares)])
    causes = [_cause(share, by_name, undone.get(share.name), levers, scale, least) for share in found.shares]
    return tuple(sorted(causes, key=lambda cause: -abs(cause.share or 0.0)))


def delta_per_point(total: Total) -> float | None:
    """Returns the metric's units a ln point: (candidate - base) / ln(candidate / base), the base where they agree.

    Shares times this add up to the whole difference (the logarithmic mean; B. W. Ang, Energy Policy 32 (2004)).
    """
    if total.base_value is None or total.ratio is None or total.ratio <= 0:
        return None
    points = math.log(total.ratio)
    return total.base_value if abs(points) < 1e-9 else total.base_value * (total.ratio - 1) / points


def _cause(
    share: Share, levers: dict[str, Lever], undo: Undo | None, all_levers: Levers, scale: float | None, least: float
) -> Cause:
    names = share.name.split(JOINT)
    first = levers[names[0]]
    together = (*names[1:], *first.entangled_with)

    def delta(points: float) -> float | None:
        return None if scale is None or not math.isfinite(points) else points * scale

    return Cause(
        kind=first.kind,
        name=first.name,
        share=share.share,
        low=finite(share.low),
        high=finite(share.high),
        delta=delta(share.share),
        delta_low=delta(share.low),
        delta_high=delta(share.high),
        blamed=share.blamed and abs(share.share) >= least,
        entangled_with=tuple(dict.fromkeys(together)),
        undo=None if undo is None else _undoing(undo, all_levers, first.name),
        setting=first.written,
    )


def _undoing(undo: Undo, levers: Levers, name: str) -> Undoing:
    return Undoing(
        change=levers.undone(name), ratio=math.exp(undo.share), low=_ratio(undo.low), high=_ratio(undo.high)
    )  # fmt: skip


def fitted_total(found: Attribution, base_values: Sequence[float]) -> Total:
    """Returns the total that the shares add up to, on the median of the base's runs."""
    values = [v for v in base_values if math.isfinite(v)]
    base = median(values) if values else None
    candidate = None if base is None else base * found.total.ratio
    return total_of(found.total.ratio, finite(found.total.low), finite(found.total.high), base, candidate)


def whole_cause(total: Total, *, kind: CauseKind, name: str, evidence: tuple[str, ...]) -> Cause:
    """Returns the one cause that carries all of a change."""
    assert total.ratio is not None
    return Cause(
        kind=kind,
        name=name,
        share=math.log(total.ratio),
        low=math.log(total.low) if total.low else None,
        high=math.log(total.high) if total.high else None,
        delta=total.delta,
        delta_low=total.delta_low,
        delta_high=total.delta_high,
        blamed=True,
        evidence=evidence,
    )


def joint_effects(found: Attribution) -> tuple[JointEffect, ...]:
    """Returns the interactions, the real ones first."""
    effects = [
        JointEffect(
            between=i.between,
            share=i.share,
            low=finite(i.low),
            high=finite(i.high),
            real=i.real,
            or_between=i.or_between,
        )
        for i in found.interactions
    ]
    return tuple(sorted(effects, key=lambda e: (not e.real, -abs(e.share))))


def leftover(found: Attribution) -> Leftover | None:
    u = found.unexplained
    return None if u is None else Leftover(share=u.share, low=finite(u.low), high=finite(u.high))


def _ratio(points: float) -> float | None:
    return math.exp(points) if math.isfinite(points) and points < 700 else None
