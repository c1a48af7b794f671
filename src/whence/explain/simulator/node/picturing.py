"""The first replica as a picture over time, and its pods that did not end by themselves."""

from __future__ import annotations

from whence.evidence.node_simulation import End, Loss, Moment, Step
from whence.explain.simulator.node import fields as f
from whence.explain.simulator.node.curve import Curve
from whence.explain.simulator.node.go_process import SECOND
from whence.explain.simulator.node.replicas import Replica

MOST_LOSSES = 200
MOST_STEPS = 400
_WAYS: dict[int, End] = {
    f.BY_HARD: "evicted-hard",
    f.BY_SOFT: "evicted-soft",
    f.BY_NODE: "killed-node",
    f.BY_LIMIT: "killed-limit",
}


def moments(run: Replica, end_ns: int) -> tuple[Moment, ...]:
    """Returns the stretches of the simulated time, all of one length."""
    rows = run.buckets
    count = rows.shape[1]
    length = max(1, end_ns // count)
    found = []
    for index in range(count):
        column = rows[:, index]
        width = length if index < count - 1 else max(1, end_ns - length * (count - 1))
        scanned = float(column[f.IN_SCANNED])
        found.append(
            Moment(
                from_s=index * length / SECOND,
                resident=float(column[f.IN_RESIDENT]) / width,
                most=float(column[f.IN_MOST]),
                live=float(column[f.IN_LIVE]) / width,
                scanned=scanned if scanned >= 0 else None,
                evicted=int(column[f.IN_EVICTED]),
                killed=int(column[f.IN_KILLED]),
                refused=int(column[f.IN_REFUSED]),
                stalled=float(column[f.IN_STALLED]) / width,
                pressure=float(column[f.IN_PRESSURE]) / width,
                some_avg10=float(column[f.IN_AVG10]),
            )
        )
    return tuple(found)


def losses(run: Replica, names: tuple[str, ...]) -> tuple[tuple[Loss, ...], int]:
    """Returns the first pods that were evicted or killed, and how many more there were. names: of explicit pods."""
    found = []
    for row in run.log[:MOST_LOSSES]:
        slot, turn = int(row[f.LOG_SLOT]), int(row[f.LOG_GENERATION])
        age, seen = int(row[f.LOG_AGE]), int(row[f.LOG_SAMPLED])
        found.append(
            Loss(
                at_s=int(row[f.LOG_AT]) / SECOND,
                pod=names[slot] if slot < len(names) else f"place-{slot}/{turn}",
                how=_WAYS[int(row[f.LOG_REASON])],
                age_s=age / SECOND if age >= 0 else None,
                held=int(row[f.LOG_HELD]),
                seen=seen if seen >= 0 else None,
                available=int(row[f.LOG_AVAILABLE]),
            )
        )
    return tuple(found), max(0, int(run.counts[f.LOGGED]) - len(found))


def process_steps(curve: Curve, until_ns: int) -> tuple[Step, ...]:
    """Returns the staircase of one process up to an age, thinned when it is long; the last stands at that age."""
    chosen = [index for index in range(curve.ages_ns.size) if curve.ages_ns[index] <= until_ns]
    every = max(1, -(-len(chosen) // MOST_STEPS))
    steps = [
        Step(age_s=int(curve.ages_ns[i]) / SECOND, resident=int(curve.resident[i]), live=int(curve.live[i]))
        for i in chosen[::every]
    ]
    last = Step(age_s=until_ns / SECOND, resident=curve.resident_bytes(until_ns), live=curve.live_bytes(until_ns))
    return (*steps, last)
