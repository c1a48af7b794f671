"""Claim: beside programs of 0.4 s the lab takes at most 15 % of wall time, and at most 200 MB of memory.

Compares a program of about 0.4 s with itself (`whence compare A: B: --subject exec: -- yardstick 2`, 20 pairs) in a
process of its own. From the journal: the wall time from the start of the first counted run to the end of the last one,
against the seconds that the measured processes took; spins, journal, probes, bookkeeping and waiting before repeats are
the difference (so a busy host fails it: repeats and slow spins are its price). Memory
is the peak (VmHWM) of the lab's process, which includes judging, the Parquet file and the HTML report.

    python -m bench.overhead [--pairs 20] [--seconds-scale 2]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

from whence.evidence.run import Run
from whence.measure.lab.doctor import yardstick
from whence.store.journal import Journal

LIMIT_SHARE = 0.15
LIMIT_MB = 200.0
_LAB = """
import atexit, sys
from pathlib import Path

def peak():
    status = Path("/proc/self/status").read_text()
    sys.stderr.write("VmHWM " + status.partition("VmHWM:")[2].split()[0])

atexit.register(peak)
from whence.cli.main import main
main()
"""


def compare(program: list[str], pairs: int, out: Path) -> float:
    """Runs the comparison into `out`; returns the peak memory of the lab in megabytes."""
    words = ["compare", "A:", "B:", "--subject", "exec:", "--pairs", str(pairs), "--out", str(out)]
    words += ["--seed", "1", "--quiet", "--json", "-", "--", *program]
    done = subprocess.run([sys.executable, "-c", _LAB, *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return int(done.stderr.rpartition("VmHWM ")[2]) * 1024 / 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--seconds-scale", default="2", help="how many times the yardstick's 0.2 s a run takes")
    options = parser.parse_args()
    name, launch = yardstick()
    with tempfile.TemporaryDirectory(prefix="whence-bench-") as folder:
        peak_mb = compare([*launch.argv, options.seconds_scale], options.pairs, Path(folder) / "run")
        lines = Journal(Path(folder) / "run" / "journal.jsonl").read()
    runs = [line for line in lines if isinstance(line, Run) and line.kind == "counted"]
    measured = sum(run.seconds for run in runs)
    spins = sum(run.calibration_after_s or 0.0 for run in runs)
    wall = runs[-1].started_at + runs[-1].seconds + (runs[-1].calibration_after_s or 0.0) - runs[0].started_at
    settled = _settling(runs)
    share = (wall - measured) / measured
    print(
        f"{len(runs)} runs of {name}, {measured / len(runs):.2f} s each: {measured:.2f} s measured, {wall:.2f} s in all"
    )
    print(
        f"overhead {share:.1%} of the measured time, of it spins {spins / measured:.1%} "
        f"and waiting for a disturbed host before repeats {settled / measured:.1%}   "
        f"limit {LIMIT_SHARE:.0%}, ratio {share / LIMIT_SHARE:.2f}"
    )
    print(f"lab process {peak_mb:.0f} MB at its peak   limit {LIMIT_MB:.0f} MB, ratio {peak_mb / LIMIT_MB:.2f}")
    return 0 if share <= LIMIT_SHARE and peak_mb <= LIMIT_MB else 1


def _settling(runs: list[Run]) -> float:
    """Returns the seconds between a disturbed attempt at a block and its repeat (the lab waits for calm there)."""
    pairs = pairwise(runs)
    return sum(
        max(0.0, later.started_at - (earlier.started_at + earlier.seconds) - 0.1)
        for earlier, later in pairs
        if later.block == earlier.block and later.attempt != earlier.attempt
    )


if __name__ == "__main__":
    sys.exit(main())
