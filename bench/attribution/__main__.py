"""Runs the scenarios and prints the table: see the package's docstring."""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np

from bench.attribution.experiments import Outcome, by_plan, one_at_a_time
from bench.attribution.scenarios import KINDS, METRICS, Scenario, draw
from bench.calibration.table import Bound, Row, rate, render

CLOSE = 0.005
"""A factor whose true share is this near to the largest one is a right top cause too."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One metric of one scenario: what was said, and the truth."""

    scenario: Scenario
    metric: str
    truth: tuple[float, ...]
    outcome: Outcome

    def top_right(self) -> bool:
        largest = max(abs(share) for share in self.truth)
        named = max(range(len(self.truth)), key=lambda i: abs(self.outcome.shares[i].share))
        return self.outcome.shares[named].blamed and abs(self.truth[named]) >= largest - CLOSE

    def covered(self) -> list[bool]:
        return [s.low <= t <= s.high for s, t in zip(self.outcome.shares, self.truth, strict=True)]

    def nulls_credited(self) -> list[bool]:
        """Whether each idle factor's share is a point or more, blamed or not."""
        return [abs(s.share) >= 0.01 for s, t in zip(self.outcome.shares, self.truth, strict=True) if abs(t) < 1e-12]

    def nulls_blamed(self, builds: bool | None = None) -> list[bool]:
        """Whether each idle factor is blamed; only build switches, only others, or all."""
        parts = zip(self.outcome.shares, self.truth, self.scenario.factors, strict=True)
        return [s.blamed for s, t, f in parts if abs(t) < 1e-12 and (builds is None or f.is_build == builds)]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.attribution", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scenarios", type=int, default=200)
    parser.add_argument("--json", type=Path, default=Path(__file__).with_name("result.json"))
    options = parser.parse_args(arguments)
    started = time.monotonic()
    ours, naive, single, aside = simulate(options.seed, options.scenarios)
    rows = [
        *study("planted causes: plan and shares", ours, required=True),
        *other_kinds(aside),
        *study("the same runs, all taken as alike", naive, required=False),
        *study("one switch at a time, as many runs", single, required=False),
    ]
    print(render(rows))
    print("\n" + widths(ours))
    failed = sum(row.passed is False for row in rows)
    print(f"\n{len(ours)} planted scenarios, seed {options.seed}, {time.monotonic() - started:.0f} s, {failed} failed")
    options.json.write_bytes(msgspec.json.format(msgspec.json.encode(rows), indent=1) + b"\n")
    return 1 if failed else 0


def simulate(seed: int, scenarios: int) -> tuple[list[Answer], list[Answer], list[Answer], list[Answer]]:
    """Returns the product's answers, the naive and the one-at-a-time ones, and the product's on what has no switch."""
    ours: list[Answer] = []
    naive: list[Answer] = []
    single: list[Answer] = []
    aside: list[Answer] = []
    others = ("nothing", "release") * (scenarios // 5)
    for number, kind in enumerate([KINDS[i % len(KINDS)] for i in range(scenarios)] + list(others)):
        rng = np.random.default_rng([seed, number])
        scenario = draw(rng, kind)
        answers = by_plan(scenario, rng)
        for metric in METRICS:
            truth = scenario.shares(metric)
            first, second = (Answer(scenario=scenario, metric=metric, truth=truth, outcome=o) for o in answers[metric])
            if kind not in KINDS:
                aside += [first] if metric == scenario.asked else []
                continue
            if metric == scenario.asked:
                ours.append(first)
                naive.append(second)
                other = one_at_a_time(scenario, first.outcome.runs, metric, rng)
                single.append(Answer(scenario=scenario, metric=metric, truth=truth, outcome=other))
            elif not any(scenario.effects[metric].values()):
                aside.append(first)
    return ours, naive, single, aside


def study(name: str, answers: Sequence[Answer], *, required: bool) -> list[Row]:
    def row(case: str, happened: Sequence[bool], bound: Bound, limit: float, around: float | None = None) -> Row:
        array = np.array(happened, dtype=bool)
        return rate(name, case, array, bound if required else None, limit, around=around)

    def flat(part: Callable[[Answer], list[bool]]) -> list[bool]:
        return [flag for answer in answers for flag in part(answer)]

    rows = [row("top cause right", [a.top_right() for a in answers], "at least", 0.95)]
    for kind in KINDS:
        chosen = [a.top_right() for a in answers if a.scenario.kind == kind]
        rows.append(rate(name, f"  … {kind}", np.array(chosen, dtype=bool)))
    masked = [all(s.blamed for s, t in zip(a.outcome.shares, a.truth, strict=True) if abs(abs(t) - 0.05) < 1e-9)
              for a in answers if a.scenario.kind == "masked"]  # fmt: skip
    rows.append(row("masked pair: both named", masked, "at least", 0.90))
    rows.append(row("95 % intervals of shares cover", flat(Answer.covered), "within", 0.02, 0.95))
    rows.append(row("idle switches blamed", flat(Answer.nulls_blamed), "at most", 0.05))
    rows.append(rate(name, "idle switches credited with a point or more", np.array(flat(Answer.nulls_credited))))
    two = [a for a in answers if not a.scenario.fresh_links]
    builds = [flag for a in two for flag in a.nulls_blamed(builds=True)]
    rows.append(row("idle build switches blamed, shared layouts", builds, "at most", 0.05))
    anything = [any(a.nulls_blamed()) for a in answers]
    rows.append(row("scenarios with any idle switch blamed", anything, "at most", 0.05))
    return rows


def other_kinds(answers: Sequence[Answer]) -> list[Row]:
    """Acquittals: metrics that nothing moves, and releases that change without any switch."""
    name = "nothing to blame"
    still = [any(s.blamed for s in a.outcome.shares) for a in answers if a.scenario.kind != "release"]
    release = [a for a in answers if a.scenario.kind == "release"]
    right = [a.outcome.shares[0].blamed and not any(s.blamed for s in a.outcome.shares[1:]) for a in release]
    covered = [flag for a in release for flag in a.covered()]
    within = [abs(math.log(a.outcome.attribution.total.ratio) - sum(a.truth)) <= 0.02
              for a in release if a.outcome.attribution is not None]  # fmt: skip
    return [
        rate(name, "metric unchanged: something blamed", np.array(still), "at most", 0.05),
        rate(name, "release without a switch: it alone blamed", np.array(right), "at least", 0.90),
        rate(name, "release: intervals cover", np.array(covered), "within", 0.03, around=0.95),
        rate(name, "release: parts within 2 points of the whole", np.array(within)),
    ]


def widths(answers: Sequence[Answer]) -> str:
    """Returns the half-widths with 6 switches (64 runs, at most 16 builds), in points, for CPU."""
    lines: list[str] = []
    for fresh in (True, False):
        chosen = [a for a in answers if a.metric == "cpu" and len(a.truth) == 6 and a.scenario.fresh_links == fresh]
        for builds in (True, False):
            half = [
                (share.high - share.low) * 50
                for a in chosen
                for share, factor in zip(a.outcome.shares, a.scenario.factors, strict=True)
                if factor.is_build == builds and not a.scenario.busy
            ]
            if half:
                links = "fresh links" if fresh else "shared links"
                what = "build" if builds else "run-time"
                lines.append(f"6 switches, 64 runs, {links}, {what} switches: half-width {np.median(half):.2f} points")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
