"""python -m bench.node.short_process [ROUNDS]: resident memory of real short Go processes against the model's curve.

Each case runs bench/node/short with real toolchains (Go 1.27 and 1.22 where they are installed) and compares resident
memory at six ages with the model that was given the same few numbers. Printed: the least and most of the real runs and
the model's ratio to the nearest of what lies between; then the median and the worst error over all cases and ages.
Runs of one case differ by a factor where it is chance whether a second collection follows the first.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from whence.explain.simulator.node.go_process import SECOND, UNLIMITED, GoProcess, curve_of

HERE = Path(__file__).parent / "short"
TOOLCHAINS = Path.home() / "go/pkg/mod/golang.org"
AGES_S = (0.9, 2.0, 3.2, 4.5, 6.0, 6.9)
MIB = 1 << 20


class Case(NamedTuple):
    name: str
    go: str = "1.27"
    peak: int = 64 * MIB
    live: int = 4 * MIB
    limit: int = UNLIMITED
    rate: int = 0
    gogc: int = 100


CASES = (
    Case("64 MB at the start, 4 MB live"),
    Case("the same, GOMEMLIMIT=32MiB", limit=32 * MIB),
    Case("the same, Go 1.22", go="1.22", limit=32 * MIB),
    Case("1 MB/s, GOMEMLIMIT=32MiB", limit=32 * MIB, rate=1_000_000),
    Case("4 MB/s, GOMEMLIMIT=32MiB", limit=32 * MIB, rate=4_000_000),
    Case("GOMEMLIMIT=80MiB, 4 MB/s", limit=80 * MIB, rate=4_000_000),
    Case("20 MB/s", rate=20_000_000),
    Case("GOGC=50", gogc=50, rate=10_000_000),
    Case("GOGC=25, 16 MB live", gogc=25, live=16 * MIB, rate=10_000_000),
    Case("no start-up memory, 8 MB live, 4 MB/s", peak=0, live=8 * MIB, rate=4_000_000),
    Case("256 MB at the start, 40 MB/s", peak=256 * MIB, rate=40_000_000),
)


def toolchain(go: str) -> Path | None:
    """Returns the go command of the newest installed patch of a release."""
    found = TOOLCHAINS.glob(f"toolchain@v0.0.1-go{go}.*.linux-amd64")
    newest = max(found, default=None, key=lambda path: int(path.name.split(".")[4].split("-")[0]))
    return None if newest is None else newest / "bin/go"


def build(go: str, folder: Path) -> Path | None:
    command = toolchain(go)
    if command is None:
        return None
    program = folder / f"short-{go}"
    environment = {**os.environ, "GOFLAGS": "", "GOTOOLCHAIN": "local", "GODEBUG": "", "CGO_ENABLED": "0"}
    subprocess.run([str(command), "build", "-o", str(program), "."], cwd=HERE, env=environment, check=True)
    return program


def real(program: Path, case: Case) -> list[tuple[float, int]]:
    """Returns (age in s, resident bytes) of one run; the second is the end of the start."""
    environment = {**os.environ, "GODEBUG": "", "GOMAXPROCS": "2", "GOGC": str(case.gogc)}
    if case.limit != UNLIMITED:
        environment["GOMEMLIMIT"] = str(case.limit)
    arguments = [f"-peak={case.peak}", f"-live={case.live}", f"-rate={case.rate}"]
    done = subprocess.run([str(program), *arguments], env=environment, check=True, capture_output=True, text=True)
    rows = [line.split() for line in done.stdout.splitlines() if line[:1].isdigit()]
    return [(int(row[0]) / 1000, int(row[1])) for row in rows]


def at(samples: list[tuple[float, int]], age_s: float) -> int:
    return [held for age, held in samples if age <= age_s][-1]


def modelled(case: Case, start_s: float) -> GoProcess:
    # The program allocates a little for its own readings: what starts the collection after the start-up memory died.
    return GoProcess(
        start_peak=case.peak, live=case.live, start_seconds=max(start_s, 0.001), alloc_rate=max(case.rate, 20_000),
        gogc=case.gogc, memory_limit=case.limit, go=case.go,
    )  # fmt: skip


def main(rounds: int) -> None:
    folder = Path(os.environ.get("WHENCE_CACHE", Path.home() / ".cache/whence")) / "short"
    folder.mkdir(parents=True, exist_ok=True)
    programs = {go: build(go, folder) for go in {case.go for case in CASES}}
    errors: list[float] = []
    for case in CASES:
        program = programs[case.go]
        if program is None:
            print(f"{case.name}: Go {case.go} is not installed")
            continue
        runs = [real(program, case) for _ in range(rounds)]
        curve = curve_of(modelled(case, statistics.median(run[1][0] for run in runs)), 8 * SECOND)
        cells = []
        for age in AGES_S:
            measured = sorted(at(run, age) for run in runs)
            told = curve.resident_bytes(int(age * SECOND))
            ratio = told / min(max(told, measured[0]), measured[-1])
            errors.append(abs(ratio - 1))
            cells.append(f"{age:g} s {measured[0] / 1e6:.1f}–{measured[-1] / 1e6:.1f} MB ×{ratio:.2f}")
        print(f"{case.name} (Go {case.go}): " + ", ".join(cells), flush=True)
    errors.sort()
    within = sum(error <= 0.05 for error in errors)
    nine_tenths = errors[int(0.9 * len(errors))]
    print(f"error: median {statistics.median(errors):.1%}, 90 % within {nine_tenths:.1%}, worst {errors[-1]:.1%}")
    print(f"within 5 %: {within} of {len(errors)}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
