"""python -m bench.node.speed: events a second of the node model against a bare heap of events and against SimPy.

All on one thread, CPU time, in the same run: pods of 3 to 8 s in 110 places for two hours. The bare heap pushes and
pops the same number of times without doing anything (the least that a node model on Python's heapq could cost); SimPy
(pip install simpy, where it is installed) waits as often.
"""

from __future__ import annotations

import heapq
import time

from whence.explain.simulator.node import fields as f
from whence.explain.simulator.node.go_process import SECOND
from whence.explain.simulator.node.node_spec import Node
from whence.explain.simulator.node.population import refilled_places, tables
from whence.explain.simulator.node.replicas import run_one
from whence.explain.simulator.node.settings import DEFAULT

HOURS = 2
FEW = 400_000


def bare_heap(events: int) -> float:
    """Returns events a second."""
    queue = [(index, index) for index in range(110)]
    heapq.heapify(queue)
    began = time.process_time()
    for _ in range(events):
        at, who = queue[0]
        heapq.heapreplace(queue, (at + 7 + who % 13, who))
    return events / (time.process_time() - began)


def simpy_waits(events: int) -> float | None:
    try:
        import simpy  # pyright: ignore[reportMissingImports]
    except ImportError:
        return None
    world = simpy.Environment()

    def place(who: int):  # type: ignore[no-untyped-def]
        for _ in range(events // 110):
            yield world.timeout(7 + who % 13)

    for who in range(110):
        world.process(place(who))
    began = time.process_time()
    world.run()
    return events / (time.process_time() - began)


def main() -> None:
    for name, node in (("roomy", Node(memory_bytes=16 << 30)), ("short of memory", Node(memory_bytes=6 << 30))):
        table = tables((DEFAULT,), node)
        run_one(table, refilled_places(110, DEFAULT, 1), node, 1, 10 * SECOND, 0)
        began, events = time.process_time(), 0
        for seed in range(5):
            places = refilled_places(110, DEFAULT, seed)
            events += int(run_one(table, places, node, seed, HOURS * 3600 * SECOND, 0).counts[f.EVENTS])
        spent = time.process_time() - began
        print(f"node {name}: {events / spent / 1e6:.1f} M events/s ({events} events, {spent:.2f} s)")
        print(f"  1,000 such nodes for an hour: {spent / 5 / HOURS * 1000:.0f} s on one core")
    heap, simpy = bare_heap(FEW), simpy_waits(FEW)
    print(f"bare heap of Python: {heap / 1e6:.2f} M events/s")
    print("SimPy: not installed" if simpy is None else f"SimPy: {simpy / 1e6:.2f} M events/s")


if __name__ == "__main__":
    main()
