"""What the diff says of recorded pairs, as one row a pair that is small enough to keep."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from bench.profile_diff.recording import GROWTHS, MODES, PLANTED, Pair
from whence.evidence.profile_diff import FunctionChange, ProfileDiff
from whence.measure.profiles.diff.diffing import diff
from whence.measure.profiles.readers import read

RUNS, SPLITS = 8, 10
_NAIVE_SHARE, _NAIVE_CHANGE = 0.005, 0.10
_FOUND = {"grew", "shrank", "moved"}


def row_of(kind: str, pair: Pair) -> dict[str, object]:
    """Returns what was judged of a pair: findings, the planted function, and what a naive reader would see."""
    found = diff([read(str(pair.base))], [read(str(pair.candidate))])
    return _row(kind, pair.number, pair.mode, pair.growth, found)


def rows_of_runs(same: Sequence[Pair], planted: Sequence[Pair]) -> list[dict[str, object]]:
    """Returns rows of several runs a side: runs of the same program split at random, and each planted growth's runs."""
    rng = random.Random(1)
    rows: list[dict[str, object]] = []
    for mode in MODES:
        alike = [read(str(path)) for pair in same if pair.mode == mode for path in (pair.base, pair.candidate)]
        for number in range(SPLITS):
            drawn = rng.sample(alike, 2 * RUNS)
            rows.append(_row("same-runs", number, mode, 100, diff(drawn[:RUNS], drawn[RUNS:])))
        for growth in GROWTHS:
            chosen = [pair for pair in planted if (pair.mode, pair.growth) == (mode, growth)]
            sides = [[read(str(pair.base)) for pair in chosen], [read(str(pair.candidate)) for pair in chosen]]
            rows.append(_row("planted-runs", len(chosen), mode, growth, diff(*sides)))
    return rows


def _row(kind: str, number: int, mode: str, growth: int, found: ProfileDiff) -> dict[str, object]:
    planted = next((row for row in found.functions if row.name == PLANTED), None)
    shown = [row for row in found.functions if max(row.cum.base_share, row.cum.candidate_share) >= _NAIVE_SHARE]
    return {
        "kind": kind,
        "number": number,
        "mode": mode,
        "growth": growth,
        "events": [found.base.events, found.candidate.events],
        "judged": found.judged,
        "common_factor": round(found.common_factor, 4),
        "found": [[row.name, row.verdict, *_shares(row)] for row in found.functions if row.verdict in _FOUND],
        "diluted": sum(row.verdict == "diluted" for row in found.functions),
        "planted": None if planted is None else [planted.verdict, *_shares(planted)],
        "naive_shown": len(shown),
        "naive_moved": sum(_moved(row) for row in shown),
    }


def above_planted(row: dict) -> set[str]:
    """Returns the functions that a planted change really changes: the function itself, and what calls it."""
    callers = {
        "documents": {"main.documents", "main.main", "runtime.main"},
        "trees": {"main.trees", "main.main", "runtime.main"},
        "requests": {
            "main.serve.func1", "net/http.HandlerFunc.ServeHTTP", "net/http.(*ServeMux).ServeHTTP",
            "net/http.serverHandler.ServeHTTP", "net/http.(*conn).serve", "net/http.(*Server).Serve.gowrap3",
        },
    }  # fmt: skip
    return {PLANTED, *callers[row["mode"]]}


def _moved(row: FunctionChange) -> bool:
    first, second = row.cum.base_share, row.cum.candidate_share
    return first == 0 or abs(math.log(max(second, 1e-12) / first)) >= math.log(1.0 + _NAIVE_CHANGE)


def _shares(row: FunctionChange) -> list[float]:
    own = row.flat if row.flat.verdict == row.verdict or row.verdict == "moved" else row.cum
    return [round(own.base_share, 5), round(own.candidate_share, 5)]
