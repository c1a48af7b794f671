"""The sweep of these tests, and a command of its own that makes it: `python sweep_of_tests.py OUT WORKERS`."""

from __future__ import annotations

import sys
from pathlib import Path

from quick_simulation import quick

from whence.explain.simulator.inputs.choosing import Hints, open_input
from whence.explain.simulator.sweeping import sweeping
from whence.explain.simulator.sweeping.grid import parse_axis
from whence.explain.simulator.whatif.asking import Opened, Surroundings

GRID = ("go=1.24,1.27", "GOGC=50,100,200,off", "arg.live=80MB,90MB")


def opened() -> Opened:
    found = open_input(None, Hints(alloc_rate="200MB/s", live="80MB"))
    return Opened(programs=found.programs, subject=found.subject, around=Surroundings(go="1.27"))


if __name__ == "__main__":
    sweeping.digest_of_simulator = lambda: "of a test"  # its files may be edited while tests run
    result = sweeping.sweep(
        opened(),
        [parse_axis(text) for text in GRID],
        out=Path(sys.argv[1]),
        where=sweeping.Where(workers=int(sys.argv[2])),
        simulate=quick,
    )
    print(result.hash, result.computed)
