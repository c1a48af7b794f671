"""Tests turned into the rows of a diff: shares, rates, intervals and a verdict for every function."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whence.evidence.profile_diff import FunctionChange, FunctionVerdict, ShareChange
from whence.measure.profiles.diff.aligning import Aligned
from whence.measure.profiles.diff.common_factor import Factor
from whence.measure.profiles.diff.judging import Family, Sides
from whence.measure.profiles.diff.roles import role_names
from whence.measure.profiles.diff.rolling import RoleSide
from whence.measure.profiles.diff.shift import Move, Shares, below, moves
from whence.measure.profiles.diff.tabulating import SideTable
from whence.measure.profiles.readers.profile import Profile

Floats = NDArray[np.float64]
_DILUTED_WITHIN = 2.0
_ORDER: dict[FunctionVerdict, int] = {
    "grew": 0, "shrank": 0, "moved": 1, "diluted": 2, "not-different": 3, "too-few": 4,
}  # fmt: skip


class Measured(NamedTuple):
    """Both sides' tables and mean durations in seconds."""

    tables: tuple[SideTable, SideTable]
    seconds: tuple[float | None, float | None]


def changes(measured: Measured, sides: Sides, family: Family, factor: Factor) -> list[ShareChange]:
    """Returns one family's rows."""
    value = [column.value.mean(axis=0).tolist() for column in sides]
    share = [
        (column.value.sum(axis=0) / table.total.sum()).tolist()
        for column, table in zip(sides, measured.tables, strict=True)
    ]
    verdicts = family_verdicts(family, factor)
    tests, rows = family.tests, []
    for i, verdict in enumerate(verdicts):
        judged = bool(tests.enough[i])
        both = value[0][i] > 0 and value[1][i] > 0
        rows.append(
            ShareChange(
                base=value[0][i],
                candidate=value[1][i],
                base_share=share[0][i],
                candidate_share=share[1][i],
                base_per_second=_rate(value[0][i], measured.seconds[0]),
                candidate_per_second=_rate(value[1][i], measured.seconds[1]),
                ratio=math.exp(float(tests.log_ratio[i])) if both else None,
                low=_finite(float(tests.low[i])) if value[0][i] or value[1][i] else None,
                high=_finite(float(tests.high[i])) if value[0][i] or value[1][i] else None,
                p=float(tests.p[i]) if judged else None,
                p_adjusted=float(family.p_adjusted[i]) if judged else None,
                events=_finite(float(tests.events[i])),
                verdict=verdict,
            )
        )
    return rows


def family_verdicts(family: Family, factor: Factor) -> list[FunctionVerdict]:
    """Returns the verdicts before moves are looked for."""
    tests = family.tests
    away = np.log(factor.ratio)
    error = np.sqrt(tests.standard_error**2 + factor.error**2)
    with np.errstate(invalid="ignore"):
        # In the direction of the factor, and not further than the factor and chance explain.
        diluted = (np.sign(tests.score) == np.sign(away)) & (
            np.abs(tests.log_ratio) <= abs(away) + _DILUTED_WITHIN * error
        )
    result: list[FunctionVerdict] = []
    for i in range(len(tests.p)):
        if family.found[i]:
            grown: FunctionVerdict = "grew" if tests.score[i] > 0 else "shrank"
            result.append("diluted" if away != 0 and diluted[i] else grown)
        else:
            result.append("not-different" if tests.enough[i] else "too-few")
    return result


def function_rows(
    aligned: Aligned,
    measured: Measured,
    flat: Family,
    cum: Family,
    factor: Factor,
    sides: Sequence[Sequence[Profile]],
    weights: Sequence[Sequence[Floats]],
    roles: Sequence[RoleSide],
) -> tuple[FunctionChange, ...]:
    """Returns the rows of all functions, the surest and largest differences first."""
    tables = measured.tables
    flats = changes(measured, (tables[0].flat, tables[1].flat), flat, factor)
    cums = changes(measured, (tables[0].cum, tables[1].cum), cum, factor)
    moved = {m.function: m for m in _moves(aligned, flats, cums, flat, factor, sides, weights)}
    rule = {m.candidate: m.rule for m in aligned.matches}
    own = roles[0].by_function + roles[1].by_function
    names, rows = aligned.names, []
    for i, name in enumerate(names):
        move = moved.get(i)
        ours = flats[i].verdict
        verdict: FunctionVerdict = ours
        if move is not None:
            verdict = "moved"
        elif ours in {"not-different", "too-few"} and cums[i].verdict != "too-few":
            verdict = cums[i].verdict
        role = role_names()[int(own[i].argmax())] if own[i].any() else None
        rows.append(
            FunctionChange(
                name=name,
                flat=flats[i],
                cum=cums[i],
                verdict=verdict,
                base_name=aligned.base_names.get(name),
                matched_by=rule.get(name, "name" if _on_both(cums[i]) else "one side only"),
                moved_to=tuple(names[other] for other in move.others) if move else (),
                moved_under=names[move.under] if move else None,
                role=role,
            )
        )
    rows.sort(key=_rank)
    return tuple(rows)


def _moves(
    aligned: Aligned,
    flats: list[ShareChange],
    cums: list[ShareChange],
    flat: Family,
    factor: Factor,
    sides: Sequence[Sequence[Profile]],
    weights: Sequence[Sequence[Floats]],
) -> list[Move]:
    movers = np.array([i for i, row in enumerate(flats) if row.verdict in {"grew", "shrank"}], np.int64)
    if len(movers) < 2:
        return []
    before = np.array([row.base_share for row in flats])
    after = np.array([row.candidate_share for row in flats]) / factor.ratio
    with np.errstate(invalid="ignore"):
        error = np.nan_to_num(flat.tests.standard_error) * np.sqrt(np.maximum(before, 0) * np.maximum(after, 0))
    shares = Shares(
        flat_change=after - before,
        flat_error=error,
        cum_base=np.array([row.base_share for row in cums]),
        cum_candidate=np.array([row.candidate_share for row in cums]) / factor.ratio,
    )
    under = [
        below(profiles, nodes, weight, movers)
        for profiles, nodes, weight in zip(sides, (aligned.base, aligned.candidate), weights, strict=True)
    ]
    return moves(movers, shares, under[0], under[1] / factor.ratio)


def _rank(row: FunctionChange) -> tuple[int, float, float, str]:
    change = max(abs(row.flat.candidate_share - row.flat.base_share), 1e-12)
    across = abs(row.cum.candidate_share - row.cum.base_share)
    by_flat = row.flat.verdict == row.verdict or row.verdict == "moved"
    return (_ORDER[row.verdict], 0.0 if by_flat else 1.0, -(change if by_flat else across), row.name)


def _on_both(row: ShareChange) -> bool:
    return row.base > 0 and row.candidate > 0


def _rate(value: float, seconds: float | None) -> float | None:
    return value / seconds if seconds else None


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
