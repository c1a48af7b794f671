"""Which collections had their heap goal from GOMEMLIMIT instead of GOGC.

GOGC alone sets the goal of a collection to live + (live + stacks + globals) x GOGC / 100, where live is what the
collection before it found (`mgcpacer.go`: commit; stacks and globals from Go 1.18 on). A memory limit can only lower
it, to what the limit leaves for the heap: the goal stays where it is while the live heap changes, and once the live
heap fills the room, goal and live heap are one (memoryLimitHeapGoal). So with the growth
r = (goal - live) / (live + stacks + globals) of each collection, known within the bounds of its printed numbers:

- GOGC is 100, the default, where three collections or more had that r and hardly any a higher one; else the r that
  most collections agree on, and only when live heaps of different size agree, for one size alone may hold by either;
- a collection is limited when its r is surely below GOGC. Without a known GOGC: when the goal leaves hardly any room
  above the live heap (r below 0.05), or when goals stay within 5 % over five collections while r surely differs.

A goal never falls below 4 MiB x GOGC / 100, so small heaps say nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.gc.run import Bounds, Float64, GcRun

SMALLEST_LIVE = 8 << 20
"""Live heaps (bytes) below this are near the smallest goal."""
AGREEING = 0.2
"""Relative range of the live heaps that agree on a growth, for it to count as GOGC's."""
PINNED = 0.05
FEWEST, FEWEST_SHARE, FEWEST_DEFAULT = 5, 0.3, 3
"""Collections that must agree on GOGC, and their share of all; on 100."""
FULL = 0.05
"""Growth that no one asks for: below it the goal is the live heap."""
MOST_CANDIDATES = 400
"""Growths that are tried as GOGC's, evenly chosen among the bounds of all."""
EXCEEDING = 0.05
"""Share of the collections whose growth may surely exceed GOGC."""
_SURELY = 0.97


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`rows`: limited collections. `gogc_percent`: inf for off, None when it cannot be known."""

    rows: NDArray[np.bool_]
    gogc_percent: float | None
    known_from: Literal["given", "stated", "inferred"] | None
    note: str = ""


def find_limits(run: GcRun, *, gogc_percent: float | None, memory_limit_bytes: int | None) -> Limits:
    """Returns the collections limited by memory; what the caller gives or the source states is taken as it is."""
    none = np.zeros(len(run), np.bool_)
    known = gogc_percent if gogc_percent is not None else run.gogc_percent
    origin: Literal["given", "stated", "inferred"] | None = None
    if known is not None:
        origin = "given" if gogc_percent is not None else "stated"
    growth, usable = growths(run)
    if known is None:
        known = infer_gogc(growth, usable, run)
        origin = "inferred" if known is not None else None
    limit = memory_limit_bytes if memory_limit_bytes is not None else run.memory_limit
    if not run.has_memory_limit or (limit is not None and limit >= 1 << 62):
        return Limits(rows=none, gogc_percent=known, known_from=origin)
    if known is None:
        rows, note = _pinned(run, growth, usable)
        return Limits(rows=rows, gogc_percent=None, known_from=None, note=note)
    rows = usable & (growth.high < _SURELY * known / 100)
    if limit is None:
        rows &= _steady_goal(run, rows)
    return Limits(rows=rows, gogc_percent=known, known_from=origin)


def growths(run: GcRun) -> tuple[Bounds, NDArray[np.bool_]]:
    """Returns r of every row, and which rows have one that means something."""
    rows = len(run)
    low, high = np.full(rows, np.nan), np.full(rows, np.nan)
    if rows < 2:
        return Bounds(low, high), np.zeros(rows, np.bool_)
    basis, at = run.goal_basis, slice(1, None) if run.goal_of_next else slice(0, None)
    live, goal = run.live.take(basis), run.goal.take(at)
    stacks = Bounds(*(np.nan_to_num(side[basis], nan=0.0) for side in run.stacks))
    low[at] = (goal.low - live.high) / np.maximum(live.high + stacks.high, 1)
    high[at] = (goal.high - live.low) / np.maximum(live.low + stacks.low, 1)
    usable = np.zeros(rows, np.bool_)
    usable[at] = (live.low >= SMALLEST_LIVE) & ~np.isnan(low[at])
    return Bounds(low, high), usable


def infer_gogc(growth: Bounds, usable: NDArray[np.bool_], run: GcRun) -> float | None:
    """Returns the GOGC in percent that goals follow, or None.

    GOGC bounds r from above, so hardly any collection may surely exceed it.
    """
    rows = np.flatnonzero(usable)
    if len(rows) < FEWEST:
        return None
    low, high = growth.low[rows], growth.high[rows]
    live = run.live.low[rows - 1 if run.goal_of_next else rows]
    candidates = np.unique(np.concatenate([low, high]))
    candidates = candidates[:: max(1, len(candidates) // MOST_CANDIDATES)]
    # Goals at 100, the default, need no second size of heap to be believed.
    if ((low <= 1.0) & (high >= 1.0)).sum() >= FEWEST_DEFAULT and (low > 1.0).mean() <= EXCEEDING:
        return 100.0
    best, best_count = None, max(FEWEST, math.ceil(FEWEST_SHARE * len(rows))) - 1
    for ratio in candidates.tolist():
        agreeing = (low <= ratio) & (high >= ratio)
        count = int(agreeing.sum())
        if count > best_count and _range(live[agreeing]) >= AGREEING and (low > ratio).mean() <= EXCEEDING:
            best, best_count = ratio, count
    if best is None:
        return None
    agreeing = (low <= best) & (high >= best)
    return round(100 * float((low[agreeing].max() + high[agreeing].min()) / 2), 1)


def _range(values: Float64) -> float:
    return float(values.max() / max(values.min(), 1.0) - 1) if len(values) else 0.0


def _steady_goal(run: GcRun, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tells which of the rows have a goal near their neighbours', or none above the live heap, as a limit sets it.

    A goal that a program lowers by debug.SetGCPercent follows the live heap instead.
    """
    found = np.zeros(len(run), np.bool_)
    goal = run.goal.middle
    chosen = np.flatnonzero(rows)
    if not len(chosen):
        return found
    for index in chosen.tolist():
        near = chosen[max(0, int(np.searchsorted(chosen, index)) - 3) :][:7]
        unit = float(run.goal.high[index] - run.goal.low[index])
        level = float(np.median(goal[near]))
        full = run.goal.low[index] <= run.live.high[index - 1 if run.goal_of_next else index]
        found[index] = full or abs(goal[index] - level) <= 2 * PINNED * level + unit
    return found


def _pinned(run: GcRun, growth: Bounds, usable: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], str]:
    """Returns the rows of every stretch whose goal stays while r surely differs."""
    found = usable & (growth.high < FULL)
    rows = np.flatnonzero(usable)
    goal, unit = run.goal.middle, run.goal.high - run.goal.low
    start, total = 0, 0.0
    ambiguous = False
    for end in range(1, len(rows) + 1):
        total += float(goal[rows[end - 1]])
        level = total / (end - start)
        if end < len(rows) and abs(goal[rows[end]] - level) <= PINNED * level + unit[rows[end]]:
            continue
        inside = rows[start:end]
        if len(inside) >= FEWEST:
            differs = bool(growth.low[inside].max() > growth.high[inside].min())
            found[inside] |= differs
            ambiguous |= not differs
        start, total = end, 0.0
    note = "Live heap and goal stay so steady that GOGC and a memory limit cannot be told apart; give --gogc." if (
        ambiguous and not found.any()) else ""  # fmt: skip
    return found, note
