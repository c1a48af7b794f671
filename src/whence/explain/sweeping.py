"""The change at several values of a parameter: whole, and in its shares."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

from whence.evidence.attribution import Point
from whence.evidence.errors import WhenceError
from whence.evidence.variant import changed
from whence.explain.attribution.dependence import Sweep, dependence, parse_over
from whence.explain.attribution.designing import fit_shares
from whence.explain.attribution.total import finite, total_of
from whence.stats.signed_rank import location

if TYPE_CHECKING:
    from whence.explain.search import Search

FEWEST_PAIRS = 10
Shares = dict[str, tuple[float, float | None, float | None]]


def sweep_over(search: Search) -> None:
    """Measures the change at every value that was asked for, and narrows where it changes its sign."""
    for text in search.inquiry.over:
        sweep = parse_over(text)
        search.trials.stage("over", f"{sweep.parameter}: {', '.join(sweep.values)}")
        search.depends_on.append(dependence(sweep, lambda value, s=sweep: _point(search, s, value), refine=True))


def _point(search: Search, sweep: Sweep, value: str) -> Point:
    change = search.change
    assert change is not None
    stage = f"over-{sweep.parameter}={value}"
    count = 3 if change.exact else FEWEST_PAIRS
    extra = {sweep.parameter: value}
    try:
        logs = search.trials.pairs(stage, changed(search.base, extra), changed(search.candidate, extra), count)
    except WhenceError as error:
        search.trials.note(f"{sweep.parameter}={value}: {error}")
        logs = None
    if logs is None:
        return Point(value=value, ratio=None, low=None, high=None)
    point = _point_of(value, logs, search.trials.medians(stage))
    if value in sweep.values and search.fit is not None:
        point = msgspec.structs.replace(point, shares=_shares_at(search, stage, extra))
    return point


def _shares_at(search: Search, stage: str, extra: dict[str, str]) -> Shares:
    """Returns the shares of the levers at one value of a parameter."""
    assert search.levers is not None and search.change is not None
    fit = fit_shares(
        search.trials,
        search.levers,
        search.change,
        budget_s=search.clock.share(0.3),
        link_seconds=search.link_seconds,
        decide=search.decide,
        extra=extra,
        prefix=f"cells-{stage}",
    )
    return {s.name: (s.share, finite(s.low), finite(s.high)) for s in fit.found.shares}


def _point_of(value: str, logs: tuple[float, ...], medians: tuple[float, float]) -> Point:
    """Returns what the pairs at one value come to."""
    points, interval = location(logs)
    low, high = (None, None) if interval is None else (math.exp(interval[0]), math.exp(interval[1]))
    total = total_of(math.exp(points), low, high, *medians)
    return Point(value=value, **{name: getattr(total, name) for name in msgspec.structs.asdict(total)})
