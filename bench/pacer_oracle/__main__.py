"""The pacer's decisions beside those of the real runtimes, which are built and run here.

python -m bench.pacer_oracle [--go 1.24.13]… [--cycles 2000] [--write FOLDER]

For each release two things are compared, number by number: every cycle of the runtime's own TestGcPacer, and every
decision on random scripts (goal, trigger, runway, assist ratios, cons/mark, workers) by a test that is injected with
`go test -c -overlay`. With --write golden files for the tests are written: all cycles, and one short script with
its answers. Building a runtime test takes
about 45 CPU-seconds a release.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from bench.pacer_oracle.runtime_runs import build, drive, scenarios
from bench.pacer_oracle.script import Answer, Line, script, simulate
from whence.explain.simulator.pacer.fluid import run
from whence.explain.simulator.pacer.scenarios import SCENARIOS
from whence.explain.simulator.versions.pacers import PacerRow, pacer_row
from whence.golang.versions import parse_version

RELEASES = ("1.18.10", "1.19.13", "1.20.14", "1.21.13", "1.24.13", "1.27.4")
SHORT_SEED, SHORT_CYCLES = 11, 25
COLUMNS = ["cycle", "gc_utilization_percent", "heap_live", "heap_trigger", "heap_peak", "heap_goal"]


def simulated_rows(row: PacerRow, name: str) -> list[list[float]]:
    cycles = run(row, SCENARIOS[name])
    shown = [float(f"{value * 100:.1f}") for value in cycles.utilization]
    integers = (cycles.heap_live, cycles.heap_trigger, cycles.heap_peak, cycles.heap_goal)
    return [[n + 1, shown[n], *(int(column[n]) for column in integers)] for n in range(len(shown))]


class Compared(NamedTuple):
    cycles: int
    wrong_cycles: int
    lines: int
    wrong_lines: int
    scenarios: dict[str, list[list[float]]]
    """The real cycles."""
    driven: dict[str, object]
    """A short script and the real answers."""


def ask_both(binary: Path, row: PacerRow, text: list[Line], folder: Path) -> tuple[list[Answer], list[Answer]]:
    """Returns the answers of the real pacer and of the simulator to every line."""
    path = folder / "script.txt"
    path.write_text("".join(f"{word} {' '.join(map(str, numbers))}\n" for word, numbers in text))
    return drive(binary, path), list(simulate(row, text))


def compare_release(release: str, cycles: int, folder: Path) -> Compared:
    row = pacer_row(parse_version(release))
    binary, _ = build(release, folder)
    real = scenarios(binary)
    pairs = [zip(rows, simulated_rows(row, name), strict=True) for name, rows in real.items()]
    compared = [got == mine for pair in pairs for got, mine in pair]
    lines, wrong_lines = 0, 0
    for seed in range(4):
        text = list(script(seed, cycles // 4, row))
        answers, mine = ask_both(binary, row, text, folder)
        differ = [n for n, (theirs, ours) in enumerate(zip(answers, mine, strict=True)) if theirs != ours]
        lines += len(text)
        wrong_lines += len(differ)
        for n in differ[:1]:
            print(f"  first difference of seed {seed}: {text[n]}\n    runtime   {answers[n]}\n    simulator {mine[n]}")
    short = list(script(SHORT_SEED, SHORT_CYCLES, row))
    driven = {"lines": short, "answers": ask_both(binary, row, short, folder)[0]}
    return Compared(len(compared), compared.count(False), lines, wrong_lines, real, driven)


def write(folder: Path, kind: str, release: str, source: str, document: dict[str, object]) -> None:
    """Writes one golden file of `oracle.KIND/1`."""
    (folder / kind).mkdir(parents=True, exist_ok=True)
    whole = {"schema": f"oracle.{kind.replace('_', '-')}/1", "source": f"{source} of go{release}", **document}
    (folder / kind / f"go{release}.json").write_text(json.dumps(whole, separators=(",", ":")) + "\n")


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
            found = compare_release(release, words.cycles, Path(name))
        bad += found.wrong_cycles + found.wrong_lines
        if words.write is not None:
            cycles = {"columns": COLUMNS, f"go{release}": found.scenarios}
            write(words.write, "pacer", release, "TestGcPacer", cycles)
            write(words.write, "pacer_drive", release, "A random script through the pacer", found.driven)
        print(
            f"go{release}: {found.cycles - found.wrong_cycles} of {found.cycles} cycles equal in "
            f"{len(found.scenarios)} scenarios, {found.lines - found.wrong_lines} of {found.lines} decisions equal on "
            f"random scripts ({time.perf_counter() - began:.0f} s)",
            flush=True,
        )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
