"""Compares the simulated process with the real one.

    python -m bench.simulator_cadence record [--rounds N] [--releases A,B] [--processors 1,2] [--programs A,B]
    python -m bench.simulator_cadence judge [--mode fluid|events] [--draws N]

`record` plays every cell once a round, in an order drawn anew each round, and appends the runs to
bench/recorded/simulator_cadence.jsonl. `judge` simulates the cells that were recorded and prints errors of medians,
directions of changes between releases and the coverage of the intervals.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from pathlib import Path

from bench.simulator_cadence.cells import cells
from bench.simulator_cadence.judging import judge
from bench.simulator_cadence.playing import RELEASES, play, player
from bench.simulator_cadence.programs import BY_NAME

RECORDED = Path(__file__).parent.parent / "recorded" / "simulator_cadence.jsonl"
KEPT = ("gc-cycles", "rss", "rss-peak", "heap-inuse", "heap-goal", "cpu", "wall", "gc-cpu", "assist-cpu", "pause-total")
HOST = ("run-delay", "slices", "running", "released", "allocated")


def record(args: argparse.Namespace) -> None:
    """Plays all cells, round after round."""
    folder = Path(args.builds or tempfile.mkdtemp(prefix="whence-player-"))
    processors = tuple(int(number) for number in args.processors.split(","))
    wanted = cells(tuple(args.releases.split(",")), processors)
    if args.programs:
        wanted = [cell for cell in wanted if cell[0] in args.programs.split(",")]
    for go in args.releases.split(","):
        player(go, folder)
    done = sum(1 for _ in RECORDED.open()) if RECORDED.exists() else 0
    for number in range(args.rounds):
        order = wanted[:]
        random.Random(done + number).shuffle(order)
        for index, (name, config) in enumerate(order):
            seed = args.first_seed + number
            run = play(BY_NAME[name], config, seed, folder)
            row = {"program": name, "go": config.go, "gogc": config.gogc, "memory_limit": config.memory_limit}
            row |= {"processors": config.processors, "seed": seed}
            row |= {key: run[key] for key in KEPT + HOST if key in run}
            with RECORDED.open("a") as file:
                file.write(json.dumps(row) + "\n")
            print(f"round {number + 1}: {index + 1} of {len(order)}", end="\r", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.simulator_cadence")
    parser.add_argument("what", choices=("record", "judge"))
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--releases", default=",".join(RELEASES))
    parser.add_argument("--processors", default="1")
    parser.add_argument("--programs", default="")
    parser.add_argument("--builds", default="")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--mode", choices=("fluid", "events"), default="fluid")
    parser.add_argument("--draws", type=int, default=24)
    args = parser.parse_args()
    if args.what == "record":
        record(args)
    else:
        rows = [json.loads(line) for line in RECORDED.open()]
        judge(rows, args.mode, args.draws)


if __name__ == "__main__":
    main()
