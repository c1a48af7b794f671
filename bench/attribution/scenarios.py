"""Programs with planted causes, and the machine they run on."""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from bench.attribution.noise import Noise, draw_noise
from whence.stats.designs import Cell, Factor
from whence.stats.designs.aliases import Term
from whence.stats.shapley import enumerated

Floats = NDArray[np.float64]
METRICS = ("cpu", "memory", "tail")
KINDS = ("single", "interaction", "masked", "idle", "memory-only", "tail-only")
BUILD_SWITCHES = 4

Host = Literal["recorded", "quiet"]
QUIET_CPU_SD = 0.02
"""Noise of CPU time in all, layout included, on the quiet host that the plan's promises are made for."""
QUIET_LAYOUT_SD = 0.01
"""The part of it between links; assumed."""
ASKED_ABOUT = 0.04
"""Smallest change in all, in ln: what stays within a margin of 3 % is no change, and nobody asks what caused it."""
CHUNK = 512


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """One program. `effects`: for each metric what each set of switches adds beyond its subsets, in ln."""

    kind: str
    asked: str
    factors: tuple[Factor, ...]
    effects: dict[str, dict[Term, float]]
    fresh_links: bool
    """A link is quick, so each run gets one of its own."""
    noise: dict[str, Noise]

    def value(self, cell: Cell, metric: str) -> float:
        on = {i for i, level in enumerate(cell) if level}
        return sum(effect for term, effect in self.effects[metric].items() if on.issuperset(term))

    def shares(self, metric: str) -> tuple[float, ...]:
        """Returns the shares of the surface that was planted."""
        return enumerated(lambda cell: self.value(cell, metric), self.factors)


def draw(rng: np.random.Generator, kind: str, host: Host, layout_sd: float) -> Scenario:
    """Returns a scenario of that kind; `nothing` and `release` are the two kinds that are not planted switches.

    `layout_sd`: scatter of times between links on the recorded host, in ln.
    """
    count = int(rng.integers(6, 9))
    builds = int(rng.integers(2, BUILD_SWITCHES + 1))
    order = rng.permutation(count)
    factors = tuple(Factor(f"switch{i}", bool(order[i] < builds)) for i in range(count))
    effects: dict[str, dict[Term, float]] = {metric: {} for metric in METRICS}
    who = [int(i) for i in rng.permutation(count)]
    asked = {"memory-only": "memory", "tail-only": "tail"}.get(kind, "cpu")
    if kind == "release":
        factors = (Factor("release", True), *(Factor(f.name, f.is_build, "release") for f in factors[:5]))
        effects["cpu"] = {(0,): _size(rng)}
    elif kind != "nothing":
        while abs(sum(effects[asked].values())) < ASKED_ABOUT:
            effects[asked] = _plant(rng, kind, who)
    if kind in ("single", "interaction"):
        effects["memory"] = {(who[0],): _size(rng)}
    return Scenario(
        kind=kind, asked=asked, factors=factors, effects=effects, fresh_links=bool(rng.random() < 0.5),
        noise={metric: _noise(rng, metric, host, layout_sd) for metric in METRICS},
    )  # fmt: skip


def _noise(rng: np.random.Generator, metric: str, host: Host, layout_sd: float) -> Noise:
    """On the quiet host times are as quiet as promises assume, in the shape that was recorded; memory is as it is."""
    if metric == "memory":
        return draw_noise(rng, metric, 0.0)
    if host == "recorded":
        return draw_noise(rng, metric, layout_sd)
    all_sd = QUIET_CPU_SD if metric == "cpu" else 2 * QUIET_CPU_SD
    return draw_noise(rng, metric, QUIET_LAYOUT_SD).scaled(float(np.sqrt(all_sd**2 - QUIET_LAYOUT_SD**2)))


def _size(rng: np.random.Generator, low: float = 0.03, high: float = 0.09) -> float:
    return float(rng.uniform(low, high) * rng.choice([-1, 1]))


def _plant(rng: np.random.Generator, kind: str, who: list[int]) -> dict[Term, float]:
    if kind == "single":
        return {
            (who[0],): _size(rng, 0.05, 0.12),
            (who[1],): _size(rng, 0.015, 0.04),
            (who[2],): _size(rng, 0.01, 0.03),
        }
    if kind == "interaction":
        pair = (min(who[0], who[1]), max(who[0], who[1]))
        return {(who[0],): _size(rng, 0.05, 0.10), (who[2],): _size(rng, 0.01, 0.03), pair: _size(rng)}
    if kind == "masked":  # the third one is what is asked about; the two hide behind it
        return {(who[0],): 0.05, (who[1],): -0.05, (who[2],): _size(rng, 0.04, 0.10)}
    if kind == "idle":
        return {(who[0],): _size(rng, 0.03, 0.08)}
    if kind == "tail-only":  # p99 between x 1.6 and x 2.7, or as much the other way: smaller ones drown in its noise
        return {(who[0],): _size(rng, 0.5, 1.0), (who[1],): _size(rng, 0.1, 0.2)}
    return {(who[0],): _size(rng, 0.04, 0.08), (who[1],): _size(rng, 0.01, 0.02)}


class Machine:
    """Runs one metric of a scenario: layouts that stay with their link, and noise as it was recorded."""

    def __init__(self, scenario: Scenario, metric: str, rng: np.random.Generator) -> None:
        self._scenario, self._metric, self._rng = scenario, metric, rng
        self._noise = scenario.noise[metric]
        self._layouts: dict[object, float] = {}
        self._ahead: list[float] = []

    def run(self, cell: Cell, link: object) -> float:
        """Returns ln of the metric for one run of the cell in the binary `link`."""
        if link not in self._layouts:
            self._layouts[link] = float(self._rng.normal(0, self._noise.layout_sd))
        if not self._ahead:
            self._ahead = self._noise.sequence(self._rng, CHUNK).tolist()[::-1]
        return self._scenario.value(cell, self._metric) + self._layouts[link] + self._ahead.pop()

    def shares(self, runs: int) -> tuple[float, ...]:
        """Returns the shares as `runs` runs show them: all cells, equally often, in random order, a link each.

        What a switch carries is the mean of all runs with it less the mean of all without: its own effect, half of
        each pair and a quarter of each triple (which no scenario has), as in the Shapley value.
        """
        count = len(self._scenario.factors)
        cells = np.array(np.meshgrid(*[(0, 1)] * count)).reshape(count, -1).T
        values = np.array([self._scenario.value(tuple(cell), self._metric) for cell in cells])
        order = np.concatenate([self._rng.permutation(len(cells)) for _ in range(-(-runs // len(cells)))])
        noise = self._noise.sequence(self._rng, order.size)
        seen = values[order] + noise + self._rng.normal(0, self._noise.layout_sd, order.size)
        on = cells[order].astype(bool)
        return tuple(float(seen[on[:, i]].mean() - seen[~on[:, i]].mean()) for i in range(count))
