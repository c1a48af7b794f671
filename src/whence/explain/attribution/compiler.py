"""Causes that the compiler decided: a line whose value went to the heap, a function with other instructions."""

from __future__ import annotations

from pathlib import Path

from whence.evidence.attribution import Cause
from whence.evidence.errors import WhenceError
from whence.evidence.metric import Metric
from whence.evidence.variant import Variant
from whence.explain.attribution.asking import Trials
from whence.golang.code import compare_code, newly_on_heap, read_program
from whence.golang.source_diff.hunks import declaration_in

COUNTS_ALLOCATIONS = ("alloc", "B/", "bytes")
MOST_LINES = 5
MOST_FUNCTIONS = 6


def counts_allocations(metric: Metric) -> bool:
    """Tells whether a metric counts what is allocated: `allocs/op`, `B/op`, `allocs/rt`."""
    return metric.where == "program" and any(metric.unit.startswith(word) for word in COUNTS_ALLOCATIONS)


def heap_lines(trials: Trials, base: Variant, candidate: Variant, *, part_of: str, grew: bool) -> tuple[Cause, ...]:
    """Returns the lines of the program whose values the compiler puts on the heap on the side that allocates more, and
    not on the other: as causes without a number of their own, inside `part_of`."""
    if trials.source is None:
        return ()
    try:
        said = [trials.decisions(v) for v in ((base, candidate) if grew else (candidate, base))]
    except WhenceError as error:
        trials.note(f"the compiler's decisions could not be read: {' '.join(str(error).split())}")
        return ()
    lines = newly_on_heap(said[0], said[1])
    directory = trials.source.directory
    found: list[Cause] = []
    for where in lines[:MOST_LINES]:
        function = declaration_in(directory / where.file, where.line)
        side = "candidate" if grew else "base"
        told = f"{where.file}:{where.line}: the compiler says of the {side} only: {where.text}"
        found.append(
            Cause(
                kind="compiler-limit",
                name=f"{where.file}:{function or 'top of file'}:{where.line}",
                part_of=part_of,
                blamed=True,
                evidence=(told,),
            )
        )
    return tuple(found)


def changed_functions(trials: Trials, base: Variant, candidate: Variant) -> str | None:
    """Returns which functions of the program's own packages have other instructions, in words; None when none can be
    told."""
    if trials.source is None:
        return None
    try:
        paths = [trials.build(v, layout=None).path for v in (base, candidate)]
    except WhenceError:
        return None
    difference = compare_code(paths[0], paths[1])
    if difference.same is None:
        return None
    if difference.same:
        return difference.words()
    own = _own_functions(paths[1])
    names = [n for n in difference.changed if n in own]
    if not names:
        return f"no function of the program itself has other instructions ({difference.words()})"
    more = f" and {len(names) - MOST_FUNCTIONS} more" if len(names) > MOST_FUNCTIONS else ""
    return f"other instructions in {', '.join(names[:MOST_FUNCTIONS])}{more}"


def _own_functions(path: Path) -> frozenset[str]:
    program = read_program(path)
    names = () if program is None else program.functions
    return frozenset(n for n in names if n.startswith("main."))
