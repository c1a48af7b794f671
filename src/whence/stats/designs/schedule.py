"""The order of the runs: blocks that hold every cell once, shuffled, each run with the link it uses.

The order inside a block is drawn at random, so that nothing that drifts can side with a setting. Each *layout* (link)
of a build is a unit of its own in the analysis. With fresh links every run has one. Else the layouts of a build take
turns, but a run and its mirror (all run-time settings reversed) share one, so that run-time effects stay differences
within a link while build effects rest on many links.
"""

from __future__ import annotations

import math
import random
from collections import Counter

import msgspec

from whence.stats.designs.factors import Cell, Design, build_part

ENOUGH_LINKS = 32
"""Links over all builds that leave the build level about 20 degrees of freedom in a plan of 64 runs."""
MOST_REPEATED = 8
"""Links of a build whose cell is repeated within a block (the base of a release's switches)."""


class PlannedRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run. `build` numbers the compilation, `layout` the link of it; (build, layout) is the analysis's build id."""

    cell: Cell
    build: int
    layout: int
    block: int


def layouts_for(design: Design) -> int:
    """Returns how many links of each build are enough where a fresh link for each run is too slow; at least 2."""
    return max(2, math.ceil(ENOUGH_LINKS / len(design.builds)))


def schedule(design: Design, *, blocks: int, layouts: int | None, seed: int) -> tuple[PlannedRun, ...]:
    """Returns the runs in order. `layouts`: links of each build (fewer where it has fewer runs), None: fresh ones.

    Raises ValueError when blocks or layouts are not positive.
    """
    if blocks < 1 or (layouts is not None and layouts < 1):
        raise ValueError(f"{blocks} blocks with {layouts} layouts each is no plan")
    numbers = {part: number for number, part in enumerate(design.builds)}
    rows = [_Row(design, cell, numbers) for cell in design.cells]
    turns = _turns(rows)
    repeated = Counter(row.cell for row in rows)
    links = [0] * len(numbers)
    shuffler = random.Random(seed)
    runs: list[PlannedRun] = []
    for block in range(blocks):
        order = list(zip(rows, turns, strict=True))
        shuffler.shuffle(order)
        for row, (turn, of) in order:
            if layouts is None:
                layout = links[row.build]
                links[row.build] += 1
            else:
                most = layouts if repeated[row.cell] == 1 else max(layouts, MOST_REPEATED)
                layout = (turn + block * of) % most
            runs.append(PlannedRun(cell=row.cell, build=row.build, layout=layout, block=block))
    return tuple(runs)


class _Row:
    """A cell of the plan with its build, and what it shares with its mirror in the run-time settings."""

    def __init__(self, design: Design, cell: Cell, numbers: dict[Cell, int]) -> None:
        part = build_part(cell, design.factors)
        settings = tuple(level for level, factor in zip(cell, design.factors, strict=True) if not factor.is_build)
        self.cell = cell
        self.build = numbers[part]
        self.pair = min(settings, tuple(1 - level for level in settings))


def _turns(rows: list[_Row]) -> list[tuple[int, int]]:
    """Returns for each row which turn of its build it is, and how many turns a block has for that build.

    A cell and its mirror are one turn; a cell that is repeated takes a new turn each time.
    """
    seen: Counter[Cell] = Counter()
    keys: list[tuple[int, Cell, int]] = []
    for row in rows:
        keys.append((row.build, row.pair, seen[row.cell]))
        seen[row.cell] += 1
    order: dict[int, dict[tuple[int, Cell, int], int]] = {}
    for key in keys:
        order.setdefault(key[0], {}).setdefault(key, len(order.get(key[0], {})))
    return [(order[key[0]][key], len(order[key[0]])) for key in keys]
