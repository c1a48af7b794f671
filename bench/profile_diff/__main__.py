"""False discoveries and power of `whence profile diff`, beside the limits and beside a naive reading.

    python -m bench.profile_diff                  draws from default.pgo (some minutes), and the recorded pairs
    python -m bench.profile_diff --draws 400      more draws
    python -m bench.profile_diff --record         records the 50 + 50 real pairs (15 minutes), goes on where it was
    python -m bench.profile_diff --recorded       only the table of the recorded pairs

A pair of the same program is a false discovery when any of its functions is said to have grown, shrunk or moved.
Recorded pairs: bench/recorded/profile_diff.jsonl, one line a pair with shares and verdicts.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from bench.calibration.table import rate, render
from bench.profile_diff.judging import above_planted, row_of, rows_of_runs
from bench.profile_diff.recording import pairs, record_all
from bench.profile_diff.resampling import FINDINGS, RELEASES, Source

RECORD = Path(__file__).parents[1] / "recorded" / "profile_diff.jsonl"
PAIRS = 50
SHARE = 0.02
SETTINGS = (("one run a side", 1, 3000), ("one run a side", 1, 12000), ("20 runs a side", 20, 12000))
PLANTED = (("one run a side", 1, 1.5), ("20 runs a side", 20, 1.1))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.profile_diff", description=__doc__)
    parser.add_argument("--draws", type=int, default=200, help="pairs drawn for each line of the table")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--recorded", action="store_true")
    options = parser.parse_args(arguments)
    if options.record:
        same, planted = pairs("same", PAIRS), pairs("planted", PAIRS)
        record_all([pair for both in zip(same, planted, strict=True) for pair in both])
        rows = [row_of(kind, pair) for kind, listed in (("same", same), ("planted", planted)) for pair in listed]
        rows += rows_of_runs(same, planted)
        RECORD.write_text("".join(json.dumps(row) + "\n" for row in rows))
    if not options.record and not options.recorded:
        print(drawn(options.draws), flush=True)
    print(recorded([json.loads(line) for line in RECORD.read_text().splitlines()]))
    return 0


def drawn(draws: int) -> str:
    """Returns the table of pairs and runs drawn from the compiler's own profiles."""
    rng = np.random.default_rng(1)
    sources = [Source(release) for release in RELEASES]
    rates, told = [], []
    for label, runs, samples in SETTINGS:
        what = f"{label}, {samples:,} samples each"
        false, naive = [], []
        for number in range(draws if runs == 1 else max(draws // 2, 1)):
            source = sources[number % len(sources)]
            judged = source.judge(source.side(rng, runs, samples), source.side(rng, runs, samples))
            false.append(any(verdict in FINDINGS for verdict in judged.flat + judged.cum))
            naive.append(judged.naive_moved / max(judged.naive_shown, 1))
        rates.append(rate(what, "A/A pairs with any finding", np.array(false), "at most", 0.05))
        print(f"{what}: a naive reading moves {np.mean(naive):.0%} of functions of 0.5 % by 10 %", file=sys.stderr)
    for label, runs, growth in PLANTED:
        what = f"{label}, 12,000 samples each"
        found, false = [], []
        for number in range(draws):
            source = sources[number % len(sources)]
            function = int(source.largest_steady(3)[number // len(sources) % 3])
            scaled = source.with_share(function, SHARE)
            candidate = scaled.side(rng, runs, 12000, grown=function, by=growth)
            judged = scaled.judge(scaled.side(rng, runs, 12000), candidate)
            found.append(judged.flat[function] == "grew")
            said = [i for i, verdict in enumerate(judged.flat) if verdict in FINDINGS]
            false.append(float(np.mean([i != function for i in said])) if said else 0.0)
        rates.append(rate(what, f"+{growth - 1:.0%} of a 2 % share found", np.array(found), "at least", 0.80))
        told.append(discovery_rate(f"{what}, planted", false))
    return "\n".join([render(rates), "", *told])


def discovery_rate(what: str, proportions: list[float]) -> str:
    """Returns the false discovery rate: the mean over pairs of the proportion of findings that are false."""
    mean = float(np.mean(proportions))
    error = 1.96 * float(np.std(proportions, ddof=1)) / len(proportions) ** 0.5
    verdict = "ok" if mean - error <= 0.05 else "FAILED"
    return f"{what}: false discovery rate {mean:.1%} ± {error:.1%} of {len(proportions)} pairs (<= 5 %)  {verdict}"


def recorded(rows: Iterable[dict]) -> str:
    """Returns the table of the real pairs."""
    listed = list(rows)
    same = [row for row in listed if row["kind"] == "same"]
    planted = [row for row in listed if row["kind"] == "planted"]
    wrong = [[name not in above_planted(row) for name, *_ in row["found"]] for row in planted]
    proportions = [float(np.mean(one)) if one else 0.0 for one in wrong]
    shown = sum(row["naive_shown"] for row in same)
    events = sorted(min(row["events"]) for row in [*same, *planted])
    print(
        f"real pairs have {events[0]:.0f} to {events[-1]:.0f} samples, half of them {events[len(events) // 2]:.0f}; "
        f"a naive reading moves {sum(row['naive_moved'] for row in same) / shown:.0%} of {shown} functions of 0.5 % "
        "and more by 10 % where nothing differs",
        file=sys.stderr,
    )
    rates = [
        rate(
            "real pairs, the same program",
            "pairs with any finding",
            np.array([bool(r["found"]) for r in same]),
            "at most",
            0.05,
        )
    ]
    several = [row for row in listed if row["kind"] == "same-runs"]
    what = "real runs of the same program, 8 a side"
    rates.append(rate(what, "splits with any finding", np.array([bool(r["found"]) for r in several]), "at most", 0.05))
    for growth in sorted({row["growth"] for row in planted}):
        hits = np.array(
            [row["planted"] is not None and row["planted"][0] == "grew" for row in planted if row["growth"] == growth]
        )
        rates.append(rate("real pairs, one function planted", f"+{growth - 100} % found", hits, "at least", 0.0))
    told = [
        f"  {row['mode']}, +{row['growth'] - 100} %, {row['number']} runs a side: {row['planted'][0]} from "
        f"{row['planted'][1]:.1%} to {row['planted'][2]:.1%}"
        for row in listed
        if row["kind"] == "planted-runs"
    ]
    told.insert(0, "planted, all runs a side")
    told.append(discovery_rate("real pairs, one function planted", proportions))
    return "\n".join([render(rates), *told])


if __name__ == "__main__":
    sys.exit(main())
