"""The mix that was held out of the calibration: what the model says of it beside what was measured."""

from __future__ import annotations

import numpy as np

from bench.contention import fitting, measuring
from whence.explain.simulator.contention import scaling
from whence.explain.simulator.contention.calibration import Calibration, measured_for
from whence.explain.simulator.contention.mix import parse_mix
from whence.explain.simulator.contention.network import Network, doubts, network
from whence.golang.versions import parse_version

QUANTITIES = ("cpu ns", "heap locks", "central locks", "heap ns", "heap wait ns", "central wait ns")


def compare(runs: list[dict], found: Calibration) -> dict[str, dict[str, tuple[float, float]]]:
    """Returns (predicted, measured) for each release and quantity, for one allocation of the held-out mix: CPU on one
    processor; takings of locks, time that the heap lock is held and waits on the most processors. On a busy host the
    processors of the program seldom run at once; the waits that the model gives for cores of their own are multiplied
    by the share of a core that each got."""
    held_out = [run for run in runs if run["mix"] == measuring.HELD_OUT]
    result = {}
    for release in found.releases:
        mine = [run for run in held_out if run["go"] == release.go]
        if mine:
            version = parse_version(release.go)
            net = network(version, parse_mix(measuring.HELD_OUT), measured_for(version, found))
            predicted = _predicted(net, found, _together(mine))
            result[release.go] = dict(zip(QUANTITIES, zip(predicted, _measured(mine), strict=True), strict=True))
    return result


def _together(runs: list[dict]) -> float:
    """Returns the share of a core that each processor of the program had, over the runs on the most processors."""
    most = max(run["processors"] for run in runs)
    many = [run for run in runs if run["processors"] == most]
    return min(1.0, float(np.median([run["cpu_ns"] / run["wall_ns"] / most for run in many])))


def _predicted(net: Network, found: Calibration, together: float) -> tuple[float, ...]:
    kinds = np.array(net.kinds)
    locked = net.measured.central_locks > 0
    waits = scaling.at(net, found, doubts(), found.processors[1], None).waits[0] * together
    return (
        net.free_running,
        float(net.visits[kinds == "heap"].sum()),
        float(net.visits[kinds == "central"].sum()) if locked else 0.0,
        net.measured.heap_ns[1],
        float(waits[kinds == "heap"].sum()),
        float(waits[kinds == "central"].sum()) if locked else 0.0,
    )


def _measured(runs: list[dict]) -> tuple[float, ...]:
    most = max(run["processors"] for run in runs)
    many = [run for run in runs if run["processors"] == most]
    alone = [run for run in runs if run["processors"] == 1]

    def each(lock: str, run: dict) -> float:
        return fitting.taken(run, lock) / run["objects"]

    return (
        min(fitting.allocation_ns(run) for run in alone),
        float(np.median([each("heap", run) for run in many])),
        float(np.median([each("central", run) for run in many])),
        float(np.median([fitting.hold_ns(run, "heap") for run in many])),
        float(np.median([each("heap", run) * fitting.wait_ns(run, "heap") for run in many])),
        float(np.median([each("central", run) * fitting.wait_ns(run, "central") for run in many])),
    )


def show() -> None:
    """Prints one line a release: predicted / measured of each quantity."""
    runs = measuring.recorded()
    rows = compare(runs, fitting.fit([run for run in runs if run["mix"] != measuring.HELD_OUT]))
    print(f"{measuring.HELD_OUT}, predicted / measured, for one allocation")
    print("  ".join(f"{name:>16}" for name in ("Go", *QUANTITIES)))
    for go, pairs in rows.items():
        print("  ".join(f"{cell:>16}" for cell in (go, *(f"{a:.3g} / {b:.3g}" for a, b in pairs.values()))))
