"""The studies of honesty: false alarms, coverage, families, looks, equivalence, gates."""

from __future__ import annotations

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

from bench.calibration.noise import (
    LAYOUT_SD,
    MODELS,
    Noise,
    bursts,
    everything,
    in_blocks,
    independent,
    one_side_then_the_other,
)
from bench.calibration.table import Row, rate
from bench.calibration.vectorised import Tests, attained, holm_rejects_any
from whence.stats.aa_band import aa_band
from whence.stats.judge import Question, judge_family
from whence.stats.sequential import extend, spending

Floats = NDArray[np.float64]
TRUTHS = (0.0, 0.005, -0.005, 0.01, 0.02, 0.05, 0.173)
FAMILY = 4
MORE = 10
"""How many times as many comparisons the rates get that a requirement lies close to."""
CORRELATION = 0.5
UNPAIRED = "unpaired files, 10 runs a side: 95 % interval misses the truth"


def log_ratios(noise: Noise, rng: np.random.Generator, repetitions: int, pairs: int, effect: float = 0.0) -> Floats:
    base, candidate = in_blocks(noise, rng, repetitions, pairs, effect)
    return candidate - base


def family_of_metrics(noise: Noise, rng: np.random.Generator, repetitions: int, pairs: int) -> list[Floats]:
    """Returns `FAMILY` metrics of the same runs: half of their variance is shared, as memory and CPU of one run."""
    shared = log_ratios(noise, rng, repetitions, pairs)
    weights = math.sqrt(CORRELATION), math.sqrt(1 - CORRELATION)
    own = (log_ratios(noise, rng, repetitions, pairs) for _ in range(FAMILY))
    return [weights[0] * shared + weights[1] * metric for metric in own]


def false_alarms(rng: np.random.Generator, repetitions: int) -> list[Row]:
    """A/A in blocks: the uncorrected 95 % interval excludes 1; any of four metrics is called worse or better."""
    repetitions *= MORE
    rows: list[Row] = []
    for pairs in (10, 20):
        for name, noise in MODELS.items():
            tests = Tests(log_ratios(noise, rng, repetitions, pairs))
            study = f"A/A, {pairs} pairs: 95 % interval excludes 1 (attained level {attained(pairs):.2%})"
            rows.append(rate(study, name, tests.excludes(0.0), "at most", 0.05))
    for pairs in (10, 20):
        for name, noise in MODELS.items():
            p = np.stack([Tests(m).p for m in family_of_metrics(noise, rng, repetitions, pairs)], axis=1)
            study = f"A/A, {pairs} pairs: any of {FAMILY} metrics worse or better (family alpha 1 %)"
            rows.append(rate(study, name, holm_rejects_any(p, 0.01), "at most", 0.01))
    return rows


