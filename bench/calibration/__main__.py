"""Runs the studies and prints their table: see the package's docstring."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import msgspec
import numpy as np

from bench.calibration import discarding, peers, studies
from bench.calibration.table import Row, markdown, rate, render
from bench.calibration.vectorised import agrees_with_product

STUDIES = {
    "false-alarms": studies.false_alarms,
    "layouts": studies.shared_layouts,
    "coverage": studies.coverage,
    "stress": studies.fixed_cost_bursts,
    "looks": studies.looks,
    "extending": studies.extending,
    "equivalence": studies.equivalence,
    "gates": studies.gates,
    "discarding": discarding.by_outcome,
    "measured-again": discarding.measured_again,
    "calibration": discarding.by_calibration,
    "statistic": peers.statistic,
    "promises": peers.promises,
    "peers": peers.false_alarms,
    "power": peers.power,
    "unpaired": studies.unpaired,
    "bands": studies.bands,
}


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What is written beside the table."""

    schema: str = "whence.calibration/1"
    seed: int
    repetitions: int
    failed: int
    rows: list[Row]


def agreement(seed: int) -> Row:
    agreeing, trials = agrees_with_product(seed)
    happened = np.arange(trials) < agreeing
    row = rate("vectorised tests", "agree with whence.stats.judge number by number", happened)
    return msgspec.structs.replace(row, requirement="100 %", passed=agreeing == trials)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.calibration", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repetitions", type=int, default=2000)
    parser.add_argument("--study", choices=[*STUDIES], action="append")
    parser.add_argument("--json", type=Path, default=Path(__file__).with_name("result.json"))
    parser.add_argument("--markdown", type=Path, help="also write the tables as Markdown")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    rows = [agreement(options.seed)]
    for number, (name, study) in enumerate(STUDIES.items()):
        if options.study is None or name in options.study:
            # A stream of its own, so that a study gives the same numbers alone or among others.
            rows += study(np.random.default_rng([options.seed, number]), options.repetitions)
    failed = sum(row.passed is False for row in rows)
    seconds = time.monotonic() - started
    print(render(rows))
    required = sum(row.passed is not None for row in rows)
    print(f"\n{required - failed} of {required} requirements met, {options.repetitions} comparisons a row,", end=" ")
    print(f"seed {options.seed}, {seconds:.0f} s")
    result = Result(seed=options.seed, repetitions=options.repetitions, failed=failed, rows=rows)
    options.json.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=1) + b"\n")
    if options.markdown is not None:
        options.markdown.write_text(markdown(rows) + "\n", encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
