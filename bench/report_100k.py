"""Claim: a directory of 100,000 stored runs is read, with what a report needs, in at most 2 seconds.

Writes a run directory of 100,000 runs (50,000 blocks of two variants) into a temporary folder, then times, each in a
process of its own as a user would meet it: the whole of `whence report` (terminal and HTML); in it, `store.load` plus
the rows that estimates are made of; and DuckDB alone reading the same runs' Parquet into arrays. Prints seconds, the
ratio to the limit and the ratio to DuckDB.

    python -m bench.report_100k [--runs 100000] [--keep DIR]
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from whence.evidence.comparison import Comparison, Effect, HostReport, VariantResult
from whence.evidence.request import Request
from whence.evidence.run import BlockEnd, Run, Sample, Session
from whence.measure.lab.plan import make_plan
from whence.store.run_directory import RunDirectory

LIMIT_S = 2.0
_LOAD = """
import sys, time
begin = time.perf_counter()
from pathlib import Path
from whence.store.run_directory import load
from whence.evidence.run import used_runs
stored = load(Path(sys.argv[1]))
rows = used_runs(stored.lines)
assert stored.comparison is not None and len(rows) == int(sys.argv[2]), len(rows)
print(time.perf_counter() - begin)
"""
_DUCKDB = """
import sys, time
begin = time.perf_counter()
import duckdb
rows = duckdb.sql(f"SELECT * FROM '{sys.argv[1]}/runs.parquet' WHERE used").fetchnumpy()
assert rows
print(time.perf_counter() - begin)
"""
_REPORT = """
import subprocess, sys, time
begin = time.perf_counter()
words = [sys.executable, "-c", "from whence.cli.main import console; console()", "report", sys.argv[1], "--json", "-"]
done = subprocess.run(words, capture_output=True)
assert done.returncode == 0, done.stderr.decode()
print(time.perf_counter() - begin)
"""


def write_directory(path: Path, runs: int) -> None:
    """Writes a directory as a comparison of `runs` runs would leave it, without the flush after every line."""
    rng = random.Random(1)
    request = Request(variants=("go=1.23.9", "go=1.24.3"), subject="workload:heapshape", seed=1)
    variants = request.variants
    blocks = runs // len(variants)
    plan = make_plan(variants=variants, pairs=blocks, seed=1, metrics=("rss", "cpu"))
    with RunDirectory.open(path, request) as directory:
        directory.write_plan(plan)
        encode = msgspec.json.Encoder().encode
        with directory.journal.path.open("wb") as journal:
            journal.write(encode(Session(started_at=0.0, host_name="bench", calibration={"median_s": 0.02})) + b"\n")
            for block in range(blocks):
                for position, index in enumerate(plan.order[block]):
                    run = _run(block, position, variants[index], rng)
                    journal.write(encode(run) + b"\n")
                journal.write(encode(BlockEnd(block=block, attempt=0, status="complete")) + b"\n")
        host = HostReport(cpus=2, calibration={"median_s": 0.02, "spread": 0.02})
        effects = (_effect("rss", "B", 1.0002), _effect("cpu", "s", 0.9998))
        directory.write_comparison(
            Comparison(
                subject=request.subject,
                seed=1,
                variants=_variants(variants, blocks),
                host=host,
                effects=effects,
                plan=plan,
            )
        )
        directory.write_runs_parquet()


def _run(block: int, position: int, variant: str, rng: random.Random) -> Run:
    noise = rng.gauss
    names = ("rss", "rss-peak", "rss-anon", "rss-file", "cpu", "wall", "start", "ns/op", "allocs/op")
    return Run(
        id=f"19a20c3cf00-c{block}.0.{position}",
        kind="counted",
        variant=variant,
        block=block,
        position=position,
        started_at=block * 1.0 + position * 0.4,
        seconds=0.4 + noise(0, 0.01),
        outcome="ok",
        exit_code=0,
        layout_seed=block + 1,
        binary_sha256="5f" * 32,
        host_name="bench",
        calibration_before_s=0.02 + noise(0, 0.0003),
        calibration_after_s=0.02 + noise(0, 0.0003),
        host={f"psi-{r}-some-s": abs(noise(0, 0.01)) for r in ("cpu", "memory", "io")} | {"minor-faults": 9000.0},
        samples=tuple(Sample(name, 1e6 * (1 + noise(0, 0.01)), "B") for name in names),
        timeline=tuple((0.05 * i, 1e6 * i) for i in range(8)),
        command=("/root/.cache/whence/binaries/5f5f5f5f/heapshape", "-size=262144", "-count=800"),
    )


def _variants(names: tuple[str, ...], blocks: int) -> tuple[VariantResult, ...]:
    outcomes = {"ok": blocks, "exit": 0, "signal": 0, "oom": 0, "timeout": 0}
    return tuple(
        VariantResult(name=name, spec=name, go=name[3:], binary_sha256="5f" * 32, outcomes=outcomes) for name in names
    )


def _effect(metric: str, unit: str, ratio: float) -> Effect:
    return Effect(
        metric=metric,
        unit=unit,
        base="go=1.23.9",
        candidate="go=1.24.3",
        base_value=1e6,
        candidate_value=1e6 * ratio,
        ratio=ratio,
        low=ratio * 0.999,
        high=ratio * 1.001,
        verdict="equivalent",
        differs=False,
        exact=False,
        pairs=50_000,
    )


def timed(program: str, *arguments: str) -> float:
    """Returns the seconds that a fresh Python says the program took (best of three)."""
    words = [sys.executable, "-c", program, *arguments]
    return min(float(subprocess.run(words, check=True, capture_output=True, text=True).stdout) for _ in range(3))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="whence-bench-") as folder:
        path = options.keep or Path(folder) / "run"
        if not (path / "runs.parquet").exists():
            write_directory(path, options.runs)
        size = (path / "journal.jsonl").stat().st_size / 1e6
        loading = timed(_LOAD, str(path), str(options.runs))
        peer = timed(_DUCKDB, str(path))
        whole = timed(_REPORT, str(path))
    print(f"{options.runs} runs, journal {size:.0f} MB")
    print(f"whence report, all of it    {whole:.2f} s   limit {LIMIT_S:.0f} s, ratio {whole / LIMIT_S:.2f}")
    print(f"of it load, choose rows     {loading:.2f} s")
    print(f"DuckDB alone, same Parquet  {peer:.2f} s   load ÷ DuckDB {loading / peer:.2f}")
    return 0 if whole <= LIMIT_S else 1


if __name__ == "__main__":
    sys.exit(main())
