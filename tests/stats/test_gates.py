"""Gates: held, broken or undecided, and what happens where there is little to go by."""

from __future__ import annotations

import math

import numpy as np
import pytest

from whence.stats.judge import GateJudgement, GateQuestion, Look, Question, judge_gates

NAN = math.nan
BASE = (100.0, 101.0, 99.0, 100.5, 99.5, 100.2, 99.8, 100.1)


def gate(base, candidate, operator="<=", limit=1.05, *, kind="ratio", failed=False, **fields) -> GateJudgement:
    question = Question(key=("rss",), base=tuple(base), candidate=tuple(candidate), margin=0.01, **fields)
    return judge_gates(
        [GateQuestion(question=question, operator=operator, kind=kind, limit=limit, failed=failed)]
    )[0]  # fmt: skip


def test_held_when_the_upper_bound_is_inside() -> None:
    answer = gate(BASE, [v * 1.01 for v in BASE])
    assert answer.outcome == "held"
    assert answer.bound == pytest.approx(1.01)


def test_broken_when_the_lower_bound_is_outside() -> None:
    answer = gate(BASE, [v * 1.2 for v in BASE])
    assert answer.outcome == "broken" and answer.bound == pytest.approx(1.2)


def test_undecided_when_the_limit_lies_between_the_bounds() -> None:
    rng = np.random.default_rng(11)
    answer = gate(BASE, [v * 1.05 * math.exp(rng.normal(0, 0.05)) for v in BASE])
    assert answer.outcome == "undecided" and answer.reason


def test_at_least_gates_look_at_the_lower_bound() -> None:
    assert gate(BASE, [v * 1.2 for v in BASE], ">=", 1.05).outcome == "held"
    assert gate(BASE, BASE, ">=", 1.05).outcome == "broken"


def test_a_failed_run_breaks_the_gate_whatever_the_numbers_say() -> None:
    answer = gate(BASE, BASE, failed=True)
    assert answer.outcome == "broken" and "failed" in answer.reason


def test_absolute_gates_judge_the_candidates_own_values() -> None:
    assert gate([1.0] * 8, BASE, "<=", 110.0, kind="value").outcome == "held"
    assert gate([1.0] * 8, BASE, "<=", 90.0, kind="value").outcome == "broken"
    assert gate([1.0] * 8, BASE, ">=", 100.0, kind="value").outcome == "undecided"
    assert gate([1.0] * 8, [50.0] * 8, "<=", 50.0, kind="value") == GateJudgement(bound=50.0, outcome="held")


def test_absolute_gates_allow_zero_and_negative_values() -> None:
    assert gate([1.0] * 8, [0.0] * 8, "<=", 0.0, kind="value").outcome == "held"
    assert gate([1.0] * 8, [-5.0, -4.0] * 4, "<=", -1.0, kind="value").outcome == "held"


def test_exact_values_are_compared_directly() -> None:
    assert gate([20.0] * 2, [21.0] * 2, declared_exact=True) == GateJudgement(bound=1.05, outcome="held")
    assert gate([20.0] * 2, [22.0] * 2, declared_exact=True).outcome == "broken"
    assert gate([0.0] * 2, [0.0] * 2, declared_exact=True).outcome == "held"
    assert gate([0.0] * 2, [1.0] * 2, declared_exact=True).outcome == "broken"
    assert gate([7.0], [3.0], "<=", 3.0, kind="value", declared_exact=True).outcome == "held"


def test_fewer_than_six_pairs_leave_a_noisy_gate_undecided() -> None:
    answer = gate(BASE[:5], BASE[:5])
    assert answer.outcome == "undecided" and "at least 6" in answer.reason
    assert gate([1.0], [1.0]).reason.startswith("1 pair;")
    assert gate([1.0] * 3, [1.0] * 3, kind="value").outcome == "undecided"


def test_missing_values_leave_a_gate_undecided() -> None:
    assert gate(BASE, [NAN] * 8).outcome == "undecided"
    assert gate(BASE, [NAN] * 8, kind="value").outcome == "undecided"


def test_a_base_of_zero_is_judged_by_differences() -> None:
    assert gate([0.0] * 8, [3.0] * 8).outcome == "broken"
    assert gate([3.0] * 8, [0.0] * 8).outcome == "held"
    assert gate([3.0] * 8, [0.0] * 8).bound is None


def test_a_percentage_of_negative_values_is_never_decided() -> None:
    assert gate([-1.0] * 8, [-2.0] * 8).outcome == "undecided"


def test_many_gates_share_one_alpha() -> None:
    # Six pairs can decide one gate at 5 % (1/64) but not four (1/64 > 0.05/4).
    question = Question(key=("rss",), base=BASE[:6], candidate=BASE[:6], margin=0.01)
    one = GateQuestion(question=question, operator="<=", limit=1.05)
    assert [a.outcome for a in judge_gates([one])] == ["held"]
    assert [a.outcome for a in judge_gates([one] * 4)] == ["undecided"] * 4


def test_gates_that_need_no_test_do_not_cost_the_others_alpha() -> None:
    question = Question(key=("rss",), base=BASE[:6], candidate=BASE[:6], margin=0.01)
    exact = Question(key=("allocs/op",), base=(2.0, 2.0), candidate=(2.0, 2.0), margin=0.0, declared_exact=True)
    items = [GateQuestion(question=question, operator="<=", limit=1.05)]
    items += [GateQuestion(question=exact, operator="<=", limit=1.0)] * 5
    items += [GateQuestion(question=question, operator="<=", limit=1.05, failed=True)]
    assert [a.outcome for a in judge_gates(items)] == ["held"] * 6 + ["broken"]


def test_unpaired_results_can_be_gated() -> None:
    assert gate(BASE, [v * 1.01 for v in BASE[:7]], paired=False).outcome == "held"
    assert gate(BASE, [v * 1.2 for v in BASE[:7]], paired=False).outcome == "broken"


def test_a_band_leaves_gates_near_the_limit_undecided() -> None:
    assert gate(BASE, [v * 1.01 for v in BASE], band=0.10).outcome == "undecided"
    assert gate(BASE, [v * 1.10 for v in BASE], band=0.10).outcome == "undecided"
    assert gate(BASE, [v * 1.20 for v in BASE], band=0.10).outcome == "broken"
    assert gate(BASE, [v * 0.90 for v in BASE], band=0.10).outcome == "held"


def test_an_early_look_decides_gates_only_on_stronger_evidence() -> None:
    question = Question(key=("rss",), base=BASE[:6], candidate=BASE[:6], margin=0.01)
    item = GateQuestion(question=question, operator="<=", limit=1.05)
    assert judge_gates([item], look=Look((6, 30), 0))[0].outcome == "undecided"
    assert judge_gates([item], look=Look((6,), 0)) == judge_gates([item])


def test_no_gates_no_answers() -> None:
    assert judge_gates([]) == ()
