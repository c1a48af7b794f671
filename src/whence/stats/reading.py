"""From the numbers of one question to the test that fits them: which pairs count, and on which scale.

| numbers | scale | what can be said |
|---|---|---|
| declared exact, no spread on either side | exact | the ratio itself, without a test |
| all above zero | log | ratio, intervals, p |
| one and the same value everywhere | log | ratio 1, interval [1, 1], p 1 |
| some zero or negative | difference | p and direction of candidate - base; no ratio |
| nothing on one side, or no complete pair | none | nothing |
"""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from whence.stats.hosts import HostMeans, fitting_test
from whence.stats.questions import Question
from whence.stats.rank_sum import RankSum
from whence.stats.signed_rank import SignedRank

Floats = NDArray[np.float64]
Scale = Literal["exact", "log", "difference", "none"]
FEWEST_PAIRS = 6
"""Below this many pairs a noisy metric has no interval and no verdict."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One question's usable numbers. `test` is on the scale's axis: log ratios, or differences ÷ largest magnitude."""

    scale: Scale
    base: Floats
    candidate: Floats
    test: SignedRank | HostMeans | RankSum | None
    warnings: tuple[str, ...]

    @property
    def pairs(self) -> int:
        return int(min(self.base.size, self.candidate.size))


def read(question: Question) -> Reading:
    """Returns the usable numbers of a question and the test for them. Raises ValueError when pairs do not line up."""
    base = np.asarray(question.base, dtype=np.float64)
    candidate = np.asarray(question.candidate, dtype=np.float64)
    if question.paired and base.size != candidate.size:
        raise ValueError(f"{question.key}: {base.size} base values cannot be paired with {candidate.size} others")
    finite_base, finite_candidate = np.isfinite(base), np.isfinite(candidate)
    steady = question.declared_exact and _constant(base[finite_base]) and _constant(candidate[finite_candidate])
    warnings: list[str] = []
    hosts: tuple[str, ...] = ()
    if question.paired:
        complete = finite_base & finite_candidate
        if not complete.all():
            warnings.append(f"{int((~complete).sum())} of {base.size} pairs lack a value and are not used")
        base, candidate = base[complete], candidate[complete]
        hosts = tuple(host for host, used in zip(question.hosts, complete, strict=False) if used)
    else:
        lacking = int((~finite_base).sum() + (~finite_candidate).sum())
        if lacking:
            warnings.append(f"{lacking} of {base.size + candidate.size} values are missing and are not used")
        base, candidate = base[finite_base], candidate[finite_candidate]
    if not base.size or not candidate.size:
        reason = "no complete pair of values" if question.paired else "no value on one side"
        return Reading(scale="none", base=base, candidate=candidate, test=None, warnings=(*warnings, reason))
    if steady:
        return Reading(scale="exact", base=base, candidate=candidate, test=None, warnings=tuple(warnings))
    if question.declared_exact:
        warnings.append("declared exact but its values spread: judged as a noisy metric")
    scale, x, y = _on_scale(base, candidate, warnings)
    test = fitting_test(y - x, hosts) if question.paired else RankSum(x, y)
    if isinstance(test, HostMeans):
        warnings.append(test.in_words(ratios=scale == "log"))
    return Reading(scale=scale, base=base, candidate=candidate, test=test, warnings=tuple(warnings))


def _constant(values: Floats) -> bool:
    return bool(values.size) and bool(values.min() == values.max())


def _on_scale(base: Floats, candidate: Floats, warnings: list[str]) -> tuple[Scale, Floats, Floats]:
    lowest = min(float(base.min()), float(candidate.min()))
    if lowest > 0:
        return "log", np.log(base), np.log(candidate)
    if _constant(np.concatenate([base, candidate])):
        return "log", np.zeros_like(base), np.zeros_like(candidate)
    if lowest < 0:
        warnings.append("some values are negative, so there is no ratio: judged by the sign of the differences")
    else:
        warnings.append("some values are zero, so there is no ratio: judged by the sign of the differences")
    scale = max(float(np.abs(base).max()), float(np.abs(candidate).max()))
    return "difference", base / scale, candidate / scale
