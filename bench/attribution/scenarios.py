"""Programs with planted causes, and the machine they run on."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from whence.stats.designs import Cell, Factor
from whence.stats.designs.aliases import Term
from whence.stats.shapley import enumerated

Floats = NDArray[np.float64]
METRICS = ("cpu", "memory", "tail")
KINDS = ("single", "interaction", "masked", "idle", "memory-only", "tail-only")
BUILD_SWITCHES = 4

NOISE = {"cpu": (0.016, 0.010), "memory": (0.006, 0.0), "tail": (0.040, 0.006)}
"""Standard deviations of ln: from run to run, from link to link. For CPU 1.9 % in all."""


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """One program. `effects`: for each metric what each set of switches adds beyond its subsets, in ln."""

    kind: str
    asked: str
    factors: tuple[Factor, ...]
    effects: dict[str, dict[Term, float]]
    fresh_links: bool
    busy: bool

    def value(self, cell: Cell, metric: str) -> float:
        on = {i for i, level in enumerate(cell) if level}
        return sum(effect for term, effect in self.effects[metric].items() if on.issuperset(term))

    def shares(self, metric: str) -> tuple[float, ...]:
        return enumerated(lambda cell: self.value(cell, metric), self.factors)


def draw(rng: np.random.Generator, kind: str) -> Scenario:
    """Returns a scenario of that kind; `nothing` and `release` are the two kinds that are not planted switches."""
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
        effects[asked] = _plant(rng, kind, who)
    if kind in ("single", "interaction"):
        effects["memory"] = {(who[0],): _size(rng)}
    return Scenario(
        kind=kind, asked=asked, factors=factors, effects=effects,
        fresh_links=bool(rng.random() < 0.5), busy=bool(rng.random() < 0.5),
    )  # fmt: skip


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
    if kind == "masked":
        return {(who[0],): 0.05, (who[1],): -0.05, (who[2],): _size(rng, 0.02, 0.035)}
    if kind == "idle":
        return {(who[0],): _size(rng, 0.03, 0.08)}
    scale = 4.0 if kind == "tail-only" else 1.0
    return {(who[0],): scale * _size(rng, 0.04, 0.08), (who[1],): scale * _size(rng, 0.01, 0.02)}


class Machine:
    """Runs a scenario: every metric of a run, with layouts that stay with their link and noise that drifts."""

    def __init__(self, scenario: Scenario, rng: np.random.Generator) -> None:
        self._scenario, self._rng = scenario, rng
        self._layouts: dict[tuple[object, str], float] = {}
        self._drift, self._burst = 0.0, False

    def run(self, cell: Cell, link: object) -> dict[str, float]:
        """Returns ln of each metric for one run of the cell in the binary `link`."""
        scenario, rng = self._scenario, self._rng
        if scenario.busy:
            self._drift += rng.normal(0, 0.003)
            self._burst = rng.random() < (0.7 if self._burst else 0.02)
        found: dict[str, float] = {}
        for metric, (run_sd, layout_sd) in NOISE.items():
            if (link, metric) not in self._layouts:
                self._layouts[link, metric] = rng.normal(0, layout_sd)
            noise = rng.normal(0, run_sd) + self._layouts[link, metric]
            if scenario.busy and metric != "memory":
                noise += self._drift + 0.03 * self._burst
            found[metric] = scenario.value(cell, metric) + noise
        return found
