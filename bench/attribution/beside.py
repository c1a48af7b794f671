"""All methods in one table on the same programs, and how wide the smallest plan's intervals are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.attribution.answers import POINT, Answer
from bench.attribution.dowhy_rival import VERSION

COLUMNS = ("top cause right", "wrong cause", "intervals cover", "idle blamed", "idle >= 1 point", "error, points")


def side_by_side(explained: Sequence[Answer], single: Sequence[Answer], dowhy: Sequence[Answer], missing: str) -> str:
    """Returns the table; the rows of rivals are of the same programs and as many runs.

    The last column is the median distance of a share from the measured truth. Rates are in per cent with 95 %
    binomial intervals.
    """
    width = 40
    lines = [" " * width + "".join(f"{name:>24}" for name in COLUMNS)]
    lines.append(_line("explain", explained, width))
    lines.append(_line("one switch at a time, as many runs", single, width))
    name = f"DoWhy {VERSION} distribution_change, as many"
    lines.append(_line(name, dowhy, width) if not missing else f"{name:{width}}SKIPPED: {missing}")
    return "\n".join(lines)


def _line(name: str, answers: Sequence[Answer], width: int) -> str:
    idle = [s for a in answers for s, _ in a.idle()]
    blames = any(s.low is not None for a in answers for s in a.shares)
    off = [abs(s.share - t) for a in answers for s, t in zip(a.shares, a.truth, strict=False)]
    cells = [
        _rate([a.top_right() for a in answers]),
        _rate([a.top_wrong() for a in answers]),
        _rate([c for a in answers for c in a.covered()]) if blames else "gives none",
        _rate([s.blamed for s in idle]) if blames else "cannot be counted",
        _rate([abs(s.share) >= POINT for s in idle]),
        f"{100 * float(np.median(off)):.2f}" if off else "-",
    ]
    return f"{name:{width}}" + "".join(f"{cell:>24}" for cell in cells)


def _rate(happened: Sequence[bool]) -> str:
    from scipy.stats import binomtest

    if not happened:
        return "-"
    ends = binomtest(sum(happened), len(happened)).proportion_ci(0.95, method="exact")
    return f"{100 * sum(happened) / len(happened):.1f} [{100 * ends.low:.1f}, {100 * ends.high:.1f}]"


def widths(answers: Sequence[Answer]) -> str:
    """Returns the half-widths with 6 switches (64 runs, at most 16 builds), in points, for CPU time."""
    lines: list[str] = []
    for fresh in (True, False):
        chosen = [a for a in answers if a.metric == "cpu" and len(a.truth) == 6 and a.scenario.fresh_links == fresh]
        for builds in (True, False):
            half = [
                (share.high - share.low) * 50
                for a in chosen
                for share, factor in zip(a.shares, a.scenario.factors, strict=True)
                if factor.is_build == builds and share.low is not None and share.high is not None
            ]
            if half:
                what = f"{'fresh' if fresh else 'shared'} links, {'build' if builds else 'run-time'} switches"
                lines.append(f"6 switches, 64 runs, {what}: half-width {np.median(half):.2f} points")
    return "\n".join(lines)
