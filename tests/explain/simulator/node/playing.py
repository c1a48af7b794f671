"""One history through the node model, in the form that the kubelet's player writes."""

from __future__ import annotations

from typing import Any

from whence.explain.simulator.node import fields as f
from whence.explain.simulator.node import kernels_node
from whence.explain.simulator.node.curve import curve
from whence.explain.simulator.node.kernels_draw import uniform_of
from whence.explain.simulator.node.lifetimes import Distribution
from whence.explain.simulator.node.node_spec import Node, Threshold
from whence.explain.simulator.node.pods import PodKind
from whence.explain.simulator.node.population import Place, node_entries, slots_of, tables
from whence.explain.simulator.node.replicas import BUCKETS

import numpy as np  # isort: skip

SECOND = 1_000_000_000
_NOTHING = Distribution(kind="constant", first=0.0)


def with_samples(history: dict[str, Any], seed: int, every_ns: int = 10 * SECOND) -> dict[str, Any]:
    """Returns the history with the ages at which each pod's memory is read: the model's own draws for this seed."""
    pods = []
    for key, pod in enumerate(history["pods"]):
        ages = [0]
        while ages[-1] < pod["life"]:
            jitter = uniform_of(seed, key, len(ages), kernels_node._JITTER)
            ages.append(ages[-1] + every_ns + int(jitter * every_ns))
        pods.append({**pod, "samples": ages})
    return {**history, "pods": pods}


def play(history: dict[str, Any], seed: int) -> dict[str, Any]:
    """Returns passes and refusals as the node model has them."""
    pods = history["pods"]
    kinds = tuple(
        PodKind(
            name=pod["name"],
            lifetime=Distribution(kind="constant", first=pod["life"] / SECOND),
            start_peak=_NOTHING,
            live=_NOTHING,
            curves=(curve([(step["age"], step["held"], 0) for step in pod["steps"]]),),
            request=pod["request"],
            priority=pod["priority"],
            critical=pod["critical"],
            tolerates_pressure=pod["tolerates"],
            creating_seconds=pod["creating"] / SECOND,
            exit_seconds=pod["exit"] / SECOND,
        )
        for pod in pods
    )
    node = Node(
        memory_bytes=history["capacity"],
        system_bytes=history["system"],
        reserved_bytes=history["capacity"] - history["pods_limit"],
        thresholds=tuple(
            Threshold(
                value_bytes=t["value"],
                grace_seconds=t["grace"] / SECOND,
                min_reclaim_bytes=t["min_reclaim"],
                on_pods=t["on_pods"],
            )
            for t in history["thresholds"]
        ),
        cleanup_seconds=history["cleanup"] / SECOND,
        pressure_seconds=history["pressure"] / SECOND,
    )
    table = tables(kinds, node)
    slots, times = slots_of(tuple(Place(index, pod["start"], False) for index, pod in enumerate(pods)))
    entries = node_entries(node, seed, history["end"], 0, BUCKETS)
    entries[f.FIRST_PASS_NS] = history["first_pass"]
    counts, sums = np.zeros(f.COUNT_ENTRIES, dtype=np.int64), np.zeros(f.SUM_ENTRIES)
    log = np.zeros((1000, f.LOG_COLUMNS), dtype=np.int64)
    passes = np.zeros((1000, 4), dtype=np.int64)
    kernels_node.simulate(
        slots, table.classes, table.draws, table.offsets, table.ages, table.resident, table.live, entries,
        table.thresholds, times, counts, sums, np.zeros((f.BUCKET_ROWS, BUCKETS)), log, passes,
    )  # fmt: skip
    return {
        "passes": [
            {
                "at": int(row[f.PASS_AT]),
                "available": int(row[f.PASS_AVAILABLE]),
                "victim": pods[row[f.PASS_VICTIM]]["name"] if row[f.PASS_VICTIM] >= 0 else "",
                "pressure": bool(row[f.PASS_PRESSURE]),
            }
            for row in passes[: counts[f.PASSES]]
        ],
        "refused": int(counts[f.REFUSED]),
        "killed": int(counts[f.KILLED_BY_NODE]),
    }
