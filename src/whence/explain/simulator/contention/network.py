"""A mix of allocations on a release as a closed queueing network: stations, visits, service times with their doubts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from whence.explain.simulator.contention.calibration import Calibration, Measured
from whence.explain.simulator.contention.mix import ClassDemand, Part, demands
from whence.explain.simulator.versions.contention import Central, ContentionRow, Mutex, contention_row
from whence.golang.versions import Version

DRAWS = 200
TRANSFER_NS = (5.0, 120.0)
"""Between cores a cache line takes 20 to 60 ns within a socket and over 100 ns between two; hardware threads of one
core need less than 5. Which of them a pod gets is unknown, so the logarithm is uniform between these ends."""
LINES_OF_A_LOCK = 2.0
"""Cache lines that come from another core when a lock changes hands: its own word, and the first it protects."""
SPINNING = {Mutex.ALL_SPIN: (0.0, 1.0), Mutex.ONE_SPINS: (0.0, 0.2)}
"""Transfers added to a lock by each doubling of the processors beyond those measured: those that spin take the line."""
PADDING_SLOWS = 0.17
"""Slower by up to this at 112 cores without the padding of 1.22 (message of commit b45b00162b, one service)."""
PADDING_CORES = 112
LOCAL_SPREAD = 0.4
"""Error of the CPU of an allocation, on a logarithmic scale: 0.37 was the root mean square of the held-out mix."""
LEAST_LOCAL = 0.05
"""Share of an allocation that is work outside all locks, at the least."""


class Network(NamedTuple):
    """What one allocation asks for. Times in nanoseconds."""

    kinds: tuple[str, ...]
    """central, heap or shared, one a station."""
    names: tuple[str, ...]
    visits: np.ndarray
    """[stations] for each allocation."""
    free_running: float
    """Time of an allocation on one processor that does nothing else, locks included."""
    row: ContentionRow
    measured: Measured


class Doubts(NamedTuple):
    """Draws of what is not known. The first is the middle of all."""

    scale: np.ndarray
    """Standard normal, of the measured times of locks."""
    local: np.ndarray
    """Standard normal, of the CPU of an allocation."""
    transfer_ns: np.ndarray
    spinning: np.ndarray
    """Place between the two ends of SPINNING."""
    unpadded: np.ndarray
    """Place between none and all of PADDING_SLOWS."""


def doubts(seed: int = 1, draws: int = DRAWS) -> Doubts:
    """Returns the draws of a seed; the same for every release, so that releases differ by their rows alone."""
    random = np.random.default_rng(seed)
    low, high = np.log(TRANSFER_NS)
    places = random.random((3, draws))
    places[:, 0] = 0.5
    scale, local = random.standard_normal((2, draws))
    scale[0] = local[0] = 0.0
    return Doubts(scale, local, np.exp(low + places[0] * (high - low)), places[1], places[2])


def network(version: Version, mix: tuple[Part, ...], measured: Measured, fresh: float | None = None) -> Network:
    """Returns the stations of a release: a central list for each span class (a lock, or shared words), the heap lock,
    and the words that all processors share. `fresh`: share of refills that take fresh pages, the measured one if None.
    """
    row = contention_row(version)
    classes = demands(version, row, mix)
    grown = measured.fresh if fresh is None else fresh
    kinds, names, visits = [], [], []
    for item in classes:
        if not item.large:
            kinds.append("central")
            names.append(f"the central list of {item.name}")
            visits.append(item.refills * (measured.central_locks if row.central == Central.MUTEX else row.class_words))
    kinds += ["heap", "shared"]
    names += ["the heap lock", "the counters of the heap"]
    visits += [sum(_heap_locks(row, item, grown, measured) for item in classes)]
    visits += [row.heap_words * sum(item.refills for item in classes)]
    mean_bytes = sum(part.bytes * part.share for part in mix)
    free_running = measured.object_ns + measured.byte_ns * mean_bytes
    return Network(tuple(kinds), tuple(names), np.array(visits), free_running, row, measured)


def _heap_locks(row: ContentionRow, item: ClassDemand, fresh: float, measured: Measured) -> float:
    """Returns how often an allocation of the mix takes the heap lock for spans of this class.

    Measured were spans of one page: one taking for each giving back, and for fresh pages one a span, or one a page
    cache; what is beyond that (collections, growth) stays as measured.
    """
    if item.large:
        return item.refills * (measured.heap_locks + 1.0 - _takes(row, 1))
    return item.refills * fresh * (measured.heap_locks + _takes(row, item.pages) - _takes(row, 1))


def _takes(row: ContentionRow, pages: int) -> float:
    """Returns the takings of the heap lock to get a span of so many pages."""
    cached = row.page_cache_pages and pages < row.page_cache_pages // 4
    return pages / row.page_cache_pages if cached else 1.0


def service(net: Network, found: Calibration, drawn: Doubts, processors: int) -> np.ndarray:
    """Returns the time of one visit, [draws, stations].

    With the processors that were measured it is what was measured. With more each change of hands also brings cache
    lines from another core, and with locks on which all spin, more of them the more processors there are.
    """
    most = found.processors[1]
    beyond = max(0.0, 1.0 - most / processors)
    doublings = float(np.log2(max(1.0, processors / most)))
    low, high = SPINNING[net.row.mutex]
    spins = (low + (high - low) * drawn.spinning) * doublings
    second = 1 if processors >= most else 0
    held = np.exp(net.measured.spread * drawn.scale)
    lock = drawn.transfer_ns * (LINES_OF_A_LOCK * beyond + spins * beyond)
    word = found.transfer_ns[1] - found.transfer_ns[0] if processors >= most else 0.0
    words = np.maximum(0.0, word) + drawn.transfer_ns * beyond
    times = np.empty((len(held), len(net.kinds)))
    for index, kind in enumerate(net.kinds):
        if kind == "heap":
            times[:, index] = net.measured.heap_ns[second] * held + lock
        elif kind == "central" and net.row.central == Central.MUTEX:
            times[:, index] = net.measured.central_ns[second] * held + lock
        else:
            times[:, index] = words
    return times


def think(net: Network, found: Calibration, drawn: Doubts, processors: int, rate: float | None) -> np.ndarray:
    """Returns the time between allocations that contends with nobody, [draws].

    rate: allocations a second that one processor makes while nobody disturbs it; None: as many as it can. A rate above
    that is cut to it.
    """
    busy = net.free_running * np.exp(LOCAL_SPREAD * drawn.local)
    alone = busy if rate is None else np.maximum(busy, 1e9 / rate)
    inside = service(net, found, drawn, 1) @ net.visits
    local = np.maximum(LEAST_LOCAL * alone, alone - inside)
    if not net.row.padded and processors > 2:
        reach = np.log(processors / 2) / np.log(PADDING_CORES / 2)
        local = local * (1.0 + PADDING_SLOWS * reach * drawn.unpadded)
    return local
