"""What must not be blamed: forty changes that have no cause, explained for real.

    python -m bench.acquittals [TRIES] [--out DIR]

In turn: the recycled twin and the pointer-free twin of the public memory regression of Go 1.24, the same loop linked
in two orders, and a program against itself. A try is acquitted when no cause is named but code layout. Required: at
least 95 % of the tries. Results are kept under bench/recorded, and an interrupted run goes on.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from pathlib import Path

import numpy as np

from bench.calibration.table import rate, render
from whence.evidence.inquiry import Inquiry
from whence.evidence.request import Request
from whence.explain.explain import explain
from whence.measure.compare import Silent

RESULT = Path(__file__).with_name("recorded") / "acquittals.jsonl"
LOOP = Path(__file__).with_name("loop")
HEAP = "workload:heapshape?size=262144&fill=25&count=256&small=11"
KINDS = ("recycled", "pointer-free", "layout", "A/A")


def inquiry_of(number: int) -> Inquiry:
    rng = random.Random(f"acquittal {number}")
    kind = KINDS[number % len(KINDS)]
    if kind == "layout":
        one, other = rng.sample(range(1, 1000), 2)
        variants = tuple(f"{n}:go=local,ldflags=-randlayout={seed}" for n, seed in (("one", one), ("other", other)))
        subject, metric = ".", "ns/op"
    elif kind == "A/A":
        variants, subject, metric = ("a:go=local", "b:go=local"), HEAP, rng.choice(("rss", "cpu", "rss-peak"))
    else:
        twin = "recycled=1" if kind == "recycled" else "pointers=0"
        variants, subject, metric = ("go=1.23.9", "go=1.24.3"), f"{HEAP}&{twin}", "rss"
    return Inquiry(
        request=Request(variants=variants, subject=subject, metrics=(metric,), seed=number + 1, directory=str(LOOP)),
        budget="5m",
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.acquittals", description=__doc__)
    parser.add_argument("tries", nargs="?", type=int, default=40)
    parser.add_argument("--out", type=Path, default=Path("whence-runs/acquittals"))
    parser.add_argument("--result", type=Path, default=RESULT)
    options = parser.parse_args(arguments)
    rows = [json.loads(line) for line in options.result.read_text().splitlines()] if options.result.is_file() else []
    done = {row["number"] for row in rows}
    for number in range(options.tries):
        if number in done:
            continue
        answer = explain(inquiry_of(number), out=options.out / str(number), listener=Silent()).attribution
        named = [c.name for c in answer.causes if c.blamed and c.kind != "layout"]
        row = {
            "number": number,
            "kind": KINDS[number % len(KINDS)],
            "metric": answer.metric,
            "verdict": answer.verdict,
            "ratio": answer.total.ratio,
            "named": named,
            "runs": answer.plan.runs,
        }
        rows.append(row)
        options.result.parent.mkdir(parents=True, exist_ok=True)
        with options.result.open("a") as file:
            file.write(json.dumps(row) + "\n")
        print(f"{number}: {row['kind']}, {row['verdict']}, ×{row['ratio']:.4f}", file=sys.stderr, flush=True)
    acquitted = np.array([not row["named"] for row in rows])
    table = [rate("changes without a cause", "acquitted", acquitted, "at least", 0.95)]
    for kind in KINDS:
        own = np.array([not row["named"] for row in rows if row["kind"] == kind])
        if own.size:
            table.append(rate("changes without a cause", kind, own))
    print(render(table))
    return 0


if __name__ == "__main__":
    sys.exit(main())
