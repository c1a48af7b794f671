"""Small profiles whose values can be added up by hand, and stacks as plain Python sees them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from whence.evidence.flame import FlameGraph, FlameVerdict
from whence.evidence.flame_packing import Judgements, flame_graph

NASTY = """</script><script>alert(1)</script><img src=x onerror=alert(2)> " ' ` <!-- href=//evil.example @import"""
Stacks = Mapping[tuple[str, ...], int]

STACKS: Stacks = {
    ("main.main", "main.serve", "encoding/json.Marshal", "runtime.mallocgc"): 400,
    ("main.main", "main.serve", "encoding/json.Marshal"): 100,
    ("main.main", "main.serve", "runtime.mallocgc"): 50,
    ("main.main", "main.walk", "main.walk", "main.walk"): 120,
    ("main.main", "main.walk", "runtime.mallocgc"): 80,
    ("runtime.gcBgMarkWorker", "runtime.gcDrain", "example.org/a/b.(*T[example.org/c.U]).Less"): 250,
}
BASE: Stacks = dict(STACKS) | {next(iter(STACKS)): 200, ("main.main", "main.gone"): 60}


def columns(stacks: Sequence[Stacks]) -> tuple[list[str], list[int], list[int], list[list[int]]]:
    """Returns names, parents, functions, and own values of each set of stacks in one tree, in preorder."""
    paths = sorted({stack[:k] for side in stacks for stack in side for k in range(1, len(stack) + 1)})
    names = sorted({path[-1] for path in paths})
    row = {path: i for i, path in enumerate(paths)}
    parent = [row.get(path[:-1], -1) for path in paths]
    return names, parent, [names.index(p[-1]) for p in paths], [[side.get(p, 0) for p in paths] for side in stacks]


def package(name: str) -> str:
    stem, slash, last = name.partition("(")[0].rpartition("/")
    return stem + slash + last.partition(".")[0]


def profile(stacks: Stacks = STACKS, **told: object) -> FlameGraph:
    names, parent, function, (values,) = columns([stacks])
    about = {
        "title": "encoding/json allocates most",
        "command": "whence profile show heap.pb.gz --html heap.html",
    } | told
    return flame_graph(
        sample_type="alloc_space",
        unit="bytes",
        names=names,
        parent=parent,
        function=function,
        values=values,
        packages=[package(name) for name in names],
        roles=["malloc" if "malloc" in n else "mark" if "gc" in n else "program" for n in names],
        **about,  # type: ignore[arg-type]
    )


def diff(**told: object) -> FlameGraph:
    """Returns STACKS against BASE; mallocgc is worse, gone is better, walk moved, the others unjudged or unclear."""
    names, parent, function, (values, base) = columns([STACKS, BASE])
    found: dict[str, tuple[float, float, float, float, FlameVerdict]] = {
        "runtime.mallocgc": (1.606, 1.42, 1.81, 0.0004, "worse"),
        "main.gone": (0.51, 0.4, 0.66, 0.003, "better"),
        "main.walk": (1.2, 0.9, 1.6, 0.04, "moved"),
        "encoding/json.Marshal": (1.0, 0.98, 1.02, 0.9, "equivalent"),
        "main.serve": (1.1, 0.7, 1.8, 0.6, "undetermined"),
    }
    picked = [found.get(name) for name in names]
    judged = Judgements(*([row[k] if row else None for row in picked] for k in range(5)))  # type: ignore[arg-type]
    about = {"title": "Allocated memory rose by 14 %", "verdict": "worse", "command": "whence profile diff"} | told
    return flame_graph(
        sample_type="alloc_space",
        unit="bytes",
        names=names,
        parent=parent,
        function=function,
        values=values,
        base=base,
        packages=[package(name) for name in names],
        judgements=judged,
        **about,  # type: ignore[arg-type]
    )


def nasty() -> FlameGraph:
    """Returns a profile in which every text tries to be more than text."""
    stacks = {(NASTY, "a\u202eb\n\x1b[31m"): 5, (NASTY, "=cmd()", NASTY + "2"): 7}
    return profile(
        stacks, title=NASTY, command=NASTY, subject=NASTY, story=(NASTY,), notes=(NASTY,), facts=((NASTY, NASTY),)
    )


def callers(stacks: Stacks, pivot: str) -> Counter[tuple[str, ...]]:
    """Returns what each path of callers above the outermost `pivot` carries, nearest caller first."""
    found: Counter[tuple[str, ...]] = Counter()
    for stack, value in stacks.items():
        if pivot in stack:
            above = stack[: stack.index(pivot)][::-1]
            found.update({above[:k]: value for k in range(len(above) + 1)})
    return found


def callees(stacks: Stacks, pivot: str) -> Counter[tuple[str, ...]]:
    found: Counter[tuple[str, ...]] = Counter()
    for stack, value in stacks.items():
        if pivot in stack:
            below = stack[stack.index(pivot) + 1 :]
            found.update({below[:k]: value for k in range(len(below) + 1)})
    return found


def prefixes(stacks: Stacks) -> Counter[tuple[str, ...]]:
    found: Counter[tuple[str, ...]] = Counter()
    for stack, value in stacks.items():
        found.update({stack[:k]: value for k in range(len(stack) + 1)})
    return found


def bottom_up(stacks: Stacks) -> Counter[tuple[str, ...]]:
    return prefixes({stack[::-1]: value for stack, value in stacks.items()})
