"""Runs replicas of a node, several at once on threads, each from its own seed."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from whence.explain.simulator.node import fields as f
from whence.explain.simulator.node.kernels_node import simulate
from whence.explain.simulator.node.node_spec import Node
from whence.explain.simulator.node.population import (
    Floats,
    Integers,
    Place,
    Tables,
    node_entries,
    replica_seed,
    slots_of,
)

BUCKETS = 240
MOST_LOGGED = 20_000


class Replica(NamedTuple):
    """The raw outcome of one run, laid out as in `fields`."""

    counts: Integers
    sums: Floats
    buckets: Floats
    log: Integers
    passes: Integers
    measured_ns: int


def run_one(
    tables: Tables, places: tuple[Place, ...], node: Node, seed: int, end_ns: int, warmup_ns: int, *, passes: int = 0
) -> Replica:
    """Returns one run. passes: how many passes of the kubelet are kept."""
    slots, times = slots_of(places)
    counts, sums = np.zeros(f.COUNT_ENTRIES, dtype=np.int64), np.zeros(f.SUM_ENTRIES)
    buckets = np.zeros((f.BUCKET_ROWS, BUCKETS))
    buckets[f.IN_SCANNED] = -1.0  # no scan fell into it
    log = np.zeros((MOST_LOGGED, f.LOG_COLUMNS), dtype=np.int64)
    kept = np.zeros((passes, 4), dtype=np.int64)
    entries = node_entries(node, seed, end_ns, warmup_ns, BUCKETS)
    simulate(
        slots, tables.classes, tables.draws, tables.offsets, tables.ages, tables.resident, tables.live,
        entries, tables.thresholds, times, counts, sums, buckets, log, kept,
    )  # fmt: skip
    return Replica(
        counts, sums, buckets, log[: counts[f.LOGGED]].copy(), kept[: counts[f.PASSES]], max(1, end_ns - warmup_ns)
    )


def run_all(
    tables: Tables,
    places: Callable[[int], tuple[Place, ...]],
    node: Node,
    *,
    seed: int,
    replicas: int,
    end_ns: int,
    warmup_ns: int,
    workers: int | None = None,
) -> list[Replica]:
    """Returns the runs in order of their number; they do not depend on how many threads there are.

    places: from a replica's seed to its places.
    """
    seeds = [replica_seed(seed, index) for index in range(replicas)]

    def one(number: int) -> Replica:
        return run_one(tables, places(number), node, number, end_ns, warmup_ns)

    with ThreadPoolExecutor(workers or min(replicas, os.cpu_count() or 1)) as pool:
        return list(pool.map(one, seeds))
