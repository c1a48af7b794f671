"""From the runs to the calibration: mean times that locks are held, how often they are taken, CPU of an allocation."""

from __future__ import annotations

import datetime
import platform
from pathlib import Path

import msgspec
import numpy as np
from scipy.optimize import nnls

from bench.contention import measuring
from whence.explain.simulator.contention.calibration import Calibration, Measured

TARGET = Path("src/whence/explain/simulator/contention/calibration.json")
LONGEST = 15
"""Buckets below 2^15 ticks, some 13 µs, count: what held a lock longer was interrupted by the host or mapped memory."""
CLOCK_READS = 4
"""Readings of the clock that the counting runtime adds to each taking of a lock; their time is taken off."""


def write(path: Path = TARGET) -> None:
    """Writes the calibration from all recorded runs but those of the held-out mix."""
    runs = [run for run in measuring.recorded() if run["mix"] != measuring.HELD_OUT]
    found = fit(runs)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(found)) + b"\n")


def fit(runs: list[dict]) -> Calibration:
    """Returns the calibration of these runs. Every release needs runs on one and on two processors."""
    most = max(run["processors"] for run in runs)
    releases = [go for go in measuring.RELEASES if any(run["go"] == go for run in runs)]
    adds = [min(run["shared_add_ns"] for run in runs if run["processors"] == count) for count in (1, most)]
    return Calibration(
        command="python -m bench.contention measure && python -m bench.contention fit",
        host=f"{runs[0]['host']} ({_processor()})",
        measured_on=datetime.date.today().isoformat(),
        processors=(1, most),
        transfer_ns=(round(adds[0], 2), round(adds[1], 2)),
        releases=tuple(_release(go, [run for run in runs if run["go"] == go], most) for go in releases),
    )


def hold_ns(run: dict, lock: str) -> float:
    """Returns the mean time that `heap` or `central` locks were held, 0 when they were not taken."""
    counts, ticks = (np.array(run[f"{lock}_{name}"][:LONGEST], float) for name in ("holds", "hold_ticks"))
    if counts.sum() < 100:
        return 0.0
    return float(max(0.0, ticks.sum() / counts.sum() - _clock_ticks(run)) * run["wall_ns"] / run["ticks"])


def wait_ns(run: dict, lock: str) -> float:
    """Returns the mean time that taking the lock took beyond what it takes when it is free."""
    counts, ticks = (np.array(run[f"{lock}_{name}"][:LONGEST], float) for name in ("waits", "wait_ticks"))
    if counts.sum() < 100:
        return 0.0
    first = int(counts.argmax())
    return float((ticks.sum() / counts.sum() - ticks[first] / counts[first]) * run["wall_ns"] / run["ticks"])


def taken(run: dict, lock: str) -> int:
    """Returns how often the lock was taken."""
    return int(sum(run[f"{lock}_waits"]))


def allocation_ns(run: dict) -> float:
    """Returns CPU of an allocation, without that of counting."""
    tick = run["wall_ns"] / run["ticks"]
    counting = CLOCK_READS * _clock_ticks(run) * tick * (taken(run, "heap") + taken(run, "central"))
    return (run["cpu_ns"] - counting) / run["objects"]


def _clock_ticks(run: dict) -> float:
    """Returns the ticks between two readings of the clock with nothing between: the shortest holds seen."""
    counts, ticks = np.array(run["heap_holds"]), np.array(run["heap_hold_ticks"])
    shortest = int(np.flatnonzero(counts)[0])
    return min(49.0, ticks[shortest] / counts[shortest])


def _release(go: str, runs: list[dict], most: int) -> Measured:
    many = [run for run in runs if run["processors"] == most]
    alone = [run for run in runs if run["processors"] == 1]
    central = float(np.median([taken(run, "central") / run["refills"] for run in many]))
    held = {
        (lock, count): [hold_ns(run, lock) for run in (alone if count == 1 else many)]
        for lock in ("heap", "central")
        for count in (1, most)
    }
    object_ns, byte_ns = _allocation(alone)
    return Measured(
        go=go,
        runs=len(runs),
        central_locks=round(central, 3) if central > 0.5 else 0.0,
        heap_locks=round(float(np.median([taken(run, "heap") / run["grows"] for run in many])), 3),
        fresh=round(float(np.median([run["grows"] / run["refills"] for run in many])), 3),
        central_ns=_pair(held, "central", most) if central > 0.5 else (0.0, 0.0),
        heap_ns=_pair(held, "heap", most),
        spread=round(float(np.std(np.log(np.maximum(held["heap", most], 1.0)))), 3),
        object_ns=round(object_ns, 2),
        byte_ns=round(byte_ns, 4),
    )


def _pair(held: dict[tuple[str, int], list[float]], lock: str, most: int) -> tuple[float, float]:
    one, more = (round(float(np.median(held[lock, count])), 1) for count in (1, most))
    return one, more


def _allocation(runs: list[dict]) -> tuple[float, float]:
    """Returns nanoseconds an object and a byte: least squares of relative errors, none below zero; of several rounds
    the fastest. In spans of one page refills go as bytes do, so what a refill costs is in that of its bytes."""
    mixes = sorted({run["mix"] for run in runs})
    best = [min((run for run in runs if run["mix"] == mix), key=allocation_ns) for mix in mixes]
    costs = np.array([allocation_ns(run) for run in best])
    sizes = np.array([int(run["mix"].split(":")[0]) for run in best])
    found, _ = nnls(np.column_stack([np.ones(len(best)), sizes]) / costs[:, None], np.ones(len(best)))
    return float(found[0]), float(found[1])


def _processor() -> str:
    text = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.processor()
