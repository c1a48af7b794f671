"""placeholder"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import NamedTuple

from whence.evidence.flame import FlameGraph, FlameVerdict
from whence.evidence.flame_packing import Judgements, flame_graph, sides

_HOSTS = ("github.com/acme", "github.com/grafana", "google.golang.org", "k8s.io", "golang.org/x", "go.opentelemetry.io")
_WORDS = (
    "server", "handler", "codec", "buffer", "stream", "frame", "header", "index", "store", "query", "label",
    "series", "chunk", "block", "writer", "reader", "merge", "encode", "decode", "append", "visit", "client",
    "cache", "metric", "record", "worker", "batch", "queue", "shard", "ring", "token", "schema", "proto",
)  # fmt: skip


class Tree(NamedTuple):
    """A made-up profile as the columns that `flame_graph` takes."""

    names: list[str]
    packages: list[str]
    roles: list[str]
    parent: list[int]
    function: list[int]
    values: list[int]
    base: list[int]


def make_tree(frames: int, functions: int, seed: int = 1) -> Tree:
    """Returns a random tree of about `frames` frames with long Go names, up to 90 deep, values like bytes."""
    rng = random.Random(seed)
    names, packages, roles = _names(functions, rng)
    callees = [
        [min(int(functions * rng.random() ** 2), functions - 1) for _ in range(rng.randint(1, 9))]
        for _ in range(functions)
    ]
    parent: list[int] = []
    function: list[int] = []
    values: list[int] = []
    base: list[int] = []
    path: list[int] = []
    while len(parent) < frames:
        # The next stack leaves the last one at a random height, as stacks in order do.
        keep = min(len(path), int(rng.triangular(0, 60, 18)))
        del path[keep:]
        depth = keep + 1 + int(rng.expovariate(0.4))
        while len(path) < min(depth, 90) and len(parent) < frames:
            above = function[path[-1]] if path else -1
            row = rng.choice(callees[above]) if path else rng.randrange(min(functions, 12))
            parent.append(path[-1] if path else -1)
            function.append(row)
            values.append(0)
            base.append(0)
            path.append(len(parent) - 1)
        size = int(rng.lognormvariate(7, 2)) * 16
        values[path[-1]] += size
        base[path[-1]] += int(size * rng.lognormvariate(0, 0.4)) // 16 * 16
    return Tree(names, packages, roles, parent, function, values, base)


def make_graph(tree: Tree, *, diff: bool = False, seed: int = 2, title: str = "") -> FlameGraph:
    """Returns the noun of a tree; of a diff every function with a flat value is judged, as a real diff would."""
    said = "The candidate allocates 4.1 % more: 12 functions are worse" if diff else "encoding/json allocates most"
    return flame_graph(
        title=title or said,
        verdict="worse" if diff else None,
        command="whence profile diff --base old.pb.gz --candidate new.pb.gz"
        if diff
        else "whence profile show new.pb.gz",
        subject="new.pb.gz against old.pb.gz" if diff else "new.pb.gz",
        sample_type="alloc_space",
        unit="bytes",
        names=tree.names,
        parent=tree.parent,
        function=tree.function,
        values=tree.values,
        base=tree.base if diff else None,
        packages=tree.packages,
        roles=tree.roles,
        judgements=_judgements(tree, random.Random(seed)) if diff else None,
    )


def _judgements(tree: Tree, rng: random.Random) -> Judgements:
    now = sides(tree.parent, tree.function, tree.values, len(tree.names)).flat
    before = sides(tree.parent, tree.function, tree.base, len(tree.names)).flat
    found = Judgements([], [], [], [], [])
    for candidate, base in zip(now, before, strict=True):
        if not candidate or not base:
            for column in found[:5]:
                column.append(None)  # type: ignore[union-attr]
            continue
        ratio, width = candidate / base, 1.02 + rng.random() / 3
        low, high = ratio / width, ratio * width
        kinds: Sequence[FlameVerdict] = ("worse", "better", "equivalent", "undetermined", "moved")
        verdict = kinds[0] if low > 1 else kinds[1] if high < 1 else kinds[rng.choice((2, 3, 3, 3, 4))]
        row = (ratio, low, high, min(1.0, rng.random() ** 3), verdict)
        for column, value in zip(found[:5], row, strict=True):
            column.append(value)  # type: ignore[union-attr]
    return found


def _names(functions: int, rng: random.Random) -> tuple[list[str], list[str], list[str]]:
    names, packages, roles = [], [], []
    parts = ("mallocgc", "scanobject", "memmove", "mapassign_faststr", "gcDrain", "newobject", "growslice", "schedule")
    for i in range(functions):
        if i < len(parts):
            package, name = "runtime", parts[i]
        elif rng.random() < 0.1:
            package, name = "runtime", f"{rng.choice(_WORDS)}{rng.choice(_WORDS).title()}{i}"
        else:
            package = "/".join((rng.choice(_HOSTS), rng.choice(_WORDS), "internal", rng.choice(_WORDS)))
            kind = rng.choice(_WORDS).title() + rng.choice(_WORDS).title()
            name = f"(*{kind}[go.shape.*uint8]).{rng.choice(_WORDS).title()}{rng.choice(_WORDS).title()}.func{i % 7}"
        names.append(f"{package}.{name}")
        packages.append(package)
        roles.append(rng.choice(("malloc", "mark", "map", "scheduler")) if package == "runtime" else "program")
    return names, packages, roles
