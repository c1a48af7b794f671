"""Blocks from several hosts: judged as from one where hosts agree, and by the number of hosts where they do not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats as scipy_stats

from whence.stats.hosts import HostMeans, difference_between_hosts, fitting_test
from whence.stats.judge import GateQuestion, Question, judge_family, judge_gates
from whence.stats.signed_rank import SignedRank


def question(logs: np.ndarray, hosts: tuple[str, ...], level: np.ndarray | None = None) -> Question:
    base = np.exp(np.zeros_like(logs) if level is None else level)
    return Question(
        key=("rss", "new"), base=tuple(base), candidate=tuple(base * np.exp(logs)), margin=0.01, unit="B", hosts=hosts
    )


def test_the_test_between_hosts_is_the_one_way_analysis_of_variance() -> None:
    random = np.random.default_rng(1)
    values = random.normal(size=17)
    hosts = tuple("aaaaabbbbbbbccccc")
    expected = scipy_stats.f_oneway(values[:5], values[5:12], values[12:]).pvalue
    assert difference_between_hosts(values, hosts) == pytest.approx(expected, rel=1e-9)


def test_hosts_that_agree_are_judged_as_one_host() -> None:
    logs = np.random.default_rng(3).normal(0.05, 0.01, 12)
    hosts = tuple("ab" * 6)
    assert isinstance(fitting_test(logs, hosts), SignedRank)
    alone, spread = judge_family([question(logs, ())])[0], judge_family([question(logs, hosts)])[0]
    assert spread == alone


def test_levels_of_hosts_cancel_in_their_blocks_however_different_they_are() -> None:
    logs = np.random.default_rng(4).normal(0.05, 0.01, 12)
    hosts = tuple("ab" * 6)
    level = np.where(np.array(hosts) == "a", 3.0, 9.0)
    told = judge_family([question(logs, hosts, level)])[0]
    assert told.verdict == "worse"
    assert told.ratio == pytest.approx(judge_family([question(logs, ())])[0].ratio)


def test_an_effect_that_differs_between_hosts_has_the_interval_of_balanced_analysis_of_variance() -> None:
    random = np.random.default_rng(5)
    hosts = tuple(np.repeat(list("abcdef"), 4))
    logs = np.repeat(random.normal(0.0, 0.2, 6), 4) + random.normal(0.0, 0.01, 24)
    test = fitting_test(logs, hosts)
    assert isinstance(test, HostMeans)
    means = logs.reshape(6, 4).mean(axis=1)
    half = scipy_stats.t.ppf(0.975, 5) * means.std(ddof=1) / math.sqrt(6)
    assert test.interval(0.05) == pytest.approx((means.mean() - half, means.mean() + half), rel=1e-4, abs=1e-6)
    assert test.p == pytest.approx(scipy_stats.ttest_1samp(means, 0.0).pvalue, rel=1e-3)


def test_two_hosts_that_disagree_decide_nothing_and_say_so_and_ask_for_no_more_pairs() -> None:
    random = np.random.default_rng(6)
    hosts = tuple("ab" * 8)
    logs = np.where(np.array(hosts) == "a", 0.30, 0.05) + random.normal(0.0, 0.01, 16)
    told = judge_family([question(logs, hosts)])[0]
    assert (told.verdict, told.pairs_needed) == ("undetermined", None)
    assert "the effect differs between hosts" in told.warnings[0]
    assert "a ×1.3" in told.warnings[0]
    gate = GateQuestion(question=question(logs, hosts), operator="<=", limit=1.1)
    assert judge_gates([gate])[0].outcome == "undecided"


def test_a_difference_between_hosts_that_does_not_matter_does_not_hide_an_effect() -> None:
    random = np.random.default_rng(7)
    hosts = tuple("ab" * 8)
    logs = np.where(np.array(hosts) == "a", 0.1591, 0.1588) + random.normal(0.0, 0.00005, 16)
    told = judge_family([question(logs, hosts)])[0]
    assert told.verdict == "worse"
    assert told.low is not None and told.low > 1.16


def test_values_that_never_vary_on_a_host_are_no_trouble() -> None:
    hosts = tuple("ab" * 4)
    assert isinstance(fitting_test(np.full(8, 0.1), hosts), SignedRank)
    steps = np.where(np.array(hosts) == "a", 0.1, 0.2)
    told = judge_family([question(steps, hosts)])[0]
    assert told.ratio == pytest.approx(math.exp(0.15))
    assert told.verdict == "undetermined"


def test_hosts_that_each_pull_their_own_way_give_no_more_false_verdicts_than_promised() -> None:
    """Effect 0 on average over hosts, 20 % of spread between six hosts: at 1 % at most 6 of 200 may be decided."""
    random = np.random.default_rng(8)
    hosts = tuple(np.repeat(list("abcdef"), 3))
    decided = 0
    for _ in range(200):
        logs = np.repeat(random.normal(0.0, 0.2, 6), 3) + random.normal(0.0, 0.02, 18)
        decided += judge_family([question(logs, hosts)])[0].verdict in ("worse", "better")
    assert decided <= 6


def test_missing_pairs_take_their_hosts_with_them() -> None:
    logs = np.random.default_rng(9).normal(0.05, 0.01, 12)
    hosts = tuple("ab" * 6)
    whole = question(logs, hosts)
    holed = Question(
        key=whole.key, base=(*whole.base, math.nan), candidate=(*whole.candidate, 1.0), margin=0.01,
        hosts=(*hosts, "c"),
    )  # fmt: skip
    assert judge_family([holed])[0].ratio == judge_family([whole])[0].ratio
