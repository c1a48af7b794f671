"""Answers held against the truth, counted."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np

from bench.attribution.explained import Explained, Named
from bench.attribution.scenarios import KINDS, Scenario
from bench.calibration.table import Bound, Row, rate

CLOSE = 0.005
"""A factor whose true share is this near to the largest one is a right top cause too."""
POINT = 0.01


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One metric of one scenario: what was said (`shares` empty: nothing was), and the truth.

    `truth`: shares measured with ten times the runs. `planted`: what the program was made to do, which says which
    switches are idle.
    """

    scenario: Scenario
    metric: str
    shares: tuple[Named, ...]
    truth: tuple[float, ...]
    runs: int
    verdict: str = ""

    @property
    def planted(self) -> tuple[float, ...]:
        return self.scenario.shares(self.metric)

    def top_right(self) -> bool:
        """Whether the largest share is blamed, and none is truly larger by more than half a point."""
        return self._top() is True

    def top_wrong(self) -> bool:
        """Whether a switch is blamed in first place that should not be there."""
        return self._top() is False

    def _top(self) -> bool | None:
        """None when nothing is named in first place."""
        if not self.shares:
            return None
        largest = max(abs(share) for share in self.truth)
        named = max(range(len(self.truth)), key=lambda i: abs(self.shares[i].share))
        return abs(self.truth[named]) >= largest - CLOSE if self.shares[named].blamed else None

    def covered(self, *, by_plan: bool = False) -> list[bool]:
        """Whether each interval holds the truth; `by_plan`: the planted share in its place."""
        truth = self.planted if by_plan else self.truth
        return [
            s.low <= t <= s.high
            for s, t in zip(self.shares, truth, strict=False)
            if s.low is not None and s.high is not None
        ]  # fmt: skip

    def idle(self) -> list[tuple[Named, bool]]:
        """Returns what was said of each idle switch, and whether it is a build switch."""
        parts = zip(self.shares, self.planted, self.scenario.factors, strict=False)
        return [(s, f.is_build) for s, t, f in parts if abs(t) < 1e-12]

    def pair_named(self) -> bool:
        """Whether both switches of a masked pair are blamed."""
        sides = [s.blamed for s, t in zip(self.shares, self.planted, strict=False) if abs(abs(t) - 0.05) < 1e-9]
        return bool(sides) and all(sides)


def answer_of(scenario: Scenario, metric: str, explained: Explained) -> Answer:
    return Answer(
        scenario=scenario, metric=metric, shares=explained.shares, truth=explained.truth, runs=explained.runs,
        verdict=explained.verdict,
    )  # fmt: skip


def flags(values: Sequence[bool]) -> np.ndarray:
    return np.array(values, dtype=bool)


def study(name: str, answers: Sequence[Answer], *, required: bool) -> list[Row]:
    """Returns the rates of one method on planted scenarios."""

    def row(case: str, happened: Sequence[bool], bound: Bound, limit: float, around: float | None = None) -> Row:
        return rate(name, case, flags(happened), bound if required else None, limit, around=around)

    told = [a for a in answers if a.shares]
    rows = [
        row("top cause right", [a.top_right() for a in answers], "at least", 0.95),
        row("another cause in its place", [a.top_wrong() for a in answers], "at most", 0.05),
    ]
    for kind in KINDS:
        chosen = [a.top_right() for a in answers if a.scenario.kind == kind]
        if chosen:
            rows.append(rate(name, f"  … {kind}", flags(chosen)))
    masked = [a.pair_named() for a in answers if a.scenario.kind == "masked"]
    idle = [(s, build) for a in answers for s, build in a.idle()]
    two = [s.blamed for a in told if not a.scenario.fresh_links for s, build in a.idle() if build]
    return [
        *rows,
        rate(name, "masked pair: both named", flags(masked)),
        row("95 % intervals cover the measured truth", [c for a in told for c in a.covered()], "within", 0.02, 0.95),
        rate(name, "  … the planted shares", flags([c for a in told for c in a.covered(by_plan=True)])),
        row("idle switches blamed", [s.blamed for s, _ in idle], "at most", 0.05),
        rate(name, "  … build switches, shared links", flags(two)),
        rate(name, "idle switches credited with a point or more", flags([abs(s.share) >= POINT for s, _ in idle])),
        row(
            "programs with any idle switch blamed", [any(s.blamed for s, _ in a.idle()) for a in told], "at most", 0.05
        ),
    ]


def acquittals(name: str, answers: Sequence[Answer]) -> list[Row]:
    """Returns the rates on metrics that nothing moves, and on releases that change without any switch."""
    still = [any(s.blamed for s in a.shares) for a in answers if a.scenario.kind != "release"]
    release = [a for a in answers if a.scenario.kind == "release"]
    right = [bool(a.shares) and a.shares[0].blamed and not any(s.blamed for s in a.shares[1:]) for a in release]
    wrong = [any(s.blamed for s in a.shares[1:]) for a in release]
    return [
        rate(name, "metric unchanged: something blamed", flags(still), "at most", 0.05),
        rate(name, "release without a switch: it alone blamed", flags(right)),
        rate(name, "release without a switch: a switch blamed", flags(wrong), "at most", 0.05),
    ]


def described(answers: Sequence[Answer]) -> str:
    """Returns what the answers cost, and how noisy the programs were, in words."""
    noise = sorted(100 * a.scenario.noise[a.metric].sd for a in answers if a.metric == "cpu")
    runs = sorted(a.runs for a in answers)
    silent = sum(not a.shares for a in answers)
    middle = len(runs) // 2
    cpu = f"noise of CPU time {noise[0]:.1f} to {noise[-1]:.1f} %, median {noise[len(noise) // 2]:.1f} %"
    return f"{len(answers)} programs; {cpu}; {runs[0]} to {runs[-1]} runs, median {runs[middle]}; no answer: {silent}"


def by_noise(name: str, answers: Sequence[Answer], limits: Sequence[float] = (0.05, 0.10)) -> list[Row]:
    """Returns how often the top cause was right for CPU time, by how noisy the program was."""
    rows: list[Row] = []
    for low, high in zip((0.0, *limits), (*limits, math.inf), strict=True):
        chosen = [a for a in answers if a.metric == "cpu" and low <= a.scenario.noise["cpu"].sd < high]
        label = f"{100 * low:.0f} to {100 * high:.0f} %" if math.isfinite(high) else f"above {100 * low:.0f} %"
        if chosen:
            rows.append(rate(name, f"top cause right, noise {label}", flags([a.top_right() for a in chosen])))
    return rows
