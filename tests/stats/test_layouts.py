"""Layout means: one number a layout, so that a layout counts once however many blocks shared it."""

from __future__ import annotations

import math

import pytest

from whence.stats.judge import Question, judge_family
from whence.stats.layouts import collapse, collapse_question

NAN = math.nan


def test_positive_values_have_geometric_means_by_layout() -> None:
    assert collapse([1.0, 2.0, 4.0, 8.0], [0, 1, 0, 1]) == pytest.approx((2.0, 4.0))


def test_values_with_a_zero_have_arithmetic_means() -> None:
    assert collapse([0.0, 2.0, 4.0, 8.0], [0, 1, 0, 1]) == pytest.approx((2.0, 5.0))


def test_missing_values_are_left_out_and_an_empty_layout_is_missing() -> None:
    first, second = collapse([3.0, NAN, 3.0, NAN], [0, 1, 0, 1])
    assert first == 3.0 and math.isnan(second)


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="layout numbers"):
        collapse([1.0], [0, 1])


def test_a_block_without_one_side_counts_for_neither() -> None:
    question = Question(
        key=("cpu",), base=(1.0, 4.0, 100.0), candidate=(1.0, 4.0, NAN), margin=0.01, paired=True
    )  # fmt: skip
    collapsed = collapse_question(question, [0, 0, 0])
    assert collapsed.base == collapsed.candidate == pytest.approx((2.0,))


def test_layout_noise_shared_by_blocks_no_longer_looks_like_an_effect() -> None:
    # One of six layouts suits the candidate badly; each layout was used in five blocks.
    layouts = [block % 6 for block in range(30)]
    candidate = tuple(1.05 if layout in (0, 1, 2, 3) else 0.99 for layout in layouts)
    question = Question(key=("cpu",), base=(1.0,) * 30, candidate=candidate, margin=0.03)
    naive, collapsed = judge_family([question])[0], judge_family([collapse_question(question, layouts)])[0]
    assert naive.low is not None and naive.low > 1
    assert collapsed.low is not None and collapsed.low < 1
    assert collapsed.pairs == 6
