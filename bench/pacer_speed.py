"""How fast the simulated pacer decides, beside the real one of the same release doing the same cycles.

python -m bench.pacer_speed [--go 1.27.4] [--cycles 200000]

Both run the scenario Steady of the runtime's pacer test in turn, five times; the least CPU time of each counts,
and both must end with the same heap goal.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from bench.pacer_oracle.runtime_runs import build, pace
from whence.explain.simulator.pacer.fluid import run
from whence.explain.simulator.pacer.scenarios import SCENARIOS
from whence.explain.simulator.versions.pacers import pacer_row
from whence.golang.versions import parse_version

ROUNDS = 5


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--go", default="1.27.4")
    parser.add_argument("--cycles", type=int, default=200_000)
    words = parser.parse_args()
    row = pacer_row(parse_version(words.go))
    scenario = msgspec.structs.replace(SCENARIOS["Steady"], length=words.cycles)
    run(row, msgspec.structs.replace(scenario, length=10))
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as name:
        binary, _ = build(words.go, Path(name))
        for _ in range(ROUNDS):
            began = time.process_time_ns()
            cycles = run(row, scenario)
            ours.append(time.process_time_ns() - began)
            ns, goal = pace(binary, words.cycles)
            theirs.append(ns)
            # A steady program's goal stands still long before the end.
            if abs(goal - int(cycles.heap_goal[-1])) > 64:
                print(f"the real pacer ended with goal {goal}, the simulator with {int(cycles.heap_goal[-1])}")
                return 1
    mine, real = words.cycles / min(ours) * 1e9, words.cycles / min(theirs) * 1e9
    print(
        f"simulator {mine:,.0f} cycles/CPU-s, the pacer of go{words.go} "
        f"itself {real:,.0f} cycles/CPU-s: {mine / real:.2f}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
