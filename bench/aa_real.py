"""Real comparisons of programs with themselves: how often does the instrument see a difference that is not there?

    python -m bench.aa_real                    200 comparisons over the four workloads (about an hour), resumable
    python -m bench.aa_real --comparisons 40   fewer
    python -m bench.aa_real --summary          only the table of what is recorded

Each comparison is `whence compare a:go=local b:go=local` on a workload: the same program twice, in random order, each
block freshly linked. Recorded in bench/recorded/aa_real.jsonl, one line a comparison, with every run's values in the
order they were measured, so that other tools' rules can be tried on the same numbers (`python -m bench.replay`).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from whence.evidence.run import Run, used_runs
from whence.measure.metrics import Naming
from whence.store import run_directory

RECORD = Path(__file__).parent / "recorded" / "aa_real.jsonl"
WHENCE = str(Path(sys.executable).parent / "whence")
PAIRS = 10
SUBJECTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "heapshape": ("workload:heapshape?count=120", ("rss", "rss-peak", "cpu", "wall")),
    "alloc": ("workload:alloc?n=1000000", ("ns/op", "cpu", "rss-peak")),
    "trees": ("workload:trees?depth=13", ("cpu", "wall", "rss-peak")),
    "httpd": ("workload:httpd", ("rss", "cpu-ns/req", "p50-ns", "p99-ns")),
}
SERVICE_WORDS = ("--rate", "400", "--for", "0.5s")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--comparisons", type=int, default=200)
    parser.add_argument("--summary", action="store_true")
    options = parser.parse_args()
    recorded = read()
    if not options.summary:
        RECORD.parent.mkdir(exist_ok=True)
        for number in range(len(recorded), options.comparisons):
            name = list(SUBJECTS)[number % len(SUBJECTS)]
            row = measure(number, name)
            with RECORD.open("a") as file:
                file.write(json.dumps(row) + "\n")
            recorded.append(row)
            print(f"{number + 1}/{options.comparisons} {name}", file=sys.stderr, flush=True)
    print_summary(recorded)
    return 0


def read() -> list[dict]:
    return [json.loads(line) for line in RECORD.read_text().splitlines()] if RECORD.exists() else []


def measure(number: int, name: str) -> dict:
    subject, metrics = SUBJECTS[name]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        words = [WHENCE, "compare", "a:go=local", "b:go=local", "--subject", subject, "--pairs", str(PAIRS)]
        words += [w for m in metrics for w in ("--metric", m)]
        words += list(SERVICE_WORDS) if name == "httpd" else []
        words += ["--seed", str(1000 + number), "--out", str(out), "--json", "-", "--quiet"]
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"comparison {number} ({name}) failed: {done.stderr.strip()}")
        document = json.loads(done.stdout)
        return {
            "number": number,
            "workload": name,
            "effects": [
                {k: e[k] for k in ("metric", "ratio", "low", "high", "verdict", "differs", "level")}
                for e in document["effects"]
            ],
            "runs": ordered_values(out, metrics),
        }


def ordered_values(directory: Path, metrics: tuple[str, ...]) -> list[dict]:
    """Returns the used runs in the order they were measured: variant, block, and the value of each metric."""
    used = used_runs(run_directory.load(directory).lines)
    naming = Naming(used)
    rows: list[dict] = []
    for run in sorted(used, key=lambda r: r.started_at):
        rows.append({"variant": run.variant, "block": run.block, "values": chosen_values(run, naming, metrics)})
    return rows


def chosen_values(run: Run, naming: Naming, metrics: tuple[str, ...]) -> dict[str, float]:
    return {naming.name(s): s.value for s in run.samples if naming.name(s) in metrics}


def print_summary(recorded: list[dict]) -> None:
    from scipy.stats import binomtest

    excluded: dict[str, list[bool]] = {}
    judged = 0
    for row in recorded:
        judged += any(e["verdict"] in {"worse", "better"} for e in row["effects"])
        for effect in row["effects"]:
            if effect["low"] is not None and effect["ratio"] is not None:
                outside = effect["low"] > 1 or effect["high"] < 1
                excluded.setdefault(f"{row['workload']} {effect['metric']}", []).append(outside)
                excluded.setdefault("all", []).append(outside)
    print(f"{len(recorded)} comparisons of a program with itself; worse or better: {judged}")
    for name, cases in excluded.items():
        interval = binomtest(sum(cases), len(cases)).proportion_ci()
        print(
            f"  {name:<24} 95 % intervals excluding 1: {sum(cases):>3} of {len(cases):<4}"
            f" {sum(cases) / len(cases):6.1%} [{interval.low:.1%}, {interval.high:.1%}]"
        )


if __name__ == "__main__":
    sys.exit(main())
