"""The order of the runs: blocks that hold every cell once, shuffled, each run with the build it uses.

The order inside a block is drawn at random, so that nothing that drifts can side with a setting. Each *layout* (link)
of a build is a unit of its own in the analysis: with fresh links every run has one, else the layouts of a build take
turns from block to block.
"""

from __future__ import annotations

import random

import msgspec

from whence.stats.designs.factors import Cell, Design, build_part


class PlannedRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run. `build` numbers the compilation, `layout` the link of it; (build, layout) is the analysis's build id."""

    cell: Cell
    build: int
    layout: int
    block: int


def schedule(design: Design, *, blocks: int, layouts: int | None, seed: int) -> tuple[PlannedRun, ...]:
    """Returns the runs in order. `layouts`: links of each build, None for a fresh link each run.

    Raises ValueError when blocks or layouts are not positive.
    """
    if blocks < 1 or (layouts is not None and layouts < 1):
        raise ValueError(f"{blocks} blocks with {layouts} layouts each is no plan")
    numbers = {part: number for number, part in enumerate(design.builds)}
    shuffler, links = random.Random(seed), [0] * len(numbers)
    runs: list[PlannedRun] = []
    for block in range(blocks):
        order = list(design.cells)
        shuffler.shuffle(order)
        for cell in order:
            build = numbers[build_part(cell, design.factors)]
            layout = links[build] if layouts is None else block % layouts
            links[build] += 1
            runs.append(PlannedRun(cell=cell, build=build, layout=layout, block=block))
    return tuple(runs)
