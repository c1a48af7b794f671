"""Runs the scenarios and prints the table: see the package's docstring."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np

from bench.calibration.table import rate, render
from bench.planted.robust import robust_shares
from bench.planted.scenarios import Scenario, draw
from whence.evidence.attribution import Attribution
from whence.evidence.inquiry import Inquiry
from whence.evidence.request import Request
from whence.explain.attribution.cells import Cells, Planned
from whence.explain.attribution.deriving import derive
from whence.explain.explain import check, explain
from whence.measure.compare import Silent
from whence.measure.trials import Trials
from whence.stats.designs import choose
from whence.store.inquiry_directory import InquiryDirectory

PROGRAM = Path(__file__).with_name("program")
TIMES = 10
RESULT = Path(__file__).parents[1] / "recorded" / "planted.jsonl"


def inquiry_of(scenario: Scenario) -> Inquiry:
    return Inquiry(
        request=Request(
            variants=scenario.variants(),
            subject=".",
            metrics=(scenario.metric,),
            seed=scenario.number + 1,
            directory=str(PROGRAM),
        ),
        budget="10m",
    )


def truth(scenario: Scenario, answer: Attribution, out: Path) -> dict[str, float]:
    """Returns each switch's share from ten times the runs of the explanation's plan of cells, bursts weighed down."""
    inquiry = inquiry_of(scenario)
    settled = check(inquiry)
    directory = InquiryDirectory(out)
    stored = directory.open(inquiry, scenario.number + 1001)
    with directory:
        trials = Trials(settled, directory, Silent(), seed=stored.seed)
        trials.pilot()
        levers = derive(
            *settled.variants, (settled.releases[0], settled.releases[1]), directory=PROGRAM, source=trials.source
        )
        design = choose(levers.factors)
        counted = {name: runs for name, runs, _ in answer.plan.stages}
        runs = TIMES * sum(n for name, n in counted.items() if name.startswith("cells"))
        planned = Planned(blocks=-(-runs // len(design.cells)), layouts=None, cells=len(design.cells), half_width=0.0)
        observations = Cells(trials, levers, "truth", seed=trials.seed).observe(design, planned)
        return {name: share for name, (share, _) in robust_shares(observations, levers.factors).items()}


def record(scenario: Scenario, out: Path) -> dict[str, object]:
    """Explains one scenario, measures the truth, and returns what the table is made of."""
    began = time.monotonic()
    answer = explain(inquiry_of(scenario), out=out / f"{scenario.number}", listener=Silent()).attribution
    true = truth(scenario, answer, out / f"{scenario.number}-truth") if answer.causes else {}
    return {
        "number": scenario.number,
        "kind": scenario.kind,
        "metric": scenario.metric,
        "verdict": answer.verdict,
        "seconds": round(time.monotonic() - began),
        "explain_seconds": answer.plan.seconds,
        "builds": answer.plan.builds,
        "runs": answer.plan.runs,
        "idle": sorted(scenario.idle),
        "truth": {name: round(share, 6) for name, share in true.items()},
        "causes": [[c.name, c.share, c.low, c.high, c.blamed] for c in answer.causes if c.part_of is None],
    }


def table(rows: list[dict[str, object]]) -> str:
    top: list[bool] = []
    covered: list[bool] = []
    blamed: list[bool] = []
    for row in rows:
        true: dict[str, float] = row["truth"]  # type: ignore[assignment]
        causes: list[list[object]] = row["causes"]  # type: ignore[assignment]
        if not true:
            top.append(False)
            continue
        largest = max(abs(v) for v in true.values())
        first = max(causes, key=lambda c: abs(c[1] or 0.0))  # type: ignore[arg-type]
        top.append(bool(first[4]) and abs(true[str(first[0])]) >= largest - 0.005)
        for name, _, low, high, is_blamed in causes:
            if low is not None and high is not None:
                covered.append(low <= true[str(name)] <= high)  # type: ignore[operator]
            if name in row["idle"]:  # type: ignore[operator]
                blamed.append(bool(is_blamed))
    rates = [
        rate("planted, run for real", "top cause right", np.array(top), "at least", 0.95),
        rate("planted, run for real", "intervals cover the truth", np.array(covered), "within", 0.02, around=0.95),
        rate("planted, run for real", "idle switches blamed", np.array(blamed), "at most", 0.05),
    ]
    return render(rates)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.planted", description=__doc__)
    parser.add_argument("scenarios", nargs="?", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="number of the first scenario")
    parser.add_argument("--out", type=Path, default=Path("whence-runs/planted"))
    parser.add_argument("--result", type=Path, default=RESULT)
    options = parser.parse_args(arguments)
    stored = options.result.read_text().splitlines() if options.result.is_file() else []
    rows = [json.loads(line) for line in stored]
    done = {row["number"] for row in rows}
    for number in range(options.first, options.scenarios):
        if number in done:
            continue
        row = record(draw(number), options.out)
        rows.append(row)
        options.result.parent.mkdir(parents=True, exist_ok=True)
        with options.result.open("a") as file:
            file.write(json.dumps(row) + "\n")
        print(f"{number}: {row['kind']}, {row['verdict']}, {row['seconds']} s", file=sys.stderr, flush=True)
    print(table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
