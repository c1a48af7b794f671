"""DoWhy's change attribution on the same planted programs, in an environment of its own (it lowers SciPy's version).

DoWhy explains data it is given, it plans no runs. It gets as many runs as the product had: half of them "old", each
switch on in 15 %, half "new", on in 85 % (with switches always off and always on together nothing could be told
apart), the true causal graph (each switch points to the metric), and a linear model. Its attribution of the change of
the mean is divided by 0.7, the part of the change that such data contain. It gives no intervals, so only the top cause
and the size of what idle switches are credited with can be counted. Each run has a link of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.attribution.scenarios import Machine, Scenario

VERSION = "0.14"
HOME = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "whence" / "tools" / f"dowhy-{VERSION}"
OLD, NEW = 0.15, 0.85
INSTALL_S = 1200

WORKER = """
import json, sys, warnings, logging
warnings.filterwarnings("ignore"); logging.disable(logging.CRITICAL)
import networkx, numpy, pandas
from dowhy import gcm
gcm.config.disable_progress_bars()
gcm.config.set_default_n_jobs(1)
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


def installed() -> str:
    """Makes the environment when it is not there. Returns why there is none; empty when there is one."""
    if _imports():
        return ""
    try:
        HOME.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(HOME)], capture_output=True, check=True)
        pip = [str(_python()), "-m", "pip", "install", "--quiet", f"dowhy=={VERSION}"]
        done = subprocess.run(pip, capture_output=True, text=True, timeout=INSTALL_S)
    except (OSError, subprocess.SubprocessError) as error:
        return f"no environment could be made: {error}"
    if done.returncode or not _imports():
        return f"pip could not install it: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}"
    return ""


def _python() -> Path:
    return HOME / "bin" / "python"


def _imports() -> bool:
    if not _python().is_file():
        return False
    return subprocess.run([str(_python()), "-c", "from dowhy import gcm"], capture_output=True).returncode == 0


def job(scenario: Scenario, metric: str, runs: int, rng: np.random.Generator) -> str:
    """Returns the runs of one scenario as DoWhy gets them: one line of JSON."""
    machine, names = Machine(scenario, metric, rng), [factor.name for factor in scenario.factors]
    tables: list[dict[str, list[float]]] = []
    for chance in (OLD, NEW):
        cells = (rng.random((max(2, runs // 2), len(names))) < chance).astype(int)
        table = {name: cells[:, i].astype(float).tolist() for i, name in enumerate(names)}
        table["metric"] = [machine.run(tuple(cell), (chance, i)) for i, cell in enumerate(cells.tolist())]
        tables.append(table)
    return json.dumps({"seed": int(rng.integers(2**31)), "old": tables[0], "new": tables[1]})


def answers(jobs: Sequence[str]) -> list[tuple[float, ...]]:
    """Returns for each job what each switch is credited with, in ln points. Raises CalledProcessError."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    done = subprocess.run(
        [str(_python()), "-c", WORKER],
        input="\n".join(jobs),
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | threads,
    )
    return [tuple(v / (NEW - OLD) for v in json.loads(line)) for line in done.stdout.splitlines()]
