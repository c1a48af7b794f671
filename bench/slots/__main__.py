"""How many simulated objects lie in the slot that the real runtime gave them.

Records five workloads (GOMAXPROCS=1, GODEBUG=traceallocfree=1, collections as they come) with three releases, and plays
each recording without its addresses. What the simulation is told: the order of events, span classes, deaths and when
they were seen, when collections began and ended, the heap goal they set, when the background sweeper let others run,
the first snapshot, and when stacks and the collector itself took and gave back how many pages. What it is not told: any
address or span of objects after the snapshot. Peer: the runtime itself; at least 99.9 % of the objects have to lie at
the real offset from the first arena.

    python -m bench.slots [--releases 1.23.12,1.25.5,1.27.4] [--workloads mixed,json] [--repeat 1] [--record FILE]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import msgspec

from bench.slots.comparing import compare
from bench.slots.recording import RELEASES, ROUNDS, build, record

LEAST_SAME = 0.999


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--releases", default=",".join(RELEASES))
    parser.add_argument("--workloads", default=",".join(ROUNDS))
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--record", type=Path, help="append the results as JSON lines")
    options = parser.parse_args()
    failed = 0
    print(
        f"{'release':9s}{'workload':9s}{'objects':>9s}{'same':>11s}{'GCs':>5s}{'runs':>6s}{'B/event':>9s}{'CPU-s':>7s}"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for release in options.releases.split(","):
            program = build(folder, release)
            for workload in options.workloads.split(",") * options.repeat:
                trace = folder / "trace"
                record(program, workload, int(ROUNDS[workload] * options.scale), trace)
                row = compare(trace, release, workload)
                failed += row.same < LEAST_SAME
                print(
                    f"{row.release:9s}{row.workload:9s}{row.objects:9d}{100 * row.same:10.4f}%{row.collections:5d}"
                    f"{100 * row.runs_same:5.0f}%{row.bytes_per_event:9.2f}{row.replay_seconds:7.2f}",
                    row.first_divergence,
                    flush=True,
                )
                if options.record:
                    with options.record.open("ab") as file:
                        file.write(msgspec.json.encode(row) + b"\n")
    if failed:
        sys.exit(f"{failed} runs have fewer than {LEAST_SAME:.1%} of their objects in place")


if __name__ == "__main__":
    main()
