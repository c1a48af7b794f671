"""Rates with their binomial intervals, held against requirements, printed and written as JSON."""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One rate. `passed` is None where nothing is required (a number for comparison)."""

    study: str
    case: str
    events: int
    trials: int
    rate: float
    low: float
    high: float
    requirement: str = ""
    passed: bool | None = None


Bound = Literal["at most", "at least", "within"]


def rate(
    study: str,
    case: str,
    happened: NDArray[np.bool_],
    bound: Bound | None = None,
    limit: float = 0.0,
    *,
    around: float | None = None,
) -> Row:
    """Returns the row of how often something happened.

    "at most" and "at least": fails when the rate is beyond the limit by more than binomial error explains at 1 in 1,000
    (some two hundred rates are checked, so 1 in 40 would fail something in every calibration). "within": the same for
    both ends of `around` ± `limit`.
    """
    from scipy.stats import binomtest

    events, trials = int(happened.sum()), int(happened.size)
    interval = binomtest(events, trials).proportion_ci(0.95, method="exact")
    low, high = float(interval.low), float(interval.high)
    wide = binomtest(events, trials).proportion_ci(0.998, method="exact")
    requirement, passed = "", None
    if bound == "at most":
        requirement, passed = f"<= {limit:.2%}", bool(wide.low <= limit)
    elif bound == "at least":
        requirement, passed = f">= {limit:.2%}", bool(wide.high >= limit)
    elif bound == "within" and around is not None:
        requirement = f"{around:.2%} ± {limit:.2%}"
        passed = bool(wide.low <= around + limit and wide.high >= around - limit)
    return Row(
        study=study, case=case, events=events, trials=trials, rate=events / trials, low=low, high=high,
        requirement=requirement, passed=passed,
    )  # fmt: skip


def render(rows: list[Row]) -> str:
    """Returns the table, one block a study."""
    lines: list[str] = []
    study = ""
    width = max(len(row.case) for row in rows)
    for row in rows:
        if row.study != study:
            study = row.study
            lines += ["", study, f"  {'':{width}}   {'rate':>7}  {'95 % binomial':>17}  required"]
        mark = {None: "", True: "ok", False: "FAILED"}[row.passed]
        interval = f"[{row.low:7.2%}, {row.high:7.2%}]"
        lines.append(f"  {row.case:{width}}   {row.rate:7.2%}  {interval}  {row.requirement:18} {mark}".rstrip())
    return "\n".join(lines)


def markdown(rows: list[Row]) -> str:
    """Returns the same as Markdown tables."""
    lines: list[str] = []
    study = ""
    for row in rows:
        if row.study != study:
            study = row.study
            lines += ["", f"### {study}", "", "| case | rate | 95 % binomial | required |", "|---|---:|---|---|"]
        mark = {None: "", True: " ✓", False: " **failed**"}[row.passed]
        lines.append(
            f"| {row.case} | {row.rate:.2%} | [{row.low:.2%}, {row.high:.2%}] | {row.requirement}{mark} |"
        )  # fmt: skip
    return "\n".join(lines)
