"""Remedies as measured pairs: each ratio to the base beside that of the untreated candidate, on a log scale."""

from __future__ import annotations

import math

import msgspec

from whence.evidence.attribution import Attribution, RejectedRemedy, Remedy
from whence.show.report import names
from whence.show.report.explain import remedies, words


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """One remedy. Positions in percent of the picture; None where there is no interval."""

    change: str
    spec: str
    """How it is written in a variant, where that is not what `change` says."""
    verdict: str
    tone: str
    ratio: str
    at: float
    low: float | None
    high: float | None
    more: str
    """Why, and what else it moved."""


class Pairs(msgspec.Struct, frozen=True, kw_only=True):
    """The untreated candidate, then the remedies. `base`: where ×1 is."""

    rows: tuple[Pair, ...]
    base: float


class _Axis:
    """Places ratios so that all of them and ×1 fit."""

    def __init__(self, values: list[float]) -> None:
        logs = [math.log(v) for v in (*values, 1.0)]
        self.low = min(logs)
        self.span = max(max(logs) - self.low, 1e-3)

    def at(self, value: float | None) -> float | None:
        if not _drawable(value):
            return None
        assert value is not None
        return round(3 + 94 * (math.log(value) - self.low) / self.span, 2)


def pairs(attribution: Attribution) -> Pairs | None:
    """Returns the remedies that were measured, the untreated candidate first; None when none was."""
    accepted = [r for r in attribution.remedies if r.measured and _drawable(r.ratio)]
    rejected = [r for r in attribution.rejected_remedies if _drawable(r.ratio)]
    total = attribution.total
    if not (accepted or rejected):
        return None
    told = [v for r in (*accepted, *rejected, total) for v in (r.ratio, r.low, r.high)]
    axis = _Axis([v for v in told if v is not None and _drawable(v)])
    rows: list[Pair] = []
    if _drawable(total.ratio):
        rows.append(_row("as it is", "", "candidate", "worse", (total.ratio, total.low, total.high), "", axis))
    rows += [_remedy(r, attribution, axis) for r in (*accepted, *rejected)]
    return Pairs(rows=tuple(rows), base=axis.at(1.0) or 0.0)


def _remedy(remedy: Remedy | RejectedRemedy, attribution: Attribution, axis: _Axis) -> Pair:
    if isinstance(remedy, Remedy):
        verdict, tone = "accepted", "better"
    else:
        verdict, tone = ("palliative" if remedy.palliative else "rejected"), "rest"
    price = remedies.price_text(remedy.price, attribution.metric)
    more = " · ".join(text for text in (names.clean(remedy.why), price and f"price: {price}") if text)
    change = remedies.action(remedy.change, attribution)
    spec = "" if change == names.clean(remedy.change) else names.clean(remedy.change)
    return _row(change, spec, verdict, tone, (remedy.ratio, remedy.low, remedy.high), more, axis)


def _row(
    change: str,
    spec: str,
    verdict: str,
    tone: str,
    measured: tuple[float | None, float | None, float | None],
    more: str,
    axis: _Axis,
) -> Pair:
    ratio, low, high = measured
    return Pair(
        change=change,
        spec=spec,
        verdict=verdict,
        tone=tone,
        ratio=words.ratio_text(ratio, low, high),
        at=axis.at(ratio) or 0.0,
        low=axis.at(low),
        high=axis.at(high),
        more=more,
    )


def _drawable(value: float | None) -> bool:
    return value is not None and math.isfinite(value) and value > 0
