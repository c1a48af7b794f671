"""What would be done and what it would cost, from the texts alone: nothing is fetched, built, run or written."""

from __future__ import annotations

from whence.evidence.attribution import Spent
from whence.evidence.inquiry import Inquiry
from whence.evidence.units import parse_seconds
from whence.explain.attribution.cells import FEWEST_RUNS
from whence.explain.attribution.dependence import parse_over
from whence.explain.attribution.deriving import derive
from whence.explain.attribution.total import LOOKS
from whence.explain.clock import BUILD_S
from whence.golang import toolchains
from whence.measure.prepare import source_of
from whence.measure.settle import Settled
from whence.stats.designs import choose


def outline(settled: Settled, inquiry: Inquiry) -> tuple[Spent, list[str]]:
    """Returns the price and the plan in lines. How long a run takes is not known before the first."""
    kits = tuple(None if r is None else toolchains.find(_wanted(settled, i)) for i, r in enumerate(settled.releases))
    levers = derive(
        settled.variants[0],
        settled.variants[1],
        (settled.releases[0], settled.releases[1]),
        toggles=inquiry.toggles,
        directory=settled.directory,
        source=source_of(settled),
        kits=(kits[0], kits[1]),
    )
    lines = [
        f"{lever.kind} {lever.name}" + (f" (with {lever.needs})" if lever.needs else "") for lever in levers.levers
    ]
    cells, builds, runs = 2, 2, 2 * LOOKS[0]
    kind = "base and candidate"
    if len(levers.levers) > 1:
        design = choose(levers.factors)
        cells, builds = len(design.cells), len(design.builds)
        blocks = max(2, -(-FEWEST_RUNS // cells))
        runs += cells * blocks
        kind = f"{design.kind} plan of {len(levers.levers)} factors"
    sweeps = [parse_over(text) for text in inquiry.over]
    runs += sum(len(sweep.values) for sweep in sweeps) * max(2 * LOOKS[0], 2 * cells)
    built = settled.releases[0] is not None or settled.releases[1] is not None
    spent = Spent(
        builds=builds if built else 0,
        runs=runs,
        seconds=builds * BUILD_S if built else None,
        design=kind,
        cells=cells,
    )
    building = f"{spent.builds} builds (about {BUILD_S:.0f} s each the first time), " if built else ""
    price = f"{cells} cells, {building}at least {runs} runs"
    within = f"within {parse_seconds(inquiry.budget):g} s"
    return spent, [f"factors: {', '.join(lines) or 'none'}", f"{kind}: {price}", within]


def _wanted(settled: Settled, index: int) -> str:
    written = settled.variants[index].get("go") or "local"
    return written if "/" in written else settled.releases[index] or "local"
