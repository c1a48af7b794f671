"""The numbers that one process reported: lines of the Go benchmark format among whatever else it printed."""

from __future__ import annotations

import math
from statistics import median

from whence.evidence.run import Sample
from whence.golang.benchfmt.reader import parse
from whence.golang.benchfmt.records import Result, UnitDeclarations


def samples(text: str) -> tuple[tuple[Sample, ...], UnitDeclarations]:
    """Returns one sample a benchmark and unit, in the order first printed, and what `Unit` lines declare.

    Several lines of one name count as their median (`-count=5` in one process is one run). The GOMAXPROCS suffix is
    not part of the name, unless one name came with several (`-cpu 1,2,4`). Units stay as written. NaN and infinite
    values are left out: they are missing, not numbers. A declaration of sec/op also comes back for a printed ns/op.
    """
    file = parse(text)
    named = benchmark_names(file.results)
    found: dict[tuple[str, str], list[float]] = {}
    for result in file.results:
        name = named[result.name, result.procs]
        for value, unit in result.values:
            column = found.setdefault((name, unit), [])
            if math.isfinite(value):
                column.append(value)
    declarations = {unit: dict(keys) for unit, keys in file.units.items()}
    if declarations:
        for _, unit in found:
            if unit not in declarations and (keys := file.declared(unit)):
                declarations[unit] = keys
    return (
        tuple(Sample(unit, median(v), unit, benchmark=name) for (name, unit), v in found.items() if v),
        declarations,
    )


def benchmark_names(results: tuple[Result, ...]) -> dict[tuple[str, int | None], str]:
    """Returns the name to show for each (name, procs): with its suffix where a name comes with several."""
    procs: dict[str, set[int | None]] = {}
    for result in results:
        procs.setdefault(result.name, set()).add(result.procs)
    return {
        (name, number): name if len(numbers) == 1 or number is None else f"{name}-{number}"
        for name, numbers in procs.items()
        for number in numbers
    }
