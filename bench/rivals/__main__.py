"""How often does each tool see a difference between a program and itself, on the same recorded runs?

    python -m bench.rivals FILE                 a table of false alarm rates with 95 % binomial intervals
    python -m bench.rivals FILE --by-label      one block a label (workload and metric) as well
    python -m bench.rivals FILE --json OUT      the same rows as JSON

FILE: see bench/rivals/recorded.py. Where the order of the runs is recorded, the same runs are also read as they are
measured without a tool that interleaves: the first half as base, the second as candidate.

The real benchstat is built when the module proxy can be reached. The real pyperf and Otava are used when they are
installed (`pip install pyperf apache-otava`); else our reading of their rules. hyperfine takes no recorded numbers.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from bench.calibration.table import Row, rate, render
from bench.rivals import rules
from bench.rivals.recorded import Recorded, load
from whence.evidence.errors import BadInput


def false_alarms(entries: Sequence[Recorded], title: str = "") -> list[Row]:
    """Returns one row a rule: in blocks as recorded, and one side then the other where the order is known."""
    rows: list[Row] = []
    sequential = [turned for entry in entries if (turned := entry.one_side_then_the_other()) is not None]
    rivals = rules.rivals()
    for study, read, paired in (
        (f"{title}as recorded, in blocks", entries, True),
        (f"{title}the same runs, one side then the other", sequential, False),
    ):
        if read:
            for rule in (*rivals, *rules.whence(paired=paired)):
                rows.append(rate(study, f"{rule.name} ({rule.used})", np.asarray(rule.decide(read))))
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--by-label", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    try:
        entries = load(options.file)
    except BadInput as error:
        print(f"bench.rivals: {error}", file=sys.stderr)
        return 2
    rows = false_alarms(entries)
    if options.by_label:
        for label in dict.fromkeys(entry.label for entry in entries):
            rows += false_alarms([entry for entry in entries if entry.label == label], f"{label}: ")
    print(f"{len(entries)} comparisons of a program with itself: called different")
    print(render(rows))
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(rows)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
