"""The same simulated runs read by this project and by the rules of other tools: false alarms and power."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from bench.calibration import rules
from bench.calibration.noise import MODELS, RUN_SD, bursts, drift, in_blocks, independent, one_side_then_the_other
from bench.calibration.table import Row, rate
from bench.calibration.vectorised import Tests
from whence.stats.judge import Judgement, Question, judge_family
from whence.stats.power import detectable

RULES = {
    "benchstat-like U": rules.benchstat_like,
    "pyperf-like t": rules.pyperf_like,
    "hyperfine-like": rules.hyperfine_like,
}


def false_alarms(rng: np.random.Generator, repetitions: int, runs: int = 20) -> list[Row]:
    """Nothing changed: each tool as it is usually fed (one side then the other), and all on interleaved blocks."""
    rows: list[Row] = []
    for name, noise in MODELS.items():
        sequential = one_side_then_the_other(noise, rng, repetitions, runs)
        blocks = in_blocks(noise, rng, repetitions, runs)
        study = f"nothing changed, {name}, {runs} runs a side: called different"
        for tool, rule in RULES.items():
            rows.append(rate(study, f"{tool}, one side then the other", rule(*sequential)))
        for tool, rule in RULES.items():
            rows.append(rate(study, f"{tool}, same runs in blocks", rule(*blocks)))
        tests = Tests(blocks[1] - blocks[0])
        rows.append(rate(study, "whence, 95 % interval", tests.excludes(0.0)))
        rows.append(rate(study, "whence, verdict", tests.p <= 0.01))
    return rows


def power(rng: np.random.Generator, repetitions: int, runs: int = 20) -> list[Row]:
    """Planted effects, all on interleaved blocks (so that every rule keeps its false alarm rate)."""
    rows: list[Row] = []
    for name, noise in (("independent", independent), ("drift 0.7 % a run", drift), ("bursts +10 %", bursts)):
        for truth in (0.005, 0.01, 0.02, 0.03, 0.05):
            base, candidate = in_blocks(noise, rng, repetitions, runs, math.log1p(truth))
            study = f"power, {name}, {runs} runs a side, {truth:+.1%}"
            for tool, rule in RULES.items():
                rows.append(rate(study, tool, rule(base, candidate)))
            tests = Tests(candidate - base)
            rows.append(rate(study, "whence, 95 % interval", tests.excludes(0.0)))
            rows.append(rate(study, "whence, verdict (alpha 1 %)", tests.p <= 0.01))
    return rows


def statistic(rng: np.random.Generator, repetitions: int, pairs: int = 12) -> list[Row]:
    """The sign-flip test of the mean against that of the ranks on the same log ratios, alpha 5 %."""
    rows: list[Row] = []
    for name in ("independent", "bursts +10 %", "heavy tails t(3)", "rare stalls +40 %"):
        for truth in (0.0, 0.02):
            base, candidate = in_blocks(MODELS[name], rng, repetitions, pairs, math.log1p(truth))
            d = candidate - base
            study = f"sign-flip statistic, {name}, {pairs} pairs, {truth:+.0%}: called different at 5 %"
            bound = "at most" if truth == 0 else None
            rows.append(rate(study, "mean of the log ratios", rules.sign_flip_of_mean(d, 0.05), bound, 0.05))
            rows.append(rate(study, "signed ranks (used)", Tests(d).p <= 0.05, bound, 0.05))
    return rows


def promises(rng: np.random.Generator, repetitions: int) -> list[Row]:
    """Is what `detectable` and `pairs_needed` say about the future true?"""
    rows: list[Row] = []
    for pairs in (10, 20, 40):
        sd = RUN_SD * math.sqrt(2)
        effect = detectable(sd, pairs) or 0.0
        base, candidate = in_blocks(independent, rng, repetitions, pairs, effect)
        found = Tests(candidate - base).excludes(0.0)
        study = "an effect as large as `detectable`: 95 % interval excludes 1 (80 % by the normal formula)"
        rows.append(rate(study, f"{pairs} pairs", found))
    for truth in (0.0, 0.02, 0.04):
        decided = _decided_after_extension(rng, max(100, repetitions // 8), truth)
        study = "undetermined after 10 pairs; a new run with `pairs_needed` pairs (at most 200) gives a verdict"
        rows.append(rate(study, f"run noise 2 %, margin 1 %, truth {truth:+.0%}", decided))
    return rows


def _decided_after_extension(rng: np.random.Generator, comparisons: int, truth: float) -> NDArray[np.bool_]:
    decided: list[bool] = []
    while len(decided) < comparisons:
        first = _judge(rng, 10, truth)
        if first.verdict == "undetermined" and first.pairs_needed is not None:
            decided.append(_judge(rng, min(first.pairs_needed, 200), truth).verdict != "undetermined")
    return np.asarray(decided)


def _judge(rng: np.random.Generator, pairs: int, truth: float) -> Judgement:
    base, candidate = in_blocks(independent, rng, 1, pairs, math.log1p(truth))
    values = tuple(np.exp(base[0])), tuple(np.exp(candidate[0]))
    return judge_family([Question(key=("x",), base=values[0], candidate=values[1], margin=0.01)])[0]
