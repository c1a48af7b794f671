"""Plays fresh random scripts through the real page allocator of several releases and through the simulated one.

    python -m bench.page_oracle [--releases 1.14.15,1.19.13,…] [--seeds 3] [--operations 4000] [--keep DIR]

Prints for each release how many operations were answered alike. Ends with 1 when any differs. `--keep` leaves the
scripts there, one a release, in the form that the tests read.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import tempfile
import time
from pathlib import Path

from bench.page_oracle.building import build, play
from whence.explain.simulator.pages.recorded import compare, read_script
from whence.explain.simulator.versions.page_heaps import page_heap_row
from whence.golang import toolchains

RELEASES = "1.14.15,1.15.15,1.17.13,1.18.10,1.19.13,1.20.14,1.21.13,1.24.13,1.27.4"
SHAPES = 3
CACHE = Path.home() / ".cache/whence/page_oracle"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.page_oracle")
    parser.add_argument("--releases", default=RELEASES)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=0, help="0: drawn anew")
    parser.add_argument("--operations", type=int, default=4000)
    parser.add_argument("--keep", type=Path)
    chosen = parser.parse_args()
    first_seed = chosen.first_seed or secrets.randbelow(1 << 30) + 1
    total, wrong = 0, 0
    for release in chosen.releases.split(","):
        toolchain = toolchains.ensure(release)
        version = toolchain.parsed
        row = page_heap_row(version)
        program = build(toolchain.goroot, version.minor, CACHE)
        operations, mismatches, seconds = 0, 0, 0.0
        with tempfile.TemporaryDirectory() as folder:
            for seed in range(first_seed, first_seed + chosen.seeds):
                for shape in range(SHAPES):
                    path = Path(folder) / f"go{release}-s{seed}-{shape}.json"
                    play(program, path, seed=seed, shape=shape, chunks=8 << shape, operations=chosen.operations)
                    script = read_script(path)
                    begun = time.perf_counter()
                    found = compare(script, row.scavenge_by)
                    seconds += time.perf_counter() - begun
                    operations += len(script.operations)
                    mismatches += len(found)
                    for mismatch in found[:3]:
                        print(f"  {release} seed {seed} shape {shape}: {mismatch}")
                    if chosen.keep and shape == 0 and seed == first_seed:
                        keep(path, chosen.keep / f"go{release}.json")
        print(f"go{release}: {operations - mismatches} of {operations} operations alike, seeds from {first_seed}")
        total += operations
        wrong += mismatches
    print(f"all: {total - wrong} of {total} operations alike")
    return 1 if wrong else 0


def keep(played: Path, to: Path) -> None:
    """Leaves a script at `to`."""
    to.parent.mkdir(parents=True, exist_ok=True)
    document = json.loads(played.read_text())
    to.write_text(json.dumps(document, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    sys.exit(main())
