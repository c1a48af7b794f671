"""Built-in lab workloads as programs to simulate: what their Go sources allocate under given parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl

from whence.evidence.errors import BadInput
from whence.explain.simulator.costs.rows import costs_of
from whence.explain.simulator.engine.workload import ObjectKind, Workload
from whence.golang.versions import parse_version
from whence.measure.workloads import catalog

NODE_BYTES = 64
TREE_NODE_BYTES = 16
SHALLOWEST = 4
WALK_NS = 8.0
"""Building and walking one node of a tree, beside allocating it."""
LOOP_NS = 2.0


def names() -> tuple[str, ...]:
    """Returns the workloads that can be simulated."""
    return tuple(_PROGRAMS)


def program_of_workload(text: str, arguments: Mapping[str, str], go: str = "1.27") -> Workload:
    """Returns the program of `workload:NAME?param=value&…` with further arguments. Raises BadInput."""
    name, _, query = text.removeprefix("workload:").partition("?")
    if name not in _PROGRAMS:
        catalog.get(name)
        raise BadInput(
            f"workload:{name} is not described for simulation; {', '.join(names())} are. Record it instead: whence "
            "simulate record."
        )
    given = dict(parse_qsl(query, keep_blank_values=True)) | dict(arguments)
    workload = catalog.get(name)
    catalog.arguments(workload, given)
    values = {parameter.name: given.get(parameter.name, parameter.default) for parameter in workload.parameters}
    return _PROGRAMS[name](values, go).checked()


def _alloc(values: Mapping[str, str], go: str) -> Workload:
    """Garbage of one size beside a linked live heap, as fast as it goes."""
    size, count, workers = int(values["size"]), int(values["n"]), int(values["ps"])
    kept = int(float(values["live"]) * 1e6) // NODE_BYTES
    costs = costs_of(parse_version(go))
    rate = workers * 1e9 / (costs.allocate_ns + LOOP_NS + size * costs.allocate_byte_ns)
    pointers = values["pointers"] == "1"
    kinds = [ObjectKind(size_bytes=size, rate=rate, pointers=pointers)]
    if kept:
        kinds.append(ObjectKind(size_bytes=NODE_BYTES, live=kept))
    start = kept * (costs.allocate_ns + NODE_BYTES * costs.allocate_byte_ns) / 1e9
    return Workload(
        name=f"workload:alloc?{_query(values)}",
        kinds=tuple(kinds),
        duration_seconds=start + count / rate,
        start_seconds=start,
        goroutines=workers,
        closed_loop=True,
    )


def _trees(values: Mapping[str, str], go: str) -> Workload:
    """A long-lived tree, and short-lived ones of depths 4, 6, … as many nodes of each."""
    depth, rounds, workers = int(values["depth"]), int(values["rounds"]), int(values["ps"])
    depths = range(SHALLOWEST, depth + 1, 2)
    nodes = sum((rounds << (depth - d)) * ((2 << d) - 1) for d in depths)
    costs = costs_of(parse_version(go))
    each = costs.allocate_ns + WALK_NS + TREE_NODE_BYTES * costs.allocate_byte_ns
    rate = workers * 1e9 / each
    kept = (2 << depth) - 1
    # Each worker holds half of the tree that it builds on average, half again while it walks it.
    alive = workers * sum(0.75 * ((2 << d) - 1) for d in depths) / len(depths)
    start = kept * each / 1e9
    return Workload(
        name=f"workload:trees?{_query(values)}",
        kinds=(
            ObjectKind(size_bytes=TREE_NODE_BYTES, live=kept),
            ObjectKind(size_bytes=TREE_NODE_BYTES, rate=rate, live=round(alive), lifetimes="fixed"),
        ),
        duration_seconds=start + nodes / rate,
        start_seconds=start,
        goroutines=workers,
        closed_loop=True,
    )


def _query(values: Mapping[str, str]) -> str:
    return "&".join(f"{key}={value}" for key, value in values.items())


_PROGRAMS: dict[str, Callable[[Mapping[str, str], str], Workload]] = {"alloc": _alloc, "trees": _trees}
