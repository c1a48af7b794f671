"""The front door: a mix on several releases as a document, and the wait of one allocation for the engine."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from whence.evidence.contention import Contention, ContentionPoint, ContentionVariant
from whence.evidence.errors import BadInput
from whence.evidence.node_simulation import Range
from whence.explain.simulator.contention import scaling
from whence.explain.simulator.contention.calibration import Calibration, Measured, calibration, measured_for
from whence.explain.simulator.contention.mix import Part, parse_mix
from whence.explain.simulator.contention.network import Network, doubts, network
from whence.explain.simulator.contention.wording import notes_of, sentence_of
from whence.explain.simulator.versions.contention import contention_row
from whence.golang.versions import Version, parse_version

MOST_PROCESSORS = 256


def simulate_contention(
    releases: Sequence[str],
    objects: str,
    processors: Sequence[int],
    *,
    rate: float | None = None,
    fresh: float | None = None,
    seed: int = 1,
    found: Calibration | None = None,
) -> Contention:
    """Returns waits and throughput of a mix, as `64B:0.7,1KiB:0.3`, on each release and number of processors.

    rate: allocations a second of one processor that nobody disturbs, None for as many as it can. fresh: share of
    refills that take fresh pages, None for what was measured with objects that die young. Raises BadInput for a release
    outside 1.0 to 1.27, a mix that is none, or more than MOST_PROCESSORS.
    """
    data, mix = found or calibration(), parse_mix(objects)
    wanted = sorted(set(processors))
    if not wanted or wanted[0] < 1 or wanted[-1] > MOST_PROCESSORS:
        raise BadInput(f"--procs: {_span(wanted)} is no range of processors. Choose 1 to {MOST_PROCESSORS}.")
    if rate is not None and not 0 < rate < 1e12:
        raise BadInput(f"--rate: {rate:g} allocations a second is no rate. Give a number above 0.")
    if fresh is not None and not 0 <= fresh <= 1:
        raise BadInput(f"--fresh-share: {fresh:g} is no share. Give a number from 0 to 1.")
    drawn = doubts(seed)
    variants = []
    for text in releases:
        version = parse_version(text)
        measured = measured_for(version, data)
        net = network(version, mix, measured, fresh)
        result = scaling.scale(net, data, drawn, wanted[-1], rate)
        variants.append(_variant(version, measured, net, result, wanted, data))
    return Contention(
        mix=objects,
        rate=rate,
        calibrated_processors=data.processors,
        calibrated_host=data.host,
        command=data.command,
        seed=seed,
        variants=tuple(variants),
        notes=notes_of(data, wanted[-1]),
    )


@lru_cache(maxsize=4096)
def wait_ns_per_allocation(version: str, processors: int, rate: float, mix: tuple[Part, ...]) -> Range:
    """Returns the nanoseconds that an allocation queues on average: the middle, and the ends of 90 % of the draws.

    rate: allocations a second of the whole process, were there no waits; what is more than `processors` can make is
    cut to that. mix: shares of sizes, see `mix.parse_mix`. Raises BadInput for releases outside 1.0 to 1.27 and more
    than MOST_PROCESSORS.
    """
    if not 1 <= processors <= MOST_PROCESSORS:
        raise BadInput(f"{processors} processors are outside the contention model. Choose 1 to {MOST_PROCESSORS}.")
    release, data, drawn = parse_version(version), calibration(), doubts()
    net = network(release, mix, measured_for(release, data))
    waits = scaling.at(net, data, drawn, processors, rate / processors if rate > 0 else 1e-3).waits
    return _range(waits.sum(axis=1))


def _variant(
    version: Version, measured: Measured, net: Network, result: scaling.Scaling, wanted: list[int], data: Calibration
) -> ContentionVariant:
    points = tuple(_point(net, result, count, data) for count in wanted)
    bend, low, high = _bend(result.bend)
    at_bend = _range(result.throughput[bend - 1]) if bend else None
    capacity, binds = _range(result.capacity), net.names[result.busiest]
    return ContentionVariant(
        go=version.text,
        calibrated_on=measured.go,
        central=contention_row(version).central.name.lower(),
        capacity=capacity,
        binds=binds,
        bends_at=bend,
        bends_at_low=low,
        bends_at_high=high,
        bends_rate=at_bend,
        points=points,
        sentence=sentence_of(version.text, wanted[-1], bend, low, high, at_bend, capacity, binds, data),
        warning=_stand_in(version, measured),
    )


def _stand_in(version: Version, measured: Measured) -> str | None:
    if parse_version(measured.go).line == version.line:
        return None
    return f"Go {version.text} was not measured; the times of Go {measured.go} stand for it."


def _point(net: Network, result: scaling.Scaling, count: int, data: Calibration) -> ContentionPoint:
    index = count - 1
    waits = {
        kind: _range(result.waits[index][:, [name == kind for name in net.kinds]].sum(axis=1))
        for kind in ("central", "heap", "shared")
    }
    return ContentionPoint(
        processors=count,
        allocations_per_second=_range(result.throughput[index]),
        wait_ns=_range(result.waits[index].sum(axis=1)),
        central_wait_ns=waits["central"],
        heap_wait_ns=waits["heap"],
        shared_wait_ns=waits["shared"],
        heap_utilisation=_range(result.utilisation[index][:, net.kinds.index("heap")]),
        gain=_range(result.gain[index]),
        extrapolated=count > data.processors[1],
    )


def _bend(found: np.ndarray) -> tuple[int | None, int | None, int | None]:
    """Returns the bend of the middle draw and the ends of 90 % of all; None: beyond what was asked for."""
    ordered = np.sort(np.where(found == 0, MOST_PROCESSORS + 1, found))
    ends = ordered[int(0.05 * len(ordered))], ordered[int(0.95 * len(ordered))]
    low, high = (int(end) if end <= MOST_PROCESSORS else None for end in ends)
    return int(found[0]) or None, low, high


def _range(values: np.ndarray) -> Range:
    """Returns the middle draw and the ends of 90 % of all; the middle is never outside."""
    middle = float(values[0])
    low, high = (float(end) for end in np.quantile(values, (0.05, 0.95)))
    return Range(value=middle, low=min(low, middle), high=max(high, middle))


def _span(wanted: list[int]) -> str:
    return f"{wanted[0]}..{wanted[-1]}" if wanted else "nothing"
