"""DoWhy's change attribution on the same planted programs, in an environment of its own (it lowers SciPy's version).

    python3 -m venv /tmp/dowhy && /tmp/dowhy/bin/pip install dowhy==0.14
    python -m bench.attribution.dowhy_rival /tmp/dowhy/bin/python [--scenarios N]

DoWhy explains data it is given, it plans no runs. It gets as many runs as the product had: half of them "old", each
switch on in 15 %, half "new", on in 85 % (with switches always off and always on together nothing could be told
apart), the true causal graph (each switch points to the metric), and a linear model. Its attribution of the change of
the mean is divided by 0.7, the part of the change that such data contain. It gives no intervals, so only the top cause
and the size of what idle switches are credited with can be counted.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

OLD, NEW = 0.15, 0.85

WORKER = """
import json, sys, warnings, logging
warnings.filterwarnings("ignore"); logging.disable(logging.CRITICAL)
import networkx, numpy, pandas
from dowhy import gcm
gcm.config.disable_progress_bars()
for line in sys.stdin:
    job = json.loads(line)
    gcm.util.general.set_random_seed(job["seed"])
    names = [n for n in job["old"] if n != "metric"]
    model = gcm.ProbabilisticCausalModel(networkx.DiGraph([(n, "metric") for n in names]))
    for n in names:
        model.set_causal_mechanism(n, gcm.EmpiricalDistribution())
    model.set_causal_mechanism("metric", gcm.AdditiveNoiseModel(gcm.ml.create_linear_regressor()))
    found = gcm.distribution_change(model, pandas.DataFrame(job["old"]), pandas.DataFrame(job["new"]), "metric",
        difference_estimation_func=lambda a, b: float(numpy.mean(b) - numpy.mean(a)), num_samples=1000)
    print(json.dumps([float(found[n]) for n in names]), flush=True)
"""


def main(arguments: list[str] | None = None) -> int:
    from bench.attribution.__main__ import CLOSE
    from bench.attribution.scenarios import KINDS, Machine, draw
    from bench.calibration.table import rate, render

    parser = argparse.ArgumentParser(prog="python -m bench.attribution.dowhy_rival", description=__doc__)
    parser.add_argument("python", type=Path)
    parser.add_argument("--scenarios", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    jobs: list[str] = []
    truths: list[tuple[float, ...]] = []
    for number in range(options.scenarios):
        rng = np.random.default_rng([options.seed, number])
        scenario = draw(rng, KINDS[number % len(KINDS)])
        machine, count = Machine(scenario, rng), len(scenario.factors)
        total = 64 if count == 6 else 80
        tables: list[dict[str, list[float]]] = []
        for chance in (OLD, NEW):
            columns: dict[str, list[float]] = {name: [] for name in [*(f.name for f in scenario.factors), "metric"]}
            for run in range(total // 2):
                cell = tuple(int(level) for level in rng.random(count) < chance)
                for factor, level in zip(scenario.factors, cell, strict=True):
                    columns[factor.name].append(float(level))
                columns["metric"].append(machine.run(cell, (chance, run))[scenario.asked])
            tables.append(columns)
        jobs.append(json.dumps({"seed": number, "old": tables[0], "new": tables[1]}))
        truths.append(scenario.shares(scenario.asked))
    started = time.monotonic()
    answer = subprocess.run(
        [str(options.python), "-c", WORKER], input="\n".join(jobs), capture_output=True, text=True, check=True
    )
    seconds = time.monotonic() - started
    shares = [[value / (NEW - OLD) for value in json.loads(line)] for line in answer.stdout.splitlines()]
    right: list[bool] = []
    credited: list[bool] = []
    for found, truth in zip(shares, truths, strict=True):
        named = max(range(len(found)), key=lambda i: abs(found[i]))
        right.append(abs(truth[named]) >= max(abs(t) for t in truth) - CLOSE)
        credited += [abs(f) >= 0.01 for f, t in zip(found, truth, strict=True) if abs(t) < 1e-12]
    name = "DoWhy 0.14, distribution_change, as many runs"
    print(render([
        rate(name, "top cause right", np.array(right)),
        rate(name, "idle switches credited with a point or more", np.array(credited)),
    ]))  # fmt: skip
    print(f"\n{len(shares)} scenarios, {seconds / len(shares):.1f} s each; intervals: none")
    return 0


if __name__ == "__main__":
    sys.exit(main())
