"""What links of one program differ by: the same code, another order, measured on real runs.

    python -m bench.attribution.links          records bench/recorded/links.jsonl (a few minutes), then prints the table

Each workload is linked in 16 random orders and each link runs 8 times, links in turn. A busy host disturbs runs by far
more than links differ, and only ever slows them: so a link stands for its quickest run of four. Two such quickest runs
of the same link, one of each half of the blocks, have nothing in common but the link: their covariance over the links
is the variance between links.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import sys
from pathlib import Path

import msgspec
import numpy as np

RECORDED = Path(__file__).parents[1] / "recorded" / "links.jsonl"
SUBJECTS = {
    "alloc": "workload:alloc?n=1000000",
    "trees": "workload:trees?depth=13",
    "heapshape": "workload:heapshape?count=120",
}
LINKS, BLOCKS = 16, 8
MOST_HALVES = 70


class Run(msgspec.Struct, frozen=True):
    workload: str
    layout: int
    block: int
    cpu: float


def record(folder: Path) -> list[Run]:
    """Runs all links of all workloads; what is in `folder` is not run again."""
    from whence.evidence.inquiry import Inquiry
    from whence.evidence.request import Request
    from whence.explain.explain import check
    from whence.measure.compare import Silent
    from whence.measure.trials import Row, Trials
    from whence.store.inquiry_directory import InquiryDirectory

    found: list[Run] = []
    for workload, subject in SUBJECTS.items():
        inquiry = Inquiry(request=Request(variants=("a:go=local", "b:go=local"), subject=subject, metrics=("cpu",)))
        settled = check(inquiry)
        directory = InquiryDirectory(folder / workload)
        stored = directory.open(inquiry, 1)
        with directory:
            trials = Trials(settled, directory, Silent(), seed=stored.seed)
            variant = settled.variants[0]
            rows = [Row(block=b, variant=variant, layout=link) for b in range(BLOCKS) for link in range(LINKS)]
            runs = trials.run("links", rows)
            found += [
                Run(workload, row.layout or 0, row.block, trials.value(run, "cpu"))
                for row, run in zip(rows, runs, strict=True)
            ]
    return found


def read() -> list[Run]:
    return [msgspec.json.decode(line, type=Run) for line in RECORDED.read_bytes().splitlines()]


def variance_between(runs: list[Run], workload: str) -> tuple[float, float]:
    """Returns (variance between links of ln, its standard error); below zero where the halves do not agree at all.

    The mean over many ways to halve the blocks; the error from leaving out one link at a time.
    """
    own = sorted((r for r in runs if r.workload == workload), key=lambda r: (r.layout, r.block))
    shape = (len({r.layout for r in own}), len({r.block for r in own}))
    table = np.log([r.cpu for r in own]).reshape(shape)
    halves = list(itertools.islice(itertools.combinations(range(shape[1]), shape[1] // 2), MOST_HALVES))
    quickest = [
        (table[:, half].min(axis=1), np.delete(table, half, axis=1).min(axis=1)) for half in map(list, halves)
    ]  # fmt: skip

    def mean(kept: np.ndarray) -> float:
        return float(np.mean([np.cov(one[kept], other[kept])[0, 1] for one, other in quickest]))

    every = np.arange(shape[0])
    without = np.array([mean(np.delete(every, link)) for link in every])
    error = math.sqrt((shape[0] - 1) * float(without.var()))
    return mean(every), error


def pooled_layout_sd(runs: list[Run]) -> float:
    """Returns the standard deviation between links over all workloads, each weighted by how well it is known."""
    found = [variance_between(runs, workload) for workload in sorted({r.workload for r in runs})]
    weights = [1 / max(error, 1e-12) ** 2 for _, error in found]
    variance = sum(w * v for w, (v, _) in zip(weights, found, strict=True)) / sum(weights)
    return math.sqrt(max(0.0, variance))


def words(runs: list[Run]) -> list[str]:
    """Returns one line a workload, and one for all together."""
    lines: list[str] = []
    for workload in sorted({r.workload for r in runs}):
        variance, error = variance_between(runs, workload)
        most = math.sqrt(max(0.0, variance + 1.645 * error))
        sd = math.sqrt(max(0.0, variance))
        lines.append(f"links of {workload:10} differ by {100 * sd:.2f} % (sd of ln; at most {100 * most:.2f} %)")
    return [*lines, f"together            {100 * pooled_layout_sd(runs):.2f} %"]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.attribution.links", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("whence-runs/links"))
    options = parser.parse_args(arguments)
    if not RECORDED.is_file():
        runs = record(options.out)
        RECORDED.write_text("".join(json.dumps(msgspec.to_builtins(run)) + "\n" for run in runs))
    print("\n".join(words(read())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
