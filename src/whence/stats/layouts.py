"""Blocks that share a layout are not independent: their unit is the layout, so tests are made on layout means.

Where relinking is cheap every block has a layout of its own and nothing is to do. Where only L < N layouts were built,
block b uses layout b mod L, and a code layout that happens to suit one side shifts all of its blocks alike. Averaging
the blocks of one layout first leaves L independent numbers, and the interval is as wide as L, not N, justifies.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from whence.stats.questions import Question

FEWEST_LAYOUTS = 6
"""With fewer layouts a layout-sensitive metric has no interval, as a noisy metric has none with fewer pairs."""


def collapse(values: Sequence[float], layout_index: Sequence[int]) -> tuple[float, ...]:
    """Returns one mean per layout, in order of the layout's number; NaN where a layout has no value.

    The mean is geometric when all values of the sequence are above zero (so that the ratio of two means is the mean
    ratio), else arithmetic. Missing values (NaN, infinite) are left out. Raises ValueError when lengths differ.
    """
    if len(values) != len(layout_index):
        raise ValueError(f"{len(values)} values but {len(layout_index)} layout numbers")
    groups: dict[int, list[float]] = {layout: [] for layout in sorted(set(layout_index))}
    for value, layout in zip(values, layout_index, strict=True):
        if math.isfinite(value):
            groups[layout].append(value)
    geometric = all(value > 0 for group in groups.values() for value in group)
    return tuple(_mean(group, geometric) for group in groups.values())


def _mean(group: list[float], geometric: bool) -> float:
    if not group:
        return math.nan
    if min(group) == max(group):
        return group[0]
    if geometric:
        return math.exp(math.fsum(math.log(value) for value in group) / len(group))
    return math.fsum(group) / len(group)


def collapse_question(question: Question, layout_index: Sequence[int]) -> Question:
    """Returns the paired question on layout means. A block that lacks a side's value counts for neither side."""
    if not question.paired:
        raise ValueError(f"{question.key}: only paired questions have blocks with layouts")
    pairs = [
        (b, c) if math.isfinite(b) and math.isfinite(c) else (math.nan, math.nan)
        for b, c in zip(question.base, question.candidate, strict=True)
    ]
    return Question(
        key=question.key,
        base=collapse([b for b, _ in pairs], layout_index),
        candidate=collapse([c for _, c in pairs], layout_index),
        declared_exact=question.declared_exact,
        better=question.better,
        margin=question.margin,
        unit=question.unit,
        band=question.band,
    )
