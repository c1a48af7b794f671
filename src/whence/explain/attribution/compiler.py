"""Causes that the compiler decided: a line whose value went to the heap, a function with other instructions.

Escape analysis says where a value lives (`decisions`). Since Go 1.25 the first part of a slice of unknown length may
lie on the stack as well, which it does not say: there the same program is built once more without that
(`-d=variablemakehash=n`), and the functions whose instructions change are those that have such slices.
"""

from __future__ import annotations

import re
from pathlib import Path

from whence.evidence.attribution import Cause
from whence.evidence.errors import WhenceError
from whence.evidence.metric import Metric
from whence.evidence.variant import Variant, changed
from whence.explain.attribution.asking import Trials
from whence.golang.code import Decision, compare_code, newly_on_heap, read_program, slices_made
from whence.golang.source_diff.hunks import declaration_in

COUNTS_ALLOCATIONS = ("alloc", "B/", "bytes")
MOST_LINES = 5
MOST_FUNCTIONS = 6
ALL_ON_HEAP = "-d=variablemakehash=n"
_CLOSURE = re.compile(r"(\.(func|gowrap|deferwrap)?\d+|-range\d+|-fm|\[.*\])+\Z")


def counts_allocations(metric: Metric) -> bool:
    """Tells whether a metric counts what is allocated: `allocs/op`, `B/op`, `allocs/rt`."""
    return metric.where == "program" and any(metric.unit.startswith(word) for word in COUNTS_ALLOCATIONS)


def heap_lines(trials: Trials, base: Variant, candidate: Variant, *, part_of: str, grew: bool) -> tuple[Cause, ...]:
    """Returns the lines of the program whose values the compiler puts on the heap on the side that allocates more, and
    not on the other: as causes without a number of their own, inside `part_of`."""
    if trials.source is None:
        return ()
    less, more = (base, candidate) if grew else (candidate, base)
    try:
        said = [trials.decisions(v) for v in (less, more)]
        lines = {d: f"the compiler says of the {_side(grew)} only: {d.text}" for d in newly_on_heap(said[0], said[1])}
        slices = slices_made(said[0])
        kept = _stack_backed(trials, less) - _stack_backed(trials, more) if slices else frozenset[str]()
    except WhenceError as error:
        trials.note(f"the compiler's decisions could not be read: {' '.join(str(error).split())}")
        return ()
    directory = trials.source.directory
    for made in slices:
        if _declared(made, directory) in kept:
            call = made.text.partition(" does not")[0].partition(" escapes")[0]
            told = f"only in the {_side(not grew)} the first part of what {call} makes may lie on the stack"
            lines.setdefault(made, told)
    found: dict[str, Cause] = {}
    for where, told in lines.items():
        name = f"{where.file}:{_declared(where, directory) or 'top of file'}:{where.line}"
        cause = Cause(
            kind="compiler-limit",
            name=name,
            part_of=part_of,
            blamed=True,
            evidence=(f"{where.file}:{where.line}: {told}",),
        )
        found.setdefault(name, cause)
    if len(found) > MOST_LINES:
        trials.note(f"the compiler puts values of {len(found)} lines on the heap that were not: {MOST_LINES} are named")
    return tuple(found.values())[:MOST_LINES]


def _side(is_candidate: bool) -> str:
    return "candidate" if is_candidate else "base"


def _declared(where: Decision, directory: Path) -> str:
    return declaration_in(directory / where.file, where.line)


def _stack_backed(trials: Trials, variant: Variant) -> frozenset[str]:
    """Returns the functions of the program (`name`, `Receiver.name`) in which slices of unknown length begin on the
    stack; none where the compiler knows no such thing."""
    given = variant.get("gcflags") or ""
    without = changed(variant, {"gcflags": f"{given} {ALL_ON_HEAP}".strip()})
    if "variablemake" in given or trials.failure(without) is not None:
        return frozenset()
    paths = [trials.build(v, layout=None).path for v in (variant, without)]
    return frozenset(declared_name(symbol) for symbol in compare_code(paths[0], paths[1]).changed)


def declared_name(symbol: str) -> str:
    """Returns the function in the source that a symbol of the program belongs to, without its package."""
    name = symbol.rpartition("/")[2].partition(".")[2]
    return _CLOSURE.sub("", name).replace("(*", "").replace(")", "")


def changed_functions(trials: Trials, base: Variant, candidate: Variant) -> str | None:
    """Returns which functions of the program and its modules have other instructions, in words; None when none can
    be told."""
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
    return frozenset(n for n in names if n.startswith("main.") or _is_of_a_module(n))


def _is_of_a_module(symbol: str) -> bool:
    """Tells whether a function's package lies below a host's name, as no package of Go's library does."""
    first, slash, _ = symbol.partition("/")
    return bool(slash) and "." in first
