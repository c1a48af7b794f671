"""From pods and a node to the arrays that the kernel runs on. The same seed gives every variant the same pods."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whence.explain.simulator.node import fields as f
from whence.explain.simulator.node.curve import Curve
from whence.explain.simulator.node.go_process import SECOND
from whence.explain.simulator.node.kernels_draw import uniform_of
from whence.explain.simulator.node.kubernetes_mapping import oom_score_adjust
from whence.explain.simulator.node.node_spec import Node
from whence.explain.simulator.node.pods import PodKind

_KINDS = {"constant": f.CONSTANT, "uniform": f.UNIFORM, "lognormal": f.LOGNORMAL, "exponential": f.EXPONENTIAL}
_START_STREAM, _PASS_STREAM, _SCAN_STREAM = 16, 17, 18
_NO_SLOT = -1

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


class Place(NamedTuple):
    """One place for pods: of which kind, when the first comes, and whether others follow."""

    kind: int
    first_ns: int
    repeats: bool


class Tables(NamedTuple):
    """What does not change between replicas."""

    classes: Integers
    draws: Floats
    offsets: Integers
    ages: Integers
    resident: Integers
    live: Integers
    thresholds: Integers


def tables(kinds: tuple[PodKind, ...], node: Node) -> Tables:
    """Returns the tables of all kinds of pods. Raises BadInput."""
    classes = np.zeros((f.CLASS_ROWS, len(kinds)), dtype=np.int64)
    draws = np.zeros((2, len(kinds)))
    curves: list[Curve] = []
    allocatable = node.memory_bytes - node.reserved_bytes
    for index, kind in enumerate(kinds):
        own = kind.process_curves()
        qos, high = kind.qos_class, kind.memory_high(allocatable)
        classes[f.REQUEST, index] = kind.request or kind.limit
        classes[f.MAX, index] = kind.limit or f.NEVER
        classes[f.HIGH, index] = f.NEVER if high is None else high
        classes[f.PRIORITY, index] = kind.priority
        classes[f.CRITICAL, index] = kind.critical
        classes[f.TOLERATES, index] = kind.tolerates_pressure
        classes[f.BEST_EFFORT, index] = qos == "BestEffort"
        classes[f.FIRST_CURVE, index] = len(curves)
        classes[f.CURVES, index] = len(own)
        classes[f.CREATING_NS, index] = round(kind.creating_seconds * SECOND)
        classes[f.EXIT_NS, index] = round(min(kind.exit_seconds, 1.0) * SECOND)
        classes[f.OOM_ADJUST, index] = oom_score_adjust(
            qos, kind.request or kind.limit, node.memory_bytes, critical=kind.critical
        )
        classes[f.LIFE_KIND, index] = _KINDS[kind.lifetime.kind]
        classes[f.GAP_NS, index] = round(kind.gap_seconds * SECOND)
        draws[0, index] = round(kind.lifetime.first * SECOND)
        second = kind.lifetime.second
        draws[1, index] = second if kind.lifetime.kind == "lognormal" else round(second * SECOND)
        curves.extend(own)
    offsets = np.zeros(len(curves) + 1, dtype=np.int64)
    np.cumsum([each.ages_ns.size for each in curves], out=offsets[1:])
    thresholds = np.array(
        [
            [t.on_pods for t in node.thresholds],
            [t.value_bytes for t in node.thresholds],
            [round(t.grace_seconds * SECOND) for t in node.thresholds],
            [t.min_reclaim_bytes for t in node.thresholds],
        ],
        dtype=np.int64,
    ).reshape(4, len(node.thresholds))
    return Tables(
        classes,
        draws,
        offsets,
        np.concatenate([each.ages_ns for each in curves]),
        np.concatenate([each.resident for each in curves]),
        np.concatenate([each.live for each in curves]),
        thresholds,
    )


def replica_seed(seed: int, replica: int) -> int:
    """Returns the seed of one replica, a non-negative 62-bit number."""
    return int(np.random.SeedSequence(entropy=seed, spawn_key=(replica,)).generate_state(1, np.uint64)[0] >> 2)


def refilled_places(pods: int, kind: PodKind, seed: int) -> tuple[Place, ...]:
    """Returns places whose first pods come spread over one mean lifetime and the time of creation."""
    spread = (kind.lifetime.mean + kind.creating_seconds + kind.gap_seconds) * SECOND
    return tuple(Place(0, int(uniform_of(seed, s, 0, _START_STREAM) * spread), True) for s in range(pods))


def slots_of(places: tuple[Place, ...]) -> tuple[Integers, Integers]:
    """Returns the kernel's slots and the time each acts first, padded to a power of two."""
    size = 1
    while size < len(places):
        size *= 2
    slots = np.zeros((f.SLOT_ROWS, size), dtype=np.int64)
    times = np.full(size, f.NEVER, dtype=np.int64)
    for index, place in enumerate(places):
        slots[f.CLASS, index] = place.kind
        slots[f.REPEATS, index] = place.repeats
        slots[f.KEY, index] = index
        times[index] = place.first_ns
    return slots, times


def node_entries(node: Node, seed: int, end_ns: int, warmup_ns: int, buckets: int) -> Integers:
    """Returns the kernel's numbers of the node; the phases of the kubelet and of the observer come from the seed."""
    entries = np.zeros(f.NODE_ENTRIES, dtype=np.int64)
    pass_ns, scan_ns = round(node.pass_seconds * SECOND), round(node.scan_seconds * SECOND)
    for entry, value in (
        (f.CAPACITY, node.memory_bytes),
        (f.SYSTEM, node.system_bytes),
        (f.PODS_LIMIT, node.memory_bytes - node.reserved_bytes),
        (f.END_NS, end_ns),
        (f.WARMUP_NS, warmup_ns),
        (f.PASS_EVERY_NS, pass_ns),
        (f.FIRST_PASS_NS, int(uniform_of(seed, 0, 0, _PASS_STREAM) * pass_ns)),
        (f.POLL_NS, round(node.poll_seconds * SECOND)),
        (f.CLEANUP_TIMEOUT_NS, round(node.cleanup_timeout_seconds * SECOND)),
        (f.CLEANUP_NS, round(node.cleanup_seconds * SECOND)),
        (f.PRESSURE_NS, round(node.pressure_seconds * SECOND)),
        (f.HOUSEKEEPING_NS, round(node.housekeeping_seconds * SECOND)),
        (f.SCAN_EVERY_NS, scan_ns),
        (f.FIRST_SCAN_NS, int(uniform_of(seed, 0, 0, _SCAN_STREAM) * scan_ns)),
        (f.BUCKETS, buckets),
        (f.SEED, seed),
        (f.EVICTS, node.evicts),
        (f.BATCH_BYTES, node.charge_batch_pages * 4096),
        (f.TICKS_PER_SECOND, node.kernel_ticks),
    ):
        entries[entry] = value
    return entries
