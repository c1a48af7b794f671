"""Profiles drawn from a real one: the compiler's own CPU profile, `default.pgo`, which every toolchain ships.

Drawing samples with replacement gives pairs (and runs) of which it is known that nothing differs, or that one
function's self time grew by so much. Runs of one program differ by more than sampling: `spread` gives each function a
factor of its own in every run.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whence.golang import toolchains
from whence.measure.profiles.diff.common_factor import common_factor, of_totals
from whence.measure.profiles.diff.diffing import STEADY
from whence.measure.profiles.diff.granting import granted, sample_role_rows
from whence.measure.profiles.diff.judging import judge_of
from whence.measure.profiles.diff.roles import role_spreads
from whence.measure.profiles.diff.rows import family_verdicts
from whence.measure.profiles.diff.tabulating import Column, SideTable, distinct_lines, leaves
from whence.measure.profiles.diff.weighing import weigh
from whence.measure.profiles.readers import read
from whence.measure.profiles.views.nodes import by_function

Floats = NDArray[np.float64]
RELEASES = ("1.21.13", "1.24.13", "1.25.5", "1.27.4")
FINDINGS = {"grew", "shrank"}


def profile_of(release: str) -> Path:
    return toolchains.ensure(release).goroot / "src/cmd/compile/default.pgo"


@dataclass
class Judged:
    """Verdicts of both families, and what a naive reader would see of those with 0.5 % and more."""

    flat: list[str]
    cum: list[str]
    naive_moved: int
    naive_shown: int


class Source:
    """One real profile, ready to draw from."""

    def __init__(self, release: str) -> None:
        profile = read(str(profile_of(release)))
        nodes = by_function(profile)
        self.names = nodes.names
        self.weight = profile.values[:, 0].astype(np.float64)
        self.leaf = leaves(profile, nodes)
        self.lines = distinct_lines(profile, nodes)
        roles = sample_role_rows([profile])
        self.granted = granted([profile], [nodes], [weigh(profile, 0)], roles)
        self.restless = np.append(role_spreads(), 0.0)[roles[0]] >= STEADY
        self.flat_share = self._sum(self.leaf, self.weight) / self.weight.sum()
        self.leaf_of = np.zeros(len(profile), np.int64)
        self.leaf_of[self.leaf[0]] = self.leaf[1]

    def _sum(self, where: tuple[NDArray[np.int64], NDArray[np.int64]], counts: Floats) -> Floats:
        return np.bincount(where[1], counts[where[0]], minlength=len(self.names))

    def largest_steady(self, count: int) -> NDArray[np.int64]:
        """Returns the steady functions with the largest flat shares."""
        share = np.where(self.granted.flat > 0.05, 0.0, self.flat_share)
        return np.argsort(-share, kind="stable")[:count]

    def with_share(self, function: int, share: float) -> Source:
        """Returns the same profile with a function's self time scaled to `share` of the total."""
        own = self.flat_share[function]
        other = copy.copy(self)
        other.weight = self.weight.copy()
        other.weight[self.leaf_of == function] *= share / (1.0 - share) * (1.0 - own) / own
        return other

    def side(
        self,
        rng: np.random.Generator,
        runs: int,
        samples: int,
        *,
        grown: int = -1,
        by: float = 1.0,
        spread: float = 0.0,
    ) -> tuple[SideTable, float]:
        """Returns a side of so many runs, and the share of its time in steady roles."""
        flats, cums, steady = [], [], 0.0
        for _ in range(runs):
            chance = self.weight.copy()
            if grown >= 0:
                chance[self.leaf_of == grown] *= by
            if spread:
                chance *= np.exp(rng.normal(0.0, spread, len(self.names)))[self.leaf_of]
            counts = rng.multinomial(samples, chance / chance.sum()).astype(np.float64)
            flats.append(self._sum(self.leaf, counts))
            cums.append(self._sum(self.lines, counts))
            steady += float(counts[~self.restless].sum()) / samples / runs
        flat, cum = np.array(flats), np.array(cums)
        total = np.full(runs, float(samples))
        return SideTable(Column(flat, flat, total, total), Column(cum, cum, total, total)), steady

    def judge(self, base: tuple[SideTable, float], candidate: tuple[SideTable, float]) -> Judged:
        """Returns what `diff` would say of these sides."""
        judge = judge_of(base[0], candidate[0], self.granted.flat)
        flat = judge.family((base[0].flat, candidate[0].flat), self.granted.flat)
        cum = judge.family((base[0].cum, candidate[0].cum), self.granted.cum)
        events = [float(side[0].total.sum()) for side in (base, candidate)]
        factor = common_factor(
            flat.tests, self.granted.flat < STEADY, of_totals((base[1], events[0]), (candidate[1], events[1]))
        )
        shares = [side[0].cum.value.sum(axis=0) / side[0].total.sum() for side in (base, candidate)]
        shown = np.maximum(*shares) >= 0.005
        with np.errstate(divide="ignore", invalid="ignore"):
            moved = shown & (np.abs(shares[1] / shares[0] - 1.0) >= 0.10)
        return Judged(family_verdicts(flat, factor), family_verdicts(cum, factor), int(moved.sum()), int(shown.sum()))
