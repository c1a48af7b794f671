"""How much of the model's error of a run is left in the ratio of two: python -m bench.simulator_ratios.

From the recorded real runs of bench/simulator_cadence: each cell is simulated with constants as fitted, and
ln(simulated ratio ÷ ratio of real medians) is taken over all pairs of cells of a program at one processor that differ
in one thing: GOGC by a factor of 2 or of 4, the memory limit, the release. Printed is the share of √2 × the model's own
error of one run that the 68 % quantile of those errors is: what `whatif.judging` uses. The noise of real medians is in
it, so it errs upwards.
"""

from __future__ import annotations

import itertools
import json
import math
from collections import defaultdict
from pathlib import Path

import numpy as np

from bench.simulator_cadence.judging import Key, Row, key_of, simulated
from whence.explain.simulator.engine.simulating import OTHER_ERROR, OWN_ERRORS

RECORDED = Path(__file__).parent / "recorded" / "simulator_cadence.jsonl"
METRICS = ("gc-cycles", "rss", "rss-peak", "heap-inuse", "cpu")
FEWEST = 2


def main() -> None:
    groups: dict[Key, list[Row]] = defaultdict(list)
    for line in RECORDED.read_text().splitlines():
        row = json.loads(line)
        if row["processors"] == 1:
            groups[key_of(row)].append(row)
    groups = {key: rows for key, rows in groups.items() if len(rows) >= FEWEST}
    runs = {key: simulated(key, rows, "fluid", 0).totals for key, rows in groups.items()}
    print(f"{len(groups)} cells")
    for metric in METRICS:
        errors = {
            key: math.log(max(runs[key][metric].value, 1e-9) / float(np.median([row[metric] for row in rows])))
            for key, rows in groups.items()
            if all(row.get(metric, 0) > 0 for row in rows)
        }
        own = OWN_ERRORS.get(metric, OTHER_ERROR)
        text = f"{metric:10} one run {_quantile(list(errors.values())):.3f} (own error {own:.3f})"
        for name in ("GOGC ×2", "GOGC ×4", "limit", "release"):
            pairs = [errors[a] - errors[b] for a, b in itertools.combinations(errors, 2) if _differ(a, b) == name]
            spread = _quantile(pairs)
            text += f"; {name} {spread:.3f} = share {spread / (math.sqrt(2) * own):.2f} of {len(pairs)} pairs"
        print(text)


def _differ(one: Key, other: Key) -> str:
    """Returns in what two cells differ, empty when in several things."""
    if one[0] != other[0]:
        return ""
    what = [i for i in (1, 2, 3) if one[i] != other[i]]
    if len(what) != 1:
        return ""
    return {1: "release", 2: f"GOGC ×{max(one[2], other[2]) // min(one[2], other[2])}", 3: "limit"}[what[0]]


def _quantile(values: list[float]) -> float:
    return float(np.quantile(np.abs(values), 0.683)) if values else math.nan


if __name__ == "__main__":
    main()
