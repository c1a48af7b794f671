"""Runs the scenarios and prints the tables: see the package's docstring."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from bench.attribution import dowhy_rival, links, noise
from bench.attribution.answers import Answer, acquittals, answer_of, by_noise, described, flags, study
from bench.attribution.beside import side_by_side, widths
from bench.attribution.experiments import named, one_at_a_time, two_blocks
from bench.attribution.explained import Named, explain_one
from bench.attribution.scenarios import KINDS, METRICS, Host, draw
from bench.calibration.table import Row, rate, render

HOSTS: tuple[Host, ...] = ("recorded", "quiet")


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What all methods said of the same programs. `aside`: metrics that nothing moves, releases without a switch."""

    explained: list[Answer]
    single: list[Answer]
    dowhy: list[Answer]
    dowhy_missing: str
    aside: list[Answer]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.attribution", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scenarios", type=int, default=200)
    parser.add_argument("--no-dowhy", action="store_true", help="leave DoWhy out: it takes most of the time")
    parser.add_argument("--json", type=Path, default=Path(__file__).with_name("result.json"))
    options = parser.parse_args(arguments)
    started = time.monotonic()
    print(noise.table() + "\n")
    recorded_links = links.read()
    print("\n".join(links.words(recorded_links)))
    rows: list[Row] = []
    for host in HOSTS:
        told = simulate(options.seed, options.scenarios, host, links.pooled_layout_sd(recorded_links), options.no_dowhy)
        rows += study(f"planted causes, {host} host", told.explained, required=True)
        rows += by_noise(f"planted causes, {host} host", told.explained)
        rows += acquittals(f"nothing to blame, {host} host", told.aside)
        print(f"\n{host} host: {described(told.explained)}\n")
        print(side_by_side(told.explained, told.single, told.dowhy, told.dowhy_missing))
    small, half_widths = smallest_plan(options.seed, options.scenarios)
    rows += small
    print(render(rows))
    print("\n" + half_widths)
    failed = sum(row.passed is False for row in rows)
    print(f"\nseed {options.seed}, {time.monotonic() - started:.0f} s, {failed} failed")
    options.json.write_bytes(msgspec.json.format(msgspec.json.encode(rows), indent=1) + b"\n")
    return 1 if failed else 0


def simulate(seed: int, scenarios: int, host: Host, layout_sd: float, no_dowhy: bool) -> Told:
    told = Told(explained=[], single=[], dowhy=[], dowhy_missing="left out" if no_dowhy else "", aside=[])
    jobs: list[str] = []
    others = ("nothing", "release") * (scenarios // 2)
    for number, kind in enumerate([KINDS[i % len(KINDS)] for i in range(scenarios)] + list(others)):
        rng = np.random.default_rng([seed, number])
        scenario = draw(rng, kind, host, layout_sd)
        if kind not in KINDS:
            told.aside.append(answer_of(scenario, scenario.asked, explain_one(scenario, scenario.asked, rng)))
            continue
        first = explain_one(scenario, scenario.asked, rng)
        told.explained.append(answer_of(scenario, scenario.asked, first))
        told.single.append(_rival(told.explained[-1], one_at_a_time(scenario, first.runs, scenario.asked, rng)))
        jobs.append(dowhy_rival.job(scenario, scenario.asked, first.runs, rng))
        for metric in METRICS:
            if metric != scenario.asked and not scenario.effects[metric]:
                told.aside.append(answer_of(scenario, metric, explain_one(scenario, metric, rng)))
    missing = told.dowhy_missing or dowhy_rival.installed()
    for answer, shares in zip(told.explained, [] if missing else dowhy_rival.answers(jobs), strict=False):
        told.dowhy.append(_rival(answer, [Named(share=s, low=None, high=None, blamed=True) for s in shares]))
    return msgspec.structs.replace(told, dowhy_missing=missing)


def _rival(answer: Answer, shares: Sequence[Named]) -> Answer:
    return msgspec.structs.replace(answer, shares=tuple(shares), verdict="")


def smallest_plan(seed: int, scenarios: int) -> tuple[list[Row], str]:
    """Returns the rates of the smallest plan on the quiet host, of the same runs taken as alike, and its widths."""
    plan: list[Answer] = []
    alike: list[Answer] = []
    for number in range(scenarios):
        rng = np.random.default_rng([seed, number, 2])
        scenario = draw(rng, KINDS[number % len(KINDS)], "quiet", 0.0)
        small = two_blocks(scenario, scenario.asked, rng)
        for answers, found in ((plan, small.found), (alike, small.alike)):
            answers.append(
                Answer(
                    scenario=scenario, metric=scenario.asked, shares=named(found.shares),
                    truth=scenario.shares(scenario.asked), runs=small.runs,
                )
            )  # fmt: skip
    return [*_short("at most 80 runs, quiet host", plan), *_short("the same runs, builds forgotten", alike)], widths(
        plan
    )


def _short(name: str, answers: Sequence[Answer]) -> list[Row]:
    idle = [(s, a.scenario.fresh_links, build) for a in answers for s, build in a.idle()]
    return [
        rate(name, "top cause right", flags([a.top_right() for a in answers])),
        rate(name, "95 % intervals cover the planted shares", flags([c for a in answers for c in a.covered()])),
        rate(name, "idle switches blamed", flags([s.blamed for s, *_ in idle])),
        rate(name, "  … build switches, shared links", flags([s.blamed for s, own, b in idle if b and not own])),
    ]


if __name__ == "__main__":
    sys.exit(main())
