"""The pacer's decisions beside those of the real runtimes, which are built and run here.

python -m bench.pacer_oracle [--go 1.24.13]… [--cycles 2000] [--write FOLDER]

For each release two things are compared, number by number: every cycle of the runtime's own TestGcPacer, and every
decision on random scripts (goal, trigger, runway, assist ratios, cons/mark, workers) by a test that is injected with
`go test -c -overlay`. With --write the cycles are written as golden files for the tests. Building a runtime test takes
about 45 CPU-seconds a release.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from bench.pacer_oracle.runtime_runs import build, drive, scenarios
from bench.pacer_oracle.script import script, simulate
from whence.explain.simulator.pacer.fluid import run
from whence.explain.simulator.pacer.scenarios import SCENARIOS
from whence.explain.simulator.versions.pacers import PacerRow, pacer_row
from whence.golang.versions import parse_version

RELEASES = ("1.18.10", "1.19.13", "1.20.14", "1.21.13", "1.24.13", "1.27.4")
COLUMNS = ["cycle", "gc_utilization_percent", "heap_live", "heap_trigger", "heap_peak", "heap_goal"]


def simulated_rows(row: PacerRow, name: str) -> list[list[float]]:
    cycles = run(row, SCENARIOS[name])
    shown = [float(f"{value * 100:.1f}") for value in cycles.utilization]
    integers = (cycles.heap_live, cycles.heap_trigger, cycles.heap_peak, cycles.heap_goal)
    return [[n + 1, shown[n], *(int(column[n]) for column in integers)] for n in range(len(shown))]


def compare_release(release: str, cycles: int, folder: Path) -> tuple[int, int, int, int, dict[str, list[list[float]]]]:
    """Returns cycles compared, cycles that differ, script lines compared, lines that differ, and the real cycles."""
    row = pacer_row(parse_version(release))
    binary, _ = build(release, folder)
    real = scenarios(binary)
    compared = [
        (got, mine) for name, rows in real.items() for got, mine in zip(rows, simulated_rows(row, name), strict=True)
    ]
    wrong = sum(got != mine for got, mine in compared)
    lines, lines_wrong = 0, 0
    for seed in range(4):
        text = list(script(seed, cycles // 4, row))
        path = folder / "script.txt"
        path.write_text("".join(f"{word} {' '.join(map(str, numbers))}\n" for word, numbers in text))
        answers = drive(binary, path)
        mine = list(simulate(row, text))
        lines += len(text)
        lines_wrong += len(text) - sum(a == b for a, b in zip(answers, mine, strict=True))
        for line, a, b in zip(text, answers, mine, strict=True):
            if a != b:
                print(f"  first difference of seed {seed}: {line}\n    runtime   {a}\n    simulator {b}")
                break
    return len(compared), wrong, lines, lines_wrong, real


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--go", action="append")
    parser.add_argument("--cycles", type=int, default=2000)
    parser.add_argument("--write", type=Path)
    words = parser.parse_args()
    bad = 0
    for release in words.go or RELEASES:
        with tempfile.TemporaryDirectory() as name:
            began = time.perf_counter()
            compared, wrong, lines, lines_wrong, real = compare_release(release, words.cycles, Path(name))
        bad += wrong + lines_wrong
        if words.write is not None:
            document = {
                "schema": "oracle.pacer/1",
                "columns": COLUMNS,
                "source": f"TestGcPacer of go{release}, run by bench.pacer_oracle",
                f"go{release}": real,
            }
            words.write.mkdir(parents=True, exist_ok=True)
            (words.write / f"go{release}.json").write_text(json.dumps(document, separators=(",", ":")) + "\n")
        print(
            f"go{release}: {compared - wrong} of {compared} cycles equal in {len(real)} scenarios, "
            f"{lines - lines_wrong} of {lines} decisions equal on random scripts ({time.perf_counter() - began:.0f} s)",
            flush=True,
        )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
