"""Shares as people read them: percent of the base, so that they add up to the whole change, with their intervals."""

from __future__ import annotations

import math

import msgspec

from whence.evidence.attribution import Attribution, Cause, JointEffect
from whence.show.report import names, numbers

CARRIES = 0.10
"""A tenth of the change is what a cause must have to stand in the sentence."""
_SAME = 1e-9
_MOST_DECIMALS = 4


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One cause with its share in percent of the base; None where the runs could not tell. `depth` 0: part of the
    whole; deeper: a closer look at the part above it, whose share holds its own."""

    cause: Cause
    percent: float | None
    low: float | None
    high: float | None
    depth: int = 0

    @property
    def text(self) -> str:
        return share_text(self.percent, self.low, self.high)


def points_to_percent(ratio: float | None) -> float:
    """Returns percent of the base a ln point at this ratio: so many that parts add up to the change in percent."""
    if ratio is None or ratio <= 0 or abs(math.log(ratio)) < _SAME:
        return 100.0
    return 100.0 * (ratio - 1) / math.log(ratio)


def own_parts(attribution: Attribution) -> tuple[Part, ...]:
    """Returns the parts that add up to the whole change."""
    return tuple(p for p in tree(attribution) if p.depth == 0 and p.cause.part_of is None)


def tree(attribution: Attribution) -> tuple[Part, ...]:
    """Returns every cause once: each part followed by the closer looks at it, then those whose part is not there."""
    scale = points_to_percent(attribution.total.ratio)
    found: list[Part] = []
    left = list(attribution.causes)

    def add(cause: Cause, depth: int) -> None:
        if not any(c is cause for c in left):
            return
        left[:] = [c for c in left if c is not cause]
        found.append(
            Part(
                cause=cause,
                percent=_scaled(cause.share, scale),
                low=_scaled(cause.low, scale),
                high=_scaled(cause.high, scale),
                depth=depth,
            )
        )
        for inside in [c for c in left if c.part_of == cause.name]:
            add(inside, depth + 1)

    for cause in attribution.causes:
        if cause.part_of is None:
            add(cause, 0)
    while left:
        known = {c.name for c in left}
        add(next((c for c in left if c.part_of not in known), left[0]), 0)
    return tuple(found)


def carriers(attribution: Attribution) -> list[Part]:
    """Returns the parts that carry a tenth of the change (or of the largest part) or more, the largest first."""
    own = [p for p in own_parts(attribution) if p.percent is not None]
    ratio = attribution.total.ratio
    whole = abs(100.0 * (ratio - 1)) if ratio is not None else 0.0
    scale = max([whole, *(abs(p.percent or 0.0) for p in own)], default=0.0)
    found = [p for p in own if p.cause.blamed and abs(p.percent or 0.0) >= CARRIES * scale]
    return sorted(found, key=lambda p: -abs(p.percent or 0.0))


def share_text(percent: float | None, low: float | None, high: float | None, *, sign: bool = True) -> str:
    """Returns `+12.9 ± 0.3`, `+12.9 [+12.1, +14.0]` where the interval is lopsided, `+18.2 exact` or
    `+18.2 (no interval)`; as many decimals as the interval is worth."""
    if percent is None:
        return numbers.MISSING
    if low is None or high is None:
        return f"{signed(percent, _decimals(abs(percent)), sign=sign)} (no interval)"
    half = (high - low) / 2
    if half < _SAME:
        return f"{signed(percent, _decimals(abs(percent)), sign=sign)} exact"
    decimals = max(1, min(_MOST_DECIMALS, -math.floor(math.log10(half))))
    text = signed(percent, decimals, sign=sign)
    if abs((high + low) / 2 - percent) > 0.15 * half:
        return f"{text} [{signed(low, decimals, sign=sign)}, {signed(high, decimals, sign=sign)}]"
    # An interval narrower than what is written of it is rounded up, never to nothing.
    return f"{text} ± {max(half, 10.0**-decimals):.{decimals}f}"


def _decimals(size: float) -> int:
    if size < 1e-7 or size >= 1:
        return 1
    return max(1, min(_MOST_DECIMALS, 1 - math.floor(math.log10(size))))


def signed(value: float, decimals: int, *, sign: bool = True) -> str:
    text = f"{value:{'+' if sign else ''}.{decimals}f}"
    if float(text) == 0:
        text = text.lstrip("+-")
    return text.replace("-", numbers.MINUS)


def short(percent: float | None) -> str:
    """Returns a share for running text, `+5.1 %`, where the table beside it has its interval."""
    if percent is None:
        return numbers.MISSING
    return f"{signed(percent, 0 if abs(percent) >= 100 else 1)} %"


def leftover_text(attribution: Attribution) -> str | None:
    """Returns the unexplained in percent of the base, None where nothing was left to compare."""
    rest = attribution.unexplained
    if rest is None or rest.share is None:
        return None
    scale = points_to_percent(attribution.total.ratio)
    return share_text(_scaled(rest.share, scale), _scaled(rest.low, scale), _scaled(rest.high, scale))


def joint_texts(attribution: Attribution) -> list[tuple[str, str]]:
    """Returns what two causes do together beyond each alone, for the pairs of which that is established."""
    scale = points_to_percent(attribution.total.ratio)
    return [
        (_pair(j), share_text(_scaled(j.share, scale), _scaled(j.low, scale), _scaled(j.high, scale)))
        for j in attribution.interactions
        if j.real
    ]


def _pair(joint: JointEffect) -> str:
    also = "".join(f", or {names.clean(' and '.join(pair))}" for pair in joint.or_between)
    return names.clean(" and ".join(joint.between)) + also


def _scaled(value: float | None, scale: float) -> float | None:
    return None if value is None or not math.isfinite(value) else value * scale