def shared_layouts(rng: np.random.Generator, repetitions: int) -> list[Row]:
    """Six layouts a side over 30 blocks: tests on layout means against tests that forget the layouts."""
    blocks, count = 30, 6
    noise = log_ratios(independent, rng, repetitions, blocks)
    layout = rng.normal(0, LAYOUT_SD * math.sqrt(2), (repetitions, count))
    d = noise + layout[:, np.arange(blocks) % count]
    means = d.reshape(repetitions, blocks // count, count).mean(axis=1)
    one = noise + rng.normal(0, LAYOUT_SD * math.sqrt(2), (repetitions, 1))
    study = "A/A, layouts reused: 95 % interval excludes 1"
    return [
        rate(study, "6 layouts, 30 blocks, on layout means", Tests(means).excludes(0.0), "at most", 0.05),
        rate(study, "6 layouts, 30 blocks, layouts forgotten", Tests(d).excludes(0.0)),
        rate(study, "one binary a side, 30 blocks (why layouts vary)", Tests(one).excludes(0.0)),
    ]


def coverage(rng: np.random.Generator, repetitions: int) -> list[Row]:
    """Planted truths: how often the 95 % interval holds them, against the level it says it attains."""
    rows: list[Row] = []
    for pairs in (10, 20):
        level = attained(pairs)
        single = f"coverage of the 95 % interval, {pairs} pairs, by planted truth (attained level {level:.2%})"
        pooled: list[Row] = []
        for name, noise in MODELS.items():
            held: list[NDArray[np.bool_]] = []
            for truth in TRUTHS:
                effect = math.log1p(truth)
                held.append(~Tests(log_ratios(noise, rng, repetitions, pairs, effect)).excludes(effect))
                rows.append(rate(single, f"{name}, {truth:+.1%}", held[-1], "within", 0.015, around=level))
            row = rate(f"coverage, {pairs} pairs, all truths together", name, np.concatenate(held))
            passed = row.rate >= 0.935 and abs(row.rate - level) <= 0.015
            requirement = f">= 93.5%, {level:.2%} ± 1.50%"
            pooled.append(msgspec.structs.replace(row, requirement=requirement, passed=passed))
        rows += pooled
    return rows


def fixed_cost_bursts(rng: np.random.Generator, repetitions: int) -> list[Row]:
    """Bursts that cost a fixed time instead of a share, so that the log ratios are not quite symmetric."""
    rows: list[Row] = []
    for truth in (0.0, 0.05, 0.173):
        effect = math.log1p(truth)
        runs = bursts(rng, repetitions, 40).reshape(repetitions, 20, 2)
        busy = np.maximum(runs - 0.05, 0.0)
        base, candidate = np.exp(runs[:, :, 0] - busy[:, :, 0]), np.exp(runs[:, :, 1] - busy[:, :, 1] + effect)
        d = np.log(candidate + busy[:, :, 1]) - np.log(base + busy[:, :, 0])
        study = "stress: bursts of fixed cost, 20 pairs: coverage (symmetry does not hold)"
        rows.append(rate(study, f"{truth:+.1%}", ~Tests(d).excludes(effect)))
    return rows


def looks(rng: np.random.Generator, repetitions: int) -> list[Row]:
    """Stopping at any of several looks, four metrics; and what looking without a plan does."""
    rows: list[Row] = []
    covering: list[Row] = []
    for plan in ((10, 20), (12, 16, 20), (12, 24, 36, 48, 60)):
        metrics = family_of_metrics(everything, rng, repetitions, plan[-1])
        for alpha in (0.01, 0.05):
            wrong = np.zeros(repetitions, dtype=bool)
            for count, nominal in zip(plan, spending(plan, alpha), strict=True):
                p = np.stack([Tests(metric[:, :count]).p for metric in metrics], axis=1)
                wrong |= holm_rejects_any(p, nominal)
            study = f"A/A with looks, any of {FAMILY} metrics at any look"
            rows.append(rate(study, f"looks {plan}, alpha {alpha:.0%}", wrong, "at most", alpha))
        missed = np.zeros(repetitions, dtype=bool)
        for count, nominal in zip(plan, spending(plan, 0.05), strict=True):
            missed |= Tests(metrics[0][:, :count]).excludes(0.0, nominal)
        study = "repeated 95 % intervals: the intervals of all looks cover"
        covering.append(rate(study, f"looks {plan}", ~missed, "at least", 0.95))
    d = log_ratios(independent, rng, repetitions, 60)
    peeked = np.zeros(repetitions, dtype=bool)
    for count in range(10, 61):
        peeked |= Tests(d[:, :count]).p <= 0.05
    study = "for comparison: looks without a plan, one metric"
    return [*rows, *covering, rate(study, "after every block from 10 to 60, stop at p <= 5 %", peeked)]


def extending(rng: np.random.Generator, repetitions: int) -> list[Row]:
    """A run that had no answer is extended: by the rule, and by pooling as if it had been planned."""
    d = log_ratios(everything, rng, repetitions, 40)
    alpha, study = 0.05, "A/A, extended because the first answer did not please (alpha 5 %)"
    early = Tests(d[:, :10]).p <= spending((10, 20), alpha)[0]
    replan = extend((10, 20), 1, 40, alpha)
    wrong = early.copy()
    for count, nominal in zip(replan.looks, replan.nominal, strict=True):
        wrong |= Tests(d[:, :count]).p <= nominal
    finished = Tests(d[:, :20]).p <= alpha
    anew = finished.copy()
    again = extend((20,), 1, 40, alpha, further_looks=1)
    anew |= Tests(d[:, again.first_block :]).p <= again.nominal[0]
    pooled = finished | (Tests(d).p <= alpha)
    for count in range(22, 41, 2):
        pooled |= Tests(d[:, :count]).p <= alpha
    return [
        rate(study, "re-planned after look 1 of (10, 20) to 40", wrong, "at most", alpha),
        rate(study, "finished at 20, anew for 20 more (alpha in all 10 %)", anew, "at most", again.alpha_in_all),
        rate(study, "finished at 20, two more blocks until significant, to 40", pooled),
    ]


def equivalence(rng: np.random.Generator, repetitions: int) -> list[Row]:
    """The false finding "equivalent" when the truth lies on the margin, and its power at no effect."""
    rows: list[Row] = []
    for name, noise in MODELS.items():
        tests = Tests(log_ratios(noise, rng, MORE * repetitions, 20, math.log1p(0.03)))
        study = "'equivalent' (margin 3 %, 20 pairs) although the truth is +3 %"
        rows.append(rate(study, name, tests.equivalent(0.03), "at most", 0.05))
    for name, noise in MODELS.items():
        tests = Tests(log_ratios(noise, rng, repetitions, 20))
        rows.append(rate("'equivalent' (margin 3 %, 20 pairs) when nothing changed", name, tests.equivalent(0.03)))
    return rows


def gates(rng: np.random.Generator, repetitions: int) -> list[Row]:
    """Four gates whose truths lie exactly on the limit: how often any of them is wrongly held, or broken."""
    rows: list[Row] = []
    limit = math.log(1.05)
    for name in ("independent", "all together"):
        held = np.zeros(repetitions, dtype=bool)
        broken = np.zeros(repetitions, dtype=bool)
        for metric in family_of_metrics(MODELS[name], rng, repetitions, 20):
            low, high = Tests(metric + limit).interval(2 * 0.05 / FAMILY)
            held |= high <= limit
            broken |= low > limit
        study = "four gates, truth on the limit, 20 pairs: any wrong outcome"
        rows.append(rate(study, f"held, {name}", held, "at most", 0.05))
        rows.append(rate(study, f"broken, {name}", broken, "at most", 0.05))
    return rows


def unpaired(rng: np.random.Generator, repetitions: int) -> list[Row]:
    """Results measured elsewhere, judged by the product itself: runs independent, as it must assume; and not."""
    rows: list[Row] = []
    for truth in (0.0, 0.05):
        effect = math.log1p(truth)
        base, candidate = one_side_then_the_other(independent, rng, repetitions, 10, effect)
        misses = _unpaired_misses(base, candidate, effect)
        rows.append(rate(UNPAIRED, f"independent runs, truth {truth:+.0%}", misses, "at most", 0.05))
    base, candidate = one_side_then_the_other(bursts, rng, repetitions // 4, 10)
    rows.append(
        rate(UNPAIRED, "bursts +10 %, one side then the other, truth +0%", _unpaired_misses(base, candidate, 0))
    )
    return rows


def _unpaired_misses(base: Floats, candidate: Floats, effect: float) -> NDArray[np.bool_]:
    misses: list[bool] = []
    for x, y in zip(np.exp(base), np.exp(candidate), strict=True):
        question = Question(key=("x",), base=tuple(x), candidate=tuple(y), margin=0.0, paired=False)
        answer = judge_family([question])[0]
        assert answer.low is not None and answer.high is not None
        misses.append(not math.log(answer.low) <= effect <= math.log(answer.high))
    return np.asarray(misses)


def bands(rng: np.random.Generator, repetitions: int) -> list[Row]:
    """The band drawn behind the effects: does an A/A comparison of the same size fall inside it?"""
    rows: list[Row] = []
    for name, noise in MODELS.items():
        base, candidate = in_blocks(noise, rng, repetitions, 10)
        estimates = Tests(candidate - base).estimate
        inside: list[bool] = []
        for values, estimate in zip(np.exp(in_blocks(noise, rng, repetitions, 10)[0]), estimates, strict=True):
            band = aa_band(values.tolist())
            inside.append(band is not None and band[0] <= math.exp(estimate) <= band[1])
        rows.append(rate("A/A of 10 pairs inside the 95 % band of another base", name, np.asarray(inside)))
    return rows
