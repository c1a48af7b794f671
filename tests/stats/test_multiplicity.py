"""Holm and Benjamini–Hochberg by hand and against SciPy; the step that makes an interval agree with the rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from whence.stats.multiplicity import correct, pairs_for_family

p_values = st.lists(st.floats(1e-6, 1.0), min_size=1, max_size=12)


def test_holm_by_hand() -> None:
    answers = correct([0.04, 0.001, 0.03, 0.005], 0.05, "holm")
    assert [a.p_adjusted for a in answers] == pytest.approx([0.06, 0.004, 0.06, 0.015])
    assert [a.rejected for a in answers] == [False, True, False, True]
    # 0.03 fails at alpha/2, so both it and 0.04 are read at that step.
    assert [a.step for a in answers] == pytest.approx([0.025, 0.0125, 0.025, 0.05 / 3])


def test_benjamini_hochberg_is_scipys() -> None:
    values = [0.01, 0.02, 0.03, 0.5]
    answers = correct(values, 0.05, "bh")
    assert [a.p_adjusted for a in answers] == pytest.approx(list(false_discovery_control(values)))
    assert [a.step for a in answers] == pytest.approx([0.0375, 0.0375, 0.0375, 0.05])


@given(p_values, st.sampled_from(["holm", "bh"]), st.sampled_from([0.01, 0.05]))
def test_a_question_is_rejected_exactly_when_its_p_is_within_its_step(values, correction, alpha) -> None:
    for p, answer in zip(values, correct(values, alpha, correction), strict=True):
        assert answer.rejected == (answer.p_adjusted <= alpha)
        if answer.rejected:
            assert p <= answer.step * (1 + 1e-12)
        else:
            assert p >= answer.step * (1 - 1e-12)


@given(p_values)
def test_the_order_of_questions_does_not_matter(values) -> None:
    backwards = correct(values[::-1], 0.05, "holm")[::-1]
    assert [a.p_adjusted for a in correct(values, 0.05, "holm")] == [a.p_adjusted for a in backwards]


def test_an_empty_family_has_no_answers() -> None:
    assert correct([], 0.01, "holm") == () == correct([], 0.01, "bh")


@pytest.mark.parametrize(("size", "pairs"), [(0, 8), (1, 8), (2, 9), (4, 10), (5, 10), (6, 11), (12, 12), (100, 15)])
def test_pairs_for_family_is_the_first_number_whose_smallest_p_survives_holm(size: int, pairs: int) -> None:
    assert pairs_for_family(size) == pairs
    assert 2 / 2**pairs * max(size, 1) <= 0.01 < 2 / 2 ** (pairs - 1) * max(size, 1)


def test_pairs_for_family_is_never_below_six() -> None:
    assert pairs_for_family(1, alpha=0.5) == 6


def test_unpaired_families_need_fewer_runs_a_side() -> None:
    # 2 / C(12, 6) = 0.0022
    assert pairs_for_family(4, paired=False) == 6
    assert pairs_for_family(10, paired=False) == 7
