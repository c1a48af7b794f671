"""Noise as real runs have it: what is left of recorded runs of a program with itself, replayed in stretches.

`bench/recorded/aa_real.jsonl` holds comparisons of the built-in workloads with themselves on a busy host, every run in
order of time. What a run differs by from the mean of its comparison (in ln) is noise and nothing else: scatter from run
to run, tails, neighbours that stay for some runs, a new link for each block. A simulated experiment draws stretches of
consecutive runs from a few neighbouring comparisons of one workload (a bootstrap of blocks: H. R. Künsch, Ann. Statist.
17 (1989)), so no shape of the distribution is assumed, and neither is how fast the machine changes its mind. What links
differ by on their own, for plans that share links, is measured by `bench.attribution.links`.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
RECORDED = Path(__file__).parents[1] / "recorded" / "aa_real.jsonl"
SOURCES: dict[str, tuple[tuple[str, str], ...]] = {
    "cpu": (("heapshape", "cpu"), ("alloc", "cpu"), ("alloc", "ns/op"), ("trees", "cpu"), ("httpd", "cpu-ns/req")),
    "memory": (("heapshape", "rss"), ("alloc", "rss-peak"), ("trees", "rss-peak"), ("httpd", "rss")),
    "tail": (("httpd", "p99-ns"),),
}
"""Which recorded metrics a simulated one may be as noisy as."""
STRETCH = 4
"""Consecutive runs that stay together. Correlation between blocks of two runs is below 0.2 in all recordings."""
NEIGHBOURS = 5
"""Comparisons that one experiment draws from: as long as an experiment lasts, not the whole night."""


class Noise(msgspec.Struct, frozen=True, kw_only=True):
    """`residuals`: for each comparison what its runs differ by from their mean, in ln. `layout_sd`: between links."""

    source: str
    residuals: tuple[Floats, ...]
    layout_sd: float = 0.0

    @property
    def sd(self) -> float:
        return float(np.concatenate(self.residuals).std())

    def sequence(self, rng: np.random.Generator, count: int) -> Floats:
        """Returns the noise of `count` runs in order of time, in ln."""
        pieces: list[Floats] = []
        drawn = 0
        while drawn < count:
            residuals = self.residuals[int(rng.integers(len(self.residuals)))]
            start = int(rng.integers(max(1, residuals.size - STRETCH + 1)))
            pieces.append(residuals[start : start + STRETCH])
            drawn += pieces[-1].size
        return np.concatenate(pieces)[:count]

    def scaled(self, sd: float) -> Noise:
        """Returns noise of the same shape and that scatter from run to run."""
        factor = sd / self.sd
        return msgspec.structs.replace(self, residuals=tuple(r * factor for r in self.residuals))


def draw_noise(rng: np.random.Generator, metric: str, layout_sd: float) -> Noise:
    """Returns the noise of some neighbouring comparisons of one recorded metric."""
    workload, name = SOURCES[metric][int(rng.integers(len(SOURCES[metric])))]
    comparisons = residuals_of(workload, name)
    first = int(rng.integers(len(comparisons) - NEIGHBOURS + 1))
    chosen = comparisons[first : first + NEIGHBOURS]
    return Noise(source=f"{workload} {name}", residuals=chosen, layout_sd=layout_sd)


@cache
def residuals_of(workload: str, metric: str) -> tuple[Floats, ...]:
    """Returns for each recorded comparison the noise of its runs in order of time.

    Deviations from a mean of n runs are smaller than noise by sqrt(1 - 1/n), which is put right.
    """
    found: list[Floats] = []
    for line in RECORDED.read_bytes().splitlines():
        row = msgspec.json.decode(line)
        if row["workload"] == workload:
            values = np.log([run["values"][metric] for run in row["runs"] if metric in run["values"]])
            found.append((values - values.mean()) / math.sqrt(1 - 1 / values.size))
    return tuple(found)


class Fitted(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded metric in numbers, all of ln. `core_sd`: as the middle half scatters, without the tails.

    `tail`: the 99th percentile of the size over that of a normal distribution with the same core. `lasting`:
    correlation of two runs of one block. `quiet`, `busy`: sd within a comparison, its 10th and 90th percentile.
    """

    source: str
    runs: int
    sd: float
    core_sd: float
    tail: float
    lasting: float
    quiet: float
    busy: float


def fitted(workload: str, metric: str) -> Fitted:
    comparisons = residuals_of(workload, metric)
    every = np.concatenate(comparisons)
    core = float(np.median(np.abs(every - np.median(every)))) / 0.6745
    pairs = np.concatenate([r[: r.size // 2 * 2].reshape(-1, 2) for r in comparisons])
    single = [float(r.std(ddof=1)) for r in comparisons]
    return Fitted(
        source=f"{workload} {metric}",
        runs=every.size,
        sd=float(every.std()),
        core_sd=core,
        tail=float(np.quantile(np.abs(every), 0.99)) / (2.576 * core),
        lasting=float((pairs[:, 0] * pairs[:, 1]).mean() / every.var()),
        quiet=float(np.quantile(single, 0.1)),
        busy=float(np.quantile(single, 0.9)),
    )


def table() -> str:
    """Returns what the recordings hold, one line a metric."""
    lines = [
        f"{'noise, % of the value':24}{'runs':>6}{'sd':>8}{'core':>8}{'tail ×':>8}{'lasting':>9}{'quiet…busy':>16}"
    ]
    for sources in SOURCES.values():
        for source in sources:
            f = fitted(*source)
            span = f"{100 * f.quiet:.2f}…{100 * f.busy:.2f}"
            lines.append(
                f"{f.source:24}{f.runs:6}{100 * f.sd:8.2f}{100 * f.core_sd:8.2f}{f.tail:8.1f}{f.lasting:9.2f}{span:>16}"
            )
    return "\n".join(lines)
